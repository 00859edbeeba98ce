#include "server/platform/log/secret_words.h"

#include <algorithm>
#include <array>

namespace voelgoed::log {

namespace {

enum class Kind { Other, Digit, Capital, Small };

Kind kindOf(char c)
{
    if (c >= '0' && c <= '9')
        return Kind::Digit;
    if (c >= 'A' && c <= 'Z')
        return Kind::Capital;
    return c >= 'a' && c <= 'z' ? Kind::Small : Kind::Other;
}

bool isHex(char c)
{
    return kindOf(c) == Kind::Digit || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/// An identity in its usual spelling, which looks like a secret and is none.
bool isUuid(std::string_view word)
{
    constexpr std::size_t kSize = 36;
    if (word.size() != kSize)
        return false;
    for (std::size_t i = 0; i < kSize; ++i) {
        const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (dash ? word[i] != '-' : !isHex(word[i]))
            return false;
    }
    return true;
}

/// Letters and digits without order: a token, a key, a hash. What people write changes seldom between small letters,
/// capitals and digits; of what is random about the half does.
bool isRandom(std::string_view part)
{
    constexpr std::size_t kShort = 20;
    constexpr std::size_t kChangesOneIn = 6;
    if (part.size() < kShort || isUuid(part))
        return false;
    std::array<std::size_t, 4> counts{};
    std::size_t changes = 0;
    Kind before = Kind::Other;
    for (const char c : part) {
        const Kind kind = kindOf(c);
        ++counts[static_cast<std::size_t>(kind)];
        changes += kind != Kind::Other && before != Kind::Other && kind != before;
        before = kind;
    }
    const bool digits = counts[static_cast<std::size_t>(Kind::Digit)] > 0;
    const bool letters =
        counts[static_cast<std::size_t>(Kind::Capital)] + counts[static_cast<std::size_t>(Kind::Small)] > 0;
    return digits && letters && changes * kChangesOneIn >= part.size();
}

bool hasRandomPart(std::string_view word)
{
    constexpr std::string_view kBetween = "/:{}.,=;&?#|";
    while (!word.empty()) {
        const auto end = word.find_first_of(kBetween);
        if (isRandom(word.substr(0, end)))
            return true;
        if (end == std::string_view::npos)
            return false;
        word.remove_prefix(end + 1);
    }
    return false;
}

bool isMail(std::string_view word)
{
    const auto at = word.find('@');
    const auto dot = at == std::string_view::npos ? at : word.find('.', at);
    return at != 0 && dot != std::string_view::npos && dot > at + 1 && dot + 1 < word.size();
}

/// scheme://user:password@host
bool hasPassword(std::string_view word)
{
    const auto scheme = word.find("://");
    if (scheme == std::string_view::npos)
        return false;
    const auto rest = word.substr(scheme + 3);
    const auto at = rest.substr(0, rest.find('/')).find('@');
    return at != std::string_view::npos && rest.substr(0, at).find(':') != std::string_view::npos;
}

/// Codes are printed as digits without end, too.
bool isLongNumber(std::string_view word)
{
    constexpr std::size_t kDigits = 30;
    return word.size() >= kDigits &&
           std::all_of(word.begin(), word.end(), [](char c) { return kindOf(c) == Kind::Digit; });
}

} // namespace

bool isSecretWord(std::string_view word)
{
    constexpr std::array<std::string_view, 9> kPrefixes{"eyJ",  "sk_",  "whsec_", "whsk_", "vgk_",
                                                        "vgt_", "vgs_", "vgi_",   "vgp_"};
    constexpr std::size_t kPrefixed = 16;
    const auto begins = [&](std::string_view prefix) { return word.size() >= kPrefixed && word.starts_with(prefix); };
    return std::any_of(kPrefixes.begin(), kPrefixes.end(), begins) || isLongNumber(word) || isMail(word) ||
           hasPassword(word) || hasRandomPart(word);
}

Found ticketCodeIn(std::string_view text)
{
    constexpr std::string_view kBase45 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
    constexpr std::size_t kLeast = 60; // also of a code that was cut short
    for (auto at = text.find("T1"); at != std::string_view::npos; at = text.find("T1", at + 1)) {
        const auto end = std::min(text.find_first_not_of(kBase45, at), text.size());
        if (end - at >= kLeast)
            return {at, end - at};
    }
    return {};
}

} // namespace voelgoed::log
