#include "server/platform/pg/migrate.h"

#include "server/platform/pg/connection.h"

#include <algorithm>

namespace voelgoed::pg {

using base::Result;

namespace {

constexpr base::Milliseconds kStatementMax = std::chrono::minutes(2);

// vg_owner is a member of vg_ops only to be able to give functions to it.
constexpr std::string_view kRoles = R"(
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'vg_owner') THEN
        CREATE ROLE vg_owner LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'vg_app') THEN
        CREATE ROLE vg_app LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'vg_ops') THEN
        CREATE ROLE vg_ops NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE BYPASSRLS;
    END IF;
    IF NOT pg_catalog.pg_has_role('vg_owner', 'vg_ops', 'member') THEN
        GRANT vg_ops TO vg_owner;
    END IF;
END $$;
)";

constexpr Sql kLock{"SELECT pg_catalog.pg_advisory_lock(7205759403792793)"};
constexpr Sql kIsThere{"SELECT FROM pg_catalog.pg_database WHERE datname = $1"};

bool isPlainName(const std::string &name)
{
    return !name.empty() && name.size() <= 63 && std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || c == '_' || (c >= '0' && c <= '9');
    });
}

async::Task<Result<Rows>> ask(Connection &connection, Sql sql, Params params = {})
{
    std::vector<Statement> statements(1, {.text = sql.text, .params = &params});
    Answers answers = co_await connection.run(std::move(statements));
    if (!answers.isWhole())
        co_return answers.failure();
    co_return std::move(answers.rows.front());
}

} // namespace

std::string_view rolesSql()
{
    return kRoles;
}

async::Task<Result<void>> makeDatabase(std::string adminUrl, std::string database)
{
    if (!isPlainName(database))
        co_return base::invalid("a database is named by small letters, digits and _");
    const auto executor = co_await boost::asio::this_coro::executor;
    const ConnectOptions options{
        .url = std::move(adminUrl), .applicationName = "voelgoed-setup", .statementMax = kStatementMax};
    const auto connection = co_await Connection::open(executor, options);
    if (!connection)
        co_return connection.error();
    if (const auto locked = co_await ask(**connection, kLock); !locked)
        co_return locked.error();
    if (const auto made = co_await (*connection)->script(std::string(kRoles)); !made)
        co_return made.error().at("making the roles");
    const auto there = co_await ask(**connection, kIsThere, Params::of(database));
    if (!there)
        co_return there.error();
    const std::string quoted = "\"" + database + "\"";
    std::vector<std::string> steps;
    if (there->empty())
        steps.push_back("CREATE DATABASE " + quoted +
                        " OWNER vg_owner TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C.UTF-8'");
    steps.push_back("REVOKE ALL ON DATABASE " + quoted + " FROM PUBLIC");
    steps.push_back("GRANT CONNECT ON DATABASE " + quoted + " TO vg_app");
    for (const std::string &step : steps) {
        if (const auto done = co_await (*connection)->script(step); !done)
            co_return done.error().at("making the database");
    }
    co_return Result<void>();
}

} // namespace voelgoed::pg
