#pragma once

#include "server/platform/supervisor/postgres_cluster.h"
#include "server/platform/supervisor/redis_folder.h"

#include <memory>
#include <string>
#include <string_view>

/// A real Postgres and a real Redis for a test program, in a folder of its own below /tmp, gone with it also when it
/// crashes. Everything here waits until it is done, and ends the program when it fails: a test without its services has
/// nothing to say. To be made and used on one thread that lives as long as they do; once for a program (initTestCase):
///
///     test::Postgres postgres;
///     pg::Pool pool(executor, {.url = postgres.url("vg_app", postgres.freshDatabase())});
namespace voelgoed::test {

/// Ends with everything in it.
class Folder
{
public:
    Folder();
    ~Folder();
    Folder(const Folder &) = delete;
    Folder &operator=(const Folder &) = delete;
    const std::string &path() const { return m_path; }

private:
    std::string m_path;
};

class Postgres
{
public:
    /// Does not reach the disk unless asked: a kill -9 is survived all the same, a power cut is not.
    using Durability = supervisor::PostgresOptions::Durability;
    explicit Postgres(Durability durability = Durability::None);
    ~Postgres();
    Postgres(const Postgres &) = delete;
    Postgres &operator=(const Postgres &) = delete;

    /// A database with the roles and the kernel's migrations, and nothing in it: a copy, in about 0.1 s. `from` is one
    /// that nobody is connected to, such as a fresh one with a slice's migrations. Returns its name.
    std::string freshDatabase(std::string_view from = "voelgoed");

    /// `role` is vg_app, vg_owner or postgres.
    std::string url(std::string_view role, std::string_view database = "voelgoed") const;

    /// Runs SQL as the superuser, whom row security does not bind; the first cell of the last result, or "".
    std::string execute(const std::string &sql, std::string_view database = "voelgoed") const;
    /// The same for what should not go through: what PostgreSQL said against it, or nothing.
    std::string attempt(const std::string &sql, std::string_view database = "voelgoed") const;

    void kill();    ///< kill -9, of the server and all it has started; returns when they are gone
    void restart(); ///< after a kill, or without one (fast shutdown)
    void stop();
    void start();
    pid_t pid() const { return m_server->pid(); }

private:
    Folder m_folder;
    std::unique_ptr<supervisor::PostgresCluster> m_cluster;
    std::unique_ptr<supervisor::Child> m_server;
    int m_databases = 0;
};

class Redis
{
public:
    enum class Kind { Alone, Cluster }; ///< a cluster has one node with all slots
    explicit Redis(Kind kind = Kind::Alone);
    ~Redis();
    Redis(const Redis &) = delete;
    Redis &operator=(const Redis &) = delete;

    std::string url() const { return m_redis->url(); }
    std::string socket() const { return m_redis->socket(); }

    /// Runs one command, words with blanks between them; what Redis answered, as it came.
    std::string execute(const std::string &command) const;

    void kill();
    void restart();
    void stop();
    void start();
    pid_t pid() const { return m_server->pid(); }

private:
    Folder m_folder;
    Kind m_kind;
    std::unique_ptr<supervisor::RedisFolder> m_redis;
    std::unique_ptr<supervisor::Child> m_server;
};

} // namespace voelgoed::test
