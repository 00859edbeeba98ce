#pragma once

#include "server/platform/work/database.h"
#include "server/slices/scanning/feed.h"
#include "server/slices/scanning/plan.h"
#include "shared/domain/event_keys.h"
#include "shared/ticket/t1.h"

namespace voelgoed::scanning {

/// An event as its scans are judged by it.
struct EventBook
{
    admission::Rulebook rulebook;
    domain::EventKeys keys;
    std::optional<ticket::KeyRing> ring; ///< nothing: the event has no keys of its own
    std::vector<base::VerifyingKey> pretixKeys;
};

/// Events that are being scanned, by the number of their definition. One thread.
class Rulebooks
{
public:
    /// Null when the event has no definition, or one that this build does not know.
    std::shared_ptr<const EventBook> of(const base::Uuid &event, const FeedHead &head);

private:
    static constexpr std::size_t kKept = 200;

    struct Compiled
    {
        std::int64_t definitionSeq = 0;
        std::shared_ptr<const EventBook> book;
    };
    std::map<base::Uuid, Compiled> m_compiled;
};

/// Locks the event's feed, and reads what the rows need to be planned: one round trip, or two where rows take others
/// back. NotFound when the organization has no such event.
async::Task<base::Result<Facts>> loadFacts(pg::Tx &tx, base::Uuid event, std::vector<const Brought *> rows,
                                           Rulebooks &rulebooks);

/// A shift, and the device that says it.
struct BroughtShift
{
    std::string device;
    protocol::ShiftNote note;
};

struct Batch
{
    base::Uuid event{};
    std::vector<const Brought *> rows;
    std::vector<std::pair<const Unusable *, std::string>> unusable; ///< and who brought it
    std::vector<BroughtShift> shifts;
    std::map<std::string, DeviceSays> said{}; ///< by device
    base::Instant receivedAt;
};

/// How a row that was set aside is called in scanning.quarantine: nobody vouches for what it says of itself.
std::string storedName(std::string_view device);
std::int64_t storedNumber(domain::Sequence sequence);

/// From a row of checkpoint, gate and the sums of scanning.occupancy, in the order of its columns.
GateCount gateCountOf(const pg::Rows::Row &row);

/// The statements that write a plan down, to be sent with the commit, and which of them answer with what came of it.
struct Writing
{
    std::vector<pg::Query> queries;
    std::optional<std::size_t> gates, sessions, advance;
    std::vector<std::size_t> shifts; ///< those that answer with what has begun or ended
};
Writing statementsFor(const Plan &plan, const Batch &batch, base::Random &random);

struct SessionCount
{
    std::string session;
    std::int64_t scans = 0;

    friend bool operator==(const SessionCount &, const SessionCount &) = default;
};

/// A shift that has begun with the batch, or ended: also one at another event, where its device began a new one here.
struct ShiftNews
{
    base::Uuid event{};
    std::string session, device, gate;
    base::Instant startedAt;
    std::optional<base::Instant> endedAt;
    std::int64_t scans = 0;
};

/// Figures as they stand behind a batch: absolute ones, of all that it touched.
struct Standing
{
    std::int64_t batch = 0; ///< its number among the event's; 0: nothing was counted
    std::int64_t head = 0;  ///< of the feed
    std::vector<GateCount> gates;
    std::vector<SessionCount> sessions;
    std::map<std::string, std::int64_t> through; ///< persons through each gate that it touched, at all checkpoints
    std::int64_t inside = 0;                     ///< the event
    std::vector<ShiftNews> shifts;
};
Standing standingFrom(const Writing &writing, const std::vector<pg::Rows> &answers);

} // namespace voelgoed::scanning
