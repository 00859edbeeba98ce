#include "server/platform/http/listener.h"

#include "server/platform/http/tls.h"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>

#include <algorithm>
#include <cstring>
#include <filesystem>

#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

namespace voelgoed::http {

namespace asio = boost::asio;
using Endpoint = asio::generic::stream_protocol::endpoint;

namespace {

constexpr std::size_t kUnixPathMax = 107;
constexpr int kBacklog = 4096;

base::Error failed(const std::string &where, const boost::system::error_code &failure)
{
    const bool taken = failure == asio::error::address_in_use;
    return {taken ? base::ErrorCode::Conflict : base::ErrorCode::Unavailable,
            "listen on " + where + ": " + failure.message(), taken ? "another program listens there" : ""};
}

/// A file that a program left behind which nobody can reach any more. Whatever else is there stays.
base::Result<void> clearPath(const async::Executor &executor, const std::string &path)
{
    std::error_code ignored;
    if (!std::filesystem::is_socket(path, ignored))
        return {};
    asio::local::stream_protocol::socket probe(executor);
    boost::system::error_code failure;
    probe.connect(asio::local::stream_protocol::endpoint(path), failure);
    if (failure != asio::error::connection_refused)
        return failed(path, asio::error::make_error_code(asio::error::address_in_use));
    std::filesystem::remove(path, ignored);
    return {};
}

base::Result<Endpoint> endpointOf(const async::Executor &executor, const ListenOptions &options)
{
    if (!options.unixPath.empty()) {
        if (options.unixPath.size() > kUnixPathMax)
            return base::invalid("Unix socket: a path of more than 107 bytes", "choose a shorter folder");
        if (auto cleared = clearPath(executor, options.unixPath); !cleared)
            return cleared.error();
        return Endpoint(asio::local::stream_protocol::endpoint(options.unixPath));
    }
    boost::system::error_code failure;
    const auto address = asio::ip::make_address(options.address, failure);
    if (failure)
        return base::invalid("listen: " + options.address + " is no address", "say it in numbers");
    return Endpoint(asio::ip::tcp::endpoint(address, options.port));
}

boost::system::error_code open(Listener &listener, const Endpoint &endpoint)
{
    boost::system::error_code failure;
    auto &acceptor = listener.acceptor;
    const bool local = endpoint.protocol().family() == AF_UNIX;
    acceptor.open(endpoint.protocol(), failure);
    if (!failure && !local)
        acceptor.set_option(asio::socket_base::reuse_address(true), failure);
    if (!failure)
        acceptor.bind(endpoint, failure);
    // Before it listens: until then nobody connects.
    if (!failure && local && ::chmod(listener.unixPath.c_str(), S_IRUSR | S_IWUSR) != 0)
        failure.assign(errno, boost::system::system_category());
    if (!failure)
        acceptor.listen(kBacklog, failure);
    return failure;
}

/// The endpoint as TCP knows it.
asio::ip::address addressOf(const Endpoint &endpoint)
{
    asio::ip::tcp::endpoint tcp;
    if (endpoint.size() > tcp.capacity())
        return {};
    std::memcpy(tcp.data(), endpoint.data(), endpoint.size());
    tcp.resize(endpoint.size());
    const auto address = tcp.address();
    if (address.is_v6() && address.to_v6().is_v4_mapped())
        return asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6());
    return address;
}

} // namespace

Listener::~Listener()
{
    if (!unixPath.empty())
        ::unlink(unixPath.c_str());
}

base::Result<std::shared_ptr<Listener>> openListener(const async::Executor &executor, const ListenOptions &options)
{
    const auto endpoint = endpointOf(executor, options);
    if (!endpoint)
        return endpoint.error();
    const auto listener = std::make_shared<Listener>(executor);
    if (!options.certificatePem.empty()) {
        auto tls = makeTls(options.certificatePem, options.keyPem);
        if (!tls)
            return tls.error();
        listener->tls = *std::move(tls);
    }
    listener->plain = options.plain || !listener->tls;
    listener->unixPath = options.unixPath;
    if (const auto failure = open(*listener, *endpoint)) {
        listener->unixPath.clear();
        return failed(options.unixPath.empty() ? options.address + ":" + std::to_string(options.port)
                                               : options.unixPath,
                      failure);
    }
    if (options.unixPath.empty()) {
        asio::ip::tcp::endpoint bound;
        const Endpoint own = listener->acceptor.local_endpoint();
        std::memcpy(bound.data(), own.data(), own.size());
        bound.resize(own.size());
        listener->port = bound.port();
    }
    return listener;
}

std::string peerOf(const Endpoint &endpoint)
{
    return endpoint.protocol().family() == AF_UNIX ? "unix" : addressOf(endpoint).to_string();
}

std::string groupOf(const Endpoint &endpoint)
{
    if (endpoint.protocol().family() == AF_UNIX)
        return {};
    const auto address = addressOf(endpoint);
    if (!address.is_v6())
        return address.to_string();
    auto bytes = address.to_v6().to_bytes();
    std::fill(bytes.begin() + 8, bytes.end(), 0);
    return asio::ip::address_v6(bytes).to_string();
}

} // namespace voelgoed::http
