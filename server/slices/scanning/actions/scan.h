#pragma once

#include "server/platform/actions/action.h"
#include "server/slices/scanning/overrides.h"
#include "server/slices/scanning/scanning.h"

/// One scan in JSON, judged here: for scanners of other makers.
namespace voelgoed::scanning {

enum class Way { Entry, Exit };
BOOST_DESCRIBE_ENUM(Way, Entry, Exit)

struct OneScan
{
    base::Uuid event{};
    actions::Text<4096> code;                     ///< as it was read
    std::optional<actions::Text<100>> checkpoint; ///< a device's is its post's, as are its gate and direction
    std::optional<actions::Text<100>> gate;       ///< one of the event's
    std::optional<actions::Text<64>> device;      ///< which scanner, where one caller has several
    std::optional<Way> direction;                 ///< entry, if nothing is said
    std::optional<actions::Text<64>> nonce; ///< the scanner's name for this presentation: said again, it counts once
    std::optional<std::int32_t> count;      ///< persons; 1
    std::optional<base::Instant> at;        ///< when it was read, by the scanner's clock: see scanOnce()
    bool confirmPending = false;
    std::map<std::string, std::string> answers; ///< by question
    std::optional<OverrideWords> override;
    std::optional<actions::Text<100>> operatedBy;
    std::optional<actions::Text<128>> session; ///< a scan session of this scanner
    bool test = false;
};
BOOST_DESCRIBE_STRUCT(OneScan, (),
                      (event, code, checkpoint, gate, device, direction, nonce, count, at, confirmPending, answers,
                       override, operatedBy, session, test))

struct ScanVerdict
{
    std::string outcome, reason;
    std::string explanation; ///< a sentence for the guest, in English
    std::optional<std::int32_t> remaining;
    std::vector<std::string> questions; ///< ids of those to answer
    std::optional<std::string> overridden;
    bool flagged = false;
    std::optional<std::int32_t> ordinal;
    std::string ticketType, seat;
    bool attention = false;
    std::vector<std::string> notes;
    base::Instant at;  ///< as it was judged
    bool late = false; ///< the scanner said a time more than kLate before it
    // Where one was named: persons through the gate, this one included, as its capacity counts them.
    std::string gate;
    std::optional<std::int64_t> occupancy, capacity, percentFull;
    // All who are inside the event, likewise.
    std::int64_t eventOccupancy = 0;
    std::optional<std::int64_t> eventCapacity, eventPercentFull;
    // Where the ticket passed this checkpoint before.
    std::optional<base::Instant> lastScannedAt;
    std::optional<std::string> lastGateName;
    std::optional<std::int64_t> secondsSince;
};
BOOST_DESCRIBE_STRUCT(ScanVerdict, (),
                      (outcome, reason, explanation, remaining, questions, overridden, flagged, ordinal, ticketType,
                       seat, attention, notes, at, late, gate, occupancy, capacity, percentFull, eventOccupancy,
                       eventCapacity, eventPercentFull, lastScannedAt, lastGateName, secondsSince))

/// A scan that was made longer ago than this, by its scanner's clock, is late.
inline constexpr base::Milliseconds kLate = std::chrono::seconds(60);

/// Judges one scan and writes it down.
///
/// By the server's time: a scanner's clock vouches for nothing, so that neither an expired ticket nor a rotating code
/// that has had its time is good again because a clock is slow or a scan was kept. The corrected time, at which the row
/// stands among all others, is the server's too, and what the scanner said is kept beside it. No scan is refused for
/// its clock. A late one is marked (its row's clock is `bracketed`, the answer says `late`): it is judged as if it was
/// made now, for a passage that nobody told of cannot have been let in by a verdict that nobody had given. Only the
/// machine's administrator may ask what would have been at another moment, or at a gate
/// that is not there.
///
/// A device scans at its post: what it does not say is the post's, and what is not the post's does not exist.
async::Task<base::Result<ScanVerdict>> scanOnce(actions::Context &context, Scanning &scanning, OneScan in);

void addScanActions(Scanning &scanning);

} // namespace voelgoed::scanning
