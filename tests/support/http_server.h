#pragma once

#include "shared/base/crypto/ed25519.h"

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace voelgoed::support {

struct HttpRequest
{
    std::string method, target;
    std::map<std::string, std::string> fields; ///< names in lower case
    base::Bytes body;

    std::string field(const std::string &name) const
    {
        const auto found = fields.find(name);
        return found == fields.end() ? std::string() : found->second;
    }
};

struct HttpAnswer
{
    int status = 200;
    std::vector<std::pair<std::string, std::string>> fields;
    std::string body;
    std::optional<std::string> raw;      ///< these bytes instead, and then the end of the connection
    std::optional<std::size_t> cutAfter; ///< only so many bytes of the body, and then the end of the connection
};

/// A little server on a loopback port of its own, with a thread for each connection; HTTP/1.1, kept alive; TLS 1.3 with
/// a certificate of the key where there is one. Ends its threads when it goes.
class HttpServer
{
public:
    /// Called on the connections' threads.
    using Handler = std::function<HttpAnswer(const HttpRequest &)>;

    explicit HttpServer(Handler handler, const std::optional<base::SigningKey> &tls = {});
    ~HttpServer();

    HttpServer(const HttpServer &) = delete;
    HttpServer &operator=(const HttpServer &) = delete;

    std::string url() const;
    int connections() const { return m_connections; }
    /// Ends all connections, and takes no more until it is asked to.
    void goAway();
    void comeBack();

private:
    struct Connection;
    struct Tls;

    void listen();
    void work();
    void serve(int socket);

    Handler m_handler;
    std::unique_ptr<Tls> m_tls;
    std::atomic<int> m_listening{-1};
    int m_port = 0;
    std::atomic<bool> m_stopping{false};
    std::atomic<bool> m_away{false};
    std::atomic<int> m_connections{0};
    std::mutex m_mutex;
    std::vector<int> m_sockets;
    std::vector<std::thread> m_threads;
    std::thread m_accepting;
};

} // namespace voelgoed::support
