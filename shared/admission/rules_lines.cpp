#include "shared/admission/rule_evaluation.h"

#include <cstdio>

namespace voelgoed::admission {

namespace {

using Op = RuleEvaluation::Op;
using Node = RuleEvaluation::Node;

std::string number(double value)
{
    char text[32];
    std::snprintf(text, sizeof text, "%g", value);
    return text;
}

std::string_view nameOf(const Node &node)
{
    switch (node.op) {
    case Op::And: return "and";
    case Op::Or: return "or";
    case Op::Less: return "<";
    case Op::LessOrEqual: return "<=";
    case Op::Greater: return ">";
    case Op::GreaterOrEqual: return ">=";
    case Op::Equal: return "==";
    case Op::NotEqual: return "!=";
    case Op::InList: return "inList";
    case Op::Before: return node.swapped ? "isAfter" : "isBefore";
    case Op::IsoWeekday: return "now_isoweekday";
    case Op::EntriesNumber: return "entries_number";
    case Op::EntriesToday: return "entries_today";
    case Op::EntriesDays: return "entries_days";
    case Op::MinutesSinceLast: return "minutes_since_last_entry";
    case Op::MinutesSinceFirst: return "minutes_since_first_entry";
    case Op::EntriesSince: return "entries_since";
    case Op::EntriesBefore: return "entries_before";
    case Op::EntriesDaysSince: return "entries_days_since";
    case Op::EntriesDaysBefore: return "entries_days_before";
    case Op::Product: return "product";
    case Op::Variation: return "variation";
    case Op::Gate: return "gate";
    case Op::EntryStatus: return "entry_status";
    case Op::Now: return "now";
    case Op::Custom: return "custom";
    case Op::CustomTime: return "customtime";
    case Op::DateFrom: return "date_from";
    case Op::DateTo: return "date_to";
    case Op::DateAdmission: return "date_admission";
    case Op::ObjectList: return "objectList";
    case Op::Number: return "number";
    case Op::Text: return "text";
    }
    return {};
}

class Lister
{
public:
    explicit Lister(const RuleEvaluation &evaluation) : m_evaluation(evaluation) {}

    void list(std::uint32_t index, int depth)
    {
        const Node &node = m_evaluation.node(index);
        RuleLine line{.depth = depth, .text = std::string(nameOf(node)), .value = valueOf(index)};
        if (node.op <= Op::Before)
            line.answer = m_evaluation.answer(index);
        m_lines.push_back(std::move(line));
        // A condition written with isAfter has its operands the other way round.
        for (std::uint32_t i = 0; i < node.children; ++i)
            list(m_evaluation.child(node, node.swapped ? node.children - 1 - i : i), depth + 1);
    }

    std::vector<RuleLine> take() { return std::move(m_lines); }

private:
    std::string valueOf(std::uint32_t index) const
    {
        const Node &node = m_evaluation.node(index);
        if (node.op == Op::ObjectList) {
            std::string ids;
            for (const std::string &id : m_evaluation.list(node))
                ids += (ids.empty() ? "" : ", ") + id;
            return ids;
        }
        if (m_evaluation.isText(index))
            return std::string(m_evaluation.text(index));
        if (const auto at = m_evaluation.time(index))
            return base::formatInstant(*at);
        if (const auto value = m_evaluation.number(index))
            return number(*value);
        return {};
    }

    const RuleEvaluation &m_evaluation;
    std::vector<RuleLine> m_lines;
};

} // namespace

std::vector<RuleLine> Rules::lines(const RuleFacts &facts) const
{
    if (m_nodes.empty())
        return {};
    const RuleEvaluation evaluation(*this, facts);
    Lister lister(evaluation);
    lister.list(static_cast<std::uint32_t>(m_nodes.size() - 1), 0);
    return lister.take();
}

} // namespace voelgoed::admission
