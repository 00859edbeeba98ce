#include "server/slices/scanning/plan.h"

#include "server/slices/scanning/sums.h"
#include "shared/admission/history.h"
#include "shared/domain/verdict.h"
#include "shared/protocol/feed.h"

#include <algorithm>
#include <set>
#include <tuple>

namespace voelgoed::scanning {

using protocol::PassageRecord;
using protocol::RowOutcome;

namespace {

/// Whoever has a device that was revoked takes back what that one recorded, and nothing of others.
bool mayTakeBack(const Brought &brought, const domain::UndoRecord &undo)
{
    return !brought.unverified || undo.row.device == brought.row.key.device;
}

/// `undone`: the passages that the row may take back.
std::optional<PassageRecord> passageOf(const Brought &brought, const std::map<domain::RowKey, PassageRecord> &undone)
{
    if (const domain::ScanRecord *scan = admission::passageIn(brought.row)) {
        return PassageRecord{.row = brought.row.key,
                             .ordinal = scan->ordinal,
                             .checkpoint = scan->checkpoint,
                             .gate = scan->gate,
                             .direction = scan->direction,
                             .count = scan->count,
                             .overridden = scan->override.has_value() && !scan->overridden.empty(),
                             .at = brought.at,
                             .rotatingStep = scan->rotatingStep,
                             .withdrawn = false,
                             .unlistedAdmits = brought.unverified ? std::uint16_t{0} : scan->unlistedAdmits};
    }
    const auto *undo = std::get_if<domain::UndoRecord>(&brought.row.what);
    if (!undo || !mayTakeBack(brought, *undo))
        return std::nullopt;
    const auto found = undone.find(undo->row);
    if (found == undone.end())
        return std::nullopt;
    PassageRecord record = found->second;
    record.withdrawn = true;
    return record;
}

std::vector<DoubleMark> doublesOf(const std::vector<PassageRecord> &records, const admission::Allowance &allowance)
{
    std::vector<admission::Recorded> passages;
    for (const PassageRecord &record : records) {
        passages.push_back({.passage = {.at = record.at,
                                        .device = record.row.device.text,
                                        .sequence = record.row.sequence,
                                        .nonce = {},
                                        .gate = record.gate.text,
                                        .direction = record.direction,
                                        .count = record.count,
                                        .overridden = record.overridden},
                            .row = record.row});
    }
    std::sort(passages.begin(), passages.end(),
              [](const auto &a, const auto &b) { return earlier(a.passage, b.passage); });
    const auto recordOf = [&](const domain::RowKey &key) {
        return *std::find_if(records.begin(), records.end(),
                             [&](const PassageRecord &record) { return record.row == key; });
    };
    std::vector<DoubleMark> marks;
    for (const admission::Double &found : admission::doublesOf(passages, allowance))
        marks.push_back({recordOf(found.later.row), recordOf(found.earlier.row)});
    return marks;
}

class Planner
{
public:
    Planner(const Facts &facts, Plan &plan, base::Instant receivedAt)
        : m_facts(facts),
          m_plan(plan),
          m_receivedAt(receivedAt),
          m_undoable(facts.undone),
          m_undoneBefore(facts.undoneBefore)
    {
        m_plan.head = facts.head;
        m_plan.history = facts.history;
        for (const auto &[ordinal, records] : facts.before)
            m_passages[ordinal] = records;
    }

    void take(const Brought &brought)
    {
        Settled settled{.row = brought.row.key, .outcome = RowOutcome::Accepted, .reason = {}};
        const auto known = m_facts.known.find(brought.row.key);
        const auto inBatch = m_taken.find(brought.row.key);
        if (known != m_facts.known.end() || inBatch != m_taken.end()) {
            const domain::RowHash &there = known != m_facts.known.end() ? known->second.hash : inBatch->second;
            settled.outcome = there == brought.hash ? RowOutcome::Repeat : RowOutcome::Quarantined;
            if (settled.outcome == RowOutcome::Quarantined) {
                settled.reason = "same_number_other_content";
                m_plan.quarantined.push_back({&brought, settled.reason});
            }
        } else {
            m_taken.emplace(brought.row.key, brought.hash);
            if (brought.unverified)
                settled.outcome = RowOutcome::Unverified;
            add(brought);
        }
        m_plan.settled.push_back(std::move(settled));
    }

