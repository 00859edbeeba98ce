#include "server/platform/secrets/password.h"

#include "shared/base/crypto/system_random.h"
#include "shared/base/ensure.h"

#include <argon2.h>

#include <algorithm>
#include <array>
#include <set>

namespace voelgoed::secrets {

namespace {

// OWASP, "Password Storage": argon2id with 19 MiB, two passes, one lane, at the least.
constexpr std::uint32_t kPasses = 2;
constexpr std::uint32_t kKibibytes = 19 * 1024;
constexpr std::uint32_t kLanes = 1;
constexpr std::size_t kSalt = 16;
constexpr std::size_t kHash = 32;
constexpr std::size_t kLeast = 10;

base::Error refused(std::string word, std::string hint)
{
    return {base::ErrorCode::Invalid, "password: " + word, std::move(hint), word};
}

bool holdsOne(std::string_view text, char first, char last)
{
    return std::any_of(text.begin(), text.end(), [&](char c) { return c >= first && c <= last; });
}

/// Without capitals, digits at the end and signs: "Password1234!" is "password".
std::string stem(std::string_view password)
{
    std::string letters;
    for (const char c : password) {
        const char low = static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
        if (low >= 'a' && low <= 'z')
            letters.push_back(low);
    }
    return letters;
}

} // namespace

std::string hashPassword(std::string_view password)
{
    base::SystemRandom random;
    std::array<std::byte, kSalt> salt{};
    random.fill(salt);
    std::array<char, 128> encoded{};
    const int failed = argon2id_hash_encoded(kPasses, kKibibytes, kLanes, password.data(), password.size(), salt.data(),
                                             salt.size(), kHash, encoded.data(), encoded.size());
    base::ensure(failed == ARGON2_OK, "a password could not be hashed");
    return encoded.data();
}

bool passwordHolds(const std::string &hash, std::string_view password)
{
    return password.size() <= kPasswordMax &&
           argon2id_verify(hash.c_str(), password.data(), password.size()) == ARGON2_OK;
}

bool needsRehash(std::string_view hash)
{
    return !hash.starts_with("$argon2id$v=19$m=" + std::to_string(kKibibytes) + ",t=" + std::to_string(kPasses) +
                             ",p=" + std::to_string(kLanes) + "$");
}

const std::string &hashOfNobody()
{
    static const std::string hash = hashPassword("nobody has this password, since nobody knows it");
    return hash;
}

base::Result<void> checkPassword(std::string_view password)
{
    static const std::set<std::string, std::less<>> kTriedFirst{
        "password", "passwort", "wagwoord",      "welcome",         "qwerty",   "qwertyuiop",
        "letmein",  "admin",    "administrator", "iloveyou",        "changeme", "southafrica",
        "voelgoed", "abcdefgh", "abcdefghij",    "passwordpassword"};
    if (password.size() < kLeast)
        return refused("too_short", "A password has at least ten characters.");
    if (password.size() > kPasswordMax)
        return refused("too_long", "A password has at most a thousand characters.");
    if (!holdsOne(password, 'A', 'Z') || !holdsOne(password, 'a', 'z') || !holdsOne(password, '0', '9'))
        return refused("too_simple", "A password has a capital, a small letter and a digit.");
    if (kTriedFirst.contains(stem(password)))
        return refused("too_common", "This is what everybody tries first.");
    return {};
}

} // namespace voelgoed::secrets
