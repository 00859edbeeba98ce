#include "server/platform/supervisor/leftovers.h"
#include "server/platform/supervisor/private_postgres.h"
#include "server/platform/supervisor/private_redis.h"
#include "server/platform/supervisor/redis_door.h"
#include "tests/support/places.h"
#include "tests/support/run_task.h"
#include "tests/support/services.h"

#include <QProcess>
#include <QtTest/QtTest>

#include <libpq-fe.h>

#include <filesystem>
#include <fstream>

#include <signal.h>
#include <unistd.h>

using namespace voelgoed;
using async::Task;
using base::ErrorCode;
using supervisor::Health;
using supervisor::PrivatePostgres;
using supervisor::PrivateRedis;
namespace fs = std::filesystem;

namespace {

constexpr auto kLook = std::chrono::milliseconds(10);
constexpr int kLooksMax = 3'000;

/// The first cell, or what went wrong.
std::string ask(const std::string &url, const char *sql)
{
    const std::unique_ptr<PGconn, decltype(&PQfinish)> connection(PQconnectdb(url.c_str()), &PQfinish);
    const std::unique_ptr<PGresult, decltype(&PQclear)> result(PQexec(connection.get(), sql), &PQclear);
    return PQntuples(result.get()) > 0 ? PQgetvalue(result.get(), 0, 0) : PQerrorMessage(connection.get());
}

} // namespace

class PrivateTest : public QObject
{
    Q_OBJECT

private:
    boost::asio::io_context m_context;
    std::unique_ptr<test::Folder> m_folder;
    QStringList m_notices;

    template <class T>
    T run(Task<T> task)
    {
        return test::runTask(m_context, std::move(task));
    }
    void run(Task<void> task) { test::runTask(m_context, std::move(task)); }

    std::unique_ptr<PrivatePostgres> postgres()
    {
        supervisor::PostgresOptions options{.folder = m_folder->path() + "/postgres", .sharedBuffersMb = 64};
        options.durability = supervisor::PostgresOptions::Durability::None;
        auto made = PrivatePostgres::at(m_context.get_executor(), options, [this](const supervisor::Notice &notice) {
            m_notices << QString::fromStdString(notice.text);
        });
        base::ensure(static_cast<bool>(made), made ? "" : made.error().message.c_str());
        return *std::move(made);
    }
    std::unique_ptr<PrivateRedis> redis()
    {
        auto made = PrivateRedis::at(m_context.get_executor(), {.folder = m_folder->path() + "/redis"});
        base::ensure(static_cast<bool>(made), made ? "" : made.error().message.c_str());
        return *std::move(made);
    }
    void start(auto &service)
    {
        const auto started = run(service->start());
        QVERIFY2(started, started ? "" : started.error().message.c_str());
    }
    template <class Condition>
    void await(Condition holds)
    {
        m_context.restart();
        for (int i = 0; i < kLooksMax && !holds(); ++i)
            run(async::sleepFor(kLook));
        QVERIFY(holds());
    }
    std::size_t processes()
    {
        const std::string folder = m_folder->path();
        const auto cluster = supervisor::PostgresCluster::at({.folder = folder + "/postgres"});
        return supervisor::processesIn(folder + "/postgres/cluster", cluster->program()).size() +
               supervisor::processesIn(folder + "/redis/data", "/usr/bin/redis-server").size();
    }

private slots:
    void init()
    {
        m_folder = std::make_unique<test::Folder>();
        m_notices.clear();
    }