    void finish()
    {
        std::set<domain::RowKey> doubled;
        for (const CountKey &count : m_touched) {
            std::vector<PassageRecord> here;
            for (const PassageRecord &record : standing(m_passages[count.ordinal])) {
                if (record.checkpoint.text == count.checkpoint)
                    here.push_back(record);
            }
            m_plan.claims.push_back(claimOf(count, here));
            // With one person of one ticket there was nothing before, and there is nothing now.
            if (here.size() < 2 && !m_facts.before.contains(count.ordinal) && (here.empty() || here.front().count < 2))
                continue;
            m_plan.recounted.push_back(count);
            for (DoubleMark &mark : doublesOf(here, allowanceOf(count))) {
                doubled.insert(mark.later.row);
                m_plan.doubles.push_back(std::move(mark));
            }
        }
        for (Settled &settled : m_plan.settled) {
            if (settled.outcome == RowOutcome::Accepted && doubled.contains(settled.row))
                settled.outcome = RowOutcome::Double;
        }
    }

private:
    /// Whether it was taken back already: a second time takes nothing.
    bool isGone(const PassageRecord &passage)
    {
        const auto &records = m_passages[passage.ordinal.value];
        return std::any_of(records.begin(), records.end(),
                           [&](const PassageRecord &record) { return record.row == passage.row && record.withdrawn; });
    }

    void add(const Brought &brought)
    {
        NewRow made{.brought = &brought, .feedSeq = {}, .passage = {}};
        auto passage = passageOf(brought, m_undoable);
        const auto *undo = std::get_if<domain::UndoRecord>(&brought.row.what);
        if (undo && !passage && mayTakeBack(brought, *undo)) {
            m_undoneBefore.insert(undo->row);
            m_plan.earlyUndos.push_back(undo->row);
        }
        // One that was taken back before it came has never counted.
        const bool isLate = passage && !passage->withdrawn && m_undoneBefore.contains(passage->row);
        if (isLate)
            passage->withdrawn = true;
        if (passage) {
            if (!passage->withdrawn)
                m_undoable.emplace(passage->row, *passage);
            const int sign = isLate || isGone(*passage) ? 0 : passage->withdrawn ? -1 : 1;
            made.feedSeq = ++m_plan.head;
            made.passage = protocol::encode(*passage);
            protocol::togglePassage(m_plan.history, made.passage);
            m_passages[passage->ordinal.value].push_back(*passage);
            m_touched.insert({passage->checkpoint.text, passage->ordinal.value});
            countPassage(*passage, sign * passage->count);
        }
        if (const auto *scan = std::get_if<domain::ScanRecord>(&brought.row.what)) {
            if (!scan->test && scan->outcome != domain::word(domain::Outcome::Admit))
                ++m_plan.gates[{scan->checkpoint.text, scan->gate.text}].refused;
            if (!scan->session.empty())
                count(*scan, brought);
        }
        m_plan.rows.push_back(std::move(made));
    }

    void countPassage(const PassageRecord &passage, std::int64_t persons)
    {
        const GateDelta delta = deltaOf(passage, persons, m_facts.rulebook.get(), m_receivedAt);
        addTo(m_plan.gates[{passage.checkpoint.text, passage.gate.text}], delta);
    }

    void count(const domain::ScanRecord &scan, const Brought &brought)
    {
        const auto [place, isNew] = m_plan.sessions.try_emplace(scan.session.text);
        SessionDelta &session = place->second;
        if (isNew) {
            session = {.device = brought.row.key.device.text,
                       .gate = scan.gate.text,
                       .operatedBy = scan.operatedBy.text,
                       .scans = 0,
                       .first = brought.at,
                       .last = brought.at};
        }
        ++session.scans;
        session.first = std::min(session.first, brought.at);
        session.last = std::max(session.last, brought.at);
    }

    /// Of a ticket in no list: what whoever read its code was told by it.
    std::uint32_t admitsByItsCode(std::uint32_t ordinal) const
    {
        std::uint32_t admits = 1;
        if (const auto found = m_passages.find(ordinal); found != m_passages.end()) {
            for (const PassageRecord &record : found->second)
                admits = std::max<std::uint32_t>(admits, record.unlistedAdmits);
        }
        return admits;
    }

    admission::Allowance allowanceOf(const CountKey &count) const
    {
        std::uint32_t admits = 1;
        const admission::Rulebook *rulebook = m_facts.rulebook.get();
        const auto type = m_facts.types.find(count.ordinal);
        if (rulebook && type != m_facts.types.end()) {
            if (const domain::TicketType *known = rulebook->type(type->second.text))
                admits = known->admits;
        }
        if (const auto own = m_facts.admits.find(count.ordinal); own != m_facts.admits.end())
            admits = own->second;
        else if (type == m_facts.types.end())
            admits = admitsByItsCode(count.ordinal);
        const admission::CompiledCheckpoint *checkpoint = rulebook ? rulebook->checkpoint(count.checkpoint) : nullptr;
        if (checkpoint)
            return rulebook->allowanceOf(*checkpoint, admits);
        // A place that the event does not have any more: good once, as anywhere.
        static const domain::ZoneTable utc;
        return {.admits = admits, .reentry = domain::Reentry::Never, .closing = {utc, {}}};
    }

