#include "server/platform/redis/command.h"

#include <hiredis/hiredis.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <memory>

namespace voelgoed::redis {

namespace {

/// Would wait on the connection, change what it is, or answer more or less than once.
constexpr std::array<std::string_view, 30> kNotShared{
    "ASKING",    "AUTH",         "BLMOVE",      "BLMPOP",   "BLPOP",     "BRPOP",   "BRPOPLPUSH", "BZMPOP",
    "BZPOPMAX",  "BZPOPMIN",     "DISCARD",     "EXEC",     "HELLO",     "MONITOR", "MULTI",      "PSUBSCRIBE",
    "PSYNC",     "PUNSUBSCRIBE", "QUIT",        "READONLY", "READWRITE", "RESET",   "SELECT",     "SSUBSCRIBE",
    "SUBSCRIBE", "SYNC",         "UNSUBSCRIBE", "UNWATCH",  "WAIT",      "WATCH"};

/// Have no key, or none that counts.
constexpr std::array<std::string_view, 33> kKeyless{
    "ACL",    "BGREWRITEAOF", "BGSAVE",   "CLIENT",  "CLUSTER",  "COMMAND",   "CONFIG",    "DBSIZE",   "DEBUG",
    "ECHO",   "FAILOVER",     "FLUSHALL", "FLUSHDB", "FUNCTION", "INFO",      "KEYS",      "LASTSAVE", "LATENCY",
    "LOLWUT", "MODULE",       "PING",     "PUBLISH", "PUBSUB",   "RANDOMKEY", "REPLICAOF", "ROLE",     "SAVE",
    "SCAN",   "SCRIPT",       "SHUTDOWN", "SLOWLOG", "SWAPDB",   "TIME"};

/// Have their first key behind a number that counts the keys, at this place.
struct Counted
{
    std::string_view name;
    std::size_t countAt;
};
constexpr std::array<Counted, 13> kCounted{{{"EVAL", 2},
                                            {"EVALSHA", 2},
                                            {"EVALSHA_RO", 2},
                                            {"EVAL_RO", 2},
                                            {"FCALL", 2},
                                            {"FCALL_RO", 2},
                                            {"LMPOP", 1},
                                            {"SINTERCARD", 1},
                                            {"ZDIFF", 1},
                                            {"ZINTER", 1},
                                            {"ZINTERCARD", 1},
                                            {"ZMPOP", 1},
                                            {"ZUNION", 1}}};

/// Have their key behind a word that says what to do.
constexpr std::array<std::string_view, 5> kBehindAWord{"BITOP", "MEMORY", "OBJECT", "XGROUP", "XINFO"};

template <class Words>
bool isOneOf(const Words &words, std::string_view name)
{
    return std::find(words.begin(), words.end(), name) != words.end();
}

std::string inCapitals(std::string_view word)
{
    std::string capitals(word);
    for (char &c : capitals)
        c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    return capitals;
}

bool waits(const Command &command, std::string_view name)
{
    if (name != "XREAD" && name != "XREADGROUP")
        return false;
    for (const std::string &word : command) {
        const std::string capitals = inCapitals(word.size() > 7 ? std::string_view() : std::string_view(word));
        if (capitals == "STREAMS")
            return false;
        if (capitals == "BLOCK")
            return true;
    }
    return false;
}

std::optional<std::string_view> wordAt(const Command &command, std::size_t place)
{
    if (place >= command.size())
        return std::nullopt;
    return command[place];
}

} // namespace

void append(std::string &out, const Command &command)
{
    std::vector<const char *> words;
    std::vector<std::size_t> sizes;
    words.reserve(command.size());
    sizes.reserve(command.size());
    for (const std::string &word : command) {
        words.push_back(word.data());
        sizes.push_back(word.size());
    }
    char *text = nullptr;
    const int size = redisFormatCommandArgv(&text, static_cast<int>(words.size()), words.data(), sizes.data());
    const std::unique_ptr<char, void (*)(void *)> kept(text, std::free);
    base::ensure(size > 0, "a command that hiredis cannot write down");
    out.append(text, static_cast<std::size_t>(size));
}

base::Result<void> check(const Command &command)
{
    if (command.empty() || command.front().empty())
        return base::invalid("redis: a command without a name");
    std::size_t size = 0;
    for (const std::string &word : command)
        size += word.size() + 16;
    if (size > kCommandMax)
        return base::invalid("redis: a command of more than " + std::to_string(kCommandMax) + " bytes");
    const std::string name = nameOf(command);
    if (isOneOf(kNotShared, name) || waits(command, name))
        return base::invalid("redis: " + name + " is not for a connection that is shared");
    const bool silences = name == "CLIENT" && command.size() > 1 && inCapitals(command[1]) == "REPLY";
    if (silences)
        return base::invalid("redis: CLIENT REPLY is not for a connection that is shared");
    return {};
}

std::optional<std::string_view> keyOf(const Command &command)
{
    const std::string name = nameOf(command);
    if (isOneOf(kKeyless, name))
        return std::nullopt;
    const auto counted =
        std::find_if(kCounted.begin(), kCounted.end(), [&](const Counted &c) { return c.name == name; });
    if (counted != kCounted.end()) {
        const auto count = wordAt(command, counted->countAt);
        if (!count || count->empty() || *count == "0")
            return std::nullopt;
        return wordAt(command, counted->countAt + 1);
    }
    if (isOneOf(kBehindAWord, name))
        return wordAt(command, 2);
    if (name == "XREAD" || name == "XREADGROUP") {
        const auto streams = std::find_if(command.begin(), command.end(),
                                          [](const std::string &word) { return inCapitals(word) == "STREAMS"; });
        return wordAt(command, static_cast<std::size_t>(streams - command.begin()) + 1);
    }
    return wordAt(command, 1);
}

std::string nameOf(const Command &command)
{
    constexpr std::size_t kNameMax = 20;
    std::string name = command.empty() ? std::string() : inCapitals(command.front().substr(0, kNameMax));
    std::erase_if(name, [](char c) { return (c < 'A' || c > 'Z') && c != '_'; });
    return name;
}

} // namespace voelgoed::redis
