#include "tests/bench/load_client.h"

#include <array>
#include <cstring>
#include <optional>
#include <string_view>
#include <vector>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace voelgoed::bench {

namespace {

using Clock = std::chrono::steady_clock;

base::Error broken(const std::string &what)
{
    return {base::ErrorCode::Unavailable, "load: " + what, {}};
}

class Handle
{
public:
    explicit Handle(int handle) : m_handle(handle) {}
    ~Handle()
    {
        if (m_handle >= 0)
            ::close(m_handle);
    }
    Handle(Handle &&other) noexcept : m_handle(std::exchange(other.m_handle, -1)) {}
    int get() const { return m_handle; }

private:
    int m_handle;
};

/// A connection and what is missing of the answer that it waits for.
class Asker
{
public:
    explicit Asker(std::uint16_t port) : m_socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0))
    {
        sockaddr_in to = {};
        to.sin_family = AF_INET;
        to.sin_port = htons(port);
        to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        const int on = 1;
        ::setsockopt(m_socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        m_connected = ::connect(m_socket.get(), reinterpret_cast<sockaddr *>(&to), sizeof to) == 0;
    }

    bool isConnected() const { return m_connected; }
    int handle() const { return m_socket.get(); }

    bool ask(const std::string &request) const
    {
        const ssize_t size = static_cast<ssize_t>(request.size());
        return ::send(m_socket.get(), request.data(), request.size(), MSG_NOSIGNAL) == size;
    }

    enum class Heard { Part, Whole, Broken };
    Heard hear()
    {
        std::array<char, 32768> bytes;
        const ssize_t got = ::recv(m_socket.get(), bytes.data(), bytes.size(), MSG_DONTWAIT);
        if (got <= 0)
            return Heard::Broken;
        m_in.append(bytes.data(), static_cast<std::size_t>(got));
        const std::size_t head = m_in.find("\r\n\r\n");
        if (head == std::string::npos)
            return Heard::Part;
        static constexpr std::string_view kLength = "\r\nContent-Length: ";
        const std::size_t length = m_in.find(kLength);
        if (!m_in.starts_with("HTTP/1.1 200 ") || length > head)
            return Heard::Broken;
        const std::size_t whole = head + 4 + std::strtoul(m_in.c_str() + length + kLength.size(), nullptr, 10);
        if (m_in.size() < whole)
            return Heard::Part;
        if (m_in.size() > whole)
            return Heard::Broken;
        m_in.clear();
        return Heard::Whole;
    }

private:
    Handle m_socket;
    bool m_connected = false;
    std::string m_in;
};

} // namespace

base::Result<double> answersPerSecond(const Load &load)
{
    const Handle poll(::epoll_create1(EPOLL_CLOEXEC));
    std::vector<Asker> askers;
    for (int i = 0; i < load.connections; ++i)
        askers.emplace_back(load.port);
    std::size_t asked = 0;
    const auto next = [&]() -> const std::string & { return load.requests[asked++ % load.requests.size()]; };
    for (std::size_t i = 0; i < askers.size(); ++i) {
        epoll_event about = {EPOLLIN, {.u64 = i}};
        ::epoll_ctl(poll.get(), EPOLL_CTL_ADD, askers[i].handle(), &about);
        if (!askers[i].isConnected() || !askers[i].ask(next()))
            return broken("no connection");
    }
    std::uint64_t answers = 0;
    const auto begin = Clock::now();
    std::array<epoll_event, 64> ready;
    while (Clock::now() < begin + load.within && answers < load.answersMax) {
        const int count = ::epoll_wait(poll.get(), ready.data(), int(ready.size()), 5000);
        if (count <= 0)
            return broken("no answer");
        for (int i = 0; i < count; ++i) {
            Asker &asker = askers[ready[static_cast<std::size_t>(i)].data.u64];
            const auto heard = asker.hear();
            if (heard == Asker::Heard::Broken || (heard == Asker::Heard::Whole && !asker.ask(next())))
                return broken("a broken answer");
            answers += heard == Asker::Heard::Whole ? 1 : 0;
        }
    }
    return static_cast<double>(answers) / std::chrono::duration<double>(Clock::now() - begin).count();
}

} // namespace voelgoed::bench