    const Facts &m_facts;
    Plan &m_plan;
    base::Instant m_receivedAt;
    std::map<domain::RowKey, PassageRecord> m_undoable; ///< also those of this batch
    std::set<domain::RowKey> m_undoneBefore;            ///< likewise
    std::map<domain::RowKey, domain::RowHash> m_taken;
    std::map<std::uint32_t, std::vector<PassageRecord>> m_passages;
    std::set<CountKey> m_touched;
};

} // namespace

bool isEarlier(const PassageRecord &a, const PassageRecord &b)
{
    return std::tie(a.at, a.row.device, a.row.sequence, a.row.epoch) <
           std::tie(b.at, b.row.device, b.row.sequence, b.row.epoch);
}

std::vector<PassageRecord> standing(const std::vector<PassageRecord> &all)
{
    std::set<domain::RowKey> withdrawn;
    for (const PassageRecord &record : all) {
        if (record.withdrawn)
            withdrawn.insert(record.row);
    }
    std::vector<PassageRecord> left;
    for (const PassageRecord &record : all) {
        if (!record.withdrawn && !withdrawn.contains(record.row))
            left.push_back(record);
    }
    return left;
}

Claim claimOf(const CountKey &count, const std::vector<PassageRecord> &standing)
{
    Claim claim{.of = count, .entries = 0, .exits = 0, .first = {}};
    for (const PassageRecord &record : standing) {
        if (record.direction == domain::Direction::Exit) {
            claim.exits += record.count;
            continue;
        }
        claim.entries += record.count;
        if (!claim.first || isEarlier(record, *claim.first))
            claim.first = record;
    }
    return claim;
}

void addTo(GateDelta &sum, const GateDelta &more)
{
    sum.entries += more.entries;
    sum.exits += more.exits;
    sum.refused += more.refused;
    if (more.since > sum.since) {
        sum.since = more.since;
        sum.sinceEntries = sum.sinceExits = 0;
    }
    if (more.since == sum.since) {
        sum.sinceEntries += more.sinceEntries;
        sum.sinceExits += more.sinceExits;
    }
}

std::int64_t insideOf(const GateCount &count, const admission::Rulebook *rulebook, base::Instant now)
{
    const auto *checkpoint = rulebook ? rulebook->checkpoint(count.of.checkpoint) : nullptr;
    const auto closed = checkpoint ? rulebook->closingOf(*checkpoint).lastBefore(now) : std::nullopt;
    return closed && *closed > count.sum.since ? 0 : count.sum.sinceEntries - count.sum.sinceExits;
}

std::int64_t insideArea(const std::map<GateKey, GateDelta> &all, const admission::Rulebook &rulebook,
                        const admission::CompiledCheckpoint &checkpoint, base::Instant now)
{
    std::int64_t inside = 0;
    for (const auto &[key, sum] : all) {
        const bool isOfIt = std::any_of(checkpoint.area.begin(), checkpoint.area.end(),
                                        [&](const domain::CheckpointId &id) { return id.text == key.checkpoint; });
        if (isOfIt)
            inside += insideOf({key, sum}, &rulebook, now);
    }
    return inside;
}

std::int64_t insideEvent(const std::map<GateKey, GateDelta> &all, const admission::Rulebook *rulebook,
                         base::Instant now)
{
    std::int64_t persons = 0;
    for (const auto &[key, sum] : all)
        persons += insideOf({key, sum}, rulebook, now);
    return persons;
}

std::int64_t throughGate(const std::map<GateKey, GateDelta> &all, const std::string &gate)
{
    std::int64_t persons = 0;
    for (const auto &[key, sum] : all)
        persons += key.gate == gate ? sum.entries - sum.exits : 0;
    return persons;
}

std::int64_t percentFull(std::int64_t inside, std::int64_t capacity)
{
    return capacity == 0 ? 100 : std::max<std::int64_t>(inside, 0) * 100 / capacity;
}

std::map<GateKey, GateDelta> occupancyAfter(const Facts &facts, const Plan &plan)
{
    std::map<GateKey, GateDelta> after = facts.occupancy;
    for (const auto &[key, delta] : plan.gates)
        addTo(after[key], delta);
    return after;
}

Plan planBatch(const Facts &facts, const std::vector<const Brought *> &rows, base::Instant receivedAt)
{
    Plan plan;
    Planner planner(facts, plan, receivedAt);
    for (const Brought *brought : rows)
        planner.take(*brought);
    planner.finish();
    return plan;
}

} // namespace voelgoed::scanning
