#include "tests/support/cutting_proxy.h"

#include "shared/base/ensure.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>

namespace voelgoed::support {

namespace {

constexpr int kLookEveryMs = 20; ///< whether it is to end

sockaddr_in loopback(std::uint16_t port)
{
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

bool sendAll(int socket, const char *bytes, std::size_t size)
{
    while (size > 0) {
        const ssize_t sent = ::send(socket, bytes, size, MSG_NOSIGNAL);
        if (sent <= 0)
            return false;
        bytes += sent;
        size -= static_cast<std::size_t>(sent);
    }
    return true;
}

} // namespace

CuttingProxy::CuttingProxy(std::vector<std::uint16_t> servers) : m_servers(std::move(servers))
{
    m_listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address = loopback(0);
    socklen_t size = sizeof address;
    base::ensure(::bind(m_listener, reinterpret_cast<sockaddr *>(&address), size) == 0 &&
                     ::listen(m_listener, 64) == 0 &&
                     ::getsockname(m_listener, reinterpret_cast<sockaddr *>(&address), &size) == 0,
                 "a proxy's socket");
    m_port = ntohs(address.sin_port);
    m_thread = std::thread([this] { accept(); });
}

CuttingProxy::~CuttingProxy()
{
    m_ends = true;
    m_thread.join();
    for (std::thread &line : m_lines)
        line.join();
    ::close(m_listener);
}

void CuttingProxy::accept()
{
    while (!m_ends) {
        pollfd ready{.fd = m_listener, .events = POLLIN, .revents = 0};
        if (::poll(&ready, 1, kLookEveryMs) <= 0)
            continue;
        const int client = ::accept4(m_listener, nullptr, nullptr, SOCK_CLOEXEC);
        if (client >= 0)
            m_lines.emplace_back([this, client] { serve(client); });
    }
}

int CuttingProxy::connected()
{
    const std::size_t first = m_next++;
    for (std::size_t i = 0; i < m_servers.size(); ++i) {
        const int server = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        const sockaddr_in address = loopback(m_servers[(first + i) % m_servers.size()]);
        if (::connect(server, reinterpret_cast<const sockaddr *>(&address), sizeof address) == 0)
            return server;
        ::close(server);
    }
    return -1;
}

void CuttingProxy::serve(int client)
{
    const int server = connected();
    bool open = server >= 0;
    const std::uint64_t most = m_cutAfter;
    std::uint64_t down = 0;
    std::vector<char> buffer(16 << 10);
    while (open && !m_ends) {
        pollfd ready[2] = {{.fd = client, .events = POLLIN, .revents = 0},
                           {.fd = server, .events = POLLIN, .revents = 0}};
        ::poll(ready, 2, kLookEveryMs);
        for (int from = 0; from < 2 && open; ++from) {
            if (ready[from].revents == 0)
                continue;
            const ssize_t got = ::recv(ready[from].fd, buffer.data(), buffer.size(), 0);
            std::size_t size = got > 0 ? static_cast<std::size_t>(got) : 0;
            const bool isCut = from == 1 && most > 0 && down + size > most;
            if (isCut) {
                size = static_cast<std::size_t>(most - down);
                ++m_cuts;
            }
            if (from == 1) {
                down += size;
                m_bytesDown += size;
            }
            open = sendAll(ready[1 - from].fd, buffer.data(), size) && got > 0 && !isCut;
        }
    }
    if (server >= 0)
        ::close(server);
    ::close(client);
}

} // namespace voelgoed::support
