#include "shared/admission/rule_worlds.h"

namespace voelgoed::admission {

using Op = RuleEvaluation::Op;

namespace {

/// Visits of nodes and passages, all worlds together: some ten milliseconds, of which hardly a rule needs a hundredth.
constexpr std::int64_t kEffortMax = 150'000;
/// Whatever the days do comes round within a week; one more for its first and last day, and one for the clocks.
constexpr std::chrono::days kRound{9};

} // namespace

RuleWorlds::RuleWorlds(const Rules &rules, const RuleFacts &facts)
    : m_rules(rules), m_given(rules, facts), m_effort(kEffortMax), m_effortOfOne(0)
{
    for (std::uint32_t i = 0; i < m_given.size(); ++i) {
        const bool counts = RuleEvaluation::kindOf(m_given.node(i).op) == RuleKind::Number &&
                            m_given.node(i).op != Op::Number && m_given.node(i).op != Op::IsoWeekday;
        m_effortOfOne += 1 + (counts ? static_cast<std::int64_t>(facts.history.size()) : 0);
    }
    m_effort -= m_effortOfOne; // for the world as it is
}

bool RuleWorlds::asks(Op op) const
{
    for (std::uint32_t i = 0; i < m_given.size(); ++i) {
        if (m_given.node(i).op == op)
            return true;
    }
    return false;
}

bool RuleWorlds::tellsApart(Op variable, std::string_view a, std::string_view b)
{
    bool apart = false;
    std::size_t texts = m_given.size() / 4;
    forEachTextBeside(variable, [&](std::string_view text) {
        ++texts;
        apart = apart || text == a || text == b;
    });
    if (!spend(texts))
        return false;
    for (std::uint32_t i = 0; i < m_given.size() && !apart; ++i) {
        const auto &node = m_given.node(i);
        for (std::uint32_t side = 0; side < node.children && node.children == 2; ++side) {
            const Op other = m_given.node(m_given.child(node, 1 - side)).op;
            const bool same = node.op == Op::Equal || node.op == Op::NotEqual || node.op == Op::InList;
            apart = apart || (m_given.node(m_given.child(node, side)).op == variable &&
                              !(same && (other == Op::Text || other == Op::ObjectList)));
        }
    }
    return apart && a != b;
}

/// Whether a comparison, or what it compares, may come out otherwise at a later time.
bool RuleWorlds::mayTurn(const RuleEvaluation &evaluation, std::uint32_t index)
{
    const auto &node = evaluation.node(index);
    switch (node.op) {
    case Op::Before: {
        const bool nowIsEarlier = evaluation.node(evaluation.child(node, 0)).op == Op::Now;
        const std::uint32_t later = evaluation.child(node, 1);
        const auto &limit = evaluation.node(later);
        if (!nowIsEarlier || limit.op == Op::CustomTime || limit.op == Op::Now)
            break;
        const auto time = evaluation.time(later);
        return time && *time + RuleEvaluation::tolerance(node) > evaluation.facts().now;
    }
    case Op::Now:
    case Op::CustomTime:
    case Op::IsoWeekday:
    case Op::EntriesToday:
        return true;
    case Op::MinutesSinceLast:
    case Op::MinutesSinceFirst:
        return evaluation.lastEntry().has_value();
    case Op::EntryStatus:
        return !evaluation.facts().closings.empty() && evaluation.entryStatus() == "present";
    default:
        break;
    }
    for (std::uint32_t i = 0; i < node.children; ++i) {
        if (mayTurn(evaluation, evaluation.child(node, i)))
            return true;
    }
    return false;
}

bool RuleWorlds::mayHold(const RuleEvaluation &evaluation, std::uint32_t index)
{
    const auto &node = evaluation.node(index);
    if (node.op != Op::And && node.op != Op::Or)
        return evaluation.answer(index) == RuleAnswer::True || mayTurn(evaluation, index);
    const bool all = node.op == Op::And;
    for (std::uint32_t i = 0; i < node.children; ++i) {
        if (mayHold(evaluation, evaluation.child(node, i)) != all)
            return !all;
    }
    return all || node.children == 0;
}

RuleFacts RuleWorlds::factsOf(const World &world, base::Instant at) const
{
    RuleFacts facts = world.facts;
    facts.now = at;
    if (world.fresh)
        facts.history = {};
    const auto closed = Closing{facts.zone, facts.closings}.lastBefore(at);
    if (closed && (!facts.closed || *closed > *facts.closed))
        facts.closed = closed;
    if (world.left && !facts.history.empty()) {
        const base::Instant out = facts.history.back().at + base::Milliseconds(1);
        if (!facts.closed || out > *facts.closed)
            facts.closed = out;
    }
    return facts;
}

bool RuleWorlds::holdsAt(const World &world, base::Instant at)
{
    if (isWornOut())
        return false;
    m_effort -= m_effortOfOne;
    const RuleFacts facts = factsOf(world, at);
    return RuleEvaluation(m_rules, facts, world.assumed).answer() == RuleAnswer::True;
}

std::optional<RuleMoment> RuleWorlds::firstMoment(const World &world, const std::optional<base::Instant> &until)
{
    const RuleFacts facts = factsOf(world, world.facts.now);
    const RuleEvaluation evaluation(m_rules, facts, world.assumed);
    const RuleMoments moments(evaluation);
    m_effort -= 2 * m_effortOfOne;
    if (!mayHold(evaluation, static_cast<std::uint32_t>(evaluation.size() - 1)))
        return std::nullopt;
    base::Instant at = facts.now, roundBegan = facts.now;
    while (!isWornOut()) {
        m_effort -= m_effortOfOne;
        const auto next = moments.after(at, roundBegan + kRound);
        if (!next || (until && next->at > *until))
            return std::nullopt;
        if (holdsAt(world, next->at))
            return next;
        at = next->at;
        if (!next->daily)
            roundBegan = at;
    }
    return std::nullopt;
}

std::optional<base::Instant> RuleWorlds::lastMoment()
{
    const World world{.facts = m_given.facts()};
    std::optional<base::Instant> last;
    for (std::uint32_t i = 0; i < m_given.size(); ++i) {
        const auto &node = m_given.node(i);
        if (node.op != Op::Before || m_given.node(m_given.child(node, 0)).op != Op::Now)
            continue;
        const auto limit = m_given.time(m_given.child(node, 1));
        const base::Instant end = limit ? *limit + RuleEvaluation::tolerance(node) : world.facts.now;
        if (end <= world.facts.now && (!last || end > *last) && holdsAt(world, end - base::Milliseconds(1)))
            last = end;
    }
    return last;
}

} // namespace voelgoed::admission
