#include "tests/server/platform/pg/database.h"

#include <QtTest/QtTest>

#include <cmath>
#include <functional>
#include <limits>

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace voelgoed;
using base::Bytes;
using base::Instant;
using base::Uuid;
using pg::Jsonb;
using pg::Params;
using pg::Sql;

namespace {

using Check = std::function<bool(pg::Pool &, boost::asio::io_context &)>;

template <class T>
using Nullable = std::optional<T>;

template <class T>
bool same(const T &a, const T &b)
{
    if constexpr (std::is_same_v<T, double>)
        return a == b ? std::signbit(a) == std::signbit(b) : std::isnan(a) && std::isnan(b);
    else
        return a == b;
}

/// Sends the value there and back, and compares it with what is expected of it.
template <class T>
Check roundTrip(Sql sql, T value, T expected)
{
    return [=](pg::Pool &pool, boost::asio::io_context &context) {
        const auto rows = test::runTask(context, pool.once(pg::Scope::nobody(), sql, Params::of(value)));
        if (!rows)
            qWarning("%s", rows.error().message.c_str());
        return rows && rows->size() == 1 && same(rows->front().template get<T>(0), expected);
    };
}

template <class T>
Check roundTrip(Sql sql, T value)
{
    return roundTrip<T>(sql, value, value);
}

/// What an abort says, in a process of its own.
std::string lastWords(const std::function<void()> &bug)
{
    int pipe[2];
    if (::pipe(pipe) != 0)
        return {};
    const pid_t child = ::fork();
    if (child == 0) {
        ::signal(SIGABRT, SIG_DFL);
        ::dup2(pipe[1], 2);
        bug();
        ::_exit(0);
    }
    ::close(pipe[1]);
    std::string said(4096, '\0');
    std::size_t size = 0;
    for (ssize_t got = 0; (got = ::read(pipe[0], said.data() + size, said.size() - size)) > 0;)
        size += static_cast<std::size_t>(got);
    ::close(pipe[0]);
    int status = 0;
    ::waitpid(child, &status, 0);
    said.resize(size);
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT ? said : std::string();
}

Bytes everyByte()
{
    Bytes bytes;
    for (int i = 0; i < 256; ++i)
        bytes.push_back(static_cast<std::byte>(i));
    return bytes;
}

Uuid someUuid()
{
    return *base::uuidFrom("018f3c52-7b1e-7cc0-9d3a-2f1f5b7a9c01");
}

} // namespace

Q_DECLARE_METATYPE(Check)

class ValuesTest : public QObject
{
    Q_OBJECT

private:
    std::unique_ptr<test::Postgres> m_postgres;
    std::unique_ptr<test::Database> m_database;
    boost::asio::io_context m_context;
    std::unique_ptr<pg::Pool> m_pool;

    pg::Rows ask(Sql sql, Params params = {})
    {
        auto rows = test::runTask(m_context, m_pool->once(pg::Scope::nobody(), sql, std::move(params)));
        base::ensure(static_cast<bool>(rows), rows ? "" : rows.error().message.c_str());
        return *std::move(rows);
    }

private slots:
    void initTestCase()
    {
        m_postgres = std::make_unique<test::Postgres>();
        m_database = std::make_unique<test::Database>(*m_postgres);
        m_database->execute("CREATE TYPE public.mood AS ENUM ('glad', 'sad')");
        m_pool = std::make_unique<pg::Pool>(m_context.get_executor(), m_database->options());
    }

