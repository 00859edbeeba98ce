#include "device/core/storage/database.h"

#include <sqlite3.h>

namespace voelgoed::storage {

using base::Error;
using base::ErrorCode;
using base::Result;

namespace {

constexpr std::size_t kSqlShown = 120;

ErrorCode codeOf(int sqlite)
{
    switch (sqlite & 0xFF) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return ErrorCode::Corrupt;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_CONSTRAINT:
        return ErrorCode::Conflict;
    case SQLITE_FULL:
    case SQLITE_IOERR:
    case SQLITE_NOMEM:
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
        return ErrorCode::Unavailable;
    default:
        return ErrorCode::Internal;
    }
}

std::string hintOf(int sqlite)
{
    switch (sqlite & 0xFF) {
    case SQLITE_FULL:
        return "The disk is full. Make room; scans are kept in the rescue journal until then.";
    case SQLITE_IOERR:
        return "The disk reports errors. Replace this device as soon as the queue allows.";
    case SQLITE_READONLY:
        return "The folder cannot be written to.";
    case SQLITE_BUSY:
        return "Another program has the file open.";
    default:
        return {};
    }
}

/// A statement as a failure names it: its beginning on one line, and never what is bound to it.
std::string quoted(std::string_view sql)
{
    std::string line;
    for (const char character : sql) {
        const bool blank = character == ' ' || character == '\n';
        if (line.size() == kSqlShown)
            return '"' + line + "…\"";
        if (!blank || (!line.empty() && line.back() != ' '))
            line += blank ? ' ' : character;
    }
    return '"' + line + '"';
}

/// Failures after which the connection's picture of the disk cannot be trusted.
bool breaksHandle(int sqlite)
{
    switch (sqlite & 0xFF) {
    case SQLITE_FULL:
    case SQLITE_IOERR:
    case SQLITE_NOMEM:
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return true;
    default:
        return false;
    }
}

} // namespace

Error Database::failure(int code, std::string_view doing)
{
    m_broken = m_broken || breaksHandle(code);
    std::string message = "database: " + std::string(doing) + ": " + sqlite3_errstr(code);
    if (m_handle && sqlite3_errcode(m_handle) != SQLITE_OK)
        message += std::string(" (") + sqlite3_errmsg(m_handle) + ")";
    return {codeOf(code), std::move(message), hintOf(code)};
}

Result<std::unique_ptr<Database>> Database::open(const OpenOptions &options)
{
    sqlite3 *handle = nullptr;
    const bool makes = options.access == OpenOptions::Access::ReadWrite;
    const int flags =
        SQLITE_OPEN_READWRITE | (makes ? SQLITE_OPEN_CREATE : 0) | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    const int code =
        sqlite3_open_v2(options.path.c_str(), &handle, flags, options.vfs.empty() ? nullptr : options.vfs.c_str());
    std::unique_ptr<Database> database(new Database(handle));
    if (code != SQLITE_OK)
        return database->failure(code, "open " + options.path);
    if (auto configured = database->configure(options); !configured)
        return configured.error();
    return database;
}

