#pragma once

#include "device/core/client/transport.h"
#include "device/core/journal/journal.h"
#include "shared/base/crypto/ed25519.h"
#include "shared/protocol/exchange_down.h"
#include "shared/protocol/request_signature.h"

#include <memory>
#include <optional>

namespace voelgoed::sync {

/// Who speaks, and to whom.
struct Parties
{
    domain::DeviceId device;
    base::SigningKey signing;
    base::VerifyingKey server;
};

/// An exchange as the gate's thread hands it over: rows are not yet signed for.
struct Draft
{
    protocol::SyncRequest request; ///< but for `own`
    std::vector<journal::OutgoingRow> rows;
};

/// What came of it.
struct Heard
{
    base::Result<protocol::SyncReply> reply = base::Error{base::ErrorCode::Unavailable, "not answered", {}};
    base::Milliseconds retryAfter{}; ///< where there is no reply, and the server said when to come back
    base::Milliseconds took{};       ///< there and back, the server's own time included
};

/// Rows in chains, each signed for: a new one begins at each hole in the numbers, and with each epoch.
std::vector<protocol::Chain> chainsOf(std::vector<journal::OutgoingRow> rows, const Parties &parties);

/// A request with the device's signature, as it goes out.
client::Request signedRequest(client::Request request, const protocol::RequestStamp &stamp, const Parties &parties);

/// POST /v1/sync: chained, signed and packed, answered, verified and unpacked on the transport's thread. An answer that
/// the server has not signed for this very request is none.
client::Call exchangeCall(std::shared_ptr<const Parties> parties, protocol::RequestStamp stamp, Draft draft,
                          std::shared_ptr<Heard> heard);

} // namespace voelgoed::sync
