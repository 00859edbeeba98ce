#include "shared/admission/rules.h"

#include "shared/admission/rule_evaluation.h"

#include <algorithm>

namespace voelgoed::admission {

RuleAnswer Rules::evaluate(const RuleFacts &facts) const noexcept
{
    if (m_nodes.empty())
        return RuleAnswer::True;
    return RuleEvaluation(*this, facts).answer();
}

RuleEvaluation::Entries RuleEvaluation::entries(const Range &range) const
{
    // Days come in ascending order, since the history does: each one is counted when it is seen first.
    Entries entries;
    std::optional<domain::ZoneTable::LocalDay> lastDay;
    const auto today = m_facts.zone.dayOf(m_facts.now);
    for (const domain::Passage &passage : m_facts.history) {
        if (passage.direction != domain::Direction::Entry)
            continue;
        if ((range.since && passage.at < *range.since) || (range.before && passage.at >= *range.before))
            continue;
        ++entries.number;
        const auto day = m_facts.zone.dayOf(passage.at);
        entries.today += day == today;
        entries.days += !lastDay || day != *lastDay;
        lastDay = day;
        if (!entries.first)
            entries.first = passage.at;
        entries.last = passage.at;
    }
    return entries;
}

double RuleEvaluation::minutesSince(std::optional<base::Instant> at) const
{
    if (!at)
        return -1;
    // An entry of a clock that runs ahead happened just now.
    const auto passed = std::max(m_facts.now - *at, base::Milliseconds(0));
    return static_cast<double>(std::chrono::floor<std::chrono::minutes>(passed).count());
}

std::string_view RuleEvaluation::entryStatus() const
{
    if (m_facts.history.empty())
        return "absent";
    const domain::Passage &newest = m_facts.history.back();
    const bool bookedOut = m_facts.closed && newest.at < *m_facts.closed;
    return newest.direction == domain::Direction::Entry && !bookedOut ? "present" : "absent";
}

std::optional<base::Instant> RuleEvaluation::time(std::uint32_t index) const
{
    const Node &node = m_rules.m_nodes[index];
    switch (node.op) {
    case Op::Now:
        return m_facts.now;
    case Op::Custom:
        return node.at;
    case Op::CustomTime:
        return m_facts.zone.toInstant(domain::ZoneTable::LocalTime(m_facts.zone.dayOf(m_facts.now)) + node.time);
    case Op::DateFrom:
        return m_facts.dateFrom;
    case Op::DateTo:
        return m_facts.dateTo ? m_facts.dateTo : m_facts.dateFrom;
    case Op::DateAdmission:
        return m_facts.dateAdmission ? m_facts.dateAdmission : m_facts.dateFrom;
    default:
        return std::nullopt;
    }
}

bool RuleEvaluation::isAssumed(std::uint32_t index) const
{
    // Written twice, a count without a time of its own is the same count.
    const Node &one = node(index), &other = node(m_assumed.node);
    return index == m_assumed.node || (one.op == other.op && one.children == 0);
}

std::optional<double> RuleEvaluation::number(std::uint32_t index) const
{
    const Node &node = m_rules.m_nodes[index];
    if (m_assumed.node != UINT32_MAX && isAssumed(index))
        return m_assumed.value;
    const auto counted = [&](bool since) -> std::optional<Entries> {
        const auto at = time(child(node, 0));
        if (!at)
            return std::nullopt;
        return entries(since ? Range{.since = at, .before = {}} : Range{.since = {}, .before = at});
    };
    switch (node.op) {
    case Op::Number:
        return node.number;
    case Op::IsoWeekday:
        return m_facts.zone.isoWeekdayOf(m_facts.now);
    case Op::EntriesNumber:
        return entries({}).number;
    case Op::EntriesToday:
        return entries({}).today;
    case Op::EntriesDays:
        return entries({}).days;
    case Op::MinutesSinceLast:
        return minutesSince(entries({}).last);
    case Op::MinutesSinceFirst:
        return minutesSince(entries({}).first);
    case Op::EntriesSince:
    case Op::EntriesBefore: {
        const auto entries = counted(node.op == Op::EntriesSince);
        return entries ? std::optional<double>(entries->number) : std::nullopt;
    }
    case Op::EntriesDaysSince:
    case Op::EntriesDaysBefore: {
        const auto entries = counted(node.op == Op::EntriesDaysSince);
        return entries ? std::optional<double>(entries->days) : std::nullopt;
    }
    default:
        return std::nullopt;
    }
}

std::string_view RuleEvaluation::text(std::uint32_t index) const
{
    const Node &node = m_rules.m_nodes[index];
    switch (node.op) {
    case Op::Text:
        return m_rules.m_texts[node.text];
    case Op::Product:
        return m_facts.product;
    case Op::Variation:
        return m_facts.variation;
    case Op::Gate:
        return m_facts.gate;
    case Op::EntryStatus:
        return entryStatus();
    default:
        return {};
    }
}

RuleAnswer RuleEvaluation::junction(const Node &node) const
{
    // What cannot be told makes the whole untold only if the rest does not decide.
    const bool isAnd = node.op == Op::And;
    bool untold = false;
    for (std::uint32_t i = 0; i < node.children; ++i) {
        const RuleAnswer part = answer(child(node, i));
        if (part == RuleAnswer::CannotTell)
            untold = true;
        else if ((part == RuleAnswer::False) == isAnd)
            return part;
    }
    if (untold)
        return RuleAnswer::CannotTell;
    return isAnd || node.children == 0 ? RuleAnswer::True : RuleAnswer::False;
}

RuleAnswer RuleEvaluation::answer(std::uint32_t index) const
{
    const Node &node = m_rules.m_nodes[index];
    switch (node.op) {
    case Op::And:
    case Op::Or:
        return junction(node);
    case Op::Literal:
        return node.number != 0 ? RuleAnswer::True : RuleAnswer::False;
    case Op::Less:
    case Op::LessOrEqual:
    case Op::Greater:
    case Op::GreaterOrEqual:
    case Op::Equal:
    case Op::NotEqual:
        return compare(node);
    case Op::InList:
        return isListed(node);
    case Op::Before: {
        const auto earlier = time(child(node, 0));
        const auto later = time(child(node, 1));
        if (!earlier || !later)
            return RuleAnswer::CannotTell;
        return *earlier < *later + tolerance(node) ? RuleAnswer::True : RuleAnswer::False;
    }
    default:
        return RuleAnswer::CannotTell;
    }
}

} // namespace voelgoed::admission
