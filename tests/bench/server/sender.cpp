#include "tests/bench/server/sender.h"

#include <chrono>
#include <cstdlib>
#include <latch>
#include <optional>
#include <string_view>
#include <thread>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

namespace voelgoed::bench {

namespace {

using Clock = std::chrono::steady_clock;

int connectedTo(std::uint16_t port)
{
    const int handle = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in to = {};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int on = 1;
    const timeval patience{60, 0};
    ::setsockopt(handle, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    ::setsockopt(handle, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    (void)::connect(handle, reinterpret_cast<sockaddr *>(&to), sizeof to);
    return handle;
}

bool send(int handle, std::string_view text)
{
    while (!text.empty()) {
        const ssize_t count = ::send(handle, text.data(), text.size(), MSG_NOSIGNAL);
        if (count <= 0)
            return false;
        text.remove_prefix(static_cast<std::size_t>(count));
    }
    return true;
}

/// One answer with a Content-Length; nothing when the connection broke.
std::optional<std::string> receive(int handle)
{
    constexpr std::string_view kLength = "\r\nContent-Length: ";
    std::string text;
    std::size_t whole = std::string::npos;
    char piece[65536];
    while (text.size() < whole) {
        const ssize_t count = ::recv(handle, piece, sizeof piece, 0);
        if (count <= 0)
            return std::nullopt;
        text.append(piece, static_cast<std::size_t>(count));
        const std::size_t head = text.find("\r\n\r\n"), length = text.find(kLength);
        if (whole == std::string::npos && head != std::string::npos && length < head)
            whole = head + 4 + std::strtoul(text.c_str() + length + kLength.size(), nullptr, 10);
    }
    return text;
}

} // namespace

Sent sendAll(std::uint16_t port, const std::vector<Requests> &connections)
{
    Sent sent;
    sent.answers.resize(connections.size());
    std::vector<std::vector<double>> took(connections.size());
    std::latch ready(static_cast<std::ptrdiff_t>(connections.size()) + 1);
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < connections.size(); ++i) {
        threads.emplace_back([&, i] {
            const int handle = connectedTo(port);
            ready.arrive_and_wait();
            for (const std::string &request : connections[i]) {
                const auto begun = Clock::now();
                auto answer = send(handle, request) ? receive(handle) : std::nullopt;
                if (!answer)
                    break;
                took[i].push_back(std::chrono::duration<double, std::milli>(Clock::now() - begun).count());
                sent.answers[i].push_back(std::move(*answer));
            }
            ::close(handle);
        });
    }
    ready.arrive_and_wait();
    const auto begun = Clock::now();
    for (std::thread &thread : threads)
        thread.join();
    sent.seconds = std::chrono::duration<double>(Clock::now() - begun).count();
    for (const auto &some : took)
        sent.took.insert(sent.took.end(), some.begin(), some.end());
    return sent;
}

} // namespace voelgoed::bench
