#include "server/platform/http/server.h"

#include "server/platform/http/core.h"

namespace voelgoed::http {

Server::Server(const async::Executor &executor, Handler &handler, Limits limits, Hooks hooks)
    : m_core(std::make_shared<Core>(executor, handler, limits, std::move(hooks)))
{}

Server::~Server()
{
    m_core->close();
}

base::Result<std::uint16_t> Server::listen(const ListenOptions &options)
{
    auto listener = openListener(m_core->executor(), options);
    if (!listener)
        return listener.error();
    const std::uint16_t port = (*listener)->port;
    m_core->begin(*std::move(listener));
    return port;
}

async::Task<void> Server::stop(base::Milliseconds within)
{
    const auto core = m_core;
    co_await core->stop(within);
}

Server::Figures Server::figures() const
{
    Figures figures = m_core->figures();
    figures.connections = m_core->roll().size();
    figures.refused += m_core->roll().dropped();
    return figures;
}

} // namespace voelgoed::http
