#pragma once

#include "server/platform/async/task.h"
#include "server/platform/redis/reply.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace voelgoed::redis {

using Command = std::vector<std::string>; ///< {"SET", "vg:{sys}:x", "1"}; any bytes

/// A Lua script of a slice, as a named constant. All its keys arrive in KEYS and share one hash tag. Called by its
/// SHA-1; loaded when Redis does not know it. Must have static storage.
struct Script
{
    const char *name; ///< for logs and metrics
    const char *text;
};

struct Options
{
    std::string url; ///< redis://[user:password@]host:port[/db] or unix:/path/to/socket
    base::Milliseconds commandMax{1'000};
    base::Milliseconds connectMax{1'000};
    std::size_t pendingMax = 20'000; ///< commands that wait for their replies
};

/// Redis, alone or as a cluster: which of the two it finds out. Commands go out at once, pipelined over one connection
/// a node, and each waits for its reply. In a cluster a command goes to the node of its key's slot, and follows MOVED
/// and ASK. Reconnects by itself, with backoff; meanwhile every call answers Unavailable at once. The server's thread.
///
/// Redis grants and remembers for a while; nothing in it is true for ever. Every caller knows what to do without.
class Client
{
public:
    Client(const async::Executor &executor, Options options);
    ~Client();

    Client(const Client &) = delete;
    Client &operator=(const Client &) = delete;

    /// Which node a command goes to is told by its first key: argument 1, or that of EVAL and its like. Commands
    /// without a key go to any node. Unavailable, Timeout, or Invalid with Redis's own words. After a Timeout the
    /// command may have happened.
    async::Task<base::Result<Reply>> call(Command command);

    /// One round trip; replies in order. Commands of one call share a hash tag. An error reply fails the whole call.
    async::Task<base::Result<std::vector<Reply>>> call(std::vector<Command> commands);

    async::Task<base::Result<Reply>> run(const Script &script, std::vector<std::string> keys,
                                         std::vector<std::string> arguments);

    /// Whether it answered lately.
    bool isAway() const;
    bool isCluster() const;

    /// Messages of channels that begin with `prefix` (PSUBSCRIBE on a connection of its own, which reconnects by
    /// itself). `lost` is called whenever messages may have been missed. For the client's whole life.
    void subscribe(std::string prefix, std::function<void(std::string channel, std::string message)> received,
                   std::function<void()> lost);

    struct Figures
    {
        std::uint64_t commands = 0, failures = 0, reconnects = 0, redirects = 0, loads = 0;
        std::size_t pending = 0;
    };
    Figures figures() const;

private:
    struct State;
    std::shared_ptr<State> m_state;
};

/// The slot of a key: CRC16 (XMODEM) of its hash tag, or of all of it, modulo 16384 (Redis Cluster specification).
std::uint16_t slotOf(std::string_view key);

} // namespace voelgoed::redis
