#include "server/platform/log/log.h"

#include "server/platform/log/sinks.h"
#include "shared/base/json.h"
#include "tests/support/hand_clock.h"

#include <QtTest/QtTest>

#include <fstream>
#include <limits>
#include <mutex>
#include <thread>

using namespace voelgoed;
using namespace std::chrono_literals;
using log::Level;
using log::Log;

namespace {

class Kept final : public log::Sink
{
public:
    std::vector<log::Entry> entries;

    void write(const log::Entry &entry) noexcept override
    {
        const std::lock_guard lock(m_mutex);
        entries.push_back(entry);
    }

private:
    std::mutex m_mutex;
};

QStringList linesOf(const QString &path)
{
    QFile file(path);
    base::ensure(file.open(QIODevice::ReadOnly), "no log");
    auto lines = QString::fromUtf8(file.readAll()).split('\n');
    lines.removeLast();
    return lines;
}

} // namespace

class LogTest : public QObject
{
    Q_OBJECT

private slots:
    void init() { m_sink.entries.clear(); }

    void aLineHasItsCategoryLevelMessageAndFacts()
    {
        const Log log = Log(m_sink, m_clock).of("pg").with({{"request", "r1"}});
        log.warning("slow statement", {{"took_ms", 250}, {"rows", std::size_t{3}}, {"share", 0.5}, {"cached", false}});
        QCOMPARE(m_sink.entries.size(), 1U);
        const log::Entry &entry = m_sink.entries[0];
        QCOMPARE(
            log::jsonLine(entry),
            std::string(R"({"at":"2026-12-05T18:00:00Z","level":"warning","category":"pg","message":"slow statement",)"
                        R"("request":"r1","took_ms":250,"rows":3,"share":5E-1,"cached":false})"));
        QCOMPARE(log::readableLine(entry),
                 std::string("18:00:00.000 warning pg         slow statement  request=r1  took_ms=250"
                             "  rows=3  share=5E-1  cached=false"));
    }

    void aCopyForAnotherCategoryLeavesTheFirstAlone()
    {
        const Log log(m_sink, m_clock);
        const Log other = log.of("redis").with({{"request", "r1"}});
        log.info("one");
        other.info("two");
        QCOMPARE(m_sink.entries[0].category, std::string("server"));
        QVERIFY(m_sink.entries[0].facts.empty());
        QCOMPARE(m_sink.entries[1].category, std::string("redis"));
    }

    void levelsBelowTheFirstAreSilent()
    {
        const Log log(m_sink, m_clock, {.from = Level::Warning});
        log.debug("a");
        log.info("b");
        log.warning("c");
        log.error("d");
        QCOMPARE(m_sink.entries.size(), 2U);
        QVERIFY(!log.speaks(Level::Info) && log.speaks(Level::Error));
        Log::silent().error("nobody hears this");
        QVERIFY(!Log::silent().speaks(Level::Error));
    }

    void aFailureBringsItsCodeAndItsText()
    {
        Log(m_sink, m_clock).failure("cannot connect", {base::ErrorCode::Unavailable, "redis: refused", "hint"});
        const std::string line = log::jsonLine(m_sink.entries[0]);
        QVERIFY(line.find(R"("failure":"unavailable","failure_text":"redis: refused")") != std::string::npos);
    }

    void secretsAreMaskedWhereverTheyStand()
    {
        const Log log = Log(m_sink, m_clock).with({{"email", "anna@example.org"}});
        log.info("sent to anna@example.org", {{"seen", "Bearer hunter2"}});
        log.failure("x", base::invalid("no user anna@example.org"));
        for (const log::Entry &entry : m_sink.entries) {
            const std::string line = log::jsonLine(entry) + log::readableLine(entry);
            QVERIFY(line.find("anna") == std::string::npos && line.find("hunter2") == std::string::npos);
        }
    }

    void repetitionIsLeftOutAndCounted()
    {
        const Log log(m_sink, m_clock, {.repeatMax = 3, .repeatPeriod = 10s});
        for (int i = 0; i < 100; ++i)
            log.info("again", {{"i", i}});
        log.info("another");
        log.warning("again");
        log.of("pg").info("again");
        QCOMPARE(m_sink.entries.size(), 6U);
        m_clock.pass(10s);
        log.info("again");
        QCOMPARE(m_sink.entries.back().facts.back().key, std::string("left_out"));
        QVERIFY(m_sink.entries.back().facts.back().value == log::Fact::Value(std::int64_t{97}));
        log.info("again");
        QVERIFY(m_sink.entries.back().facts.empty());
    }

