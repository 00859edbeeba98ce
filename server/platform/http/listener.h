#pragma once

#include "server/platform/http/server.h"
#include "server/platform/http/stream.h"

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/ssl/context.hpp>

#include <memory>
#include <string>

namespace voelgoed::http {

/// A place where connections come in.
struct Listener
{
    using Acceptor = boost::asio::basic_socket_acceptor<boost::asio::generic::stream_protocol>;

    explicit Listener(const async::Executor &executor) : acceptor(executor) {}
    ~Listener(); ///< takes the file of a Unix socket away

    Acceptor acceptor;
    std::shared_ptr<boost::asio::ssl::context> tls; ///< nothing: no TLS
    bool plain = true;
    std::string unixPath;
    std::uint16_t port = 0;
};

/// Opens what the options say, listening.
base::Result<std::shared_ptr<Listener>> openListener(const async::Executor &executor, const ListenOptions &options);

/// The address of the other side, without port; IPv4 in IPv6 as IPv4.
std::string peerOf(const boost::asio::generic::stream_protocol::endpoint &endpoint);

/// Who shares one allowance of connections: an IPv4 address, an IPv6 network of 64 bits. Empty for Unix sockets.
std::string groupOf(const boost::asio::generic::stream_protocol::endpoint &endpoint);

} // namespace voelgoed::http
