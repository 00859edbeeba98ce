#include "server/slices/scanning/store_sessions.h"

namespace voelgoed::scanning {

namespace {

// In one order, so that two events' batches that bring the same devices do not wait for each other in a circle.
constexpr pg::Sql kLock{R"(
SELECT count(pg_advisory_xact_lock(key)) FROM (
    SELECT DISTINCT hashtextextended(app.org()::text || '/' || device, 5) AS key FROM unnest($1::text[]) AS d (device)
    ORDER BY key) AS keys)"};

// What each of them answers with: the shift, and whether it has begun or ended with this.
#define VOELGOED_SHIFT(told)                                                                                           \
    " RETURNING s.id, s.scans, " told ", s.device, s.gate, s.opened_at, s.closed_at, s.event_id"
#define VOELGOED_BEGUN "s.xmax = 0 AND s.closed_at IS NULL"

constexpr pg::Sql kEnd{R"(
INSERT INTO scanning.sessions AS s (organization_id, event_id, id, device, gate, operator, opened_at, closed_at,
    closed_because)
SELECT app.org(), $1, id, device, gate, operator, opened_at, closed_at, 'device'
FROM unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::timestamptz[], $7::timestamptz[])
    AS new (id, device, gate, operator, opened_at, closed_at)
ON CONFLICT (organization_id, event_id, id) DO UPDATE
SET gate = excluded.gate, operator = excluded.operator, opened_at = excluded.opened_at, closed_at = excluded.closed_at,
    closed_because = 'device'
WHERE s.device = excluded.device AND (s.gate, s.operator, s.opened_at, s.closed_at) IS DISTINCT FROM
    (excluded.gate, excluded.operator, excluded.opened_at, excluded.closed_at))" VOELGOED_SHIFT("true")};

// A shift that was closed before is not what its device is at now, whatever rows of it come late.
constexpr pg::Sql kMakeRoom{R"(
UPDATE scanning.sessions s SET closed_at = greatest(s.opened_at, s.last_scan_at), closed_because = 'superseded'
FROM unnest($2::text[], $3::text[], $4::timestamptz[]) AS new (id, device, opened_at)
WHERE s.organization_id = app.org() AND s.device = new.device AND s.closed_at IS NULL
  AND (s.event_id, s.id) <> ($1, new.id) AND (s.opened_at <= new.opened_at OR s.started_by IS NOT NULL)
  AND NOT EXISTS (SELECT FROM scanning.sessions own
                  WHERE own.organization_id = app.org() AND own.event_id = $1 AND own.id = new.id
                    AND own.closed_at IS NOT NULL))" VOELGOED_SHIFT("true")};

constexpr pg::Sql kCount{R"(
INSERT INTO scanning.sessions AS s (organization_id, event_id, id, device, gate, operator, opened_at, scans,
    last_scan_at, closed_at, closed_because)
SELECT app.org(), $1, new.id, new.device, new.gate, new.operator, first, new.scans, last,
    CASE WHEN may_stand AND o.id IS NULL THEN NULL ELSE last END,
    CASE WHEN may_stand AND o.id IS NULL THEN '' ELSE 'superseded' END
FROM unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::timestamptz[], $7::bigint[], $8::timestamptz[],
    $9::boolean[]) AS new (id, device, gate, operator, first, scans, last, may_stand)
LEFT JOIN scanning.sessions o ON o.organization_id = app.org() AND o.device = new.device AND o.closed_at IS NULL
ON CONFLICT (organization_id, event_id, id) DO UPDATE
SET scans = s.scans + excluded.scans, last_scan_at = greatest(s.last_scan_at, excluded.last_scan_at))" VOELGOED_SHIFT(
    VOELGOED_BEGUN)};

constexpr pg::Sql kOpen{R"(
INSERT INTO scanning.sessions AS s (organization_id, event_id, id, device, gate, operator, opened_at, closed_at,
    closed_because)
SELECT app.org(), $1, new.id, new.device, new.gate, new.operator, new.opened_at,
    CASE WHEN may_stand AND o.id IS NULL THEN NULL ELSE new.opened_at END,
    CASE WHEN may_stand AND o.id IS NULL THEN '' ELSE 'superseded' END
FROM unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::timestamptz[], $7::boolean[])
    AS new (id, device, gate, operator, opened_at, may_stand)
LEFT JOIN scanning.sessions o ON o.organization_id = app.org() AND o.device = new.device AND o.closed_at IS NULL
ON CONFLICT (organization_id, event_id, id) DO UPDATE
SET gate = excluded.gate, operator = excluded.operator, opened_at = excluded.opened_at
WHERE s.device = excluded.device)" VOELGOED_SHIFT(VOELGOED_BEGUN)};

/// A shift that a device may be at now.
struct Candidate
{
    std::string session;
    base::Instant openedAt;
};

