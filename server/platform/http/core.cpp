#include "server/platform/http/core.h"

#include "server/platform/http/connection.h"
#include "server/platform/http/response_head.h"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>

#include <sys/resource.h>

namespace voelgoed::http {

namespace asio = boost::asio;

namespace {

constexpr base::Milliseconds kTickMax{500};
constexpr base::Milliseconds kTickMin{10};
/// Out of descriptors or memory: some go back in such a time.
constexpr base::Milliseconds kAcceptPause{50};
/// The admin socket finds room when everybody else does not.
constexpr std::size_t kAdminReserve = 64;

/// Deadlines are looked at so often that none is missed by more than a quarter of the shortest.
base::Milliseconds tickFor(const Limits &limits)
{
    const auto shortest = std::min({limits.headerWithin, limits.idleMax, limits.writeStallMax});
    return std::clamp(shortest / 4, kTickMin, kTickMax);
}

/// Not all descriptors are for clients: the databases and files need some as well.
std::size_t connectionsFor(const Limits &limits)
{
    rlimit files = {};
    if (::getrlimit(RLIMIT_NOFILE, &files) != 0 || files.rlim_cur == RLIM_INFINITY)
        return limits.connections;
    return std::min<std::size_t>(limits.connections, files.rlim_cur / 4 * 3);
}

} // namespace

Core::Core(const async::Executor &executor, Handler &handler, const Limits &limits, Hooks hooks)
    : m_executor(executor),
      m_handler(handler),
      m_limits(limits),
      m_hooks(std::move(hooks)),
      m_roll({connectionsFor(limits), limits.connectionsOfOnePeer, limits.opening}),
      m_tick(executor),
      m_changed(executor)
{}

base::Instant Core::now() const
{
    return m_hooks.now ? m_hooks.now()
                       : std::chrono::time_point_cast<base::Milliseconds>(std::chrono::system_clock::now());
}

std::string_view Core::date()
{
    const base::Instant at = now();
    const auto second = std::chrono::floor<std::chrono::seconds>(at).time_since_epoch().count();
    if (second != m_dateSecond) {
        m_dateSecond = second;
        m_date = dateField(at);
    }
    return m_date;
}

void Core::trouble(std::string_view what) const
{
    if (m_hooks.trouble)
        m_hooks.trouble(what);
}

Encoder &Core::encoder(Coding coding)
{
    return m_encoders.try_emplace(coding, coding).first->second;
}

void Core::begin(std::shared_ptr<Listener> listener)
{
    m_listeners.push_back(listener);
    const auto self = shared_from_this();
    async::start(m_executor, "http accept", [self, listener] { return self->acceptAll(listener); });
    if (!std::exchange(m_sweeping, true))
        async::start(m_executor, "http sweep", [self] { return self->sweep(); });
}

async::Task<void> Core::acceptAll(std::shared_ptr<Listener> listener)
{
    while (listener->acceptor.is_open()) {
        Listener::Acceptor::endpoint_type peer;
        Stream::Socket socket(m_executor);
        boost::system::error_code failure;
        co_await listener->acceptor.async_accept(socket, peer, asio::redirect_error(asio::use_awaitable, failure));
        if (!failure)
            take(*listener, std::move(socket), peer);
        else if (failure == asio::error::no_descriptors || failure == asio::error::no_memory)
            co_await async::sleepFor(kAcceptPause);
    }
}

void Core::take(const Listener &listener, Stream::Socket socket, const Listener::Acceptor::endpoint_type &peer)
{
    const bool admin = !listener.unixPath.empty();
    const bool room = admin ? m_roll.size() < m_limits.connections + kAdminReserve : m_roll.makeRoom(groupOf(peer));
    if (m_stopping || !room) {
        // Without a word: whoever floods us is owed none, and it costs the least.
        ++m_figures.refused;
        return;
    }
    boost::system::error_code ignored;
    if (!admin)
        socket.set_option(asio::ip::tcp::no_delay(true), ignored);
    const auto connection = std::make_shared<Connection>(
        shared_from_this(), std::move(socket),
        Connection::Terms{listener.tls, listener.plain, admin, peerOf(peer), groupOf(peer)});
    m_roll.add(*connection);
    async::start(m_executor, "http connection", connection->run());
}

async::Task<void> Core::sweep()
{
    const auto tick = tickFor(m_limits);
    while (!m_listeners.empty() || m_roll.size() > 0) {
        m_tick.expires_after(tick);
        boost::system::error_code ignored;
        co_await m_tick.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
        for (Member *member : m_roll.expired(std::chrono::steady_clock::now()))
            member->expire();
    }
    m_sweeping = false;
}

void Core::closeListeners()
{
    m_stopping = true;
    for (const auto &listener : m_listeners) {
        boost::system::error_code ignored;
        listener->acceptor.close(ignored);
    }
    m_listeners.clear();
}

async::Task<void> Core::stop(base::Milliseconds within)
{
    closeListeners();
    for (Member *member : m_roll.all())
        static_cast<Connection *>(member)->wind();
    const auto end = std::chrono::steady_clock::now() + within;
    while (m_roll.size() > 0 && std::chrono::steady_clock::now() < end)
        co_await m_changed.waitFor(std::chrono::ceil<base::Milliseconds>(end - std::chrono::steady_clock::now()));
    close();
    // Those that wait for bytes learn of it at once; who waits in a handler goes when that returns.
    for (int turn = 0; turn < 100 && m_roll.size() > 0; ++turn)
        co_await async::yield();
}

void Core::close()
{
    closeListeners();
    for (Member *member : m_roll.all())
        static_cast<Connection *>(member)->cut();
    m_tick.cancel();
}

} // namespace voelgoed::http
