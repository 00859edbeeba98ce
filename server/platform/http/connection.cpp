#include "server/platform/http/connection.h"

#include "server/platform/http/beast_socket.h"
#include "server/platform/http/target.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <cstring>

namespace voelgoed::http {

namespace asio = boost::asio;

namespace {

constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);

/// The first byte of a TLS record that begins a handshake (RFC 8446, section 5.1); no method begins with it.
constexpr char kTlsHandshake = 0x16;
constexpr std::size_t kHandshakeKey = 16; // bytes (RFC 6455, section 4.1)
constexpr std::size_t kInFirst = 2 * 1024;
constexpr std::size_t kSmallBody = std::size_t{4} << 20; ///< as an exchange of a gate may be
/// How long, and for how many bytes, a connection that we close is read on: what comes unread would make the system
/// take back the answer on its way.
constexpr base::Milliseconds kLeaveWithin{2'000};
constexpr std::size_t kLeaveMax = std::size_t{1} << 20;

} // namespace

Connection::Connection(std::shared_ptr<Core> core, Stream::Socket socket, Terms terms)
    : Member(terms.group),
      m_core(std::move(core)),
      m_stream(std::move(socket)),
      m_terms(std::move(terms)),
      m_reader(m_core->limits().headerMax)
{}

Connection::~Connection()
{
    claim(0);
    m_core->roll().remove(*this);
    m_core->left();
}

void Connection::expect(Waiting what, base::Milliseconds within)
{
    m_waiting = what;
    setDeadline(std::chrono::steady_clock::now() + within);
}

void Connection::expectNothing(Waiting what)
{
    m_waiting = what;
    setDeadline(kNever);
}

void Connection::expire()
{
    setDeadline(kNever);
    switch (m_waiting) {
    case Waiting::Greeting:
    case Waiting::Request:
    case Waiting::Body:
        m_expired = true;
        m_stream.cancel();
        return;
    case Waiting::Handler:
        return;
    case Waiting::Writing:
    case Waiting::Socket:
    case Waiting::Leaving:
        return cut();
    }
}

void Connection::wind()
{
    if (m_socket)
        return m_socket->close(1001, "the server stops");
    if (m_waiting != Waiting::Greeting && m_waiting != Waiting::Request)
        return;
    m_over = true;
    m_stream.close();
}

void Connection::cut()
{
    m_over = true;
    m_stream.reset();
}

bool Connection::claim(std::size_t bytes)
{
    const auto largeOf = [](std::size_t size) { return size > kSmallBody ? size : 0; };
    Server::Figures &figures = m_core->figures();
    figures.bodyBytes += bytes - m_claimed;
    figures.largeBodyBytes += largeOf(bytes) - largeOf(m_claimed);
    m_claimed = bytes;
    // However many large ones come slowly, there is room for what gates send.
    const std::size_t most = m_core->limits().bodiesMax;
    return figures.bodyBytes <= most && (bytes <= kSmallBody || figures.largeBodyBytes <= most / 2);
}

async::Task<void> Connection::run()
{
    const auto self = shared_from_this();
    if (co_await greet()) {
        while (co_await serveOne()) {}
    }
    co_await leave();
}

async::Task<bool> Connection::fill(std::size_t most)
{
    if (m_begin == m_end)
        m_begin = m_end = 0;
    if (m_end == m_in.size() && m_begin > 0) {
        std::memmove(m_in.data(), m_in.data() + m_begin, m_end - m_begin);
        m_end -= std::exchange(m_begin, 0);
    } else if (m_end == m_in.size()) {
        if (m_in.size() >= most)
            co_return false;
        m_in.resize(std::min(most, std::max(kInFirst, 2 * m_in.size())));
    }
    const auto [failure, got] =
        co_await m_stream.async_read_some(asio::buffer(m_in.data() + m_end, m_in.size() - m_end), kAwait);
    m_end += got;
    m_over = m_over || (failure && !m_expired);
    co_return !failure && !m_expired && !m_over;
}

async::Task<bool> Connection::greet()
{
    expect(Waiting::Greeting, m_core->limits().headerWithin);
    if (!m_terms.tls)
        co_return true;
    if (!co_await fill(kInFirst))
        co_return false;
    if (unread().front() != kTlsHandshake) {
        if (!m_terms.plain)
            co_await refuse(badRequest("tls_only", "only HTTPS is spoken here"), 1);
        co_return m_terms.plain;
    }
    auto &tls = m_stream.startTls(*m_terms.tls);
    const auto [failure, used] = co_await tls.async_handshake(asio::ssl::stream_base::server,
                                                              asio::buffer(unread().data(), unread().size()), kAwait);
    m_begin += used;
    // Nothing may be left: a client says no more before it was answered.
    co_return !failure && !m_expired && m_begin == m_end;
}

async::Task<bool> Connection::readHead()
{
    const bool first = phase() == Phase::Opening;
    bool timed = false;
    m_reader.next();
    for (;;) {
        auto progress = m_reader.readHead(unread());
        if (progress.refusal) {
            m_refusal = std::move(progress.refusal);
            co_return false;
        }
        m_begin += progress.used;
        if (progress.done)
            co_return true;
        if (!timed) {
            timed = first || !unread().empty();
            if (!timed && m_in.size() > 2 * kInFirst)
                m_in = {}; // what a large body took; nothing is unread
            m_core->roll().move(*this, timed ? Phase::Opening : Phase::Idle);
            expect(Waiting::Request, timed ? m_core->limits().headerWithin : m_core->limits().idleMax);
        }
        if (unread().empty() && m_core->isStopping())
            co_return false;
        if (co_await fill(m_core->limits().headerMax))
            continue;
        if (m_expired && m_reader.begun())
            m_refusal = tooSlow();
        co_return false;
    }
}

std::optional<Refusal> Connection::prepare(Exchange &exchange)
{
    Head &head = m_reader.head();
    exchange.framing = m_reader.framing();
    exchange.minor = head.minor;
    exchange.keepAlive = exchange.framing.keepAlive;
    const auto method = methodFrom(head.method);
    if (!method)
        return Refusal{501, "method", "this method is not known here"};
    auto target = parseTarget(head.target, exchange.framing.host);
    if (auto *refusal = std::get_if<Refusal>(&target))
        return std::move(*refusal);
    auto &read = std::get<Target>(target);
    exchange.headOnly = *method == Method::Head;
    Request &request = exchange.request;
    request.method = exchange.headOnly ? Method::Get : *method;
    exchange.isGet = request.method == Method::Get;
    request.path = std::move(read.path);
    request.segments = std::move(read.segments);
    request.query = std::move(read.query);
    request.target = std::move(head.target);
    request.fields = std::move(head.fields);
    request.peer = m_terms.peer;
    request.secure = m_stream.secure();
    request.admin = m_terms.admin;
    request.receivedAt = m_core->now();
    exchange.coding = acceptedCoding(request.fields["Accept-Encoding"]);
    if (exchange.isGet) {
        exchange.range = request.fields["Range"];
        exchange.ifRange = request.fields["If-Range"];
        exchange.ifNoneMatch = request.fields["If-None-Match"];
    }
    return {};
}

std::optional<Refusal> Connection::handshakeFault(const Request &request) const
{
    const auto key = base::fromBase64(request.fields["Sec-WebSocket-Key"]);
    if (request.method != Method::Get || !key || key->size() != kHandshakeKey || !unread().empty())
        return badRequest("websocket", "this is no WebSocket handshake");
    if (request.fields["Sec-WebSocket-Version"] != "13")
        return Refusal{426, "websocket_version", "only version 13 of WebSocket is spoken here"};
    return {};
}

std::optional<Admission> Connection::admit(const Request &request)
{
    try {
        return m_core->handler().admit(request);
    } catch (const std::exception &thrown) {
        m_core->trouble(std::string("http: admitting a request threw: ") + thrown.what());
        return {};
    }
}

async::Task<std::optional<Answer>> Connection::ask(Request request)
{
    try {
        co_return co_await m_core->handler().handle(std::move(request));
    } catch (const std::exception &thrown) {
        m_core->trouble(std::string("http: answering a request threw: ") + thrown.what());
    }
    co_return std::nullopt;
}

async::Task<bool> Connection::serveOne()
{
    if (!co_await readHead()) {
        if (m_refusal)
            co_await refuse(*m_refusal, 1);
        co_return false;
    }
    m_core->roll().move(*this, Phase::Busy);
    expectNothing(Waiting::Handler);
    Exchange exchange;
    if (const auto refusal = prepare(exchange))
        co_return co_await refuse(*refusal, exchange.minor);
    auto admission = admit(exchange.request);
    if (!admission)
        co_return co_await refuse({500, "internal", "the request could not be answered"}, exchange.minor);
    if (admission->refuse) {
        exchange.keepAlive = co_await dropBody(exchange) && exchange.keepAlive;
        co_return !m_over &&
            co_await send(exchange, {.response = *std::move(admission->refuse), .source = {}, .file = {}});
    }
    if (exchange.framing.webSocket && admission->webSocket && !exchange.framing.hasBody()) {
        co_await serveSocket(exchange);
        co_return false;
    }
    if (exchange.framing.hasBody()) {
        auto refusal = co_await readBody(exchange, *admission);
        if (!refusal && !m_over)
            refusal = co_await decode(exchange, admission->bodyMax);
        if (m_over)
            co_return false;
        if (refusal) {
            m_reader.next();
            claim(0);
            co_return co_await refuse(*refusal, exchange.minor);
        }
    }
    expectNothing(Waiting::Handler);
    ++m_core->figures().requests;
    auto answer = co_await ask(std::move(exchange.request));
    claim(0);
    if (!answer)
        co_return co_await refuse({500, "internal", "the request could not be answered"}, exchange.minor);
    co_return !m_over && co_await send(exchange, *std::move(answer));
}

async::Task<void> Connection::serveSocket(Exchange &exchange)
{
    if (const auto refusal = handshakeFault(exchange.request)) {
        co_await refuse(*refusal, exchange.minor);
        co_return;
    }
    const Limits &limits = m_core->limits();
    const SocketTerms terms{.messageMax = limits.socketMessageMax,
                            .queueMax = limits.socketQueueMax,
                            .idleMax = limits.socketIdleMax,
                            .writeStallMax = limits.writeStallMax,
                            .cutAfter = [this](std::optional<base::Milliseconds> within) {
                                within ? expect(Waiting::Socket, *within) : expectNothing(Waiting::Socket);
                            }};
    const auto socket = makeSocket(m_stream, terms, shared_from_this());
    m_over = !co_await socket->accept(exchange.request);
    if (m_over)
        co_return;
    m_socket = socket.get();
    ++m_core->figures().sockets;
    if (m_core->isStopping())
        wind();
    try {
        co_await m_core->handler().serve(std::move(exchange.request), *socket);
    } catch (const std::exception &thrown) {
        m_core->trouble(std::string("http: serving a socket threw: ") + thrown.what());
        socket->close(1011, "");
    }
    co_await socket->finish();
    --m_core->figures().sockets;
    m_socket = nullptr;
    m_over = true;
}

async::Task<void> Connection::leave()
{
    m_core->roll().move(*this, Phase::Idle);
    if (m_over || !m_answered)
        co_return m_stream.close();
    m_expired = false;
    expect(Waiting::Leaving, kLeaveWithin);
    if (m_stream.secure())
        co_await m_stream.tls().async_shutdown(kAwait);
    m_stream.shutdownSend();
    // Under TLS, what comes now is dropped undeciphered.
    for (std::size_t dropped = 0; dropped < kLeaveMax && !m_over;) {
        m_in.resize(std::max(m_in.size(), kInFirst));
        const auto [failure, got] = co_await m_stream.socket().async_read_some(asio::buffer(m_in), kAwait);
        if (failure)
            break;
        dropped += got;
    }
    m_stream.close();
}

} // namespace voelgoed::http