Result<void> Database::configure(const OpenOptions &options)
{
    const std::string opening = "open " + options.path;
    sqlite3_limit(m_handle, SQLITE_LIMIT_LENGTH, 64 << 20);
    sqlite3_db_config(m_handle, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
    sqlite3_db_config(m_handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
    if (options.access == OpenOptions::Access::ReadOnly)
        // A file that is opened for reading cannot be locked for oneself, and a log not be read without that.
        return run("PRAGMA locking_mode = EXCLUSIVE; PRAGMA trusted_schema = OFF; PRAGMA query_only = ON;", opening);
    // The log is moved by checkpoint(), at moments that the pipeline chooses.
    sqlite3_wal_hook(
        m_handle,
        [](void *self, sqlite3 *, const char *, int pages) {
            static_cast<Database *>(self)->m_logPages = pages;
            return SQLITE_OK;
        },
        this);
    const std::string settings =
        "PRAGMA locking_mode = EXCLUSIVE;"
        "PRAGMA page_size = 4096;"
        // A new file becomes a write-ahead one through a rollback journal. If the removal of
        // that were lost with the power, it would undo everything since: EXTRA makes it durable.
        "PRAGMA synchronous = EXTRA;"
        "PRAGMA journal_mode = WAL;"
        "PRAGMA synchronous = " +
        options.synchronous +
        ";"
        "PRAGMA temp_store = MEMORY;"
        "PRAGMA cache_size = -8000;"
        "PRAGMA trusted_schema = OFF;"
        // Takes the file now, not at the first write.
        "BEGIN IMMEDIATE; COMMIT;";
    return run(settings, opening);
}

Database::~Database()
{
    if (m_handle && m_sound && !m_broken)
        sqlite3_db_config(m_handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0, nullptr);
    sqlite3_close_v2(m_handle);
}

Result<Statement> Database::prepare(std::string_view sql)
{
    sqlite3_stmt *statement = nullptr;
    const int code = sqlite3_prepare_v3(m_handle, sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT,
                                        &statement, nullptr);
    if (code != SQLITE_OK)
        return failure(code, "prepare " + quoted(sql));
    return Statement(*this, statement);
}

Result<void> Database::execute(const std::string &sql)
{
    return run(sql, "run " + quoted(sql));
}

Result<void> Database::run(const std::string &sql, std::string_view doing)
{
    const int code = sqlite3_exec(m_handle, sql.c_str(), nullptr, nullptr, nullptr);
    if (code != SQLITE_OK)
        return failure(code, doing);
    return {};
}

Result<void> Database::checkPages()
{
    auto check = prepare("PRAGMA quick_check(1)");
    if (!check)
        return check.error();
    const auto found = check->step();
    if (!found)
        return found.error();
    if (!*found || check->text(0) != "ok")
        return base::corrupt("its pages contradict each other: " + std::string(*found ? check->text(0) : ""));
    return {};
}

Result<void> Database::checkpoint()
{
    const int code = sqlite3_wal_checkpoint_v2(m_handle, nullptr, SQLITE_CHECKPOINT_RESTART, nullptr, nullptr);
    if (code != SQLITE_OK)
        return failure(code, "checkpoint");
    m_logPages = 0;
    return {};
}

void Statement::Finalize::operator()(sqlite3_stmt *statement) const
{
    sqlite3_finalize(statement);
}

Statement &Statement::bind(int parameter, std::int64_t value)
{
    base::ensure(sqlite3_bind_int64(m_statement.get(), parameter, value) == SQLITE_OK, "binding a number");
    return *this;
}

Statement &Statement::bind(int parameter, std::string_view text)
{
    const int code = sqlite3_bind_text64(m_statement.get(), parameter, text.data() ? text.data() : "", text.size(),
                                         SQLITE_STATIC, SQLITE_UTF8);
    base::ensure(code == SQLITE_OK, "binding a text");
    return *this;
}

Statement &Statement::bind(int parameter, base::ByteView bytes)
{
    const int code = bytes.empty()
                         ? sqlite3_bind_zeroblob(m_statement.get(), parameter, 0)
                         : sqlite3_bind_blob64(m_statement.get(), parameter, bytes.data(), bytes.size(), SQLITE_STATIC);
    base::ensure(code == SQLITE_OK, "binding bytes");
    return *this;
}

Statement &Statement::bindNull(int parameter)
{
    base::ensure(sqlite3_bind_null(m_statement.get(), parameter) == SQLITE_OK, "binding nothing");
    return *this;
}

Result<bool> Statement::step()
{
    const int code = sqlite3_step(m_statement.get());
    if (code == SQLITE_ROW)
        return true;
    if (code == SQLITE_DONE) {
        sqlite3_reset(m_statement.get());
        return false;
    }
    Error error = m_database->failure(code, "step " + quoted(sqlite3_sql(m_statement.get())));
    sqlite3_reset(m_statement.get());
    return error;
}

Result<void> Statement::run()
{
    for (;;) {
        const auto more = step();
        if (!more)
            return more.error();
        if (!*more)
            return {};
    }
}

void Statement::reset()
{
    sqlite3_reset(m_statement.get());
}

std::int64_t Statement::integer(int column) const
{
    return sqlite3_column_int64(m_statement.get(), column);
}

std::string_view Statement::text(int column) const
{
    const auto *data = reinterpret_cast<const char *>(sqlite3_column_text(m_statement.get(), column));
    return {data ? data : "", static_cast<std::size_t>(sqlite3_column_bytes(m_statement.get(), column))};
}

base::ByteView Statement::bytes(int column) const
{
    const auto *data = static_cast<const std::byte *>(sqlite3_column_blob(m_statement.get(), column));
    return {data, data ? static_cast<std::size_t>(sqlite3_column_bytes(m_statement.get(), column)) : 0};
}

bool Statement::isNull(int column) const
{
    return sqlite3_column_type(m_statement.get(), column) == SQLITE_NULL;
}

Result<Transaction> Transaction::begin(Database &database)
{
    if (auto begun = database.execute("BEGIN IMMEDIATE"); !begun)
        return begun.error();
    return Transaction(database);
}

Transaction::~Transaction()
{
    if (m_database && sqlite3_get_autocommit(m_database->m_handle) == 0)
        sqlite3_exec(m_database->m_handle, "ROLLBACK", nullptr, nullptr, nullptr);
}

Result<void> Transaction::commit()
{
    base::ensure(m_database != nullptr, "a transaction that was committed before");
    auto done = m_database->execute("COMMIT");
    if (done)
        m_database = nullptr;
    return done;
}

} // namespace voelgoed::storage
