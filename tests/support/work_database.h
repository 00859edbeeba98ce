#pragma once

#include "server/platform/pg/migrate.h"
#include "server/platform/work/migrations.h"
#include "tests/support/run_task.h"
#include "tests/support/services.h"

#include <string>

namespace voelgoed::test {

/// A fresh database with the platform's own tables.
class WorkDatabase
{
public:
    explicit WorkDatabase(Postgres &postgres) : m_postgres(postgres), m_name(postgres.freshDatabase())
    {
        boost::asio::io_context context;
        const auto done = runTask(context, migrated(postgres.url("vg_owner", m_name)));
        base::ensure(bool(done), done ? "" : done.error().message.c_str());
    }

    const std::string &name() const { return m_name; }
    std::string url() const { return m_postgres.url("vg_app", m_name); }
    /// As the superuser, whom row security does not bind.
    std::string execute(const std::string &sql) const { return m_postgres.execute(sql, m_name); }

private:
    static async::Task<base::Result<void>> migrated(std::string url)
    {
        const auto done = co_await pg::migrate(std::move(url), work::migrations());
        co_return done ? base::Result<void>() : done.error();
    }

    Postgres &m_postgres;
    std::string m_name;
};

inline base::Uuid uuidOf(unsigned char number)
{
    base::Uuid uuid{};
    uuid.back() = std::byte{number};
    return uuid;
}

} // namespace voelgoed::test