struct NoteColumns
{
    std::vector<std::string> ids, devices, gates, operators;
    std::vector<base::Instant> opened, closed;
    std::vector<bool> stand;

    void add(const std::string &device, const protocol::ShiftNote &note)
    {
        ids.push_back(note.session.text);
        devices.push_back(device);
        gates.push_back(note.gate.text);
        operators.push_back(note.operatedBy.text);
        opened.push_back(note.openedAt);
    }
};

/// Two exchanges of a device may say the same shift: the later word counts, and an end that was said once stays.
std::map<std::string, BroughtShift> notesOf(const Batch &batch)
{
    std::map<std::string, BroughtShift> notes;
    for (const BroughtShift &brought : batch.shifts) {
        const auto [place, isNew] = notes.emplace(brought.note.session.text, brought);
        if (isNew || place->second.device != brought.device)
            continue;
        const auto closedAt = brought.note.closedAt ? brought.note.closedAt : place->second.note.closedAt;
        place->second = brought;
        place->second.note.closedAt = closedAt;
    }
    return notes;
}

/// By device: what of all that the batch tells of began last and has not ended.
std::map<std::string, Candidate> candidatesOf(const Plan &plan, const std::map<std::string, BroughtShift> &notes)
{
    std::map<std::string, Candidate> candidates;
    const auto consider = [&](const std::string &device, const std::string &session, base::Instant openedAt) {
        const auto [place, isNew] = candidates.emplace(device, Candidate{session, openedAt});
        if (!isNew && std::tie(place->second.openedAt, place->second.session) < std::tie(openedAt, session))
            place->second = {session, openedAt};
    };
    for (const auto &[id, brought] : notes) {
        if (!brought.note.closedAt)
            consider(brought.device, id, brought.note.openedAt);
    }
    for (const auto &[id, session] : plan.sessions) {
        if (!notes.contains(id))
            consider(session.device, id, session.first);
    }
    return candidates;
}

} // namespace

pg::Query lockDevices(const std::vector<std::string> &devices)
{
    return {kLock, pg::Params::of(devices)};
}

void addSessions(const Plan &plan, const Batch &batch, Writing &writing)
{
    const std::map<std::string, BroughtShift> notes = notesOf(batch);
    if (notes.empty() && plan.sessions.empty())
        return;
    const std::map<std::string, Candidate> candidates = candidatesOf(plan, notes);
    const auto mayStand = [&](const std::string &device, const std::string &session) {
        const auto found = candidates.find(device);
        return found != candidates.end() && found->second.session == session;
    };
    NoteColumns ended, open;
    std::set<std::string> devices;
    for (const auto &[id, brought] : notes) {
        devices.insert(brought.device);
        NoteColumns &to = brought.note.closedAt ? ended : open;
        to.add(brought.device, brought.note);
        if (brought.note.closedAt)
            to.closed.push_back(*brought.note.closedAt);
        to.stand.push_back(mayStand(brought.device, id));
    }
    std::vector<std::string> ids, of, gates, operators;
    std::vector<base::Instant> firsts, lasts;
    std::vector<std::int64_t> scans;
    std::vector<bool> stand;
    for (const auto &[id, session] : plan.sessions) {
        devices.insert(session.device);
        ids.push_back(id);
        of.push_back(session.device);
        gates.push_back(session.gate);
        operators.push_back(session.operatedBy);
        firsts.push_back(session.first);
        scans.push_back(session.scans);
        lasts.push_back(session.last);
        stand.push_back(mayStand(session.device, id));
    }
    std::vector<pg::Query> &out = writing.queries;
    out.push_back(lockDevices({devices.begin(), devices.end()}));
    const auto add = [&](pg::Query query) {
        writing.shifts.push_back(out.size());
        out.push_back(std::move(query));
    };
    if (!ended.ids.empty())
        add({kEnd, pg::Params::of(batch.event, ended.ids, ended.devices, ended.gates, ended.operators, ended.opened,
                                  ended.closed)});
    if (!candidates.empty()) {
        std::vector<std::string> sessions, theirs;
        std::vector<base::Instant> opened;
        for (const auto &[device, candidate] : candidates) {
            sessions.push_back(candidate.session);
            theirs.push_back(device);
            opened.push_back(candidate.openedAt);
        }
        add({kMakeRoom, pg::Params::of(batch.event, sessions, theirs, opened)});
    }
    if (!ids.empty()) {
        writing.sessions = out.size();
        add({kCount, pg::Params::of(batch.event, ids, of, gates, operators, firsts, scans, lasts, stand)});
    }
    if (!open.ids.empty())
        add({kOpen,
             pg::Params::of(batch.event, open.ids, open.devices, open.gates, open.operators, open.opened, open.stand)});
}

} // namespace voelgoed::scanning
