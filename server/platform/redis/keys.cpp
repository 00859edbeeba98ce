#include "server/platform/redis/keys.h"

#include "shared/base/bytes.h"
#include "shared/base/ensure.h"
#include "shared/base/text.h"

#include <algorithm>

namespace voelgoed::redis {

namespace {

constexpr std::string_view kPrefix = "vg:";

bool isPlain(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("-._~").find(c) != std::string_view::npos;
}

std::string escaped(std::string_view value)
{
    std::string text;
    for (const char c : value) {
        if (isPlain(c))
            text += c;
        else
            text += "%" + base::toHex(base::bytesOf(std::string_view(&c, 1)));
    }
    return text;
}

std::vector<std::string_view> partsOf(std::string_view text)
{
    std::vector<std::string_view> parts;
    for (;;) {
        const auto colon = text.find(':');
        parts.push_back(text.substr(0, colon));
        if (colon == std::string_view::npos)
            return parts;
        text.remove_prefix(colon + 1);
    }
}

bool isName(std::string_view part)
{
    return part.size() > 2 && part.front() == '{' && part.back() == '}';
}

std::optional<Tag::Kind> kindOf(std::string_view part)
{
    if (part == "{org.event}")
        return Tag::Kind::Event;
    if (part == "{org}")
        return Tag::Kind::Organization;
    if (part == "{sys}")
        return Tag::Kind::System;
    return std::nullopt;
}

/// The parts of a pattern: "vg", the tag, and at least one more.
std::vector<std::string_view> partsOfPattern(const Key &key)
{
    const auto parts = partsOf(key.pattern);
    base::ensure(parts.size() >= 3 && parts[0] == "vg" && kindOf(parts[1]), "a key's pattern without vg: and its tag");
    for (std::size_t i = 2; i < parts.size(); ++i) {
        const bool word = !parts[i].empty() && std::all_of(parts[i].begin(), parts[i].end(), isPlain);
        base::ensure(word || isName(parts[i]), "a key's pattern with something that is neither a word nor a {name}");
    }
    return parts;
}

bool isTagOf(std::string_view part, Tag::Kind kind)
{
    if (kind == Tag::Kind::System)
        return part == Tag::system().text();
    if (part.size() < 2 || part.front() != '{' || part.back() != '}')
        return false;
    part = part.substr(1, part.size() - 2);
    const auto dot = part.find('.');
    const bool organization = base::uuidFrom(part.substr(0, dot)).has_value();
    if (kind == Tag::Kind::Organization)
        return organization && dot == std::string_view::npos;
    return organization && dot != std::string_view::npos && base::uuidFrom(part.substr(dot + 1));
}

bool isValue(std::string_view part)
{
    return !part.empty() && std::all_of(part.begin(), part.end(), [](char c) { return isPlain(c) || c == '%'; });
}

bool matches(const Key &entry, const std::vector<std::string_view> &found)
{
    const auto parts = partsOf(entry.pattern);
    if (parts.size() != found.size() || found[0] != parts[0] || !isTagOf(found[1], *kindOf(parts[1])))
        return false;
    for (std::size_t i = 2; i < parts.size(); ++i) {
        if (isName(parts[i]) ? !isValue(found[i]) : parts[i] != found[i])
            return false;
    }
    return true;
}

/// Whether a key could be of both.
bool overlap(const Key &one, const Key &other)
{
    const auto a = partsOf(one.pattern), b = partsOf(other.pattern);
    if (a.size() != b.size() || a[1] != b[1])
        return false;
    for (std::size_t i = 2; i < a.size(); ++i) {
        if (a[i] != b[i] && !isName(a[i]) && !isName(b[i]))
            return false;
    }
    return true;
}

std::string told(std::string_view key, std::string_view what)
{
    return base::printable(key) + ": " + std::string(what);
}

} // namespace

Tag Tag::event(const base::Uuid &organization, const base::Uuid &event)
{
    return {Kind::Event, "{" + base::toText(organization) + "." + base::toText(event) + "}"};
}

Tag Tag::organization(const base::Uuid &organization)
{
    return {Kind::Organization, "{" + base::toText(organization) + "}"};
}

Tag Tag::system()
{
    return {Kind::System, "{sys}"};
}

std::string Key::of(const Tag &tag, const std::vector<std::string_view> &values) const
{
    const auto parts = partsOfPattern(*this);
    base::ensure(kindOf(parts[1]) == tag.kind(), "a key's tag is of another kind than its pattern's");
    std::string key = std::string(kPrefix) + tag.text();
    auto value = values.begin();
    for (std::size_t i = 2; i < parts.size(); ++i) {
        key += ':';
        if (!isName(parts[i])) {
            key += parts[i];
            continue;
        }
        base::ensure(value != values.end() && !value->empty(), "a key without a value for each name");
        key += escaped(*value++);
    }
    base::ensure(value == values.end(), "a key with more values than names");
    return key;
}

void KeyRegistry::add(const Key &key)
{
    partsOfPattern(key);
    for (const Key &other : m_keys)
        base::ensure(!overlap(key, other), "two patterns that one key could be of");
    m_keys.push_back(key);
}

const Key *KeyRegistry::find(std::string_view key) const
{
    const auto parts = partsOf(key);
    const auto found = std::find_if(m_keys.begin(), m_keys.end(),
                                    [&](const Key &entry) { return parts.size() >= 3 && matches(entry, parts); });
    return found == m_keys.end() ? nullptr : &*found;
}

std::optional<std::string> KeyRegistry::complaint(const FoundKey &found) const
{
    const auto count = [&](char c) { return std::count(found.key.begin(), found.key.end(), c); };
    if (count('{') != 1 || count('}') != 1)
        return told(found.key, "has not exactly one {…}");
    const Key *entry = find(found.key);
    if (!entry)
        return told(found.key, "no entry of the registry is for it");
    if (found.type != wordOf(entry->type))
        return told(found.key,
                    "is a " + std::string(found.type) + ", and should be a " + std::string(wordOf(entry->type)));
    if (entry->lifetime && !found.timeToLive)
        return told(found.key, "has no term");
    if (entry->lifetime && *found.timeToLive > *entry->lifetime)
        return told(found.key, "lives longer than its entry says");
    return std::nullopt;
}

std::string_view wordOf(KeyType type)
{
    switch (type) {
    case KeyType::String:
        return "string";
    case KeyType::Hash:
        return "hash";
    case KeyType::List:
        return "list";
    case KeyType::Set:
        return "set";
    case KeyType::SortedSet:
        return "zset";
    case KeyType::Stream:
        return "stream";
    }
    return {};
}

} // namespace voelgoed::redis
