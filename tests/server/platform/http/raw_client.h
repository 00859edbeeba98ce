#pragma once

#include "server/platform/http/message.h"
#include "shared/base/ensure.h"

#include <cstring>
#include <optional>
#include <string>
#include <string_view>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace voelgoed::http {

/// What came back, as it stood on the wire.
struct RawResponse
{
    int status = 0;
    Fields fields;
    std::string body; ///< without chunks
    bool whole = false;
};

/// A client that sends whatever bytes a test wants to send. Waits at most half a minute, which no test comes near.
class RawClient
{
public:
    static constexpr int kPatienceMs = 30'000;

    explicit RawClient(std::uint16_t port)
    {
        m_socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in to = {};
        to.sin_family = AF_INET;
        to.sin_port = htons(port);
        to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        const int on = 1;
        ::setsockopt(m_socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        base::ensure(::connect(m_socket, reinterpret_cast<sockaddr *>(&to), sizeof to) == 0, "connect");
    }

    explicit RawClient(const std::string &unixPath)
    {
        m_socket = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_un to = {};
        to.sun_family = AF_UNIX;
        std::strncpy(to.sun_path, unixPath.c_str(), sizeof to.sun_path - 1);
        base::ensure(::connect(m_socket, reinterpret_cast<sockaddr *>(&to), sizeof to) == 0, "connect");
    }

    ~RawClient() { close(); }
    RawClient(RawClient &&other) noexcept : m_socket(std::exchange(other.m_socket, -1)), m_in(std::move(other.m_in)) {}

    void close()
    {
        if (m_socket >= 0)
            ::close(std::exchange(m_socket, -1));
    }

    /// False when the other side has closed.
    bool send(std::string_view bytes)
    {
        while (!bytes.empty()) {
            const ssize_t sent = ::send(m_socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (sent <= 0)
                return false;
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        }
        return true;
    }

    /// Gone at once, without a word: what was not read yet is lost.
    void reset()
    {
        const linger none{.l_onoff = 1, .l_linger = 0};
        ::setsockopt(m_socket, SOL_SOCKET, SO_LINGER, &none, sizeof none);
        close();
    }
    void finishSending() { ::shutdown(m_socket, SHUT_WR); }

    void setReceiveBuffer(int bytes) { ::setsockopt(m_socket, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes); }

    /// Everything until the other side closes (or cuts).
    std::string rest()
    {
        while (fill()) {}
        return std::exchange(m_in, {});
    }

    /// So many bytes; fewer when the other side closes before.
    std::string bytes(std::size_t size)
    {
        while (m_in.size() < size && fill()) {}
        return take(size);
    }

    /// Whether the other side closes without another byte.
    bool isClosed() { return rest().empty() && m_ended; }

    enum class Of { Get, Head };
    /// The next response; `whole` is false when the connection ended before it did.
    RawResponse response(Of request = Of::Get)
    {
        RawResponse read;
        const auto headSize = until("\r\n\r\n");
        if (!headSize)
            return read;
        parseHead(take(*headSize + 4), read);
        if (request == Of::Head || read.status == 204 || read.status == 304 || read.status < 200)
            read.whole = true;
        else if (read.fields["Transfer-Encoding"] == "chunked")
            readChunks(read);
        else if (read.fields.has("Content-Length"))
            readSized(read, std::stoul(std::string(read.fields["Content-Length"])));
        else
            readToEnd(read);
        return read;
    }

    RawResponse ask(std::string_view request)
    {
        send(request);
        return response();
    }

    int handle() const { return m_socket; }

private:
    bool fill()
    {
        pollfd about{m_socket, POLLIN, 0};
        base::ensure(::poll(&about, 1, kPatienceMs) > 0, "the server neither answers nor closes");
        char bytes[16384];
        const ssize_t got = ::recv(m_socket, bytes, sizeof bytes, 0);
        if (got > 0)
            m_in.append(bytes, static_cast<std::size_t>(got));
        else
            m_ended = true;
        return got > 0;
    }

    std::optional<std::size_t> until(std::string_view mark)
    {
        for (;;) {
            if (const auto at = m_in.find(mark); at != std::string::npos)
                return at;
            if (!fill())
                return {};
        }
    }

    std::string take(std::size_t size)
    {
        std::string taken = m_in.substr(0, size);
        m_in.erase(0, size);
        return taken;
    }

    static void parseHead(const std::string &head, RawResponse &read)
    {
        read.status = std::stoi(head.substr(9, 3));
        std::size_t at = head.find("\r\n") + 2;
        while (head.compare(at, 2, "\r\n") != 0) {
            const std::size_t end = head.find("\r\n", at), colon = head.find(": ", at);
            read.fields.add(head.substr(at, colon - at), head.substr(colon + 2, end - colon - 2));
            at = end + 2;
        }
    }

    void readSized(RawResponse &read, std::size_t size)
    {
        while (m_in.size() < size && fill()) {}
        read.whole = m_in.size() >= size;
        read.body = take(size);
    }

    void readChunks(RawResponse &read)
    {
        for (;;) {
            const auto line = until("\r\n");
            if (!line)
                return;
            const std::size_t size = std::stoul(take(*line + 2), nullptr, 16);
            while (m_in.size() < size + 2 && fill()) {}
            if (m_in.size() < size + 2)
                return;
            read.body += take(size + 2).substr(0, size);
            if (size == 0) {
                read.whole = true;
                return;
            }
        }
    }

    void readToEnd(RawResponse &read)
    {
        read.body = rest();
        read.whole = true;
    }

    int m_socket = -1;
    std::string m_in;
    bool m_ended = false;
};

/// A GET with nothing special about it.
inline std::string get(std::string_view target, std::string_view fields = {})
{
    return "GET " + std::string(target) + " HTTP/1.1\r\nHost: test\r\n" + std::string(fields) + "\r\n";
}

inline std::string post(std::string_view target, std::string_view body, std::string_view fields = {})
{
    return "POST " + std::string(target) + " HTTP/1.1\r\nHost: test\r\n" + std::string(fields) +
           "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}

} // namespace voelgoed::http
