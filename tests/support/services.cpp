#include "tests/support/services.h"

#include "server/platform/pg/migrate.h"
#include "server/platform/supervisor/files.h"
#include "server/platform/supervisor/leftovers.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include <libpq-fe.h>

#include <array>
#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <thread>

#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

namespace voelgoed::test {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using base::ensure;

namespace {

constexpr const char *kFolders = "/tmp/vg-test-";
constexpr auto kLook = 5ms;
constexpr auto kStartMax = 60s;
constexpr auto kStopMax = 20'000ms;

template <class T>
T must(base::Result<T> result)
{
    if (!result)
        ensure(false, result.error().message.c_str());
    if constexpr (!std::is_void_v<T>)
        return *std::move(result);
}

// What a program that crashed has left: a folder with the number of a process that is no more.
void takeAwayOldFolders()
{
    const std::string prefix = fs::path(kFolders).filename().string();
    std::error_code code;
    for (const auto &entry : fs::directory_iterator("/tmp", code)) {
        const std::string name = entry.path().filename().string();
        pid_t pid = 0;
        if (name.rfind(prefix, 0) != 0)
            continue;
        std::from_chars(name.data() + prefix.size(), name.data() + name.size(), pid);
        if (pid > 0 && ::kill(pid, 0) != 0 && errno == ESRCH)
            fs::remove_all(entry.path(), code);
    }
}

void runToItsEnd(async::Task<base::Result<void>> task)
{
    boost::asio::io_context context;
    base::Result<void> result;
    const auto keep = [](async::Task<base::Result<void>> waited, base::Result<void> *out) -> async::Task<void> {
        *out = co_await std::move(waited);
    };
    boost::asio::co_spawn(context, keep(std::move(task), &result), boost::asio::detached);
    context.run();
    must(result);
}

async::Task<base::Result<void>> migrated(std::string url)
{
    const auto done = co_await pg::migrate(std::move(url), pg::migrations());
    co_return done ? base::Result<void>() : done.error();
}

void waitUntil(supervisor::Child &child, const std::string &log, const std::function<bool()> &isReady)
{
    for (const auto end = std::chrono::steady_clock::now() + kStartMax; !isReady();) {
        const bool dead = child.ended().has_value();
        if (dead || std::chrono::steady_clock::now() > end)
            ensure(false, ("a service did not start:\n" + supervisor::lastLines(log)).c_str());
        std::this_thread::sleep_for(kLook);
    }
}

void endBy(std::unique_ptr<supervisor::Child> &child, int signal)
{
    if (!child)
        return;
    child->signal(signal);
    ensure(child->waitFor(kStopMax).has_value(), "a service did not stop");
    child.reset();
}

} // namespace

Folder::Folder()
{
    takeAwayOldFolders();
    std::string pattern = kFolders + std::to_string(::getpid()) + "-XXXXXX";
    ensure(::mkdtemp(pattern.data()) != nullptr, "a folder below /tmp");
    ensure(::chmod(pattern.c_str(), 0711) == 0, "a folder that others may pass");
    m_path = pattern;
}

Folder::~Folder()
{
    std::error_code code;
    fs::remove_all(m_path, code);
}

Postgres::Postgres(Durability durability)
{
    m_cluster = std::make_unique<supervisor::PostgresCluster>(must(supervisor::PostgresCluster::at(
        {.folder = m_folder.path() + "/postgres", .sharedBuffersMb = 64, .durability = durability})));
    auto making = must(supervisor::Child::start(must(m_cluster->making())));
    const auto made = making.waitFor(kStartMax);
    ensure(made && made->status == 0, ("initdb:\n" + supervisor::lastLines(m_cluster->startLog())).c_str());
    must(m_cluster->finishMaking());
    start();
    runToItsEnd(pg::makeDatabase(url("postgres", "postgres"), "voelgoed"));
    runToItsEnd(migrated(url("vg_owner")));
}

Postgres::~Postgres()
{
    endBy(m_server, SIGQUIT);
}

std::string Postgres::freshDatabase(std::string_view from)
{
    const std::string name = "test_" + std::to_string(++m_databases);
    const std::string quoted = "\"" + name + "\"";
    execute("CREATE DATABASE " + quoted + " OWNER vg_owner TEMPLATE \"" + std::string(from) + "\"", "postgres");
    execute("REVOKE ALL ON DATABASE " + quoted + " FROM PUBLIC; GRANT CONNECT ON DATABASE " + quoted + " TO vg_app",
            "postgres");
    return name;
}

std::string Postgres::url(std::string_view role, std::string_view database) const
{
    return m_cluster->url(role, database);
}

namespace {

using Answer = std::unique_ptr<PGresult, decltype(&PQclear)>;

Answer answerTo(const std::string &sql, const std::string &url)
{
    const std::unique_ptr<PGconn, decltype(&PQfinish)> connection(PQconnectdb(url.c_str()), &PQfinish);
    ensure(PQstatus(connection.get()) == CONNECTION_OK, PQerrorMessage(connection.get()));
    return {PQexec(connection.get(), sql.c_str()), &PQclear};
}

std::string complaint(const Answer &answer)
{
    const ExecStatusType status = PQresultStatus(answer.get());
    const bool fine = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
    return fine ? std::string() : std::string(PQresultErrorMessage(answer.get()));
}

} // namespace

std::string Postgres::execute(const std::string &sql, std::string_view database) const
{
    const Answer answer = answerTo(sql, url("postgres", database));
    ensure(complaint(answer).empty(), complaint(answer).c_str());
    return PQntuples(answer.get()) > 0 && PQnfields(answer.get()) > 0 ? PQgetvalue(answer.get(), 0, 0) : "";
}

std::string Postgres::attempt(const std::string &sql, std::string_view database) const
{
    return complaint(answerTo(sql, url("postgres", database)));
}

void Postgres::kill()
{
    for (const pid_t pid : supervisor::processesIn(m_cluster->dataFolder(), m_cluster->program()))
        ::kill(pid, SIGKILL);
    endBy(m_server, SIGKILL);
    runToItsEnd(supervisor::endLeftovers(m_cluster->dataFolder(), m_cluster->program()));
}

void Postgres::restart()
{
    stop();
    start();
}

void Postgres::stop()
{
    endBy(m_server, SIGINT);
}

void Postgres::start()
{
    ensure(!m_server, "PostgreSQL runs already");
    must(m_cluster->prepareStart());
    m_server = std::make_unique<supervisor::Child>(must(supervisor::Child::start(m_cluster->server())));
    waitUntil(*m_server, m_cluster->startLog(), [this] { return m_cluster->isReady(m_server->pid()); });
}

namespace {

std::uint16_t freePort()
{
    const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto *any = reinterpret_cast<sockaddr *>(&address);
    ensure(::bind(descriptor, any, size) == 0 && ::getsockname(descriptor, any, &size) == 0, "a free port");
    ::close(descriptor);
    return ntohs(address.sin_port);
}

// One command and what comes back at once; nothing while nobody listens.
std::string ask(const std::string &path, const std::string &command)
{
    const int descriptor = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_un address = {};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    std::string answer;
    const std::string line = command + "\r\n";
    if (::connect(descriptor, reinterpret_cast<sockaddr *>(&address), sizeof address) == 0 &&
        ::send(descriptor, line.data(), line.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(line.size())) {
        ::shutdown(descriptor, SHUT_WR);
        std::array<char, 4096> part{};
        for (ssize_t got = 0; (got = ::recv(descriptor, part.data(), part.size(), 0)) > 0;)
            answer.append(part.data(), static_cast<std::size_t>(got));
    }
    ::close(descriptor);
    return answer;
}

} // namespace

Redis::Redis(Kind kind) : m_kind(kind)
{
    supervisor::RedisOptions options{.folder = m_folder.path() + "/redis", .maxMemoryMb = 0, .cluster = {}};
    if (kind == Kind::Cluster)
        options.cluster = supervisor::RedisOptions::Ports{freePort(), freePort()};
    m_redis = std::make_unique<supervisor::RedisFolder>(must(supervisor::RedisFolder::at(options)));
    start();
}

Redis::~Redis()
{
    endBy(m_server, SIGKILL);
}

std::string Redis::execute(const std::string &command) const
{
    return ask(socket(), command);
}

void Redis::kill()
{
    endBy(m_server, SIGKILL);
}

void Redis::restart()
{
    stop();
    start();
}

void Redis::stop()
{
    endBy(m_server, SIGTERM);
}

void Redis::start()
{
    ensure(!m_server, "Redis runs already");
    must(m_redis->prepareStart());
    m_server = std::make_unique<supervisor::Child>(must(supervisor::Child::start(m_redis->server())));
    waitUntil(*m_server, m_redis->log(), [this] { return execute("PING").rfind("+PONG", 0) == 0; });
    if (m_kind == Kind::Alone)
        return;
    if (execute("CLUSTER INFO").find("cluster_slots_assigned:16384") == std::string::npos)
        execute("CLUSTER ADDSLOTSRANGE 0 16383");
    waitUntil(*m_server, m_redis->log(),
              [this] { return execute("CLUSTER INFO").find("cluster_state:ok") != std::string::npos; });
}

} // namespace voelgoed::test
