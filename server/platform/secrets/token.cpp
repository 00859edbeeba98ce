#include "server/platform/secrets/token.h"

#include <openssl/crypto.h>

#include <algorithm>
#include <array>

namespace voelgoed::secrets {

namespace {

constexpr std::size_t kRandom = 32;
constexpr std::size_t kLetters = 43;

std::string_view prefixOf(TokenKind kind)
{
    switch (kind) {
    case TokenKind::Session:
        return "vgs_";
    case TokenKind::ApiKey:
        return "vgk_";
    case TokenKind::TestKey:
        return "vgt_";
    case TokenKind::Invitation:
        return "vgi_";
    case TokenKind::Reset:
        return "vgp_";
    }
    return {};
}

/// RFC 4648, section 5, without padding.
std::string base64Url(base::ByteView bytes)
{
    std::string text = base::toBase64(bytes);
    std::replace(text.begin(), text.end(), '+', '-');
    std::replace(text.begin(), text.end(), '/', '_');
    text.erase(std::find(text.begin(), text.end(), '='), text.end());
    return text;
}

bool isLetter(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

} // namespace

Token newToken(TokenKind kind, base::Random &random)
{
    std::array<std::byte, kRandom> secret{};
    random.fill(secret);
    Token token{.text = std::string(prefixOf(kind)) + base64Url(secret)};
    token.hash = hashOfToken(token.text);
    return token;
}

bool isToken(TokenKind kind, std::string_view text)
{
    const std::string_view prefix = prefixOf(kind);
    return text.size() == prefix.size() + kLetters && text.starts_with(prefix) &&
           std::all_of(text.begin() + static_cast<std::ptrdiff_t>(prefix.size()), text.end(), isLetter);
}

base::Digest hashOfToken(std::string_view text)
{
    return base::sha256(base::bytesOf(text));
}

bool isSame(base::ByteView one, base::ByteView other)
{
    return one.size() == other.size() && CRYPTO_memcmp(one.data(), other.data(), one.size()) == 0;
}

} // namespace voelgoed::secrets
