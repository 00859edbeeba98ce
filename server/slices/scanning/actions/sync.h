#pragma once

#include "server/platform/actions/action.h"
#include "server/slices/scanning/scanning.h"

/// The exchange with devices (shared/protocol/exchange_up.h), and their first download.
namespace voelgoed::scanning {

struct SyncBody
{
    actions::RawBody body; ///< protocol::SyncRequest
};
BOOST_DESCRIBE_STRUCT(SyncBody, (), (body))

struct OneSnapshot
{
    base::Uuid event{};
};
BOOST_DESCRIBE_STRUCT(OneSnapshot, (), (event))

async::Task<base::Result<actions::RawAnswer>> exchange(actions::Context &context, Scanning &scanning, SyncBody in);
async::Task<base::Result<actions::RawAnswer>> giveSnapshot(actions::Context &context, Scanning &scanning,
                                                           OneSnapshot in);

void addSyncActions(Scanning &scanning);

} // namespace voelgoed::scanning