    void messagesWithoutEndDoNotFillTheMemoryAndAreLimitedTogether()
    {
        const Log log(m_sink, m_clock, {.repeatMax = 3, .repeatPeriod = 10s});
        for (int i = 0; i < 5'000; ++i)
            log.info("message " + std::to_string(i));
        QCOMPARE(m_sink.entries.size(), 1'003U);
    }

    void aFactNeverTakesTheNameOfAnother()
    {
        Log(m_sink, m_clock).info("real", {{"message", "false"}, {"level", "x"}, {"at", 1}});
        const auto json = base::parseJson(log::jsonLine(m_sink.entries[0]));
        QVERIFY(json);
        QCOMPARE(std::string(json->as_object().at("message").as_string()), std::string("real"));
        QCOMPARE(std::string(json->as_object().at("message_").as_string()), std::string("false"));
    }

    void whateverIsSaidIsOneLineOfJson()
    {
        const std::string hostile = "a\nb\r\x1b[2J\"\\\xff\xe2\x80\xae";
        Log(m_sink, m_clock).info(hostile, {{hostile, hostile}, {"nan", std::numeric_limits<double>::quiet_NaN()}});
        const std::string line = log::jsonLine(m_sink.entries[0]);
        QVERIFY(base::parseJson(line));
        QCOMPARE(line.find('\n'), std::string::npos);
        const std::string readable = log::readableLine(m_sink.entries[0]);
        QCOMPARE(readable.find_first_of("\n\r\x1b"), std::string::npos);
    }

    void aClockThatThrowsCostsTheLineAlone()
    {
        struct Broken final : base::Clock
        {
            base::ClockReading now() override { throw std::runtime_error("broken"); }
        } broken;
        Log(m_sink, broken).error("x");
        QVERIFY(m_sink.entries.empty());
    }

    void manyThreadsMaySpeak()
    {
        const Log log(m_sink, m_clock, {.repeatMax = 1'000'000});
        std::vector<std::thread> threads;
        for (int i = 0; i < 4; ++i)
            threads.emplace_back([&log, i] {
                for (int n = 0; n < 2'000; ++n)
                    log.of("t" + std::to_string(i)).info("line", {{"n", n}});
            });
        for (std::thread &thread : threads)
            thread.join();
        QCOMPARE(m_sink.entries.size(), 8'000U);
    }

    void aFileGetsEveryLineAndIsTurnedOver_data()
    {
        QTest::addColumn<int>("writing");
        QTest::newRow("now") << int(log::SinkOptions::Writing::Now);
        QTest::newRow("behind") << int(log::SinkOptions::Writing::Behind);
    }

    void aFileGetsEveryLineAndIsTurnedOver()
    {
        QFETCH(int, writing);
        const QTemporaryDir folder;
        const std::string path = folder.filePath("server.log").toStdString();
        {
            auto sink = log::openSink(
                {.writing = log::SinkOptions::Writing(writing), .path = path, .fileMax = 20'000, .filesMax = 3});
            QVERIFY(sink);
            const Log log(**sink, m_clock, {.repeatMax = 1'000});
            for (int i = 0; i < 400; ++i)
                log.info("line", {{"i", i}});
        }
        QStringList lines;
        const QStringList files = QDir(folder.path()).entryList(QDir::Files, QDir::Time | QDir::Reversed);
        QVERIFY(files.size() >= 2 && files.size() <= 4);
        for (const QString &file : {QString("server.2.log"), QString("server.1.log"), QString("server.log")}) {
            if (QFile::exists(folder.filePath(file)))
                lines += linesOf(folder.filePath(file));
        }
        QCOMPARE(lines.size(), 400);
        for (int i = 0; i < lines.size(); ++i)
            QCOMPARE(base::parseJson(lines[i].toStdString())->as_object().at("i").as_int64(), i);
    }

    void aFileThatCannotBeWrittenIsAFailure()
    {
        const auto sink = log::openSink({.path = "/proc/no/such/folder/server.log"});
        QCOMPARE(sink.error().code, base::ErrorCode::Unavailable);
    }

private:
    Kept m_sink;
    support::HandClock m_clock;
};

QTEST_APPLESS_MAIN(LogTest)
#include "log_test.moc"
