#include "server/slices/scanning/actions/sessions.h"

#include "server/platform/topics/names.h"
#include "server/slices/scanning/own.h"
#include "server/slices/scanning/store_sessions.h"
#include "server/slices/scanning/telling.h"
#include "shared/domain/verdict.h"

#include <algorithm>
#include <charconv>

namespace voelgoed::scanning {

using actions::Context;
using async::Task;
using base::Result;

namespace {

constexpr pg::Sql kFeed{R"(
SELECT epoch, head, definition_seq, definition, list_checksum, history_checksum, tickets
FROM scanning.feeds WHERE organization_id = app.org() AND event_id = $1)"};

// Of many at once on one device the index lets one in.
constexpr pg::Sql kStart{R"(
INSERT INTO scanning.sessions (organization_id, event_id, id, device, gate, operator, opened_at, started_by)
VALUES (app.org(), $1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (organization_id, device) WHERE closed_at IS NULL DO NOTHING
RETURNING id, device, gate, operator, opened_at, closed_at, closed_because, started_by, scans, last_scan_at)"};

constexpr pg::Sql kOne{R"(
SELECT id, device, gate, operator, opened_at, closed_at, closed_because, started_by, scans, last_scan_at
FROM scanning.sessions WHERE organization_id = app.org() AND event_id = $1 AND id = $2)"};

constexpr pg::Sql kEnd{R"(
UPDATE scanning.sessions SET closed_at = greatest(opened_at, last_scan_at, $3), closed_because = $4, ended_by = $5
WHERE organization_id = app.org() AND event_id = $1 AND id = $2 AND closed_at IS NULL
RETURNING id, device, gate, operator, opened_at, closed_at, closed_because, started_by, scans, last_scan_at)"};

constexpr pg::Sql kList{R"(
SELECT id, device, gate, operator, opened_at, closed_at, closed_because, started_by, scans, last_scan_at
FROM scanning.sessions
WHERE organization_id = app.org() AND event_id = $1 AND ($2::boolean IS NULL OR (closed_at IS NULL) = $2)
  AND ($3::text IS NULL OR device = $3) AND ($4::uuid IS NULL OR started_by = $4)
  AND ($5::timestamptz IS NULL OR (opened_at, id) < ($5, $6))
ORDER BY opened_at DESC, id DESC LIMIT $7)"};

constexpr pg::Sql kSummary{R"(
SELECT s.outcome, s.reason, s.is_test, s.is_exit, count(*), sum(s.count)::bigint, count(d.seq)
FROM scanning.scans s
LEFT JOIN scanning.doubles d ON d.organization_id = s.organization_id AND d.event_id = s.event_id
    AND d.device = s.device AND d.epoch = s.epoch AND d.seq = s.seq
WHERE s.organization_id = app.org() AND s.event_id = $1 AND s.session = $2 AND s.session <> ''
GROUP BY s.outcome, s.reason, s.is_test, s.is_exit)"};

SessionShown sessionOf(const pg::Rows::Row &row)
{
    SessionShown shown{.id = row.get<std::string>(0),
                       .device = row.get<std::string>(1),
                       .gate = row.get<std::string>(2),
                       .operatedBy = row.get<std::string>(3),
                       .state = SessionState::Active,
                       .startedAt = row.get<base::Instant>(4),
                       .endedAt = row.get<std::optional<base::Instant>>(5),
                       .endedBecause = row.get<std::string>(6),
                       .startedBy = row.get<std::optional<base::Uuid>>(7),
                       .scanCount = row.get<std::int64_t>(8),
                       .lastScanAt = row.get<std::optional<base::Instant>>(9)};
    if (shown.endedAt)
        shown.state = SessionState::Ended;
    return shown;
}

SessionSummary summaryOf(const pg::Rows &rows)
{
    SessionSummary summary;
    boost::json::object reasons;
    for (const auto row : rows) {
        const auto outcome = row.get<std::string>(0), reason = row.get<std::string>(1);
        const auto scans = row.get<std::int64_t>(4), persons = row.get<std::int64_t>(5);
        if (row.get<bool>(2)) {
            summary.tests += scans;
        } else if (outcome == domain::word(domain::Outcome::Admit)) {
            summary.admitted += scans;
            (row.get<bool>(3) ? summary.personsOut : summary.personsIn) += persons;
            summary.doubles += row.get<std::int64_t>(6);
        } else if (outcome == domain::word(domain::Outcome::Undecided)) {
            summary.undecided += scans;
        } else {
            summary.denied += scans;
            auto &sum = reasons[reason];
            sum = (sum.is_int64() ? sum.as_int64() : 0) + scans;
        }
    }
    summary.reasons = std::move(reasons);
    return summary;
}

/// Of somebody who may have no more than that: a device's are those on it, a person's those that it began.
bool isOwnSession(const access::Actor &actor, const SessionShown &session)
{
    return actor.device ? session.device == base::toText(actor.id) : session.startedBy == actor.id;
}

/// NotFound in the same words for what is not there, what is another's, and an event that is not the caller's.
Task<Result<SessionShown>> find(Context &context, Scanning &scanning, OneSession in)
{
    if (const auto reached = co_await reachEvent(context, scanning.badges, in.event); !reached)
        co_return reached.error();
    const auto rows = co_await context.run(kOne, pg::Params::of(in.event, in.session.value));
    if (!rows)
        co_return rows.error();
    if (rows->empty())
        co_return actions::notFound("session");
    SessionShown shown = sessionOf(rows->front());
    if (context.grant() == access::Grant::Own && !isOwnSession(context.actor(), shown))
        co_return actions::notFound("session");
    co_return shown;
}

/// Whose session it is to be.
Task<Result<std::string>> deviceFor(Context &context, Scanning &scanning, std::optional<actions::Text<64>> named)
{
    const access::Actor &actor = context.actor();
    const std::string own = base::toText(actor.id);
    if (actor.device) {
        if (named && named->value != own)
            co_return actions::notFound("device");
        co_return own;
    }
    const auto id = named ? base::uuidFrom(named->value) : std::nullopt;
    if (!id)
        co_return scannerOf(actor, named ? named->value : std::string());
    if (context.grant() == access::Grant::Own)
        co_return actions::notFound("device");
    const auto key = co_await scanning.devices.keyIn(context.tx(), *id);
    if (!key)
        co_return key.error();
    if (!*key || (*key)->isRevoked)
        co_return actions::notFound("device");
    co_return base::toText(*id);
}

/// At which of the event's gates; a device's is its own.
Result<std::string> gateFor(const access::Actor &actor, const EventBook *book, const StartSession &in)
{
    if (!in.gate)
        return actor.device ? actor.device->gate : std::string();
    if (!isAtGate(actor, in.gate->value) || !book || !book->rulebook.gate(in.gate->value))
        return actions::notFound("gate");
    return in.gate->value;
}

boost::json::object stateOf(const SessionShown &session)
{
    return {{"device", session.device}, {"gate", session.gate}, {"state", actions::written(session.state)}};
}

struct Changed
{
    base::Json before; ///< null: it was not there
    const SessionShown &after;
};

/// In the trail, and to who listens.
void tell(Context &context, const base::Uuid &event, const Changed &changed)
{
    const SessionShown &session = changed.after;
    context.audit({.action = {},
                   .subjectType = "scan_session",
                   .subject = session.id,
                   .before = changed.before,
                   .after = stateOf(session),
                   .reason = {}});
    for (work::Event &told : shiftEvents({.event = event,
                             .session = session.id,
                             .device = session.device,
                             .gate = session.gate,
                             .startedAt = session.startedAt,
                             .endedAt = session.endedAt,
                             .scans = session.scanCount}))
        context.emit(std::move(told));
}

/// Where a page ends: "<milliseconds>,<id>".
std::string placeAfter(const SessionShown &session)
{
    return std::to_string(base::millisOf(session.startedAt)) + "," + session.id;
}

} // namespace

Task<Result<SessionShown>> startSession(Context &context, Scanning &scanning, StartSession in)
{
    if (const auto unlocked = checkUnlocked(context.actor()); !unlocked)
        co_return unlocked.error();
    if (const auto reached = co_await reachEvent(context, scanning.badges, in.event); !reached)
        co_return reached.error();
    const auto feed = co_await context.run(kFeed, pg::Params::of(in.event));
    if (!feed)
        co_return feed.error();
    if (feed->empty())
        co_return actions::notFound("event");
    const auto device = co_await deviceFor(context, scanning, in.device);
    if (!device)
        co_return device.error();
    const auto book = scanning.rulebooks.of(in.event, headOf(feed->front()));
    const auto gate = gateFor(context.actor(), book.get(), in);
    if (!gate)
        co_return gate.error();
    const std::vector<std::string> devices{*device};
    pg::Query lock = lockDevices(devices);
    if (const auto locked = co_await context.run(lock.sql, std::move(lock.params)); !locked)
        co_return locked.error();
    const std::optional<base::Uuid> by = context.actor().device ? std::nullopt : std::optional(context.actor().id);
    const auto rows = co_await context.run(
        kStart, pg::Params::of(in.event, base::toText(context.newId()), *device, *gate,
                               in.operatedBy ? in.operatedBy->value : std::string(), context.now(), by));
    if (!rows)
        co_return rows.error();
    if (rows->empty())
        co_return actions::conflict("session_open", "This device has an open session. End it first.");
    const SessionShown shown = sessionOf(rows->front());
    tell(context, in.event, {.before = nullptr, .after = shown});
    co_return shown;
}

Task<Result<SessionShown>> endSession(Context &context, Scanning &scanning, OneSession in)
{
    const auto found = co_await find(context, scanning, in);
    if (!found)
        co_return found.error();
    pg::Query lock = lockDevices({found->device});
    if (const auto locked = co_await context.run(lock.sql, std::move(lock.params)); !locked)
        co_return locked.error();
    const std::string because = context.actor().device ? "device" : "person";
    const auto rows = co_await context.run(
        kEnd, pg::Params::of(in.event, in.session.value, context.now(), because, context.actor().id));
    if (!rows)
        co_return rows.error();
    if (rows->empty())
        co_return actions::conflict("already_ended", "This session has ended already.");
    const SessionShown shown = sessionOf(rows->front());
    tell(context, in.event, {.before = stateOf(*found), .after = shown});
    co_return shown;
}

Task<Result<SessionShown>> showSession(Context &context, Scanning &scanning, OneSession in)
{
    const base::Uuid event = in.event;
    auto shown = co_await find(context, scanning, std::move(in));
    if (!shown)
        co_return shown.error();
    const auto rows = co_await context.run(kSummary, pg::Params::of(event, shown->id));
    if (!rows)
        co_return rows.error();
    shown->summary = summaryOf(*rows);
    co_return shown;
}

Task<Result<SessionPage>> listSessions(Context &context, Scanning &scanning, ListSessions in)
{
    if (const auto reached = co_await reachEvent(context, scanning.badges, in.event); !reached)
        co_return reached.error();
    const auto feed = co_await context.run(kFeed, pg::Params::of(in.event));
    if (!feed)
        co_return feed.error();
    if (feed->empty())
        co_return actions::notFound("event");
    std::optional<base::Uuid> by;
    std::optional<std::string> device = in.device ? std::optional(in.device->value) : std::nullopt;
    if (context.grant() == access::Grant::Own) {
        if (context.actor().device)
            device = base::toText(context.actor().id);
        else
            by = context.actor().id;
    }
    std::optional<base::Instant> at;
    std::string id;
    if (in.after) {
        const std::string &text = in.after->value;
        std::int64_t millis = 0;
        const auto [next, failed] = std::from_chars(text.data(), text.data() + text.size(), millis);
        if (failed != std::errc{} || next == text.data() + text.size() || *next != ',' || millis < 0 ||
            millis > base::millisOf(base::kLatest))
            co_return context.reject("/after", "invalid", "Take it from `next` of the page before.");
        at = base::instantFromMillis(millis);
        id.assign(next + 1, text.data() + text.size());
    }
    const std::int32_t limit = std::clamp(in.limit.value, 1, 100);
    const std::optional<bool> open = in.state ? std::optional(*in.state == SessionState::Active) : std::nullopt;
    const auto rows = co_await context.run(
        kList, pg::Params::of(in.event, open, device, by, at, id, static_cast<std::int64_t>(limit) + 1));
    if (!rows)
        co_return rows.error();
    SessionPage page;
    page.hasMore = rows->size() > static_cast<std::size_t>(limit);
    for (std::size_t i = 0; i < rows->size() && i < static_cast<std::size_t>(limit); ++i)
        page.data.push_back(sessionOf((*rows)[i]));
    if (page.hasMore)
        page.next = placeAfter(page.data.back());
    co_return page;
}

void addSessionActions(Scanning &scanning)
{
    using access::Permission;
    using access::Policy;
    using http::Method;
    auto &actions = scanning.kernel.actions;
    actions.add({.name = "scanning.start_session",
                 .method = Method::Post,
                 .route = "/v1/events/{event}/sessions",
                 .summary = "Begins a scan session: at most one is open on a device",
                 .policy = Policy::may(Permission::RunScanSessions),
                 .effect = actions::Effect::Writes,
                 .idempotency = actions::Idempotency::Optional,
                 .audited = actions::Audited::Yes,
                 .load = actions::LoadClass::Critical,
                 .status = 201},
                scanning, &startSession);
    actions.add({.name = "scanning.end_session",
                 .method = Method::Post,
                 .route = "/v1/events/{event}/sessions/{session}/end",
                 .summary = "Ends a scan session; scans of it that come late still count",
                 .policy = Policy::may(Permission::RunScanSessions),
                 .effect = actions::Effect::Writes,
                 .idempotency = actions::Idempotency::Optional,
                 .audited = actions::Audited::Yes,
                 .load = actions::LoadClass::Critical},
                scanning, &endSession);
    actions.add({.name = "scanning.show_session",
                 .method = Method::Get,
                 .route = "/v1/events/{event}/sessions/{session}",
                 .summary = "One scan session, and how many scans it has",
                 .policy = Policy::may(Permission::ReadScans)},
                scanning, &showSession);
    actions.add({.name = "scanning.list_sessions",
                 .method = Method::Get,
                 .route = "/v1/events/{event}/sessions",
                 .summary = "Scan sessions, latest first",
                 .policy = Policy::may(Permission::ReadScans)},
                scanning, &listSessions);
}

} // namespace voelgoed::scanning
