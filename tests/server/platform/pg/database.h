#pragma once

#include "server/platform/pg/pool.h"
#include "tests/support/run_task.h"
#include "tests/support/services.h"

#include <boost/asio/io_context.hpp>

#include <memory>

/// A fresh database with one tenant table, and a pool that is the server's, for the tests of this folder.
namespace voelgoed::test {

inline constexpr const char *kNotes = R"(
SET ROLE vg_owner;
CREATE SCHEMA notes;
GRANT USAGE ON SCHEMA notes TO vg_app;
CREATE TABLE notes.notes (
    organization_id uuid NOT NULL,
    id bigint NOT NULL,
    text text NOT NULL,
    follows bigint,
    CONSTRAINT notes_key PRIMARY KEY (organization_id, id),
    CONSTRAINT notes_text UNIQUE (organization_id, text),
    CONSTRAINT notes_not_empty CHECK (text <> ''),
    CONSTRAINT notes_follows FOREIGN KEY (organization_id, follows) REFERENCES notes.notes DEFERRABLE INITIALLY DEFERRED
);
SELECT app.protect('notes.notes');
)";

class Database
{
public:
    explicit Database(Postgres &postgres) : m_postgres(postgres), m_name(postgres.freshDatabase())
    {
        postgres.execute(kNotes, m_name);
    }

    pg::PoolOptions options(std::size_t connections = 4) const
    {
        return {.url = m_postgres.url("vg_app", m_name), .connections = connections, .provedEvery = 1};
    }
    std::string execute(const std::string &sql) const { return m_postgres.execute(sql, m_name); }
    const std::string &name() const { return m_name; }

private:
    Postgres &m_postgres;
    std::string m_name;
};

inline base::Uuid organization(unsigned char number)
{
    base::Uuid uuid{};
    uuid.back() = std::byte{number};
    return uuid;
}

} // namespace voelgoed::test
