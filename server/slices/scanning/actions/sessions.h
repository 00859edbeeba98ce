#pragma once

#include "server/platform/actions/action.h"
#include "server/slices/scanning/scanning.h"

/// Scan sessions: who scans at which gate, from when to when. Gates begin and end theirs alone and bring them; these
/// are begun and ended by people and by scanners of other makers.
namespace voelgoed::scanning {

struct StartSession
{
    base::Uuid event{};
    std::optional<actions::Text<64>> device; ///< a paired device's id, or which of one's own scanners, if not the only
    std::optional<actions::Text<100>> gate;  ///< a device's own, if nothing is said
    std::optional<actions::Text<100>> operatedBy;
};
BOOST_DESCRIBE_STRUCT(StartSession, (), (event, device, gate, operatedBy))

struct OneSession
{
    base::Uuid event{};
    actions::Text<128> session;
};
BOOST_DESCRIBE_STRUCT(OneSession, (), (event, session))

enum class SessionState { Active, Ended };
BOOST_DESCRIBE_ENUM(SessionState, Active, Ended)

struct ListSessions
{
    base::Uuid event{};
    std::optional<SessionState> state;
    std::optional<actions::Text<64>> device;
    std::optional<actions::Text<200>> after; ///< `next` of the page before
    actions::Defaulted<std::int32_t, 50> limit;
};
BOOST_DESCRIBE_STRUCT(ListSessions, (), (event, state, device, after, limit))

/// What was scanned in a session, counted from its rows: late ones are in it once they are here.
struct SessionSummary
{
    std::int64_t admitted = 0, denied = 0, undecided = 0, tests = 0; ///< scans
    std::int64_t personsIn = 0, personsOut = 0; ///< who was let in and out, whatever was taken back later
    std::int64_t doubles = 0;                   ///< admissions beyond what their tickets allow
    base::Json reasons;                         ///< of those denied: {"already_used": 3}
};
BOOST_DESCRIBE_STRUCT(SessionSummary, (), (admitted, denied, undecided, tests, personsIn, personsOut, doubles, reasons))

struct SessionShown
{
    std::string id, device, gate, operatedBy;
    SessionState state = SessionState::Active;
    base::Instant startedAt;
    std::optional<base::Instant> endedAt;
    std::string endedBecause;            ///< "device", "person", "superseded" by the device's next one, "silent"
    std::optional<base::Uuid> startedBy; ///< absent: its device
    std::int64_t scanCount = 0;
    std::optional<base::Instant> lastScanAt;
    std::optional<SessionSummary> summary; ///< of one that is shown alone
};
BOOST_DESCRIBE_STRUCT(SessionShown, (),
                      (id, device, gate, operatedBy, state, startedAt, endedAt, endedBecause, startedBy, scanCount,
                       lastScanAt, summary))

struct SessionPage
{
    std::vector<SessionShown> data; ///< latest first
    bool hasMore = false;
    std::optional<std::string> next;
};
BOOST_DESCRIBE_STRUCT(SessionPage, (), (data, hasMore, next))

async::Task<base::Result<SessionShown>> startSession(actions::Context &context, Scanning &scanning, StartSession in);
async::Task<base::Result<SessionShown>> endSession(actions::Context &context, Scanning &scanning, OneSession in);
async::Task<base::Result<SessionShown>> showSession(actions::Context &context, Scanning &scanning, OneSession in);
async::Task<base::Result<SessionPage>> listSessions(actions::Context &context, Scanning &scanning, ListSessions in);

void addSessionActions(Scanning &scanning);

} // namespace voelgoed::scanning
