#pragma once

#include "shared/base/instant.h"
#include "shared/base/uuid.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace voelgoed::redis {

/// Whose a key is: the one {…} of it, which decides its slot. An event's text begins with its organization, so that
/// Redis's own access lists can tell organizations apart.
class Tag
{
public:
    enum class Kind { Event, Organization, System };

    static Tag event(const base::Uuid &organization, const base::Uuid &event); ///< {<organization>.<event>}
    static Tag organization(const base::Uuid &organization);                   ///< {<organization>}
    static Tag system();                                                       ///< {sys}

    Kind kind() const { return m_kind; }
    const std::string &text() const { return m_text; } ///< with its braces

    friend bool operator==(const Tag &, const Tag &) = default;

private:
    Tag(Kind kind, std::string text) : m_kind(kind), m_text(std::move(text)) {}

    Kind m_kind;
    std::string m_text;
};

/// What kind of value lies under a key. Bitmaps and counters are Strings.
enum class KeyType { String, Hash, List, Set, SortedSet, Stream };

/// Keys of one kind, as the slice that writes them declares them: a constant with static storage.
///
///     constexpr redis::Key kClaims{"vg:{org.event}:scan:claims:{checkpoint}", redis::KeyType::Hash, {},
///                                  "scanning: rebuilt from passages"};
///     kClaims.of(redis::Tag::event(organization, event), {checkpoint});
///
/// A pattern begins with `vg:` and one of {org.event}, {org} and {sys}; behind it come words and {names} between
/// colons.
struct Key
{
    const char *pattern;
    KeyType type;
    std::optional<base::Milliseconds> lifetime; ///< at most so long; nothing: it has no term of its own
    const char *rebuiltFrom;                    ///< what brings it back after a flush, or who does without it

    /// A key of the pattern. One value for each name, not empty; what is no letter, digit or one of `-._~` in it is
    /// written as %XX, so that a value never makes another key. Ends the program when tag or values do not fit the
    /// pattern.
    std::string of(const Tag &tag, const std::vector<std::string_view> &values = {}) const;
};

/// A key that was found in a Redis.
struct FoundKey
{
    std::string_view key;
    std::string_view type;                        ///< as TYPE says it
    std::optional<base::Milliseconds> timeToLive; ///< as PTTL says it; nothing: it has none
};

/// Every pattern that the program writes. A key that no entry is for is a bug, and a test looks for such keys.
class KeyRegistry
{
public:
    /// Ends the program for a pattern that is none, or that says the same as one that is there.
    void add(const Key &key);

    const std::vector<Key> &keys() const { return m_keys; }

    /// The entry that the key is of. Nothing when there is none.
    const Key *find(std::string_view key) const;

    /// What is wrong with a key: no entry, not one {…}, another type, no term where there should be one, or a longer
    /// one. Nothing when all is well.
    std::optional<std::string> complaint(const FoundKey &found) const;

private:
    std::vector<Key> m_keys;
};

/// "string", "hash", "list", "set", "zset", "stream": as TYPE says it.
std::string_view wordOf(KeyType type);

} // namespace voelgoed::redis
