#include "server/platform/pg/stream.h"
#include "tests/server/platform/pg/database.h"

#include <QtTest/QtTest>

#include <fstream>

using namespace voelgoed;
using async::Task;
using base::Result;
using pg::Params;
using pg::Scope;
using pg::Sql;

namespace {

constexpr Sql kSeries{"SELECT n, 'a row with some text ' || n FROM pg_catalog.generate_series(1, $1::bigint) n"};
constexpr Sql kTexts{"SELECT text FROM notes.notes"};
constexpr Sql kInsert{"INSERT INTO notes.notes (organization_id, id, text) VALUES (app.org(), $1, $2)"};
constexpr std::size_t kMemoryMb = 16;

struct Seen
{
    std::int64_t rows = 0, sum = 0;
};

async::Task<Result<Seen>> readAll(pg::Pool &pool, std::int64_t rows)
{
    auto stream = co_await pg::Stream::open(pool, Scope::nobody(), kSeries, Params::of(rows));
    if (!stream)
        co_return stream.error();
    Seen seen;
    while (true) {
        const auto some = co_await stream->next();
        if (!some)
            co_return some.error();
        if (some->empty())
            co_return seen;
        for (const auto row : *some) {
            ++seen.rows;
            seen.sum += row.get<std::int64_t>(0);
        }
    }
}

std::size_t peakMemoryMb()
{
    std::ifstream in("/proc/self/status");
    for (std::string word; in >> word;) {
        std::size_t kilobytes = 0;
        if (word == "VmHWM:" && in >> kilobytes)
            return kilobytes / 1024;
    }
    return 0;
}

} // namespace

class StreamTest : public QObject
{
    Q_OBJECT

private:
    std::unique_ptr<test::Postgres> m_postgres;
    std::unique_ptr<test::Database> m_database;
    boost::asio::io_context m_context;
    std::unique_ptr<pg::Pool> m_pool;

private slots:
    void initTestCase()
    {
        m_postgres = std::make_unique<test::Postgres>();
        m_database = std::make_unique<test::Database>(*m_postgres);
        m_pool = std::make_unique<pg::Pool>(m_context.get_executor(), m_database->options(1));
    }
    void cleanupTestCase() { m_pool.reset(); }

    void everyRowComesOnce_data()
    {
        QTest::addColumn<qint64>("rows");
        for (const qint64 rows : {0, 1, 999, 1'000, 1'001, 5'000})
            QTest::addRow("%lld", static_cast<long long>(rows)) << rows;
    }
    void everyRowComesOnce()
    {
        QFETCH(qint64, rows);
        const auto seen = test::runTask(m_context, readAll(*m_pool, rows));
        QVERIFY2(seen, seen ? "" : seen.error().message.c_str());
        QCOMPARE(seen->rows, std::int64_t{rows});
        QCOMPARE(seen->sum, std::int64_t{rows * (rows + 1) / 2});
    }

    void aMillionRowsTakeLittleMemory()
    {
        QVERIFY(test::runTask(m_context, readAll(*m_pool, 10'000)));
        const std::size_t before = peakMemoryMb();
        const auto seen = test::runTask(m_context, readAll(*m_pool, 1'000'000));
        QCOMPARE(seen->rows, std::int64_t{1'000'000});
        const std::size_t after = peakMemoryMb();
        QVERIFY(before > 0);
#ifndef VOELGOED_SANITIZED // which keeps what was freed for a while
        QVERIFY2(after <= before + kMemoryMb, qPrintable(QString("%1 MB, then %2 MB").arg(before).arg(after)));
#endif
    }

    void aStreamSeesItsScopeAlone()
    {
        const Scope one = Scope::of(test::organization(1)), two = Scope::of(test::organization(2));
        for (const Scope &scope : {one, two})
            QVERIFY(test::runTask(m_context, m_pool->once(scope, kInsert, Params::of(std::int64_t{1}, "x"))));
        const auto size = [](pg::Pool &pool, Scope scope) -> Task<std::size_t> {
            auto stream = co_await pg::Stream::open(pool, scope, kTexts);
            const auto rows = co_await stream->next();
            co_return rows->size();
        };
        QCOMPARE(test::runTask(m_context, size(*m_pool, one)), std::size_t{1});
        QCOMPARE(test::runTask(m_context, size(*m_pool, Scope::nobody())), std::size_t{0});
    }

    void whoStopsEarlyLeavesNothingBehind()
    {
        const auto some = [](pg::Pool &pool) -> Task<void> {
            auto stream = co_await pg::Stream::open(pool, Scope::nobody(), kSeries, Params::of(std::int64_t{100'000}));
            (void)co_await stream->next();
        };
        for (int i = 0; i < 3; ++i)
            test::runTask(m_context, some(*m_pool));
        QVERIFY(test::runTask(m_context, readAll(*m_pool, 10)));
        QTRY_COMPARE_WITH_TIMEOUT(
            m_database->execute("SELECT count(*) FROM pg_stat_activity WHERE state LIKE 'idle in%'"), std::string("0"),
            30'000);
    }

    void aStatementThatFailsSaysSo()
    {
        const auto open = [](pg::Pool &pool) -> Task<Result<void>> {
            auto stream = co_await pg::Stream::open(pool, Scope::nobody(), Sql("SELECT 1 / 0"));
            co_return stream ? Result<void>() : stream.error();
        };
        QCOMPARE(test::runTask(m_context, open(*m_pool)).error().code, base::ErrorCode::Invalid);
    }
};

QTEST_APPLESS_MAIN(StreamTest)
#include "stream_test.moc"
