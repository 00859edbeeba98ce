#pragma once

#include "server/platform/actions/action.h"
#include "server/slices/scanning/scanning.h"

/// What gates recorded, and what came of it, for people to read.
namespace voelgoed::scanning {

struct ListScans
{
    base::Uuid event{};
    std::optional<actions::Text<64>> device;
    std::optional<actions::Text<128>> session;
    std::optional<actions::Text<100>> gate, checkpoint;
    std::optional<actions::Text<20>> outcome;
    std::optional<std::int32_t> ordinal;
    std::optional<actions::Text<200>> after; ///< `next` of the page before
    actions::Defaulted<std::int32_t, 50> limit;
};
BOOST_DESCRIBE_STRUCT(ListScans, (), (event, device, session, gate, checkpoint, outcome, ordinal, after, limit))

struct ScanShown
{
    std::string device;
    std::int64_t epoch = 0, seq = 0; ///< with the device, its name in the world
    base::Instant at;                ///< corrected
    base::Instant atDevice, receivedAt;
    std::string checkpoint, gate, direction, outcome, reason;
    std::int32_t ordinal = 0; ///< 0: the code led to no ticket
    std::int32_t count = 1;
    std::string session, operatedBy, source, overrideBy;
    bool isDouble = false, unverified = false, test = false;
};
BOOST_DESCRIBE_STRUCT(ScanShown, (),
                      (device, epoch, seq, at, atDevice, receivedAt, checkpoint, gate, direction, outcome, reason,
                       ordinal, count, session, operatedBy, source, overrideBy, isDouble, unverified, test))

struct ScanPage
{
    std::vector<ScanShown> data; ///< latest first
    bool hasMore = false;
    std::optional<std::string> next;
};
BOOST_DESCRIBE_STRUCT(ScanPage, (), (data, hasMore, next))

enum class IncidentState { Open, Closed };
BOOST_DESCRIBE_ENUM(IncidentState, Open, Closed)

struct ListIncidents
{
    base::Uuid event{};
    std::optional<IncidentState> state;
    std::optional<actions::Text<40>> kind;
    std::optional<base::Uuid> after;
    actions::Defaulted<std::int32_t, 50> limit;
};
BOOST_DESCRIBE_STRUCT(ListIncidents, (), (event, state, kind, after, limit))

struct IncidentShown
{
    base::Uuid id{};
    std::string kind, severity, subject, state, note;
    base::Json facts;
    std::optional<base::Uuid> closedBy;
    std::optional<base::Instant> closedAt;
    base::Instant createdAt;
};
BOOST_DESCRIBE_STRUCT(IncidentShown, (),
                      (id, kind, severity, subject, state, note, facts, closedBy, closedAt, createdAt))

struct IncidentPage
{
    std::vector<IncidentShown> data; ///< latest first
    bool hasMore = false;
    std::optional<base::Uuid> next;
};
BOOST_DESCRIBE_STRUCT(IncidentPage, (), (data, hasMore, next))

struct CloseIncident
{
    base::Uuid event{}, incident{};
    actions::Text<500> note; ///< what was found
};
BOOST_DESCRIBE_STRUCT(CloseIncident, (), (event, incident, note))

async::Task<base::Result<ScanPage>> listScans(actions::Context &context, Scanning &scanning, ListScans in);
async::Task<base::Result<IncidentPage>> listIncidents(actions::Context &context, Scanning &scanning, ListIncidents in);
async::Task<base::Result<IncidentShown>> closeIncident(actions::Context &context, Scanning &scanning, CloseIncident in);

void addRecordActions(Scanning &scanning);

} // namespace voelgoed::scanning
