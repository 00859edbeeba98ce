#include "server/platform/pg/migrate.h"

#include "server/platform/pg/connection.h"
#include "server/platform/pg/sql_state.h"
#include "shared/base/crypto/digest.h"

#include <algorithm>
#include <map>
#include <set>

namespace voelgoed::pg {

using base::Error;
using base::ErrorCode;
using base::Result;

namespace {

constexpr base::Milliseconds kStatementMax = std::chrono::minutes(10);

// Servers that migrate at once wait for each other here.
constexpr Sql kLock{"SELECT pg_catalog.pg_advisory_lock(7205759403792794)"};

constexpr const char *kTable = R"(
CREATE SCHEMA IF NOT EXISTS platform;
CREATE TABLE IF NOT EXISTS platform.migrations (
    slice text NOT NULL,
    number integer NOT NULL,
    name text NOT NULL,
    sha256 bytea NOT NULL,
    run_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (slice, number)
);
)";

constexpr Sql kRecorded{"SELECT slice, number, name, sha256 FROM platform.migrations ORDER BY slice, number"};
constexpr Sql kRecordedForAll{"SELECT slice, number, name, sha256 FROM app.migrated()"};
constexpr Sql kRecord{"INSERT INTO platform.migrations (slice, number, name, sha256) VALUES ($1, $2, $3, $4)"};

// What waits for a lock holds up everybody behind it; better to fail, and be started again.
constexpr const char *kBegin = "BEGIN; SET LOCAL lock_timeout = '30s';";

struct Recorded
{
    std::string slice;
    int number = 0;
    std::string name;
    base::Bytes digest;
};

base::Bytes digestOf(const Migration &migration)
{
    const base::Digest digest = base::sha256(base::bytesOf(migration.sql));
    return {digest.begin(), digest.end()};
}

async::Task<Result<std::unique_ptr<Connection>>> opened(std::string url)
{
    const auto executor = co_await boost::asio::this_coro::executor;
    const ConnectOptions options{
        .url = std::move(url), .applicationName = "voelgoed-migrations", .statementMax = kStatementMax};
    co_return co_await Connection::open(executor, options);
}

async::Task<Result<Rows>> ask(Connection &connection, Sql sql, Params params = {})
{
    std::vector<Statement> statements(1, {.text = sql.text, .params = &params});
    Answers answers = co_await connection.run(std::move(statements));
    if (!answers.isWhole())
        co_return answers.failure();
    co_return std::move(answers.rows.front());
}

async::Task<Result<std::vector<Recorded>>> readRecorded(Connection &connection, Sql sql)
{
    const auto rows = co_await ask(connection, sql);
    if (!rows)
        co_return rows.error();
    std::vector<Recorded> recorded;
    for (const auto row : *rows)
        recorded.push_back(
            {row.get<std::string>(0), row.get<std::int32_t>(1), row.get<std::string>(2), row.get<base::Bytes>(3)});
    co_return recorded;
}

/// What there is to do, or why nothing is done.
struct Plan
{
    std::vector<Migration> run;
    std::vector<std::string> newer;
};

Result<Plan> planFrom(const std::vector<Recorded> &recorded, const std::vector<Migration> &wanted)
{
    Plan plan;
    std::map<std::string, int> last; // of a slice, that was run
    std::set<std::pair<std::string, int>> were;
    for (const Recorded &row : recorded) {
        last[row.slice] = std::max(last[row.slice], row.number);
        were.emplace(row.slice, row.number);
        const auto ours = std::find_if(wanted.begin(), wanted.end(), [&](const Migration &migration) {
            return migration.slice == row.slice && migration.number == row.number;
        });
        if (ours == wanted.end())
            plan.newer.push_back(Migration{row.slice, row.number, row.name, {}}.text());
        else if (row.digest != digestOf(*ours) || row.name != ours->name)
            return base::corrupt("the migration " + ours->text() + " is not what was run as " +
                                     Migration{row.slice, row.number, row.name, {}}.text(),
                                 "this build and its database do not belong together");
    }
    std::map<std::string_view, int> expected;
    for (const Migration &migration : wanted) {
        base::ensure(migration.number == ++expected[migration.slice], "migrations of a slice have no gaps");
        const std::string slice(migration.slice);
        if (were.contains({slice, migration.number}))
            continue;
        if (const auto found = last.find(slice); found != last.end() && migration.number < found->second)
            return Error{ErrorCode::Conflict,
                         "the migration " + migration.text() + " was left out, and later ones were run",
                         "the database was not migrated by this program"};
        plan.run.push_back(migration);
    }
    return plan;
}

/// A database that nobody has ever migrated: no such schema, or no such function.
bool isMissing(const Error &error)
{
    const auto state = SqlState::of(error);
    return state && (state->code == "3F000" || state->code == "42883");
}

async::Task<Result<void>> runOne(Connection &connection, Migration migration)
{
    auto done = co_await connection.script(kBegin);
    if (done)
        done = co_await connection.script(std::string(migration.sql));
    if (done && !connection.isInTransaction())
        co_return Error{ErrorCode::Internal, migration.text() + ": ends the transaction that it runs in", {}};
    if (done) {
        const auto recorded = co_await ask(connection, kRecord,
                                           Params::of(migration.slice, static_cast<std::int32_t>(migration.number),
                                                      migration.name, digestOf(migration)));
        if (!recorded)
            done = recorded.error();
    }
    if (done)
        done = co_await connection.script("COMMIT");
    else
        (void)co_await connection.script("ROLLBACK");
    if (!done)
        co_return done.error().at(migration.text());
    co_return Result<void>();
}

} // namespace

