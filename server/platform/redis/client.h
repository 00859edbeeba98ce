#pragma once

#include "server/platform/async/task.h"
#include "server/platform/redis/reply.h"

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace voelgoed::redis {

using Command = std::vector<std::string>; ///< {"SET", "vg:{sys}:x", "1"}; any bytes

/// A Lua script of a slice, as a named constant. All its keys arrive in KEYS and share one hash tag. Called by its
/// SHA-1; sent whole when Redis does not know it. Must have static storage.
struct Script
{
    const char *name; ///< for logs and metrics
    const char *text;
};

/// A call that ended, for metrics. `operation` is a script's name, or the (first) command's in capitals. To be looked
/// at and not kept.
struct Done
{
    std::string_view operation;
    std::chrono::nanoseconds took;
    const base::Error *failure; ///< nothing: it was answered
};

struct Options
{
    /// redis://[[user]:password@]host[:port][/db] or unix:/path/to/socket. No TLS (rediss://): a Redis that is not on
    /// this machine belongs into a private network. A cluster knows database 0 alone.
    std::string url;
    base::Milliseconds commandMax{1'000}; ///< for all of a call, redirections included
    base::Milliseconds connectMax{1'000};
    std::size_t pendingMax = 20'000;           ///< calls that wait for their replies
    std::function<void(const Done &)> observe; ///< may be empty
};

/// Redis, alone or as a cluster: which of the two it finds out. Commands go out at once, pipelined over one connection
/// a node, and each waits for its reply. In a cluster a command goes to the node of its key's slot, and follows MOVED
/// and ASK. Reconnects by itself, with backoff; meanwhile every call answers Unavailable at once. The server's thread.
///
/// The connection is shared, so that commands which wait or which change it (BLPOP, XREAD BLOCK, MULTI, SELECT,
/// SUBSCRIBE …) are Invalid. What belongs together is a script.
///
/// Redis grants and remembers for a while; nothing in it is true for ever. Every caller knows what to do without.
class Client
{
public:
    /// Connects in the background; calls wait for the first attempt. Keeps the executor busy until it is destroyed.
    Client(const async::Executor &executor, Options options);
    ~Client(); ///< what still waits is answered Unavailable

    Client(const Client &) = delete;
    Client &operator=(const Client &) = delete;

    /// Which node a command goes to is told by its first key: argument 1, or that of EVAL and its like. Commands
    /// without a key go to any node. Unavailable, Timeout, or Invalid with Redis's own words. After the first two the
    /// command may have happened.
    async::Task<base::Result<Reply>> call(Command command);

    /// One round trip; replies in order. Commands of one call share a hash tag. An error reply fails the whole call,
    /// and the other commands have happened all the same.
    async::Task<base::Result<std::vector<Reply>>> callAll(std::vector<Command> commands);

    async::Task<base::Result<Reply>> run(const Script &script, std::vector<std::string> keys,
                                         std::vector<std::string> arguments);

    /// Whether no node answered lately.
    bool isAway() const;
    bool isCluster() const;

    /// Messages of channels that begin with `prefix` (PSUBSCRIBE on a connection of its own, which reconnects by
    /// itself). `lost` is called whenever messages may have been missed: when the subscription breaks, and when it
    /// stands, also for the first time. For the client's whole life.
    void subscribe(std::string prefix, std::function<void(std::string channel, std::string message)> received,
                   std::function<void()> lost);

    struct Figures
    {
        std::uint64_t commands = 0;   ///< calls count each of theirs
        std::uint64_t failures = 0;   ///< calls
        std::uint64_t reconnects = 0; ///< connections that stood, and broke
        std::uint64_t redirects = 0;  ///< MOVED and ASK
        std::uint64_t loads = 0;      ///< scripts that Redis did not know
        std::size_t pending = 0;
    };
    Figures figures() const;

private:
    struct State;
    std::shared_ptr<State> m_state;
};

} // namespace voelgoed::redis
