#pragma once

#include "shared/base/crypto/ed25519.h"
#include "shared/base/crypto/sealed.h"

#include <string>

namespace voelgoed::app {

/// The server's own keys, in one file that only its user may read. Every server that shares a database has the same.
struct Identity
{
    base::SigningKey signing;
    base::ExchangePair exchange;
    base::Digest cursors{};   ///< under which cursors are sealed
    std::string metricsToken; ///< who brings it may read the figures; also in `folder`/metrics-token, for a scraper
};

/// Reads `folder`/server-keys.json, or makes it. Corrupt when it is there and cannot be read: it is never overwritten.
base::Result<Identity> openIdentity(const std::string &folder, base::Random &random);

} // namespace voelgoed::app