    void bothStartAnswerAndStopWithoutATrace()
    {
        auto first = postgres();
        auto second = redis();
        start(first);
        start(second);
        QCOMPARE(first->health(), Health::Up);
        const std::string url = first->url("postgres", "postgres");
        QCOMPARE(ask(url, "SHOW data_checksums"), std::string("on"));
        QCOMPARE(ask(url, "SHOW server_encoding"), std::string("UTF8"));
        QCOMPARE(ask(url, "SHOW lc_collate"), std::string("C.UTF-8"));
        QCOMPARE(ask(url, "SHOW listen_addresses"), std::string(""));
        QCOMPARE(run(supervisor::askRedis(second->folder().socket(), "CONFIG GET appendonly")),
                 std::string("*2\r\n$10\r\nappendonly\r\n$3\r\nyes\r\n"));
        QCOMPARE(run(supervisor::askRedis(second->folder().socket(), "CONFIG GET port")),
                 std::string("*2\r\n$4\r\nport\r\n$1\r\n0\r\n"));
        QVERIFY(processes() > 2);
        run(second->stop());
        run(first->stop());
        QCOMPARE(first->health(), Health::Stopped);
        QCOMPARE(processes(), std::size_t{0});
        run(first->stop()); // once more is nothing
        start(first);
        run(first->stop());
    }

    void itsFolderIsItsUsersAlone()
    {
        auto service = postgres();
        start(service);
        const auto mode = [&](const char *part) {
            return fs::status(m_folder->path() + "/postgres/" + part).permissions() & fs::perms::all;
        };
        for (const char *part : {"cluster", "run", "log"})
            QCOMPARE(mode(part), fs::perms::owner_all);
        if (::geteuid() == 0) {
            std::string who;
            std::ifstream status("/proc/" + std::to_string(service->pid()) + "/status");
            for (std::string word; status >> word && word != "Uid:";)
                ;
            status >> who;
            QVERIFY(who != "0");
        }
        run(service->stop());
    }

    void whatIsKilledComesBackWithItsData()
    {
        auto first = postgres();
        auto second = redis();
        start(first);
        start(second);
        const std::string url = first->url("postgres", "postgres");
        ask(url, "CREATE TABLE kept AS SELECT 7 AS number");
        QCOMPARE(run(supervisor::askRedis(second->folder().socket(), "SET a 7")), std::string("+OK\r\n"));
        for (int i = 0; i < 2; ++i) {
            const pid_t before = first->pid(), also = second->pid();
            ::kill(before, SIGKILL);
            ::kill(also, SIGKILL);
            await([&] { return first->pid() != before && first->health() == Health::Up; });
            await([&] { return second->pid() != also && second->health() == Health::Up; });
            QCOMPARE(ask(url, "SELECT number FROM kept"), std::string("7"));
            QCOMPARE(run(supervisor::askRedis(second->folder().socket(), "GET a")), std::string("$1\r\n7\r\n"));
        }
        QVERIFY2(m_notices.contains("PostgreSQL ended with signal 9, and is started again"),
                 qPrintable(m_notices.join("; ")));
        run(second->stop());
        run(first->stop());
        QCOMPARE(processes(), std::size_t{0});
    }

