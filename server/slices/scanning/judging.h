#pragma once

#include "server/slices/scanning/area_books.h"
#include "server/slices/scanning/store.h"
#include "shared/admission/inputs.h"
#include "shared/domain/scan.h"
#include "shared/domain/verdict.h"

/// One scan that is judged here and not at a gate: by the same rules, on what Postgres holds.
namespace voelgoed::scanning {

/// A passage, and what its device called the presentation.
struct NamedPassage
{
    protocol::PassageRecord record;
    std::string nonce;
};

/// What a scan is judged on.
struct ScanFacts
{
    domain::CodeForm form = domain::CodeForm::Unknown;
    domain::CodeHash hash{}; ///< of what was read
    std::uint64_t rotatingStep = 0;
    admission::Candidates candidates;
    std::vector<std::vector<NamedPassage>>
        histories; ///< of each candidate at the scan's checkpoint, in the total order
    std::uint32_t insideHere = 0;
    std::uint32_t throughGate = 0;
    std::map<GateKey, GateDelta> places; ///< the event's counters, before the scan
};

/// The event, as its feed stands.
struct JudgedFor
{
    base::Uuid event{};
    std::int64_t head = 0;
    std::shared_ptr<const EventBook> book;
    AreaBooks &areas;
};

/// In a transaction that holds the event's feed, so that nobody passes meanwhile.
async::Task<base::Result<ScanFacts>> loadScanFacts(pg::Tx &tx, JudgedFor of, domain::Scan scan);

/// The verdict in values of its own.
struct JudgedScan
{
    domain::Reason reason = domain::Reason::Fault;
    std::string explanation; ///< in English
    std::uint32_t remaining = 0;
    std::vector<std::string> questions; ///< ids of those to answer
    std::optional<domain::Reason> overridden;
    bool flagged = false;
    std::optional<domain::Ticket> ticket; ///< that was judged
    std::optional<NamedPassage> last;     ///< of this ticket at the scan's checkpoint, before this scan
    std::uint8_t generation = 0;          ///< of the code that was read
    std::uint16_t unlistedAdmits = 0;     ///< persons, of a ticket that is in no list; 0: it is in one
};
JudgedScan judgeScan(const EventBook &book, const ScanFacts &facts, const domain::Scan &scan);

/// As it is written down.
domain::ScanRecord recordOf(const JudgedScan &judged, const ScanFacts &facts, const domain::Scan &scan);

} // namespace voelgoed::scanning
