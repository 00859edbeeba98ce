#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/ssl/stream.hpp>

#include <memory>
#include <optional>
#include <utility>

namespace voelgoed::http {

/// A connection's bytes: a TCP or Unix socket, from some moment on under TLS. One type for all of them, so that what is
/// built on it is compiled once.
class Stream
{
public:
    using executor_type = boost::asio::any_io_executor;
    using Socket = boost::asio::basic_stream_socket<boost::asio::generic::stream_protocol>;

    explicit Stream(Socket socket) : m_socket(std::move(socket)) {}

    executor_type get_executor() { return m_socket.get_executor(); }
    Socket &socket() { return m_socket; }
    bool secure() const { return m_tls.has_value(); }

    boost::asio::ssl::stream<Socket &> &startTls(boost::asio::ssl::context &context)
    {
        return m_tls.emplace(m_socket, context);
    }
    boost::asio::ssl::stream<Socket &> &tls() { return *m_tls; }

    template <class Buffers, class Token>
    auto async_read_some(const Buffers &buffers, Token &&token)
    {
        return m_tls ? m_tls->async_read_some(buffers, std::forward<Token>(token))
                     : m_socket.async_read_some(buffers, std::forward<Token>(token));
    }

    template <class Buffers, class Token>
    auto async_write_some(const Buffers &buffers, Token &&token)
    {
        return m_tls ? m_tls->async_write_some(buffers, std::forward<Token>(token))
                     : m_socket.async_write_some(buffers, std::forward<Token>(token));
    }

    /// What is being waited for ends with operation_aborted; the connection stays.
    void cancel()
    {
        boost::system::error_code ignored;
        m_socket.cancel(ignored);
    }

    void shutdownSend()
    {
        boost::system::error_code ignored;
        m_socket.shutdown(Socket::shutdown_send, ignored);
    }

    /// What is not sent yet is still sent, by the system.
    void close()
    {
        boost::system::error_code ignored;
        m_socket.close(ignored);
    }

    /// What is not sent yet is thrown away, and the other side learns that something was cut.
    void reset()
    {
        boost::system::error_code ignored;
        m_socket.set_option(boost::asio::socket_base::linger(true, 0), ignored);
        m_socket.close(ignored);
    }

private:
    Socket m_socket;
    std::optional<boost::asio::ssl::stream<Socket &>> m_tls;
};

} // namespace voelgoed::http