    void aServerThatIsKilledLeavesNothingRunning()
    {
        pid_t last = -1;
        for (int i = 0; i < 2; ++i) { // the second finds what the first left
            QProcess server;
            server.start(QString(test::programFolder()) + "/voelgoed-test-services",
                         {QString::fromStdString(m_folder->path())});
            QVERIFY(server.waitForReadyRead(60'000));
            QCOMPARE(server.readLine(), QByteArray("ready\n"));
            QVERIFY(processes() > 2);
            last = static_cast<pid_t>(server.processId());
            ::kill(last, SIGKILL);
            QVERIFY(server.waitForFinished());
            await([&] { return processes() == 0; });
        }
        auto service = postgres();
        start(service);
        run(service->stop());
    }

    void aServerThatIsStartedAtOnceWaitsForWhatTheKilledOneLeft()
    {
        for (int i = 0; i < 2; ++i) {
            QProcess server;
            server.start(QString(test::programFolder()) + "/voelgoed-test-services",
                         {QString::fromStdString(m_folder->path())});
            QVERIFY(server.waitForReadyRead(60'000));
            QCOMPARE(server.readLine(), QByteArray("ready\n"));
            ::kill(static_cast<pid_t>(server.processId()), SIGKILL);
            QVERIFY(server.waitForFinished());
        }
        await([&] { return processes() == 0; });
    }

    void whatStillRunsThereIsEndedFirst()
    {
        // As if an earlier server had gone without its children having been told.
        auto cluster = *supervisor::PostgresCluster::at({.folder = m_folder->path() + "/postgres"});
        {
            auto service = postgres();
            start(service);
            run(service->stop());
        }
        auto stray = *supervisor::Child::start(cluster.server());
        await([&] { return cluster.isReady(stray.pid()); });
        auto service = postgres();
        start(service);
        QVERIFY(stray.ended().has_value());
        run(service->stop());
    }

    void aLockThatACrashOfTheMachineLeftIsNoHindrance()
    {
        auto service = postgres();
        start(service);
        run(service->stop());
        // The number in it is somebody else's by now: this program's.
        const std::string data = service->cluster().dataFolder();
        for (const std::string &file :
             {data + "/postmaster.pid", m_folder->path() + "/postgres/run/.s.PGSQL.5432.lock"})
            std::ofstream(file) << ::getpid() << "\n" << data << "\n1\n5432\n\n\n 1 1\nready\n";
        start(service);
        QCOMPARE(ask(service->url("postgres", "postgres"), "SELECT 1"), std::string("1"));
        run(service->stop());
    }

    void aSecondServerOnTheFolderIsRefused()
    {
        const auto first = postgres();
        const auto second = PrivatePostgres::at(m_context.get_executor(), {.folder = m_folder->path() + "/postgres"});
        QCOMPARE(second.error().code, ErrorCode::Conflict);
    }

    void whatDoesNotStartSaysWhy()
    {
        auto service = postgres();
        start(service);
        run(service->stop());
        fs::remove(service->cluster().dataFolder() + "/global/pg_control");
        const auto failed = run(service->start());
        QCOMPARE(failed.error().code, ErrorCode::Unavailable);
        QVERIFY2(failed.error().message.find("pg_control") != std::string::npos, failed.error().message.c_str());
        QCOMPARE(service->health(), Health::Stopped);
        QCOMPARE(processes(), std::size_t{0});
    }

    void aPathThatIsTooLongForASocketIsInvalid()
    {
        const std::string longPath = m_folder->path() + "/" + std::string(90, 'x');
        QCOMPARE(PrivatePostgres::at(m_context.get_executor(), {.folder = longPath}).error().code, ErrorCode::Invalid);
        QCOMPARE(PrivateRedis::at(m_context.get_executor(), {.folder = longPath}).error().code, ErrorCode::Invalid);
    }

    void aFolderThatTheUserCannotReachIsForbidden()
    {
        if (::geteuid() != 0)
            return; // then everything runs as one user
        const std::string closed = m_folder->path() + "/closed";
        fs::create_directories(closed + "/data");
        fs::permissions(closed, fs::perms::owner_all);
        const auto refused = PrivatePostgres::at(m_context.get_executor(), {.folder = closed + "/data/postgres"});
        QCOMPARE(refused.error().code, ErrorCode::Forbidden);
        QVERIFY(refused.error().message.find(closed) == 0);
    }

    void aStopDuringTheStartIsAStop()
    {
        auto service = postgres();
        std::optional<base::Result<void>> started;
        async::start(m_context.get_executor(), "start",
                     [](PrivatePostgres &of, std::optional<base::Result<void>> &out) -> Task<void> {
                         out = co_await of.start();
                     }(*service, started));
        m_context.restart();
        m_context.poll();
        run(service->stop());
        await([&] { return started.has_value(); });
        QVERIFY(!*started);
        QCOMPARE(processes(), std::size_t{0});
        start(service);
        run(service->stop());
    }
};

QTEST_GUILESS_MAIN(PrivateTest)
#include "private_test.moc"
