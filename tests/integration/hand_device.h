#pragma once

#include "tests/support/plain_http.h"

#include "shared/base/crypto/ed25519.h"
#include "shared/base/json.h"
#include "shared/protocol/exchange_down.h"
#include "shared/protocol/exchange_up.h"
#include "shared/protocol/request_signature.h"

#include <optional>
#include <string>
#include <vector>

namespace voelgoed::integration {

/// A device of a test's own making, paired with a real server: what it sends is in the test's hands, down to the bytes.
class HandDevice
{
public:
    /// Pairs by the code of an invitation (Backstage::invite), and is approved by whoever holds the token. Ends the
    /// program when that fails.
    HandDevice(support::PlainHttp http, const base::Json &invitation, const std::string &token, std::uint64_t seed);

    const domain::DeviceId &id() const { return m_id; }
    const base::SigningKey &key() const { return m_key; }

    struct Answer
    {
        int status = 0;
        std::string code;                         ///< of a problem
        std::optional<protocol::SyncReply> reply; ///< where it was one, signed by the server for this request
    };
    /// Signed by this device under the next counter.
    Answer send(const protocol::SyncRequest &request);
    Answer send(std::string_view bytes);
    /// Signed for the next counter, and not sent: for tests that send it as often as they like, or change it.
    support::PlainRequest prepared(std::string_view bytes);
    Answer send(const support::PlainRequest &request);

    /// The event's list, as a first download gives it: every change in it. Nothing when it is not given.
    std::optional<std::vector<protocol::Change>> download(const std::string &event);

    /// A scan of CODE-`ordinal` that was admitted, as the device's next row.
    domain::Row scan(const std::string &event, std::uint32_t ordinal);
    /// Rows in a chain with the device's signature; `previous` of each is filled in.
    protocol::Chain chain(std::vector<domain::Row> rows, const base::SigningKey *signer = nullptr) const;
    /// A request with these chains, and nothing else to ask.
    protocol::SyncRequest with(std::vector<protocol::Chain> own, const std::string &event) const;

private:
    support::PlainHttp m_http;
    domain::DeviceId m_id;
    base::SigningKey m_key;
    base::PublicKey m_server{};
    std::uint64_t m_counter = 0, m_sequence = 0;
};

} // namespace voelgoed::integration