    void aValueComesBackAsItWent_data()
    {
        QTest::addColumn<Check>("check");
        const auto row = [](const char *name, Check check) { QTest::newRow(name) << std::move(check); };

        row("true", roundTrip("SELECT $1", true));
        row("false", roundTrip("SELECT $1", false));
        row("no boolean", roundTrip("SELECT $1", Nullable<bool>()));
        row("smallest smallint", roundTrip("SELECT $1", std::numeric_limits<std::int16_t>::min()));
        row("largest smallint", roundTrip("SELECT $1", std::numeric_limits<std::int16_t>::max()));
        row("no smallint", roundTrip("SELECT $1", Nullable<std::int16_t>()));
        row("smallest integer", roundTrip("SELECT $1", std::numeric_limits<std::int32_t>::min()));
        row("largest integer", roundTrip("SELECT $1", std::numeric_limits<std::int32_t>::max()));
        row("an integer that could be none", roundTrip("SELECT $1", Nullable<std::int32_t>(-1)));
        row("no integer", roundTrip("SELECT $1", Nullable<std::int32_t>()));
        row("smallest bigint", roundTrip("SELECT $1", std::numeric_limits<std::int64_t>::min()));
        row("largest bigint", roundTrip("SELECT $1", std::numeric_limits<std::int64_t>::max()));
        row("no bigint", roundTrip("SELECT $1", Nullable<std::int64_t>()));
        row("zero", roundTrip("SELECT $1", 0.0));
        row("minus zero", roundTrip("SELECT $1", -0.0));
        row("smallest double", roundTrip("SELECT $1", std::numeric_limits<double>::denorm_min()));
        row("largest double", roundTrip("SELECT $1", std::numeric_limits<double>::max()));
        row("infinite double", roundTrip("SELECT $1", -std::numeric_limits<double>::infinity()));
        row("not a number", roundTrip("SELECT $1", std::numeric_limits<double>::quiet_NaN()));
        row("no double", roundTrip("SELECT $1", Nullable<double>()));
        row("empty text", roundTrip("SELECT $1", std::string()));
        row("a text with everything", roundTrip("SELECT $1", std::string("'\"\\;--\n\t\x01 $1 ž 😀")));
        row("a text of a million", roundTrip("SELECT $1", std::string(1'000'000, 'x')));
        row("no text", roundTrip("SELECT $1", Nullable<std::string>()));
        row("text as varchar", roundTrip("SELECT $1::varchar", std::string("x")));
        row("text as an enum", roundTrip("SELECT $1::public.mood", std::string("sad")));
        row("no bytes", roundTrip("SELECT $1", Nullable<Bytes>()));
        row("empty bytes", roundTrip("SELECT $1", Bytes()));
        row("every byte", roundTrip("SELECT $1", everyByte()));
        row("uuid", roundTrip("SELECT $1", someUuid()));
        row("nil uuid", roundTrip("SELECT $1", Uuid{}));
        row("no uuid", roundTrip("SELECT $1", Nullable<Uuid>()));
        row("1970", roundTrip("SELECT $1", Instant{}));
        row("a moment with milliseconds", roundTrip("SELECT $1", base::instantFromMillis(1'733'396'400'123)));
        row("before 1970", roundTrip("SELECT $1", base::instantFromMillis(-1)));
        row("the first that we write", roundTrip("SELECT $1", base::kFirst));
        row("the last that we write", roundTrip("SELECT $1", base::kLatest));
        row("the end of time", roundTrip("SELECT $1", Instant::max()));
        row("the beginning of time", roundTrip("SELECT $1", Instant::min()));
        row("later than PostgreSQL's years",
            roundTrip("SELECT $1", Instant::max() - base::Milliseconds(1), Instant::max()));
        row("no moment", roundTrip("SELECT $1", Nullable<Instant>()));
        row("jsonb", roundTrip("SELECT $1", Jsonb{R"({"a": [1, null, "\u0001"]})"}));
        row("no jsonb", roundTrip("SELECT $1", Nullable<Jsonb>()));

        row("empty booleans", roundTrip("SELECT $1", std::vector<bool>()));
        row("booleans", roundTrip("SELECT $1", std::vector<bool>{true, false, true}));
        row("smallints", roundTrip("SELECT $1", std::vector<std::int16_t>{-32'768, 0, 32'767}));
        row("integers", roundTrip("SELECT $1", std::vector<std::int32_t>{1, -1}));
        row("integers with none", roundTrip("SELECT $1", std::vector<Nullable<std::int32_t>>{1, {}, 3}));
        row("only none", roundTrip("SELECT $1", std::vector<Nullable<std::int32_t>>{{}, {}}));
        row("empty, could have none", roundTrip("SELECT $1", std::vector<Nullable<std::int64_t>>()));
        row("bigints", roundTrip("SELECT $1", std::vector<std::int64_t>{std::numeric_limits<std::int64_t>::min(), 7}));
        row("doubles", roundTrip("SELECT $1", std::vector<double>{-0.5, 1e300}));
        row("texts", roundTrip("SELECT $1", std::vector<std::string>{"", "{,}\"", "NULL"}));
        row("texts with none", roundTrip("SELECT $1", std::vector<Nullable<std::string>>{"NULL", {}}));
        row("lists of bytes", roundTrip("SELECT $1", std::vector<Bytes>{everyByte(), {}}));
        row("uuids", roundTrip("SELECT $1", std::vector<Uuid>{someUuid(), {}}));
        row("moments", roundTrip("SELECT $1", std::vector<Instant>{base::kFirst, Instant::max()}));
        row("moments with none", roundTrip("SELECT $1", std::vector<Nullable<Instant>>{{}, Instant{}}));
        row("jsonbs", roundTrip("SELECT $1", std::vector<Jsonb>{{"1"}, {"null"}}));
        row("no array", roundTrip("SELECT $1", Nullable<std::vector<std::string>>()));
        row("an array that could be none", roundTrip("SELECT $1", Nullable<std::vector<std::string>>({"x"})));
    }
    void aValueComesBackAsItWent()
    {
        QFETCH(Check, check);
        QVERIFY(check(*m_pool, m_context));
    }

