#include "shared/ticket/typed.h"

#include "shared/base/bytes.h"
#include "shared/base/crypto/digest.h"

#include <algorithm>
#include <array>

namespace voelgoed::ticket {

namespace {

constexpr std::string_view kAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// The character of the alphabet that was meant, or '\0'.
char canonical(char typed)
{
    const char upper = typed >= 'a' && typed <= 'z' ? static_cast<char>(typed - 'a' + 'A') : typed;
    if (upper == 'I' || upper == 'L')
        return '1';
    if (upper == 'O')
        return '0';
    return kAlphabet.find(upper) == std::string_view::npos ? '\0' : upper;
}

} // namespace

TypedCode makeTyped(base::Random &random)
{
    std::array<std::byte, kTypedLength> bytes;
    random.fill(bytes);
    TypedCode code;
    for (const std::byte byte : bytes)
        code.text.push_back(kAlphabet[std::to_integer<std::size_t>(byte) % kAlphabet.size()]);
    return code;
}

base::Result<TypedCode> parseTyped(std::string_view input)
{
    if (input.size() > kTypedInputMax)
        return base::invalid("typed code: " + std::to_string(input.size()) + " characters");
    TypedCode code;
    for (const char typed : input) {
        if (typed == ' ' || typed == '-')
            continue;
        const char meant = canonical(typed);
        if (meant == '\0')
            return base::invalid("typed code: a character that none has");
        code.text.push_back(meant);
    }
    if (code.text.size() != kTypedLength)
        return base::invalid("typed code: " + std::to_string(code.text.size()) + " characters instead of 13");
    return code;
}

std::string grouped(const TypedCode &code)
{
    const std::string_view text = code.text;
    std::string result(text.substr(0, 4));
    result.append("-").append(text.substr(4, 4)).append("-").append(text.substr(8));
    return result;
}

domain::CodeHash typedHash(const TypedCode &code)
{
    constexpr std::string_view kDomain("\0typed:", 7);
    const base::Digest digest = base::sha256({base::bytesOf(kDomain), base::bytesOf(code.text)});
    domain::CodeHash hash;
    std::copy_n(digest.begin(), hash.size(), hash.begin());
    return hash;
}

} // namespace voelgoed::ticket
