#include "device/gate/key_text.h"

#include "device/core/profile/files.h"
#include "shared/base/json.h"
#include "shared/base/text.h"

#include <boost/json/object.hpp>

#include <algorithm>

namespace voelgoed::gate {

namespace {

constexpr std::string_view kPrefix = "ed25519:";
constexpr std::string_view kPemBegin = "-----BEGIN PUBLIC KEY-----";
constexpr std::string_view kSecretPem = "PRIVATE KEY-----";
constexpr std::string_view kPemEnd = "-----END PUBLIC KEY-----";
constexpr std::size_t kKeySize = 32;
constexpr std::size_t kFileMax = 16 << 10;

base::Error notAKey(const std::string &what)
{
    return base::invalid(what + ": no public key", "A key looks like ed25519:0123…, or is a file that holds one.");
}

/// A stick with a secret key on it is a leak: whoever trusts a signer needs the public half alone.
base::Error secret(const std::string &what)
{
    return base::invalid(what + ": this is a secret key, which belongs to the signer alone",
                         "Name its public half (practice.pub, ed25519:0123…).");
}

base::Result<base::Bytes> digits(std::string_view text, const std::string &what)
{
    if (text.starts_with(kPrefix))
        text.remove_prefix(kPrefix.size());
    auto key = base::fromHex(text);
    if (!key || key->size() != kKeySize)
        return notAKey(what);
    return key;
}

/// RFC 8410: the last 32 of 44 bytes are the key.
base::Result<base::Bytes> pem(const std::string &text, const std::string &what)
{
    const std::size_t begin = text.find(kPemBegin) + kPemBegin.size();
    const std::size_t end = text.find(kPemEnd);
    if (end == std::string::npos || end < begin)
        return notAKey(what);
    std::string body = text.substr(begin, end - begin);
    std::erase_if(body, [](char c) { return c == '\n' || c == '\r'; });
    const auto der = base::fromBase64(body);
    static constexpr std::string_view kEd25519{"\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00", 12};
    if (!der || der->size() != kEd25519.size() + kKeySize || !base::textOf(*der).starts_with(kEd25519))
        return notAKey(what);
    return base::Bytes(der->begin() + kEd25519.size(), der->end());
}

} // namespace

base::Result<base::Bytes> readTrustKey(const std::string &text)
{
    if (auto key = digits(text, text))
        return key;
    const auto file = profile::readFile(text, kFileMax);
    if (!file && file.error().code == base::ErrorCode::NotFound)
        return base::invalid(text + ": neither a public key nor a file",
                             "A key looks like ed25519:0123…, or is a file that holds one.");
    if (!file)
        return file.error().code == base::ErrorCode::Unavailable ? file.error() : notAKey(text);
    if (file->find(kSecretPem) != std::string::npos)
        return secret(text);
    if (file->find(kPemBegin) != std::string::npos)
        return pem(*file, text);
    if (const auto json = base::parseJson(*file)) {
        const auto *object = json->if_object();
        const auto *key = object ? object->if_contains("public") : nullptr;
        const auto *string = key ? key->if_string() : nullptr;
        return string ? digits({string->data(), string->size()}, text) : notAKey(text);
    }
    std::string line = *file;
    std::erase_if(line, [](char c) { return c == '\n' || c == '\r'; });
    return digits(base::trimmed(line), text);
}

} // namespace voelgoed::gate
