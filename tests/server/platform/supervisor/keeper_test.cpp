#include "server/platform/supervisor/keeper.h"
#include "tests/support/run_task.h"
#include "tests/support/services.h"

#include <QtTest/QtTest>

#include <filesystem>

#include <signal.h>

using namespace voelgoed;
using async::Task;
using base::ErrorCode;
using base::Result;
using supervisor::Child;
using supervisor::Health;
using supervisor::Keeper;
using supervisor::KeeperOptions;
using supervisor::Program;

namespace {

/// A shell that does what it is told.
class Shell final : public supervisor::Service
{
public:
    Shell(std::string folder, std::string script) : m_folder(std::move(folder)), m_script(std::move(script)) {}

    Task<Result<Child>> begin() override { co_return Child::start(program(m_folder, m_script)); }
    Task<bool> isReady(const Child &) override { co_return std::filesystem::exists(m_folder + "/ready"); }
    std::string lastWords() const override { return "last words"; }

    static Program program(const std::string &folder, const std::string &script)
    {
        return {.path = "/bin/sh",
                .arguments = {"-c", script},
                .folder = folder,
                .log = folder + "/log",
                .account = {},
                .whenWeDie = SIGKILL};
    }

private:
    std::string m_folder, m_script;
};

constexpr auto kLook = std::chrono::milliseconds(5);
constexpr int kLooksMax = 6'000;

} // namespace

class KeeperTest : public QObject
{
    Q_OBJECT

private:
    boost::asio::io_context m_context;
    test::Folder m_folder;
    QStringList m_notices;

    std::unique_ptr<Keeper> keeper(const char *script, KeeperOptions options = {})
    {
        options.name = "sh";
        options.backoffFirst = base::Milliseconds(1);
        options.backoffMax = base::Milliseconds(4);
        if (options.stops.empty())
            options.stops = {{SIGTERM, std::chrono::seconds(30)}};
        m_notices.clear();
        std::filesystem::remove(m_folder.path() + "/ready");
        options.report = [this](const supervisor::Notice &notice) { m_notices << QString::fromStdString(notice.text); };
        return std::make_unique<Keeper>(m_context.get_executor(), std::make_unique<Shell>(m_folder.path(), script),
                                        options);
    }
    template <class Condition>
    void await(Condition holds)
    {
        for (int i = 0; i < kLooksMax && !holds(); ++i)
            test::runTask(m_context, async::sleepFor(kLook));
        QVERIFY(holds());
    }

private slots:
    void whatEndsIsStartedAgainUntilItEndsTooOften()
    {
        KeeperOptions options;
        options.restartsMax = 3;
        const auto kept = keeper("touch ready; while [ ! -e go ]; do sleep 0.01; done; exit 4", options);
        QVERIFY(test::runTask(m_context, kept->start()));
        QFile go(QString::fromStdString(m_folder.path() + "/go"));
        QVERIFY(go.open(QIODevice::WriteOnly));
        await([&] { return kept->health() == Health::GivenUp; });
        QCOMPARE(m_notices.count("sh ended with status 4, and is started again") +
                     m_notices.filter("did not start again").size(),
                 4);
        QCOMPARE(m_notices.last(), QString("sh ended too often, and is given up"));
        QCOMPARE(kept->pid(), -1);
        test::runTask(m_context, kept->stop());
    }

    void whatDoesNotListenIsKilled()
    {
        KeeperOptions options;
        options.stops = {{SIGTERM, std::chrono::milliseconds(50)}, {SIGINT, std::chrono::milliseconds(50)}};
        const auto kept = keeper("trap '' TERM INT; touch ready; while true; do sleep 0.01; done", options);
        QVERIFY(test::runTask(m_context, kept->start()));
        test::runTask(m_context, kept->stop());
        QCOMPARE(kept->health(), Health::Stopped);
        QCOMPARE(kept->pid(), -1);
    }

    void aKeeperThatGoesTakesItsChildAlong()
    {
        auto kept = keeper("touch ready; exec sleep 1000");
        QVERIFY(test::runTask(m_context, kept->start()));
        const pid_t pid = kept->pid();
        QCOMPARE(::kill(pid, 0), 0);
        kept.reset();
        QCOMPARE(::kill(pid, 0), -1);
        m_context.restart();
        m_context.run(); // nothing of it is left to wait
    }

    void aProgramThatIsNotThereIsNotFound()
    {
        Program program = Shell::program(m_folder.path(), "");
        program.path = "/no/such/program";
        QCOMPARE(Child::start(program).error().code, ErrorCode::NotFound);
        program.path = m_folder.path(); // a folder
        QCOMPARE(Child::start(program).error().code, ErrorCode::Forbidden);
        program = Shell::program("/no/such/folder", "");
        program.log = m_folder.path() + "/log";
        QCOMPARE(Child::start(program).error().code, ErrorCode::NotFound);
    }

    void aChildHasNothingOfOurs()
    {
        ::setenv("VOELGOED_SECRET", "x", 1);
        const int leaked = ::dup(0);
        auto child = *Child::start(Shell::program(m_folder.path(), "env; ls /proc/self/fd | wc -l; exit 3"));
        const auto ended = child.waitFor(std::chrono::seconds(30));
        ::close(leaked);
        QVERIFY(ended && ended->status == 3 && ended->signal == 0);
        QFile log(QString::fromStdString(m_folder.path() + "/log"));
        QVERIFY(log.open(QIODevice::ReadOnly));
        const QByteArray said = log.readAll();
        QVERIFY2(!said.contains("VOELGOED_SECRET"), said);
        // Its three, and the one with which ls reads the folder.
        QVERIFY2(said.endsWith("\n4\n"), said);
    }
};

QTEST_APPLESS_MAIN(KeeperTest)
#include "keeper_test.moc"
