#pragma once

#include "server/platform/http/beast_reader.h"
#include "server/platform/http/core.h"
#include "server/platform/http/response_head.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace voelgoed::http {

/// One connection: its requests one after the other, each answered before the next is read. Lives as long as run().
class Connection final : public Member, public std::enable_shared_from_this<Connection>
{
public:
    /// Where it came in.
    struct Terms
    {
        std::shared_ptr<boost::asio::ssl::context> tls;
        bool plain = true;
        bool admin = false;
        std::string peer;
        std::string group;
    };

    Connection(std::shared_ptr<Core> core, Stream::Socket socket, Terms terms);
    ~Connection() override;

    async::Task<void> run();

    void expire() override;
    void drop() override { cut(); }
    void wind(); ///< the server stops: leaves as soon as no request is in hand
    void cut();  ///< leaves now

private:
    enum class Waiting { Greeting, Request, Body, Handler, Writing, Socket, Leaving };

    /// A request, and what its answer must know of it once the handler has it.
    struct Exchange
    {
        Request request;
        Framing framing;
        int minor = 1;
        bool isGet = false;
        bool headOnly = false;
        bool keepAlive = true;
        std::optional<Coding> coding;
        std::string range, ifRange, ifNoneMatch;
    };

    // Reading (connection.cpp).
    async::Task<bool> greet();
    async::Task<bool> serveOne();
    async::Task<bool> readHead();
    std::optional<Refusal> prepare(Exchange &exchange);
    std::optional<Refusal> handshakeFault(const Request &request) const;
    std::optional<Admission> admit(const Request &request);
    async::Task<std::optional<Answer>> ask(Request request);
    async::Task<void> serveSocket(Exchange &exchange);
    async::Task<void> leave();
    async::Task<bool> fill(std::size_t most);
    std::string_view unread() const { return {m_in.data() + m_begin, m_end - m_begin}; }
    bool claim(std::size_t bytes);
    void expect(Waiting what, base::Milliseconds within);
    void expectNothing(Waiting what);

    // Reading bodies (connection_body.cpp).
    async::Task<std::optional<Refusal>> readBody(Exchange &exchange, const Admission &admission);
    async::Task<std::optional<Refusal>> decode(Exchange &exchange, std::size_t bodyMax);
    async::Task<bool> dropBody(const Exchange &exchange);

    // Writing (connection_send.cpp).
    async::Task<bool> send(Exchange &exchange, Answer answer);
    async::Task<bool> sendWhole(Exchange &exchange, Response response);
    async::Task<bool> sendSource(Exchange &exchange, Response response, BodySource source);
    async::Task<bool> sendFile(Exchange &exchange, Response response, FileBody file);
    async::Task<bool> refuse(const Refusal &refusal, int minor);
    async::Task<bool> writeAll(std::string_view first, std::string_view second);
    void beginHead(const Exchange &exchange, const Response &response, BodyForm form, std::uint64_t size);
    async::Task<base::Result<std::optional<std::string>>> next(const BodySource &source);
    async::Task<std::string> encoded(Coding coding, std::string body);

    std::shared_ptr<Core> m_core;
    Stream m_stream;
    Terms m_terms;
    RequestReader m_reader;
    std::vector<char> m_in;
    std::size_t m_begin = 0, m_end = 0; ///< of what was read and not used
    std::string m_out;
    std::size_t m_claimed = 0;
    Waiting m_waiting = Waiting::Greeting;
    bool m_expired = false;
    bool m_over = false;     ///< the other side has gone, or it was cut
    bool m_answered = false; ///< something was sent
    std::optional<Refusal> m_refusal;
    Socket *m_socket = nullptr;
};

} // namespace voelgoed::http
