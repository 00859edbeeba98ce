#pragma once

#include "tests/support/cutting_proxy.h"
#include "tests/support/places.h"
#include "tests/support/plain_http.h"
#include "tests/support/services.h"

#include <QProcess>
#include <QTemporaryDir>
#include <QtTest/QtTest>

#include <memory>
#include <vector>

namespace voelgoed::integration {

/// How a test's server is put up. The same test programs run in each of them.
enum class World {
    Plain,     ///< one server, with its own Postgres and Redis in its folder
    Encrypted, ///< one server at an address that others may reach: TLS, with its own key
    External,  ///< one server over a Postgres and a Redis of the test's, which it may stop
    Cluster,   ///< one server over a Postgres and a Redis of the test's, this one in cluster mode
    Pair,      ///< two servers over a Postgres and a Redis of the test's, asked in turn
};

/// As the environment says in VOELGOED_TEST_WORLD: "cluster", "pair", or nothing.
World worldOfTests();

/// A port of 127.0.0.1 that nobody listened at just now.
std::uint16_t freePort();

/// A real voelgoed-server, or two of them that look like one. To be used on one thread.
class ServerProcess
{
public:
    explicit ServerProcess(World world = worldOfTests()) : ServerProcess(world, {}) {}
    /// One server with further options, whatever the environment says.
    explicit ServerProcess(QStringList more) : ServerProcess(World::Plain, std::move(more)) {}
    ~ServerProcess();

    /// Starts what does not run; returns when it serves, false when it does not. Again at the same address, once it has
    /// been there.
    bool start();
    /// Where it will listen: at the place of one that has gone.
    void listenAt(const std::string &url) { m_nodes.front()->url = url; }
    /// In order: SIGTERM. The exit code; of two that of the one that did worse.
    int stop();
    void kill(); ///< kill -9
    /// The same for one of two; `number` may be any.
    void killOne(std::size_t number);

    /// Where devices and browsers go: of two servers that of a line that leads to each in turn.
    std::string url() const;
    /// Asks each server in turn, without anything between; an Encrypted one over its local socket.
    support::PlainHttp http() const;
    support::PlainHttp admin() const;
    /// Of url(); 0 before it was started.
    std::uint16_t port() const;
    /// Of one server, whichever others there are.
    std::uint16_t portOfOne() const;
    /// Of the first one.
    std::string folder() const { return m_nodes.front()->folder.path().toStdString(); }

    /// Those that the servers do not start themselves; in other worlds than Plain, after start().
    test::Postgres &postgres() { return m_shared->postgres; }
    test::Redis &redis() { return m_shared->redis; }

    /// Of its database, for vg_app or for postgres, whom row security does not bind.
    std::string postgresUrl(const std::string &role) const;
    /// kill -9, and up again after a while; false when it was down already.
    bool killPostgres();
    bool killRedis();
    bool flushRedis(); ///< false when it did not answer
    /// Of the Redis that runs; empty while its own one does not.
    std::string redisUrl() const;

    std::size_t residentKb() const; ///< memory of the server, or of the larger one
    void noteSize() { m_noted = residentKb(); }
    std::size_t grownKb() const; ///< since its size was noted; says so

    /// Processes that still run in its folders.
    QStringList leftovers() const;
    /// Stops it; whether it ended as it should, and everything that it had started, too.
    bool endsInOrder();

private:
    struct Node
    {
        QTemporaryDir folder{"/tmp/vgsrv-XXXXXX"};
        std::unique_ptr<QProcess> process;
        std::string url; ///< its own; empty before it is known
    };
    /// What servers share that have none of their own.
    struct Shared
    {
        explicit Shared(World world);

        test::Postgres postgres;
        test::Redis redis;
        std::string database;
    };

    ServerProcess(World world, QStringList more);
    bool start(Node &node);
    QStringList options(const Node &node) const;

    World m_world;
    QStringList m_more;
    std::unique_ptr<Shared> m_shared;              ///< outlives the servers
    std::unique_ptr<support::CuttingProxy> m_line; ///< to two servers
    std::vector<std::unique_ptr<Node>> m_nodes;
    std::size_t m_noted = 0;
};

} // namespace voelgoed::integration
