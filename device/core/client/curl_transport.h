#pragma once

#include "device/core/client/transport.h"
#include "shared/base/crypto/ed25519.h"

#include <memory>

namespace voelgoed::client {

struct CurlOptions
{
    std::string server;    ///< protocol::checkServerAddress(); "http://…" only where the pairing said so
    base::PublicKey pin{}; ///< the key of the server's certificate, which is all that is asked of it
    std::string userAgent;
    base::Milliseconds connectTimeout = std::chrono::seconds(10);
};

/// HTTP/1.1 over libcurl, in a thread of its own: connections are kept and used again; TLS 1.3 with the server's key
/// pinned; no redirects, no proxies of the environment, no cookies. Ends its thread when it goes.
std::unique_ptr<Transport> makeCurlTransport(const CurlOptions &options);

} // namespace voelgoed::client
