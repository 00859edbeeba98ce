#include "server/platform/pg/connection.h"

#include "shared/base/text.h"

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <libpq-fe.h>

#include <map>

#include <fcntl.h>

namespace voelgoed::pg {

namespace asio = boost::asio;
using base::Error;
using base::Result;

namespace {

constexpr auto kIdleInTransactionMax = std::chrono::seconds(60);

/// What libpq is handed: keywords and values.
using Settings = std::map<std::string, std::string>;

Result<Settings> settingsOf(const ConnectOptions &options)
{
    char *words = nullptr;
    const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> parsed(
        PQconninfoParse(options.url.c_str(), &words), &PQconninfoFree);
    const std::unique_ptr<char, decltype(&PQfreemem)> freed(words, &PQfreemem);
    if (!parsed)
        return base::invalid("a PostgreSQL URL: " + std::string(base::trimmed(words ? words : "out of memory")));
    Settings settings;
    for (const PQconninfoOption *option = parsed.get(); option->keyword; ++option) {
        if (option->val)
            settings[option->keyword] = option->val;
    }
    settings["application_name"] = options.applicationName;
    settings["client_encoding"] = "UTF8";
    settings["gssencmode"] = "disable"; // a round trip more, for nothing that we use
    settings.try_emplace("tcp_user_timeout", "15000");
    // Whatever an external database or role says: days begin at midnight UTC, and moments read as they do at home.
    settings["options"] += " -c timezone=UTC -c datestyle=ISO -c search_path= -c client_min_messages=warning"
                           " -c statement_timeout=" +
                           std::to_string(options.statementMax.count()) + " -c idle_in_transaction_session_timeout=" +
                           std::to_string(std::chrono::milliseconds(kIdleInTransactionMax).count());
    return settings;
}

// libpq would look names up itself, and wait for the answer on the server's thread.
async::Task<Result<void>> resolve(Settings &settings)
{
    const auto host = settings.find("host");
    if (host == settings.end() || host->second.empty() || settings.contains("hostaddr") ||
        host->second.find_first_of("/@,") != std::string::npos)
        co_return Result<void>();
    asio::ip::tcp::resolver resolver(co_await asio::this_coro::executor);
    boost::system::error_code code;
    const auto found =
        co_await resolver.async_resolve(host->second, "", asio::redirect_error(asio::use_awaitable, code));
    if (code || found.empty())
        co_return connectionError("looking up " + host->second + ": " + code.message());
    settings["hostaddr"] = found.begin()->endpoint().address().to_string();
    co_return Result<void>();
}

// A connection attempt may go over several sockets, one after the other: each is watched anew.
async::Task<void> ready(int socket, PostgresPollingStatusType wanted)
{
    asio::posix::stream_descriptor watched(co_await asio::this_coro::executor, ::fcntl(socket, F_DUPFD_CLOEXEC, 0));
    boost::system::error_code ignored;
    co_await watched.async_wait(wanted == PGRES_POLLING_READING ? asio::posix::descriptor_base::wait_read
                                                                : asio::posix::descriptor_base::wait_write,
                                asio::redirect_error(asio::use_awaitable, ignored));
}

async::Task<Result<void>> connect(PGconn *connection)
{
    auto status = PGRES_POLLING_WRITING;
    while (status == PGRES_POLLING_READING || status == PGRES_POLLING_WRITING) {
        if (PQstatus(connection) == CONNECTION_BAD)
            break;
        co_await ready(PQsocket(connection), status);
        status = PQconnectPoll(connection);
    }
    if (status == PGRES_POLLING_OK)
        co_return Result<void>();
    co_return connectionError(base::trimmed(PQerrorMessage(connection)));
}

} // namespace

Connection::Connection(async::Executor executor, std::unique_ptr<pg_conn, Close> connection, ConnectOptions options)
    : m_executor(executor),
      m_options(std::move(options)),
      m_connection(std::move(connection)),
      m_socket(executor, ::fcntl(PQsocket(m_connection.get()), F_DUPFD_CLOEXEC, 0)),
      m_deadline(executor),
      m_alarm(std::make_shared<Alarm>(Alarm{this}))
{
    PQsetNoticeProcessor(
        m_connection.get(), [](void *, const char *) {}, nullptr);
    base::ensure(PQsetnonblocking(m_connection.get(), 1) == 0, "a connection that does not block");
    base::ensure(PQenterPipelineMode(m_connection.get()) == 1, "pipeline mode on a new connection");
}

async::Task<Result<std::unique_ptr<Connection>>> Connection::open(async::Executor executor, ConnectOptions options)
{
    using namespace asio::experimental::awaitable_operators;
    auto settings = settingsOf(options);
    if (!settings)
        co_return settings.error();
    if (auto resolved = co_await resolve(*settings); !resolved)
        co_return resolved.error();
    std::vector<const char *> names, values;
    for (const auto &[name, value] : *settings) {
        names.push_back(name.c_str());
        values.push_back(value.c_str());
    }
    names.push_back(nullptr);
    values.push_back(nullptr);
    std::unique_ptr<pg_conn, Close> connection(PQconnectStartParams(names.data(), values.data(), 0));
    if (!connection)
        co_return connectionError("out of memory");
    auto first = co_await (connect(connection.get()) || async::sleepFor(options.connectMax));
    if (first.index() == 1)
        co_return connectionError("no connection in time");
    if (const auto &connected = std::get<0>(first); !connected)
        co_return connected.error();
    co_return std::unique_ptr<Connection>(new Connection(executor, std::move(connection), std::move(options)));
}

} // namespace voelgoed::pg
