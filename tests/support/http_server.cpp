#include "tests/support/http_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>

namespace voelgoed::support {

struct HttpServer::Tls
{
    SSL_CTX *context;

    explicit Tls(const base::SigningKey &key) : context(SSL_CTX_new(TLS_server_method()))
    {
        const base::Bytes seed = key.seed();
        EVP_PKEY *secret = EVP_PKEY_new_raw_private_key(
            EVP_PKEY_ED25519, nullptr, reinterpret_cast<const unsigned char *>(seed.data()), seed.size());
        X509 *certificate = X509_new();
        X509_set_version(certificate, 2);
        ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
        X509_gmtime_adj(X509_getm_notBefore(certificate), 0);
        X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
        X509_set_pubkey(certificate, secret);
        X509_sign(certificate, secret, nullptr);
        SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION);
        base::ensure(SSL_CTX_use_certificate(context, certificate) == 1 && SSL_CTX_use_PrivateKey(context, secret) == 1,
                     "a certificate of this key");
        X509_free(certificate);
        EVP_PKEY_free(secret);
    }
    ~Tls() { SSL_CTX_free(context); }
};

/// A socket, with TLS over it or not.
struct HttpServer::Connection
{
    int socket;
    SSL *tls = nullptr;
    std::string buffer;

    ~Connection()
    {
        if (tls)
            SSL_free(tls);
    }
    bool more()
    {
        char bytes[65536];
        const long got = tls ? SSL_read(tls, bytes, sizeof bytes) : ::recv(socket, bytes, sizeof bytes, 0);
        if (got <= 0)
            return false;
        buffer.append(bytes, static_cast<std::size_t>(got));
        return true;
    }
    bool send(std::string_view text)
    {
        while (!text.empty()) {
            const long sent = tls ? SSL_write(tls, text.data(), static_cast<int>(text.size()))
                                  : ::send(socket, text.data(), text.size(), MSG_NOSIGNAL);
            if (sent <= 0)
                return false;
            text.remove_prefix(static_cast<std::size_t>(sent));
        }
        return true;
    }
};

namespace {

std::string lower(std::string text)
{
    std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
    return text;
}

HttpRequest headOf(const std::string &text)
{
    HttpRequest request;
    std::size_t at = text.find("\r\n");
    const std::string first = text.substr(0, at);
    request.method = first.substr(0, first.find(' '));
    request.target = first.substr(request.method.size() + 1, first.rfind(' ') - request.method.size() - 1);
    while (at + 2 < text.size()) {
        const std::size_t end = text.find("\r\n", at + 2);
        const std::string line = text.substr(at + 2, end - at - 2);
        const std::size_t colon = line.find(':');
        if (colon != std::string::npos)
            request.fields[lower(line.substr(0, colon))] = line.substr(line.find_first_not_of(' ', colon + 1));
        at = end;
    }
    return request;
}

} // namespace

HttpServer::HttpServer(Handler handler, const std::optional<base::SigningKey> &tls) : m_handler(std::move(handler))
{
    ::signal(SIGPIPE, SIG_IGN); // clients go when they please
    if (tls)
        m_tls = std::make_unique<Tls>(*tls);
    listen();
    m_accepting = std::thread([this] { work(); });
}

HttpServer::~HttpServer()
{
    m_stopping = true;
    goAway();
    m_accepting.join();
    for (std::thread &thread : m_threads)
        thread.join();
}

std::string HttpServer::url() const
{
    return std::string(m_tls ? "https" : "http") + "://127.0.0.1:" + std::to_string(m_port);
}

void HttpServer::listen()
{
    const int listening = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int one = 1;
    ::setsockopt(listening, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<std::uint16_t>(m_port));
    socklen_t size = sizeof address;
    base::ensure(::bind(listening, reinterpret_cast<sockaddr *>(&address), size) == 0 && ::listen(listening, 64) == 0,
                 "a port on the loopback");
    ::getsockname(listening, reinterpret_cast<sockaddr *>(&address), &size);
    m_port = ntohs(address.sin_port);
    m_listening = listening;
}

void HttpServer::goAway()
{
    // The thread that waits on it closes it, or the port would stay taken for as long as it waits.
    m_away = true;
    for (int listening = m_listening; listening >= 0; listening = m_listening)
        m_listening.wait(listening);
    const std::lock_guard lock(m_mutex);
    for (const int socket : m_sockets)
        ::shutdown(socket, SHUT_RDWR);
}

void HttpServer::comeBack()
{
    m_away = false;
    listen();
}

void HttpServer::work()
{
    while (!m_stopping || m_listening >= 0) {
        if (m_away && m_listening >= 0) {
            ::close(m_listening.exchange(-1));
            m_listening.notify_all();
        }
        pollfd ready{.fd = m_listening, .events = POLLIN, .revents = 0};
        if (::poll(&ready, 1, 5) <= 0 || (ready.revents & POLLIN) == 0)
            continue;
        const int socket = ::accept4(ready.fd, nullptr, nullptr, SOCK_CLOEXEC);
        if (socket < 0)
            continue;
        ++m_connections;
        const std::lock_guard lock(m_mutex);
        m_sockets.push_back(socket);
        m_threads.emplace_back([this, socket] { serve(socket); });
    }
}

void HttpServer::serve(int socket)
{
    Connection connection{.socket = socket};
    bool open = true;
    if (m_tls) {
        connection.tls = SSL_new(m_tls->context);
        SSL_set_fd(connection.tls, socket);
        open = SSL_accept(connection.tls) == 1;
    }
    while (open) {
        std::size_t end = 0;
        const auto isHttp = [&] { return connection.buffer.empty() || connection.buffer[0] >= ' '; };
        while ((end = connection.buffer.find("\r\n\r\n")) == std::string::npos && isHttp() && connection.more()) {}
        if (end == std::string::npos)
            break;
        HttpRequest request = headOf(connection.buffer.substr(0, end + 2));
        connection.buffer.erase(0, end + 4);
        const std::string length = request.field("content-length");
        const std::size_t size = length.empty() ? 0 : std::stoul(length);
        while (connection.buffer.size() < size && connection.more()) {}
        if (connection.buffer.size() < size)
            break;
        const base::ByteView body = base::bytesOf(std::string_view(connection.buffer).substr(0, size));
        request.body = {body.begin(), body.end()};
        connection.buffer.erase(0, size);
        const HttpAnswer answer = m_handler(request);
        if (answer.raw) {
            connection.send(*answer.raw);
            break;
        }
        std::string head = "HTTP/1.1 " + std::to_string(answer.status) + " Said\r\n";
        for (const auto &[name, value] : answer.fields)
            head += name + ": " + value + "\r\n";
        head += "Content-Length: " + std::to_string(answer.body.size()) + "\r\n\r\n";
        open = connection.send(head + answer.body.substr(0, answer.cutAfter.value_or(std::string::npos))) &&
               !answer.cutAfter;
    }
    const std::lock_guard lock(m_mutex);
    std::erase(m_sockets, socket);
    if (connection.tls) {
        SSL_free(connection.tls);
        connection.tls = nullptr;
    }
    ::shutdown(socket, SHUT_RDWR);
    ::close(socket);
}

} // namespace voelgoed::support
