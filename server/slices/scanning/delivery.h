#pragma once

#include "shared/base/crypto/ed25519.h"
#include "shared/base/uuid.h"
#include "shared/protocol/exchange_down.h"
#include "shared/protocol/exchange_up.h"
#include "shared/protocol/passage.h"

#include <functional>

/// Rows as they arrive, read and checked, before anything is decided about them.
namespace voelgoed::scanning {

enum class Source { Live, Carried, Json };
std::string_view word(Source source);

/// Rows of scans that were judged here are of devices whose ids begin so; no device of ours has such a one.
inline constexpr std::string_view kJsonDevice = "json:";

/// A row that can be taken.
struct Brought
{
    base::Bytes bytes;
    domain::RowHash hash{};
    domain::Row row;
    base::Instant at; ///< corrected by the server
    Source source = Source::Live;
    bool unverified = false;  ///< its device has been revoked since, or
    bool neverPosted = false; ///< has never stood at its event
};

/// A row that cannot, and why in a word.
struct Unusable
{
    base::Bytes bytes;
    domain::RowKey key; ///< as far as it is known
    std::string reason;
};

/// What one request brought for one event.
struct Delivery
{
    base::Uuid organization{};
    base::Uuid event{};
    std::string broughtBy;
    std::vector<Brought> rows;
    std::vector<Unusable> unusable;
    std::vector<protocol::ShiftNote> shifts;
    std::uint64_t queued = 0;   ///< rows that waited on the device that brought it
    std::uint32_t failures = 0; ///< exchanges of that device that failed before this one
    base::Instant receivedAt;
};

struct Settled
{
    domain::RowKey row;
    protocol::RowOutcome outcome = protocol::RowOutcome::Accepted;
    std::string reason;
};

/// Who made a row, for carried ones.
struct Maker
{
    base::VerifyingKey key;
    bool isRevoked = false;
};
using FindMaker = std::function<std::optional<Maker>(const domain::DeviceId &)>;

/// When the request was made, on the device's clocks and on ours: what anchors the rows of the same boot.
struct Anchor
{
    domain::DeviceId device;
    domain::Epoch epoch; ///< of its rows that are of this boot; 0: none are known to be
    base::Milliseconds sinceBoot{};
    base::Instant now; ///< ours
};

/// A row's time as the server has it: through the boot clock where it is of this boot, else as the device said. So also
/// where the two are as near as the way of a request is long: the same row brought at another moment has the same time.
base::Instant correctedTime(const domain::Row &row, const Anchor &anchor);

struct Read
{
    std::vector<Brought> rows;
    std::vector<Unusable> unusable;
};

/// Reads chains: each head's signature is verified once, and vouches for the rows that hash up to it.
Read readChains(const std::vector<protocol::Chain> &chains, Source source, const Anchor &anchor, const FindMaker &find);

/// Whether a shift can be written down: names as long as ours, at moments that calendars have. What cannot is no
/// gate's, and must not hold up the rows that came along.
bool isStorable(const protocol::ShiftNote &shift);

} // namespace voelgoed::scanning
