#include "server/platform/pg/connection.h"

#include "shared/base/text.h"

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <libpq-fe.h>

#include <algorithm>

#include <poll.h>

namespace voelgoed::pg {

namespace asio = boost::asio;
using base::Error;
using base::ErrorCode;
using base::Result;

namespace {

constexpr std::size_t kStatementsMax = 1'000;
constexpr auto kDeadlineSlack = std::chrono::seconds(5);

std::string_view field(const PGresult *result, int code)
{
    const char *text = PQresultErrorField(result, code);
    return text ? text : "";
}

Error errorIn(const PGresult *result)
{
    return errorOf({.sqlState = field(result, PG_DIAG_SQLSTATE),
                    .primary = field(result, PG_DIAG_MESSAGE_PRIMARY),
                    .schema = field(result, PG_DIAG_SCHEMA_NAME),
                    .table = field(result, PG_DIAG_TABLE_NAME),
                    .column = field(result, PG_DIAG_COLUMN_NAME),
                    .constraint = field(result, PG_DIAG_CONSTRAINT_NAME)});
}

// After these the connection's statements are not what they were: the tables changed under them, or they are gone.
bool spoilsStatements(std::string_view sqlState)
{
    return sqlState == "0A000" || sqlState == "26000";
}

} // namespace

void Connection::Close::operator()(pg_conn *connection) const
{
    PQfinish(connection);
}

Connection::~Connection() = default;

bool Connection::isAtRest() const
{
    return !m_running && m_health == Health::Sound && PQtransactionStatus(m_connection.get()) == PQTRANS_IDLE;
}

bool Connection::isInTransaction() const
{
    const auto status = PQtransactionStatus(m_connection.get());
    return !m_running && m_health != Health::Broken && (status == PQTRANS_INTRANS || status == PQTRANS_INERROR);
}

bool Connection::isAlive()
{
    pollfd socket{.fd = PQsocket(m_connection.get()), .events = POLLIN, .revents = 0};
    if (!isAtRest() || ::poll(&socket, 1, 0) < 0)
        return false;
    if (socket.revents == 0)
        return true;
    // Something came unasked: a notice, or the end. The end shows only when there is nothing else left to read.
    for (int i = 0; i < 2; ++i) {
        if (!PQconsumeInput(m_connection.get()))
            return false;
    }
    return PQstatus(m_connection.get()) == CONNECTION_OK && isAtRest();
}

async::Task<Answers> Connection::run(std::vector<Statement> statements)
{
    base::ensure(!m_running, "a connection that runs something else");
    base::ensure(statements.size() <= kStatementsMax, "too many statements in one batch");
    m_running = true;
    Answers answers;
    answers.rows.reserve(statements.size());
    std::vector<Command> commands;
    commands.reserve(statements.size());
    bool sent = m_health != Health::Broken;
    for (std::size_t i = 0; sent && i < statements.size(); ++i)
        sent = send(statements[i], commands) == Sent::Yes;
    if (sent && PQpipelineSync(m_connection.get())) {
        setAlarm(statements.size());
        co_await receive(commands, answers);
        m_deadline.cancel();
    } else {
        answers.lost = brokenOff();
    }
    m_running = false;
    co_return answers;
}

Connection::Sent Connection::send(const Statement &statement, std::vector<Command> &commands)
{
    PGconn *connection = m_connection.get();
    const auto &values = statement.params->values();
    std::vector<std::uint32_t> types;
    std::vector<const char *> bytes;
    std::vector<int> lengths;
    types.reserve(values.size());
    bytes.reserve(values.size());
    lengths.reserve(values.size());
    for (const Params::Value &value : values) {
        types.push_back(value.type);
        bytes.push_back(value.null ? nullptr : value.bytes.data());
        lengths.push_back(static_cast<int>(value.bytes.size()));
    }
    const std::vector<int> formats(values.size(), 1);
    const int count = static_cast<int>(values.size());
    int sent = 0;
    if (statement.kept == Statement::Kept::Once) {
        sent = PQsendQueryParams(connection, statement.text, count, types.data(), bytes.data(), lengths.data(),
                                 formats.data(), 1);
    } else {
        const std::string *name = nameOf(statement.text, types, commands);
        if (!name) {
            Command &prepare = commands.emplace_back();
            prepare = {.text = statement.text, .types = types, .name = "s" + std::to_string(m_names++)};
            name = &prepare.name;
            if (!PQsendPrepare(connection, name->c_str(), statement.text, count, types.data()))
                return Sent::No;
        }
        sent = PQsendQueryPrepared(connection, name->c_str(), count, bytes.data(), lengths.data(), formats.data(), 1);
    }
    commands.emplace_back();
    return sent ? Sent::Yes : Sent::No;
}

// A statement that is called with other types is another one, so that a null of one type and a number of another do not
// meet in the same place.
const std::string *Connection::nameOf(const char *text, const std::vector<std::uint32_t> &types,
                                      const std::vector<Command> &coming) const
{
    if (const auto found = m_prepared.find(text); found != m_prepared.end()) {
        for (const Prepared &prepared : found->second) {
            if (prepared.types == types)
                return &prepared.name;
        }
    }
    for (const Command &command : coming) {
        if (command.text == text && command.types == types)
            return &command.name;
    }
    return nullptr;
}

async::Task<void> Connection::receive(const std::vector<Command> &commands, Answers &answers)
{
    PGconn *connection = m_connection.get();
    std::size_t at = 0;
    bool answered = false;
    for (;;) {
        if (PQisBusy(connection) && !co_await arrive())
            break;
        const std::shared_ptr<PGresult> result(PQgetResult(connection), PQclear);
        if (result && PQresultStatus(result.get()) == PGRES_PIPELINE_SYNC)
            co_return;
        if (result) {
            take(result, at < commands.size() ? &commands[at] : nullptr, answers);
            answered = true;
        } else {
            if (!answered)
                break;
            answered = false;
            ++at;
        }
        if (PQstatus(connection) == CONNECTION_BAD)
            break;
    }
    answers.lost = brokenOff();
}

void Connection::take(std::shared_ptr<pg_result> result, const Command *command, Answers &answers)
{
    switch (PQresultStatus(result.get())) {
    case PGRES_COMMAND_OK:
    case PGRES_TUPLES_OK:
        if (command && command->text) {
            // Prepared now, whatever becomes of the transaction.
            m_prepared[command->text].push_back({command->types, command->name});
            break;
        }
        answers.lastTag = PQcmdStatus(result.get());
        answers.rows.emplace_back(std::shared_ptr<void>(std::move(result)));
        break;
    case PGRES_FATAL_ERROR: {
        const std::string_view sqlState = field(result.get(), PG_DIAG_SQLSTATE);
        if (spoilsStatements(sqlState) || field(result.get(), PG_DIAG_SEVERITY_NONLOCALIZED) != "ERROR")
            m_health = Health::Stale;
        if (!answers.error && !sqlState.empty())
            answers.error = errorIn(result.get());
        break;
    }
    case PGRES_PIPELINE_ABORTED: // behind the failure, and not run: what was to be prepared is not prepared
        break;
    default:
        base::ensure(false, "a statement of another kind than those of a pipeline (COPY)");
    }
}

async::Task<bool> Connection::arrive()
{
    PGconn *connection = m_connection.get();
    while (PQisBusy(connection)) {
        const int unsent = PQflush(connection);
        if (unsent < 0)
            co_return false;
        co_await ready(unsent > 0 ? Wanted::Both : Wanted::Reading);
        if (m_late)
            co_return false;
        // What was read before it broke is still there, and may say why.
        if (!PQconsumeInput(connection))
            break;
    }
    co_return true;
}

async::Task<void> Connection::ready(Wanted wanted)
{
    using namespace asio::experimental::awaitable_operators;
    boost::system::error_code ignored, alsoIgnored;
    const auto reading = [&] {
        return m_socket.async_wait(asio::posix::descriptor_base::wait_read,
                                   asio::redirect_error(asio::use_awaitable, ignored));
    };
    if (wanted == Wanted::Reading) {
        co_await reading();
        co_return;
    }
    // Both ways, or two full sides would wait for each other.
    co_await (reading() || m_socket.async_wait(asio::posix::descriptor_base::wait_write,
                                               asio::redirect_error(asio::use_awaitable, alsoIgnored)));
}

Error Connection::brokenOff()
{
    m_health = Health::Broken;
    if (m_late)
        return connectionError("no answer in time");
    const std::string_view words = base::trimmed(PQerrorMessage(m_connection.get()));
    return connectionError(words.empty() ? "the connection broke" : words);
}

// For servers that do not answer at all; what merely takes long is ended by statement_timeout before.
void Connection::setAlarm(std::size_t statements)
{
    ++m_batches;
    if (m_options.statementMax.count() == 0)
        return;
    m_deadline.expires_after(m_options.statementMax * static_cast<int>(std::max<std::size_t>(statements, 1)) +
                             kDeadlineSlack);
    m_deadline.async_wait(
        [alarm = std::weak_ptr<Alarm>(m_alarm), batch = m_batches](const boost::system::error_code &code) {
            const auto held = alarm.lock();
            if (code || !held || held->of->m_batches != batch || !held->of->m_running)
                return;
            held->of->m_late = true;
            held->of->m_socket.cancel();
        });
}

async::Task<Result<void>> Connection::script(std::string sql)
{
    base::ensure(!m_running, "a script on a connection that runs something else");
    if (m_health == Health::Broken)
        co_return brokenOff();
    PGconn *connection = m_connection.get();
    base::ensure(PQexitPipelineMode(connection) == 1, "leaving pipeline mode at rest");
    m_running = true;
    Result<void> done;
    if (PQsendQuery(connection, sql.c_str())) {
        for (;;) {
            co_await arrive();
            const std::shared_ptr<PGresult> result(PQgetResult(connection), PQclear);
            if (!result)
                break;
            const auto status = PQresultStatus(result.get());
            if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK && status != PGRES_EMPTY_QUERY && done)
                done = errorIn(result.get());
        }
    }
    m_running = false;
    if (PQstatus(connection) == CONNECTION_BAD)
        co_return done ? Result<void>(brokenOff()) : done;
    base::ensure(PQenterPipelineMode(connection) == 1, "pipeline mode behind a script");
    co_return done;
}

} // namespace voelgoed::pg
