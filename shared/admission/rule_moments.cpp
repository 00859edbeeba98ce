#include "shared/admission/rule_moments.h"

#include <cmath>

namespace voelgoed::admission {

using namespace std::chrono;
using base::Instant;
using domain::ZoneTable;
using Op = RuleEvaluation::Op;
using Node = RuleEvaluation::Node;

namespace {

/// Minutes in a hundred years: nobody is told to wait longer.
constexpr double kWaitMax = 100.0 * 366 * 24 * 60;
constexpr base::Milliseconds kJustBehind{1};

/// Where clocks skip midnight the day begins behind the gap.
Instant startOf(ZoneTable::LocalDay day, const ZoneTable &zone)
{
    const Instant midnight = zone.toInstant(ZoneTable::LocalTime(day));
    return zone.dayOf(midnight) < day ? midnight + hours(1) : midnight;
}

bool isMinutes(Op op)
{
    return op == Op::MinutesSinceLast || op == Op::MinutesSinceFirst;
}

} // namespace

/// Keeps the first of the moments that it is shown.
class RuleMoments::Earliest
{
public:
    Earliest(Instant after, Instant dailyUntil) : m_after(after), m_dailyUntil(dailyUntil) {}

    Instant after() const { return m_after; }

    void show(const RuleMoment &moment)
    {
        if (moment.at <= m_after || (moment.daily && moment.at > m_dailyUntil))
            return;
        if (!m_best || moment.at < m_best->at)
            m_best = moment;
        if (moment.at == m_best->at) {
            m_best->daily = m_best->daily && moment.daily;
            m_best->minutes = m_best->minutes || moment.minutes;
        }
    }

    const std::optional<RuleMoment> &best() const { return m_best; }

private:
    Instant m_after;
    Instant m_dailyUntil;
    std::optional<RuleMoment> m_best;
};

std::optional<RuleMoment> RuleMoments::after(Instant at, Instant dailyUntil) const
{
    Earliest earliest(at, dailyUntil);
    for (std::uint32_t i = 0; i < m_evaluation.size(); ++i) {
        const Node &node = m_evaluation.node(i);
        switch (node.op) {
        case Op::Less:
        case Op::LessOrEqual:
        case Op::Greater:
        case Op::GreaterOrEqual:
        case Op::Equal:
        case Op::NotEqual:
        case Op::InList:
            minutesOf(i, earliest);
            break;
        case Op::Before:
            limitsOf(i, earliest);
            break;
        case Op::IsoWeekday:
        case Op::EntriesToday:
        case Op::CustomTime:
        case Op::EntryStatus:
            dailyOf(i, earliest);
            break;
        case Op::EntriesSince:
        case Op::EntriesBefore:
        case Op::EntriesDaysSince:
        case Op::EntriesDaysBefore:
            ownPassages(earliest);
            break;
        default:
            break;
        }
    }
    return earliest.best();
}

/// When minutes since an entry come to what they are compared with, and when they go beyond it.
void RuleMoments::minutesOf(std::uint32_t comparison, Earliest &earliest) const
{
    const Node &node = m_evaluation.node(comparison);
    for (std::uint32_t side = 0; side < 2; ++side) {
        const Op op = m_evaluation.node(m_evaluation.child(node, side)).op;
        if (!isMinutes(op))
            continue;
        const auto since = op == Op::MinutesSinceLast ? m_evaluation.lastEntry() : m_evaluation.firstEntry();
        if (!since)
            continue;
        const auto show = [&](std::optional<double> wanted) {
            if (!wanted || !(*wanted >= 0) || *wanted > kWaitMax)
                return;
            for (const double whole : {std::ceil(*wanted), std::floor(*wanted) + 1})
                earliest.show({.at = *since + minutes(static_cast<std::int64_t>(whole)), .minutes = true});
        };
        const std::uint32_t other = m_evaluation.child(node, 1 - side);
        const Op otherOp = m_evaluation.node(other).op;
        if (otherOp == Op::ObjectList) {
            for (const std::string &id : m_evaluation.list(m_evaluation.node(other)))
                show(numberIn(id));
        } else if (RuleEvaluation::kindOf(otherOp) == RuleKind::Text) {
            show(numberIn(m_evaluation.text(other)));
        } else if (!isMinutes(otherOp)) {
            show(m_evaluation.number(other));
        }
    }
}

/// Where "now" crosses a time, with its tolerance.
void RuleMoments::limitsOf(std::uint32_t before, Earliest &earliest) const
{
    const Node &node = m_evaluation.node(before);
    const ZoneTable &zone = m_evaluation.facts().zone;
    const auto tolerance = RuleEvaluation::tolerance(node);
    for (std::uint32_t side = 0; side < 2; ++side) {
        if (m_evaluation.node(m_evaluation.child(node, side)).op != Op::Now)
            continue;
        const bool nowIsEarlier = side == 0;
        const std::uint32_t other = m_evaluation.child(node, 1 - side);
        const auto limitAt = [&](Instant time) {
            return nowIsEarlier ? time + tolerance : time - tolerance + kJustBehind;
        };
        const Node &limit = m_evaluation.node(other);
        if (limit.op == Op::CustomTime) {
            for (int i = 0; i < 3; ++i) {
                const ZoneTable::LocalTime today(zone.dayOf(earliest.after()) + days(i));
                earliest.show({.at = limitAt(zone.toInstant(today + limit.time)), .daily = true});
            }
        } else if (limit.op != Op::Now) {
            if (const auto time = m_evaluation.time(other))
                earliest.show({.at = limitAt(*time)});
        }
    }
}

/// Midnights, where the day matters, and the times at which all are booked out.
void RuleMoments::dailyOf(std::uint32_t index, Earliest &earliest) const
{
    const RuleFacts &facts = m_evaluation.facts();
    const auto today = facts.zone.dayOf(earliest.after());
    const bool closes = m_evaluation.node(index).op == Op::EntryStatus;
    for (int i = 0; i < 3; ++i) {
        if (!closes)
            earliest.show({.at = startOf(today + days(i), facts.zone), .daily = true});
        for (const seconds time : closes ? facts.closings : std::span<const seconds>())
            earliest.show({.at = facts.zone.toInstant(ZoneTable::LocalTime(today + days(i)) + time), .daily = true});
    }
}

/// Passages that a clock which ran ahead has left behind now.
void RuleMoments::ownPassages(Earliest &earliest) const
{
    const auto &history = m_evaluation.facts().history;
    for (auto passage = history.rbegin(); passage != history.rend() && passage->at >= earliest.after(); ++passage) {
        earliest.show({.at = passage->at});
        earliest.show({.at = passage->at + kJustBehind});
    }
}

} // namespace voelgoed::admission
