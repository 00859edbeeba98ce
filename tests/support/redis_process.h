#pragma once

#include "server/platform/redis/client.h"
#include "server/platform/redis/keys.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <sys/types.h>
#include <vector>

namespace voelgoed::test {

/// Real redis-servers for a test, in a folder of their own: one alone, or a cluster of one or of three masters that
/// share the slots in equal parts. Ends the test program when Redis cannot be started. They die with the thread that
/// started them.
class RedisProcess
{
public:
    enum class Kind { Alone, AloneOverTcp, ClusterOfOne, ClusterOfThree };
    enum class Files {
        None,  ///< a restart finds nothing
        Append ///< the append-only file, synced at each write: a restart finds everything
    };

    explicit RedisProcess(Kind kind = Kind::Alone, Files files = Files::None,
                          std::vector<std::string> settings = {}); ///< "--requirepass", "secret"
    ~RedisProcess();

    RedisProcess(const RedisProcess &) = delete;
    RedisProcess &operator=(const RedisProcess &) = delete;

    std::string url(std::size_t node = 0) const;
    /// For tests that expect answers: none is given up because the machine is busy.
    redis::Options patient(std::size_t node = 0) const
    {
        return {.url = url(node), .commandMax = std::chrono::seconds(60), .connectMax = std::chrono::seconds(60)};
    }
    std::size_t nodes() const { return m_nodes.size(); }

    void kill(std::size_t node = 0);  ///< SIGKILL
    void stop(std::size_t node = 0);  ///< SIGTERM, as a supervisor does
    void pause(std::size_t node = 0); ///< SIGSTOP: it is there and does not answer
    void resume(std::size_t node = 0);
    /// Until it answers; in a cluster until it serves its slots.
    void start(std::size_t node = 0);
    void restart(std::size_t node = 0)
    {
        kill(node);
        start(node);
    }

    /// Asks one node, over a connection of its own, and follows nothing. An error reply ends the test program.
    redis::Reply command(const std::vector<std::string> &words, std::size_t node = 0) const;
    void flush() const; ///< FLUSHALL and SCRIPT FLUSH on every node

    /// Clusters: whose a slot is, and its move in three steps.
    std::size_t ownerOf(std::uint16_t slot) const;
    void beginMove(std::uint16_t slot, std::size_t to) const;
    void moveKey(const std::string &key, std::size_t to) const; ///< one key of the slot, on the way
    void endMove(std::uint16_t slot, std::size_t to) const;     ///< with all keys that are left

    /// What is wrong with the keys that lie in it now; empty when nothing is.
    std::vector<std::string> complaints(const redis::KeyRegistry &registry) const;

private:
    struct Node
    {
        std::filesystem::path folder;
        std::uint16_t port = 0; ///< 0: a Unix socket
        std::string id;         ///< in a cluster
        pid_t process = 0;
    };

    void launch(Node &node);
    bool answers(const Node &node) const;
    void signal(std::size_t node, int number);
    void makeCluster();
    void waitForSlots(const Node &node) const;

    Kind m_kind;
    Files m_files;
    std::vector<std::string> m_settings;
    std::filesystem::path m_folder;
    std::vector<Node> m_nodes;
};

} // namespace voelgoed::test
