#pragma once

#include "server/app/options.h"
#include "server/platform/work/database.h"
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

/// Makes sure that the database is of these keys: of those of the first server that asked. Conflict when it is of
/// others, unless these are to replace them.
async::Task<base::Result<void>> claimDatabase(work::Database &database, const Identity &identity, Options::Keys keys);

/// Whether the database's count of transactions goes on from what is written in it. Conflict where it does not: events
/// and the audit trail are in the order of transactions, and a dump that was read into another PostgreSQL, which counts
/// from the beginning, would lie in front of everything that is written from then on.
async::Task<base::Result<void>> checkCounter(work::Database &database);

} // namespace voelgoed::app
