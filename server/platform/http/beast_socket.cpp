#include "server/platform/http/beast_socket.h"

#include "server/platform/async/event.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/websocket/stream.hpp>

#include <deque>

namespace voelgoed::http {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace websocket = beast::websocket;

/// How Beast ends a stream of ours (found by their names).
inline void beast_close_socket(Stream &stream)
{
    stream.close();
}

inline void teardown(beast::role_type, Stream &stream, boost::system::error_code &failure)
{
    stream.shutdownSend();
    failure = {};
}

template <class Handler>
void async_teardown(beast::role_type, Stream &stream, Handler &&handler)
{
    stream.shutdownSend();
    asio::post(stream.get_executor(),
               beast::bind_front_handler(std::forward<Handler>(handler), boost::system::error_code()));
}

namespace {

constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);
/// Messages that are kept for a handler that does not ask for them.
constexpr std::size_t kInboxMax = 16;
constexpr base::Milliseconds kHandshakeMax{10'000};
constexpr base::Milliseconds kCloseWithin{5'000};

class BeastSocket final : public ServedSocket, public std::enable_shared_from_this<BeastSocket>
{
public:
    BeastSocket(Stream &stream, const SocketTerms &terms, std::shared_ptr<void> owner)
        : m_owner(std::move(owner)),
          m_terms(terms),
          m_executor(stream.get_executor()),
          m_socket(stream),
          m_arrived(m_executor),
          m_taken(m_executor),
          m_ended(m_executor)
    {}

    async::Task<bool> accept(const Request &request) override
    {
        beast::http::request<beast::http::empty_body> upgrade(beast::http::verb::get, request.target, 11);
        for (const auto &[name, value] : request.fields.all())
            upgrade.insert(name, value);
        websocket::stream_base::timeout timeout{kHandshakeMax, m_terms.idleMax, true};
        m_socket.set_option(timeout);
        m_socket.set_option(websocket::stream_base::decorator(
            [](websocket::response_type &response) { response.erase(beast::http::field::server); }));
        m_socket.read_message_max(m_terms.messageMax);
        m_terms.cutAfter(kHandshakeMax);
        const auto [failure] = co_await m_socket.async_accept(upgrade, kAwait);
        m_terms.cutAfter({});
        if (failure)
            co_return false;
        m_open = true;
        m_reading = true;
        async::start(m_executor, "websocket reading", [self = shared_from_this()] { return self->readAll(); });
        co_return true;
    }

    async::Task<std::optional<std::string>> receive() override
    {
        while (m_inbox.empty() && m_reading && !m_closing)
            co_await m_arrived.wait();
        if (m_inbox.empty() || m_closing)
            co_return std::nullopt;
        std::string message = std::move(m_inbox.front());
        m_inbox.pop_front();
        m_taken.notify();
        co_return message;
    }

    bool send(std::string text) override
    {
        if (!m_open || m_closing || m_queued + text.size() > m_terms.queueMax)
            return false;
        m_queued += text.size();
        m_outbox.push_back(std::move(text));
        beginWriting();
        return true;
    }

    std::size_t queued() const override { return m_queued; }

    void close(std::uint16_t code, std::string reason) override
    {
        if (!m_open || m_closing)
            return;
        // Control frames hold at most 125 bytes, two of them the code.
        m_closing.emplace(static_cast<websocket::close_code>(code), beast::string_view(reason).substr(0, 123));
        m_arrived.notify();
        m_taken.notify();
        beginWriting();
    }

    async::Task<void> finish() override
    {
        close(websocket::close_code::normal, {});
        // Who cannot be written to is not read from for long.
        if (!m_open && m_reading)
            m_terms.cutAfter(kCloseWithin);
        while (m_reading || m_writing)
            co_await m_ended.wait();
    }

private:
    async::Task<void> readAll()
    {
        beast::flat_buffer buffer;
        for (;;) {
            while (m_inbox.size() >= kInboxMax && m_open && !m_closing)
                co_await m_taken.wait();
            const auto [failure, size] = co_await m_socket.async_read(buffer, kAwait);
            if (failure)
                break;
            if (!m_socket.got_text())
                close(websocket::close_code::unknown_data, "text only");
            if (!m_closing)
                m_inbox.emplace_back(static_cast<const char *>(buffer.data().data()), buffer.size());
            buffer.clear();
            m_arrived.notify();
        }
        m_open = m_reading = false;
        m_arrived.notify();
        m_ended.notify();
    }

    void beginWriting()
    {
        if (!std::exchange(m_writing, true))
            async::start(m_executor, "websocket writing", [self = shared_from_this()] { return self->writeAll(); });
    }

    async::Task<void> writeAll()
    {
        m_socket.text(true);
        while (m_open && !m_outbox.empty()) {
            m_terms.cutAfter(m_terms.writeStallMax);
            const auto [failure, size] = co_await m_socket.async_write(asio::buffer(m_outbox.front()), kAwait);
            m_queued -= m_outbox.front().size();
            m_outbox.pop_front();
            if (failure)
                m_open = false;
        }
        m_terms.cutAfter({});
        if (m_open && m_closing) {
            m_terms.cutAfter(kCloseWithin);
            co_await m_socket.async_close(*m_closing, kAwait);
        }
        if (!m_open) {
            m_outbox.clear();
            m_queued = 0;
            m_taken.notify();
        }
        m_writing = false;
        m_ended.notify();
    }

    std::shared_ptr<void> m_owner;
    SocketTerms m_terms;
    async::Executor m_executor;
    websocket::stream<Stream &> m_socket;
    async::Event m_arrived, m_taken, m_ended;
    std::deque<std::string> m_inbox, m_outbox;
    std::size_t m_queued = 0;
    bool m_open = false;
    bool m_reading = false;
    bool m_writing = false;
    std::optional<websocket::close_reason> m_closing;
};

} // namespace

std::shared_ptr<ServedSocket> makeSocket(Stream &stream, const SocketTerms &terms, std::shared_ptr<void> owner)
{
    return std::make_shared<BeastSocket>(stream, terms, std::move(owner));
}

} // namespace voelgoed::http
