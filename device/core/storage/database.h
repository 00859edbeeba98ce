#pragma once

#include "shared/base/bytes.h"
#include "shared/base/result.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

/// The only door to SQLite. One connection a file, in exclusive mode: two connections to one write-ahead log can
/// corrupt it in the packaged version (before 3.51.3).
namespace voelgoed::storage {

class Database;

/// A prepared statement. Lives no longer than its database. Parameters and columns count from 1 and from 0, as in SQL.
/// Bound texts and bytes are borrowed until the statement has run, and have to be bound anew before it runs again.
class Statement
{
public:
    Statement(Statement &&) noexcept = default;
    Statement &operator=(Statement &&) noexcept = default;

    Statement &bind(int parameter, std::int64_t value);
    Statement &bind(int parameter, std::string_view text);
    Statement &bind(int parameter, base::ByteView bytes);
    Statement &bindNull(int parameter);

    /// The next row: true while there is one. After the last row, and after a failure, the statement is ready to be
    /// bound and stepped anew.
    base::Result<bool> step();
    /// For statements that give no rows.
    base::Result<void> run();
    /// Ends a reading early. A statement that is left in the middle of its rows keeps its transaction open.
    void reset();

    std::int64_t integer(int column) const;
    std::string_view text(int column) const; ///< valid until the next step or reset
    base::ByteView bytes(int column) const;  ///< valid until the next step or reset
    bool isNull(int column) const;

private:
    friend class Database;
    struct Finalize
    {
        void operator()(sqlite3_stmt *statement) const;
    };

    Statement(Database &database, sqlite3_stmt *statement) : m_database(&database), m_statement(statement) {}

    Database *m_database;
    std::unique_ptr<sqlite3_stmt, Finalize> m_statement;
};

struct OpenOptions
{
    std::string path;
    std::string vfs;                  ///< empty: the operating system's
    std::string synchronous = "FULL"; ///< anything else only in tests that must fail
    enum class Access {
        ReadWrite, ///< makes the file if it is not there
        Existing,  ///< the same, but fails if it is not there
        ReadOnly
    } access = Access::ReadWrite;
};

/// What to do about tables that are not there: a file that is opened anew must have them.
enum class Tables { Make, Expect };

/// An open file. Failures name the statement, never what was bound to it. Not movable: statements point at it. One
/// thread.
class Database
{
public:
    /// Opens or creates. Conflict when another program has it open; Corrupt when it is no database.
    static base::Result<std::unique_ptr<Database>> open(const OpenOptions &options);
    /// Leaves the write-ahead log where it is, unless the file was found sound and nothing failed since.
    ~Database();

    Database(const Database &) = delete;
    Database &operator=(const Database &) = delete;

    base::Result<Statement> prepare(std::string_view sql);
    /// Runs one or several statements without parameters.
    base::Result<void> execute(const std::string &sql);

    /// Whether a write, a sync or an allocation failed on this handle. It must then be closed and opened again: what it
    /// believes to be on the disk may not be there.
    bool isBroken() const { return m_broken; }

    /// SQLite's own look at every page. Corrupt says what it found first.
    base::Result<void> checkPages();
    /// The file holds what it should: from now on, closing it moves the log into it. Until somebody has said so,
    /// closing changes nothing, so that the log of another file is never written into this one.
    void foundSound() { m_sound = true; }

    /// Moves the write-ahead log into the file and starts it anew. Afterwards everything committed is in the file.
    base::Result<void> checkpoint();
    /// Pages in the write-ahead log since the last checkpoint.
    int logPages() const { return m_logPages; }

private:
    friend class Statement;
    friend class Transaction;

    explicit Database(sqlite3 *handle) : m_handle(handle) {}
    base::Error failure(int code, std::string_view doing);
    base::Result<void> configure(const OpenOptions &options);
    base::Result<void> run(const std::string &sql, std::string_view doing);

    sqlite3 *m_handle;
    bool m_broken = false;
    bool m_sound = false;
    int m_logPages = 0;
};

/// All or nothing: rolls back unless it was committed.
class Transaction
{
public:
    static base::Result<Transaction> begin(Database &database);
    ~Transaction();

    Transaction(Transaction &&other) noexcept : m_database(other.m_database) { other.m_database = nullptr; }
    Transaction &operator=(Transaction &&) = delete;

    /// Durable once this returns success. After a failure it is unknown whether the next opening finds it.
    base::Result<void> commit();

private:
    explicit Transaction(Database &database) : m_database(&database) {}

    Database *m_database;
};

} // namespace voelgoed::storage
