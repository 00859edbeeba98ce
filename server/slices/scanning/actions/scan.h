#pragma once

#include "server/platform/actions/action.h"
#include "server/slices/scanning/scanning.h"

/// One scan in JSON, judged here: for scanners of other makers.
namespace voelgoed::scanning {

enum class Way { Entry, Exit };
BOOST_DESCRIBE_ENUM(Way, Entry, Exit)

/// A supervisor lets somebody pass against the rules.
struct OverrideWords
{
    actions::Text<100> by;
    actions::Text<500> why;
};
BOOST_DESCRIBE_STRUCT(OverrideWords, (), (by, why))

struct OneScan
{
    base::Uuid event{};
    actions::Text<4096> code; ///< as it was read
    actions::Text<100> checkpoint;
    std::optional<actions::Text<100>> gate;
    std::optional<actions::Text<64>> device; ///< which scanner, where one caller has several
    std::optional<Way> direction;            ///< entry, if nothing is said
    std::optional<actions::Text<64>> nonce;  ///< the scanner's name for this presentation: said again, it counts once
    std::optional<std::int32_t> count;       ///< persons; 1
    std::optional<base::Instant> at;         ///< now; at most five minutes ahead
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
    base::Instant at;
};
BOOST_DESCRIBE_STRUCT(ScanVerdict, (),
                      (outcome, reason, explanation, remaining, questions, overridden, flagged, ordinal, ticketType,
                       seat, attention, notes, at))

async::Task<base::Result<ScanVerdict>> scanOnce(actions::Context &context, Scanning &scanning, OneScan in);

void addScanActions(Scanning &scanning);

} // namespace voelgoed::scanning