std::string Migration::text() const
{
    std::string digits = std::to_string(number);
    digits.insert(0, 4 - std::min<std::size_t>(4, digits.size()), '0');
    return std::string(slice) + "/" + digits + "_" + std::string(name);
}

async::Task<Result<Migrated>> migrate(std::string ownerUrl, std::vector<Migration> wanted)
{
    const auto connection = co_await opened(std::move(ownerUrl));
    if (!connection)
        co_return connection.error();
    if (const auto locked = co_await ask(**connection, kLock); !locked)
        co_return locked.error().at("waiting for another server that migrates");
    if (const auto made = co_await (*connection)->script(kTable); !made)
        co_return made.error().at("platform.migrations");
    const auto recorded = co_await readRecorded(**connection, kRecorded);
    if (!recorded)
        co_return recorded.error().at("platform.migrations");
    auto plan = planFrom(*recorded, wanted);
    if (!plan)
        co_return plan.error();
    Migrated migrated{.run = {}, .newer = std::move(plan->newer)};
    for (const Migration &migration : plan->run) {
        if (const auto done = co_await runOne(**connection, migration); !done)
            co_return done.error();
        migrated.run.push_back(migration.text());
    }
    co_return migrated; // the lock goes with the connection
}

async::Task<Result<void>> checkMigrated(std::string url, std::vector<Migration> wanted)
{
    const auto connection = co_await opened(std::move(url));
    if (!connection)
        co_return connection.error();
    auto recorded = co_await readRecorded(**connection, kRecordedForAll);
    if (!recorded && !isMissing(recorded.error()))
        co_return recorded.error().at("app.migrated()");
    const auto plan = planFrom(recorded ? *recorded : std::vector<Recorded>(), wanted);
    if (!plan)
        co_return plan.error();
    if (!plan->run.empty())
        co_return Error{
            ErrorCode::Conflict,
            "the database has not been migrated: " + plan->run.front().text() +
                (plan->run.size() == 1 ? std::string() : " and " + std::to_string(plan->run.size() - 1) + " more"),
            "Start one server with --pg-owner, which migrates; or give it to all of them."};
    co_return Result<void>();
}

} // namespace voelgoed::pg
