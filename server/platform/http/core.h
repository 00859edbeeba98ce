#pragma once

#include "server/platform/async/event.h"
#include "server/platform/http/coding.h"
#include "server/platform/http/listener.h"
#include "server/platform/http/roll.h"
#include "server/platform/http/server.h"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace voelgoed::http {

/// What all connections of a server share. Kept by each of them, so that it goes with the last one.
class Core : public std::enable_shared_from_this<Core>
{
public:
    Core(const async::Executor &executor, Handler &handler, const Limits &limits, Hooks hooks);

    const async::Executor &executor() const { return m_executor; }
    Handler &handler() { return m_handler; }
    const Limits &limits() const { return m_limits; }
    Roll &roll() { return m_roll; }
    Server::Figures &figures() { return m_figures; }

    base::Instant now() const;
    std::string_view date(); ///< for the field, now
    void trouble(std::string_view what) const;
    Encoder &encoder(Coding coding); ///< for bodies that are compressed in one go

    void begin(std::shared_ptr<Listener> listener);
    async::Task<void> stop(base::Milliseconds within);
    void close(); ///< everything, at once
    bool isStopping() const { return m_stopping; }
    void left() { m_changed.notify(); } ///< a connection has ended

private:
    async::Task<void> acceptAll(std::shared_ptr<Listener> listener);
    void take(const Listener &listener, Stream::Socket socket, const Listener::Acceptor::endpoint_type &peer);
    async::Task<void> sweep();
    void closeListeners();

    async::Executor m_executor;
    Handler &m_handler;
    Limits m_limits;
    Hooks m_hooks;
    Roll m_roll;
    Server::Figures m_figures;
    std::map<Coding, Encoder> m_encoders;
    std::vector<std::shared_ptr<Listener>> m_listeners;
    boost::asio::steady_timer m_tick;
    async::Event m_changed;
    std::int64_t m_dateSecond = -1;
    std::string m_date;
    bool m_sweeping = false;
    bool m_stopping = false;
};

} // namespace voelgoed::http
