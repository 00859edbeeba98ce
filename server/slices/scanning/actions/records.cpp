#include "server/slices/scanning/actions/records.h"

#include "server/slices/scanning/own.h"

#include <algorithm>
#include <charconv>

namespace voelgoed::scanning {

using actions::Context;
using async::Task;
using base::Result;

namespace {

constexpr pg::Sql kScans{R"(
SELECT s.device, s.epoch, s.seq, s.at, s.at_device, s.received_at, s.checkpoint, s.gate, s.is_exit, s.outcome,
       s.reason, s.ordinal, s.count, s.session, s.operator, s.source, s.override_by, d.device IS NOT NULL,
       s.unverified, s.is_test
FROM scanning.scans s LEFT JOIN scanning.doubles d
  ON d.organization_id = s.organization_id AND d.event_id = s.event_id AND d.device = s.device AND d.epoch = s.epoch
     AND d.seq = s.seq
WHERE s.organization_id = app.org() AND s.event_id = $1
  AND ($2::text IS NULL OR s.device = $2) AND ($3::text IS NULL OR s.gate = $3)
  AND ($4::text IS NULL OR s.checkpoint = $4) AND ($5::text IS NULL OR s.outcome = $5)
  AND ($6::int IS NULL OR s.ordinal = $6)
  AND ($12::text IS NULL OR s.session = $12)
  AND ($13::uuid IS NULL OR s.session <> '' AND s.session IN (
        SELECT own.id FROM scanning.sessions own
        WHERE own.organization_id = app.org() AND own.event_id = $1 AND own.started_by = $13))
  AND ($7::timestamptz IS NULL OR (s.at, s.device, s.epoch, s.seq) < ($7, $8, $9, $10))
  AND s.at IS NOT NULL
ORDER BY s.at DESC, s.device DESC, s.epoch DESC, s.seq DESC LIMIT $11)"};

constexpr pg::Sql kIncidents{R"(
SELECT id, kind, severity, subject, state, note, facts, closed_by, closed_at, created_at FROM scanning.incidents
WHERE organization_id = app.org() AND event_id = $1 AND ($2::text IS NULL OR state = $2)
  AND ($3::text IS NULL OR kind = $3) AND ($4::uuid IS NULL OR id < $4)
ORDER BY id DESC LIMIT $5)"};

constexpr pg::Sql kClose{R"(
UPDATE scanning.incidents SET state = 'closed', closed_by = $3, closed_at = $4, note = $5, updated_at = $4
WHERE organization_id = app.org() AND event_id = $1 AND id = $2 AND state = 'open'
RETURNING id, kind, severity, subject, state, note, facts, closed_by, closed_at, created_at)"};

constexpr pg::Sql kOne{R"(
SELECT state FROM scanning.incidents WHERE organization_id = app.org() AND event_id = $1 AND id = $2)"};

template <std::size_t Max>
std::optional<std::string> textOf(const std::optional<actions::Text<Max>> &text)
{
    return text ? std::optional(text->value) : std::nullopt;
}

/// Where a page of scans ends: "<milliseconds>,<epoch>,<seq>,<device>".
struct Place
{
    std::optional<base::Instant> at;
    std::string device;
    std::int64_t epoch = 0, seq = 0;
};

std::optional<Place> placeOf(const std::string &text)
{
    std::array<std::int64_t, 3> numbers{};
    const char *at = text.data();
    const char *const end = at + text.size();
    for (std::int64_t &number : numbers) {
        const auto [next, failed] = std::from_chars(at, end, number);
        if (failed != std::errc{} || next == end || *next != ',')
            return std::nullopt;
        at = next + 1;
    }
    const std::string device(at, end);
    if (device.empty() || device.size() > 64 || numbers[0] < 0 || numbers[0] > base::millisOf(base::kLatest))
        return std::nullopt;
    return Place{base::instantFromMillis(numbers[0]), device, numbers[1], numbers[2]};
}

std::string placeAfter(const ScanShown &scan)
{
    return std::to_string(base::millisOf(scan.at)) + "," + std::to_string(scan.epoch) + "," + std::to_string(scan.seq) +
           "," + scan.device;
}

ScanShown scanOf(const pg::Rows::Row &row)
{
    return {.device = row.get<std::string>(0),
            .epoch = row.get<std::int64_t>(1),
            .seq = row.get<std::int64_t>(2),
            .at = row.get<base::Instant>(3),
            .atDevice = row.get<base::Instant>(4),
            .receivedAt = row.get<base::Instant>(5),
            .checkpoint = row.get<std::string>(6),
            .gate = row.get<std::string>(7),
            .direction = row.get<bool>(8) ? "exit" : "entry",
            .outcome = row.get<std::string>(9),
            .reason = row.get<std::string>(10),
            .ordinal = row.get<std::int32_t>(11),
            .count = row.get<std::int32_t>(12),
            .session = row.get<std::string>(13),
            .operatedBy = row.get<std::string>(14),
            .source = row.get<std::string>(15),
            .overrideBy = row.get<std::string>(16),
            .isDouble = row.get<bool>(17),
            .unverified = row.get<bool>(18),
            .test = row.get<bool>(19)};
}

IncidentShown incidentOf(const pg::Rows::Row &row)
{
    IncidentShown shown{.id = row.get<base::Uuid>(0),
                        .kind = row.get<std::string>(1),
                        .severity = row.get<std::string>(2),
                        .subject = row.get<std::string>(3),
                        .state = row.get<std::string>(4),
                        .note = row.get<std::string>(5),
                        .facts = {},
                        .closedBy = row.get<std::optional<base::Uuid>>(7),
                        .closedAt = row.get<std::optional<base::Instant>>(8),
                        .createdAt = row.get<base::Instant>(9)};
    if (auto facts = base::parseJson(row.get<pg::Jsonb>(6).text))
        shown.facts = std::move(*facts);
    return shown;
}

} // namespace

Task<Result<ScanPage>> listScans(Context &context, Scanning &scanning, ListScans in)
{
    if (const auto known = co_await hasEvent(context, in.event); !known)
        co_return known.error();
    // A device sees its own scans; who sees only the own sessions sees those that he began.
    std::optional<base::Uuid> startedBy;
    if (context.grant() == access::Grant::Own) {
        if (const auto reached = co_await reachEvent(context, scanning.badges, in.event); !reached)
            co_return reached.error();
        if (context.actor().device)
            in.device = actions::Text<64>{base::toText(context.actor().id)};
        else
            startedBy = context.actor().id;
    }
    Place place;
    if (in.after) {
        const auto read = placeOf(in.after->value);
        if (!read)
            co_return context.reject("/after", "invalid", "Take it from `next` of the page before.");
        place = *read;
    }
    const std::int32_t limit = std::clamp(in.limit.value, 1, 100);
    const auto rows = co_await context.run(
        kScans, pg::Params::of(in.event, textOf(in.device), textOf(in.gate), textOf(in.checkpoint), textOf(in.outcome),
                               in.ordinal, place.at, place.device, place.epoch, place.seq,
                               static_cast<std::int64_t>(limit) + 1, textOf(in.session), startedBy));
    if (!rows)
        co_return rows.error();
    ScanPage page;
    page.hasMore = rows->size() > static_cast<std::size_t>(limit);
    for (std::size_t i = 0; i < rows->size() && i < static_cast<std::size_t>(limit); ++i)
        page.data.push_back(scanOf((*rows)[i]));
    if (page.hasMore)
        page.next = placeAfter(page.data.back());
    co_return page;
}

Task<Result<IncidentPage>> listIncidents(Context &context, Scanning &, ListIncidents in)
{
    if (const auto known = co_await hasEvent(context, in.event); !known)
        co_return known.error();
    if (context.grant() == access::Grant::Own)
        co_return actions::notFound("event");
    const std::int32_t limit = std::clamp(in.limit.value, 1, 100);
    std::optional<std::string> state;
    if (in.state)
        state = *in.state == IncidentState::Open ? "open" : "closed";
    const auto rows = co_await context.run(
        kIncidents, pg::Params::of(in.event, state, textOf(in.kind), in.after, static_cast<std::int64_t>(limit) + 1));
    if (!rows)
        co_return rows.error();
    IncidentPage page;
    page.hasMore = rows->size() > static_cast<std::size_t>(limit);
    for (std::size_t i = 0; i < rows->size() && i < static_cast<std::size_t>(limit); ++i)
        page.data.push_back(incidentOf((*rows)[i]));
    if (page.hasMore)
        page.next = page.data.back().id;
    co_return page;
}

Task<Result<IncidentShown>> closeIncident(Context &context, Scanning &, CloseIncident in)
{
    const auto rows = co_await context.run(
        kClose, pg::Params::of(in.event, in.incident, context.actor().id, context.now(), in.note.value));
    if (!rows)
        co_return rows.error();
    if (rows->empty()) {
        const auto there = co_await context.run(kOne, pg::Params::of(in.event, in.incident));
        if (!there)
            co_return there.error();
        if (there->empty())
            co_return actions::notFound("incident");
        co_return actions::conflict("already_closed", "Somebody closed this incident already.");
    }
    const IncidentShown shown = incidentOf(rows->front());
    context.audit({.action = {},
                   .subjectType = "incident",
                   .subject = base::toText(shown.id),
                   .before = {{"state", "open"}},
                   .after = {{"state", "closed"}, {"kind", shown.kind}},
                   .reason = in.note.value});
    co_return shown;
}

void addRecordActions(Scanning &scanning)
{
    using access::Permission;
    using access::Policy;
    scanning.kernel.actions.add({.name = "scanning.list_scans",
                                 .method = http::Method::Get,
                                 .route = "/v1/events/{event}/scans",
                                 .summary = "What gates recorded, latest first",
                                 .policy = Policy::may(Permission::ReadScans)},
                                scanning, &listScans);
    scanning.kernel.actions.add({.name = "scanning.list_incidents",
                                 .method = http::Method::Get,
                                 .route = "/v1/events/{event}/incidents",
                                 .summary = "Doubles, and what else needs somebody's eyes, latest first",
                                 .policy = Policy::may(Permission::ReadScans)},
                                scanning, &listIncidents);
    scanning.kernel.actions.add({.name = "scanning.close_incident",
                                 .method = http::Method::Post,
                                 .route = "/v1/events/{event}/incidents/{incident}/close",
                                 .summary = "Closes an incident, with what was found",
                                 .policy = Policy::may(Permission::CloseIncidents),
                                 .effect = actions::Effect::Writes,
                                 .idempotency = actions::Idempotency::Optional,
                                 .audited = actions::Audited::Yes,
                                 .load = actions::LoadClass::Write},
                                scanning, &closeIncident);
}

} // namespace voelgoed::scanning
