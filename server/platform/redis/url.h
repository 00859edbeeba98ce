#pragma once

#include "shared/base/result.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace voelgoed::redis {

/// Where a Redis listens: a host and port, or a path.
struct Endpoint
{
    std::string host;
    std::uint16_t port = 0;
    std::string unixPath; ///< not empty: instead of host and port

    std::string text() const; ///< "127.0.0.1:6379", "[::1]:6379", "unix:/run/redis.sock"

    friend auto operator<=>(const Endpoint &, const Endpoint &) = default;
};

/// A Redis, and as whom to use it.
struct Address
{
    Endpoint endpoint;
    std::string user, password; ///< empty: none
    int database = 0;

    friend bool operator==(const Address &, const Address &) = default;
};

/// Reads redis://[[user]:password@]host[:port][/db] and unix:/path. User and password may be percent-encoded.
/// Unsupported for rediss://, Invalid for anything else; the message never shows the password.
base::Result<Address> parseUrl(std::string_view url);

} // namespace voelgoed::redis
