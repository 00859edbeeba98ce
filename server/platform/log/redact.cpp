#include "server/platform/log/redact.h"

#include "server/platform/log/secret_words.h"
#include "shared/base/text.h"

#include <algorithm>
#include <array>

namespace voelgoed::log {

namespace {

constexpr std::size_t kTextMax = 512;

/// What a key may not have among its words.
constexpr std::array<std::string_view, 40> kSecretWords{
    "address", "apikey",   "auth",      "authorization", "bearer", "birthday", "card",      "code",
    "codes",   "cookie",   "cookies",   "credential",    "email",  "emails",   "firstname", "holder",
    "jwt",     "lastname", "mail",      "mobile",        "name",   "names",    "otp",       "pass",
    "passwd",  "password", "passwords", "payload",       "phone",  "pin",      "private",   "pwd",
    "qr",      "secret",   "signature", "surname",       "token",  "tokens",   "totp",      "username"};

/// Keys that have such a word, and say nothing of a person or a secret.
constexpr std::array<std::string_view, 12> kHarmless{"code_version", "error_code",  "exit_code",      "file_name",
                                                     "gate_code",    "host_name",   "listen_address", "policy_name",
                                                     "queue_name",   "script_name", "status_code",    "table_name"};

template <class Words>
bool isOneOf(const Words &words, std::string_view word)
{
    return std::find(words.begin(), words.end(), word) != words.end();
}

bool isCapital(char c)
{
    return c >= 'A' && c <= 'Z';
}

bool isAlphanumeric(char c)
{
    return (c >= 'a' && c <= 'z') || isCapital(c) || (c >= '0' && c <= '9');
}

std::string inLower(std::string_view text)
{
    std::string made(text);
    for (char &c : made)
        c = isCapital(c) ? static_cast<char>(c - 'A' + 'a') : c;
    return made;
}

/// "apiKey", "api_key" and "API-Key" are "api" and "key".
std::vector<std::string> wordsOf(std::string_view key)
{
    std::vector<std::string> words(1);
    for (std::size_t i = 0; i < key.size(); ++i) {
        const bool begins = isCapital(key[i]) && i > 0 && !isCapital(key[i - 1]);
        if ((begins || !isAlphanumeric(key[i])) && !words.back().empty())
            words.emplace_back();
        if (isAlphanumeric(key[i]))
            words.back() += inLower(key.substr(i, 1));
    }
    return words;
}

std::string_view bare(std::string_view word)
{
    constexpr std::string_view kAround = "\"'`()[]{}<>,;.!?";
    const auto first = word.find_first_not_of(kAround);
    if (first == std::string_view::npos)
        return {};
    return word.substr(first, word.find_last_not_of(kAround) - first + 1);
}

/// A word of a text, and whether the next one is to be masked: "Bearer …", "password: …".
struct Told
{
    bool secret = false;
    bool secretFollows = false;
};

Told told(std::string_view word)
{
    const std::string scheme = inLower(word);
    if (scheme == "bearer" || scheme == "basic")
        return {.secretFollows = true};
    const auto sign = word.find_first_of("=:");
    if (sign == std::string_view::npos || word.substr(sign).starts_with("://"))
        return {.secret = isSecretWord(word)};
    const bool named = isSecretKey(word.substr(0, sign));
    const auto value = bare(word.substr(sign + 1));
    return {.secret = (named && !value.empty()) || isSecretWord(value) || isSecretWord(word),
            .secretFollows = named && value.empty()};
}

/// What finds the lines of one trace (W3C Trace Context): it looks like a key, and is none.
bool isTraceId(const Fact &fact)
{
    const auto *text = std::get_if<std::string>(&fact.value);
    return fact.key == "trace_id" && text && text->size() == 32 &&
           text->find_first_not_of("0123456789abcdef") == std::string::npos;
}

std::string withoutTicketCodes(std::string_view text)
{
    std::string made;
    for (Found code = ticketCodeIn(text); code.size > 0; code = ticketCodeIn(text)) {
        made += text.substr(0, code.at);
        made += kMasked;
        text.remove_prefix(code.at + code.size);
    }
    return made += text;
}

} // namespace

bool isSecretKey(std::string_view key)
{
    if (isOneOf(kHarmless, inLower(key)))
        return false;
    const auto words = wordsOf(key);
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (isOneOf(kSecretWords, words[i]) || (i > 0 && isOneOf(kSecretWords, words[i - 1] + words[i])))
            return true;
    }
    return false;
}

bool looksSecret(std::string_view value)
{
    return redactedText(value) != value;
}

std::string redactedText(std::string_view text)
{
    const std::string whole = withoutTicketCodes(text);
    std::string_view rest = whole;
    std::string made;
    bool secretFollows = false;
    while (!rest.empty()) {
        const auto end = rest.find_first_of(" \t\r\n");
        const std::string_view word = rest.substr(0, end);
        const Told says = told(bare(word));
        const bool masked = word != kMasked && (says.secret || (secretFollows && !word.empty()));
        made += masked ? kMasked : word;
        secretFollows = says.secretFollows || (secretFollows && word.empty());
        if (end == std::string_view::npos)
            break;
        made += rest[end];
        rest.remove_prefix(end + 1);
    }
    return made;
}

std::vector<Fact> redacted(std::vector<Fact> facts)
{
    for (Fact &fact : facts) {
        auto *text = std::get_if<std::string>(&fact.value);
        fact.key = base::printable(fact.key, kTextMax);
        if (isSecretKey(fact.key) && !std::holds_alternative<bool>(fact.value))
            fact.value = std::string(kMasked);
        else if (text && !isTraceId(fact))
            *text = base::printable(redactedText(*text), kTextMax);
    }
    return facts;
}

} // namespace voelgoed::log
