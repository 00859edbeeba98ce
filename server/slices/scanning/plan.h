#pragma once

#include "server/slices/scanning/delivery.h"
#include "server/slices/scanning/watch.h"
#include "shared/admission/rulebook.h"
#include "shared/bitmap/checksum.h"

#include <map>
#include <memory>
#include <optional>
#include <set>

/// What becomes of rows, worked out from what is known: pure, so that it can be tested without a database.
namespace voelgoed::scanning {

/// What a device said of itself along with its rows.
struct DeviceSays
{
    std::uint64_t queued = 0;   ///< rows that still wait there
    std::uint32_t failures = 0; ///< exchanges that failed one after the other before this one
};

/// A row of this number is there already.
struct Known
{
    domain::RowHash hash{};
};

struct GateKey
{
    std::string checkpoint, gate;

    friend auto operator<=>(const GateKey &, const GateKey &) = default;
};

/// Persons, of all time and since a closing: at its close_at a checkpoint is empty, whoever was counted in before.
struct GateDelta
{
    std::int64_t entries = 0, exits = 0, refused = 0;
    base::Instant since; ///< the closing before the latest passage; 1970: none
    std::int64_t sinceEntries = 0, sinceExits = 0;

    friend bool operator==(const GateDelta &, const GateDelta &) = default;
};

/// Persons counted at one gate of a checkpoint.
struct GateCount
{
    GateKey of;
    GateDelta sum;

    friend bool operator==(const GateCount &, const GateCount &) = default;
};

/// What comes late, of a span before the latest closing, counts in the sums of all time alone.
void addTo(GateDelta &sum, const GateDelta &more);
/// Persons who came in here since the last closing and did not go out again: below 0 where they left by another gate.
std::int64_t insideOf(const GateCount &count, const admission::Rulebook *rulebook, base::Instant now);
/// Persons inside through a checkpoint, or in the zone that it shares.
std::int64_t insideArea(const std::map<GateKey, GateDelta> &all, const admission::Rulebook &rulebook,
                        const admission::CompiledCheckpoint &checkpoint, base::Instant now);
/// Persons inside the event. As its figures have it: who is inside two places counts in both.
std::int64_t insideEvent(const std::map<GateKey, GateDelta> &all, const admission::Rulebook *rulebook,
                         base::Instant now);
/// Persons in through a gate less those out through it, as its capacity counts them: whatever closes.
std::int64_t throughGate(const std::map<GateKey, GateDelta> &all, const std::string &gate);
/// In whole percent, 0 at least; 100 for what holds nobody.
std::int64_t percentFull(std::int64_t inside, std::int64_t capacity);

/// What the database holds that concerns a batch.
struct Facts
{
    std::map<domain::RowKey, Known> known;                                ///< rows of the batch's numbers
    std::map<std::uint32_t, std::vector<protocol::PassageRecord>> before; ///< passages of the batch's ordinals
    std::map<domain::RowKey, protocol::PassageRecord> undone;             ///< passages that rows of the batch take back
    std::set<domain::RowKey> undoneBefore;         ///< rows of the batch that were taken back before they came
    std::map<std::uint32_t, std::uint32_t> admits; ///< of tickets of the batch's ordinals that say their own
    std::map<std::uint32_t, domain::TicketTypeId> types;
    std::shared_ptr<const admission::Rulebook> rulebook; ///< null: the event has no definition yet
    std::int64_t head = 0;                               ///< of the feed
    bitmap::RollingChecksum history;
    std::map<GateKey, GateDelta> occupancy; ///< all of the event's, before the batch
    Watch watch;
};

struct NewRow
{
    const Brought *brought = nullptr;
    std::optional<std::int64_t> feedSeq;
    base::Bytes passage; ///< with feedSeq
};

struct DoubleMark
{
    protocol::PassageRecord later, earlier;
};

struct CountKey
{
    std::string checkpoint;
    std::uint32_t ordinal = 0;

    friend auto operator<=>(const CountKey &, const CountKey &) = default;
};

/// What is known of a ticket at a checkpoint, behind the batch: who came in first, and how many.
struct Claim
{
    CountKey of;
    std::int64_t entries = 0, exits = 0;          ///< persons
    std::optional<protocol::PassageRecord> first; ///< the earliest entry that stands
};

struct SessionDelta
{
    std::string device, gate, operatedBy;
    std::int64_t scans = 0;
    base::Instant first, last;
};

struct Conflicting
{
    const Brought *brought = nullptr;
    std::string reason;
};

struct Plan
{
    std::vector<NewRow> rows;
    std::vector<Conflicting> quarantined;
    std::vector<Settled> settled;           ///< of all rows, in their order
    std::vector<CountKey> recounted;        ///< counts whose doubles were worked out anew
    std::vector<DoubleMark> doubles;        ///< all that they have now
    std::vector<domain::RowKey> earlyUndos; ///< rows that were taken back, and have not come yet
    std::vector<Claim> claims;              ///< of all counts that the batch touched
    std::map<GateKey, GateDelta> gates;
    std::map<std::string, SessionDelta> sessions;
    std::map<TallyKey, Tally> tallies;
    std::vector<Incident> incidents;
    std::int64_t head = 0;
    bitmap::RollingChecksum history;
};

/// In the total order of passages.
bool isEarlier(const protocol::PassageRecord &a, const protocol::PassageRecord &b);
/// The passages that stand, of those that came: without what was taken back.
std::vector<protocol::PassageRecord> standing(const std::vector<protocol::PassageRecord> &all);
Claim claimOf(const CountKey &count, const std::vector<protocol::PassageRecord> &standing);

/// The event's figures behind the batch.
std::map<GateKey, GateDelta> occupancyAfter(const Facts &facts, const Plan &plan);

/// Rows are taken in their order. The same facts and rows give the same plan; without its tallies and incidents, which
/// others work out from it (incidents.h). `receivedAt`: when they came, which no passage is later than.
Plan planBatch(const Facts &facts, const std::vector<const Brought *> &rows, base::Instant receivedAt);

} // namespace voelgoed::scanning