    void momentsAreCutToTheMillisecondBefore()
    {
        const auto rows =
            ask("SELECT '2026-01-01 00:00:00.123999Z'::timestamptz, '1999-12-31 23:59:59.999999Z'::timestamptz");
        QCOMPARE(base::formatInstant(rows[0].get<Instant>(0)), std::string("2026-01-01T00:00:00.123Z"));
        QCOMPARE(base::formatInstant(rows[0].get<Instant>(1)), std::string("1999-12-31T23:59:59.999Z"));
    }

    void viewsBorrowFromTheRows()
    {
        const auto rows = ask("SELECT 'text', '\\x0102'::bytea, pg_catalog.pg_current_xact_id()");
        QCOMPARE(rows.front().get<std::string_view>(0), std::string_view("text"));
        QCOMPARE(rows.front().get<base::ByteView>(1).size(), std::size_t{2});
        QVERIFY(rows.front().get<std::int64_t>(2) > 0);
    }

    void rowsAreCountedAndWalked()
    {
        const auto rows = ask("SELECT n, nullif(n, 2) FROM pg_catalog.generate_series(1, 3) n");
        QCOMPARE(rows.size(), std::size_t{3});
        int sum = 0;
        for (const auto row : rows)
            sum += row.get<std::int32_t>(0);
        QCOMPARE(sum, 6);
        QVERIFY(rows.isNull(1, 1) && !rows.isNull(2, 1));
        QVERIFY(pg::Rows().empty());
    }

    void aBugInReadingEndsTheProgramWithTheColumnsName_data()
    {
        QTest::addColumn<QString>("said");
        QTest::addColumn<int>("which");
        QTest::newRow("another type") << "column amount: read as another type" << 0;
        QTest::newRow("null where none may be") << "column missing: null" << 1;
        QTest::newRow("another array") << "column list: read as another type" << 2;
        QTest::newRow("a null in an array") << "column list: an array with a null" << 3;
        QTest::newRow("no such row") << "a row that is not there" << 4;
        QTest::newRow("no such column") << "a column that is not there" << 5;
        QTest::newRow("a null of another type") << "column missing: read as another type" << 6;
    }
    void aBugInReadingEndsTheProgramWithTheColumnsName()
    {
        QFETCH(QString, said);
        QFETCH(int, which);
        const auto rows = ask("SELECT 1 AS amount, null::text AS missing, ARRAY[1, null] AS list");
        const std::string words = lastWords([&] {
            switch (which) {
            case 0:
                (void)rows.get<std::int64_t>(0, 0);
                break;
            case 1:
                (void)rows.get<std::string>(0, 1);
                break;
            case 2:
                (void)rows.get<std::vector<std::string>>(0, 2);
                break;
            case 3:
                (void)rows.get<std::vector<std::int32_t>>(0, 2);
                break;
            case 4:
                (void)rows.get<std::int32_t>(1, 0);
                break;
            case 5:
                (void)rows.get<std::int32_t>(0, 3);
                break;
            default:
                (void)rows.get<std::optional<std::int32_t>>(0, 1);
            }
        });
        QVERIFY2(QString::fromStdString(words).contains(said), words.c_str());
    }

    void oneStatementMayBeCalledWithOtherTypes()
    {
        static constexpr Sql kSql{"SELECT $1::text"};
        QCOMPARE(ask(kSql, Params::of(std::int32_t{7})).front().get<std::string>(0), std::string("7"));
        QCOMPARE(ask(kSql, Params::of(std::int64_t{8})).front().get<std::string>(0), std::string("8"));
        QCOMPARE(ask(kSql, Params::of("nine")).front().get<std::string>(0), std::string("nine"));
    }

    void aHundredThousandRowsGoInOneStatement()
    {
        std::vector<std::int64_t> numbers;
        std::vector<std::string> texts;
        for (int i = 0; i < 100'000; ++i) {
            numbers.push_back(i);
            texts.push_back("guest " + std::to_string(i));
        }
        const auto rows =
            ask("SELECT count(*), sum(n)::bigint, max(t) FROM unnest($1::bigint[], $2::text[]) AS u(n, t)",
                Params::of(numbers, texts));
        QCOMPARE(rows.front().get<std::int64_t>(0), std::int64_t{100'000});
        QCOMPARE(rows.front().get<std::int64_t>(1), std::int64_t{4'999'950'000});
        QCOMPARE(rows.front().get<std::string>(2), std::string("guest 99999"));
    }
};

QTEST_APPLESS_MAIN(ValuesTest)
#include "values_test.moc"
