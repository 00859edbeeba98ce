#pragma once

#include "shared/base/ensure.h"
#include "shared/base/json.h"

#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/field.hpp>
#include <boost/beast/websocket.hpp>

#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace voelgoed::integration {

/// Somebody who listens to topics of a real server, over a real socket. Waits for at most a minute.
class TopicClient
{
public:
    /// `server`: "http://127.0.0.1:8080".
    TopicClient(const std::string &server, const std::string &token)
    {
        const auto colon = server.rfind(':');
        const auto port = static_cast<std::uint16_t>(std::stoi(server.substr(colon + 1)));
        const std::string host = server.substr(7, colon - 7);
        boost::beast::get_lowest_layer(m_socket).connect({boost::asio::ip::make_address(host), port}, m_failure);
        if (m_failure)
            return;
        m_socket.set_option(boost::beast::websocket::stream_base::decorator(
            [&](auto &request) { request.set(boost::beast::http::field::authorization, "Bearer " + token); }));
        m_socket.handshake(host, "/v1/socket", m_failure);
        if (!m_failure)
            beginRead();
    }

    bool isOpen() const { return !m_failure; }
    int closedWith() const { return m_socket.reason().code; }

    void say(const base::Json &frame)
    {
        boost::beast::error_code failure;
        m_socket.write(boost::asio::buffer(base::toText(frame)), failure);
    }
    void subscribe(const std::string &topic) { say({{"op", "sub"}, {"topic", topic}}); }

    /// The next frame that fits, those before it put aside; nothing when the socket closed before.
    std::optional<base::Json> next(const std::function<bool(const base::Json &)> &fits)
    {
        const auto end = std::chrono::steady_clock::now() + std::chrono::minutes(1);
        std::size_t looked = 0;
        while (std::chrono::steady_clock::now() < end) {
            for (; looked < m_frames.size(); ++looked) {
                if (fits(m_frames[looked])) {
                    base::Json frame = m_frames[looked];
                    m_frames.erase(m_frames.begin() + static_cast<std::ptrdiff_t>(looked));
                    return frame;
                }
            }
            if (m_failure)
                return std::nullopt;
            m_context.restart();
            m_context.run_one_for(std::chrono::milliseconds(50));
        }
        return std::nullopt;
    }
    std::optional<base::Json> next(const std::string &op)
    {
        return next([&](const base::Json &frame) { return frame.at("op").as_string() == op; });
    }
    /// The next event of a type.
    std::optional<base::Json> event(const std::string &type)
    {
        return next([&](const base::Json &frame) { return isEvent(frame, type); });
    }

    static bool isEvent(const base::Json &frame, const std::string &type)
    {
        return frame.at("op").as_string() == "event" && frame.at("event").at("type").as_string() == type;
    }

    /// Says a word and waits for its echo: all that was sent before has come.
    bool settle()
    {
        const std::string id = std::to_string(++m_pings);
        say({{"op", "ping"}, {"id", id}});
        return next([&](const base::Json &frame) {
                   return frame.at("op").as_string() == "pong" && frame.at("id").as_string() == id;
               })
            .has_value();
    }
    /// What came and nobody asked for yet.
    const std::deque<base::Json> &rest() const { return m_frames; }

private:
    void beginRead()
    {
        m_socket.async_read(m_buffer, [this](boost::beast::error_code failure, std::size_t) {
            if (failure) {
                m_failure = failure;
                return;
            }
            auto json = base::parseJson(boost::beast::buffers_to_string(m_buffer.data()));
            base::ensure(bool(json), "a frame that is no JSON");
            m_frames.push_back(*std::move(json));
            m_buffer.consume(m_buffer.size());
            beginRead();
        });
    }

    boost::asio::io_context m_context;
    boost::beast::websocket::stream<boost::beast::tcp_stream> m_socket{m_context};
    boost::beast::flat_buffer m_buffer;
    boost::beast::error_code m_failure;
    std::deque<base::Json> m_frames;
    int m_pings = 0;
};

} // namespace voelgoed::integration
