#include "shared/admission/rule_evaluation.h"

#include "shared/base/text.h"

#include <cstdio>

namespace voelgoed::admission {

namespace {

using Op = RuleEvaluation::Op;
using Node = RuleEvaluation::Node;

constexpr std::size_t kValueMax = 120;

std::string_view nameOf(const Node &node)
{
    switch (node.op) {
    case Op::And:
        return "and";
    case Op::Or:
        return "or";
    case Op::Less:
        return "<";
    case Op::LessOrEqual:
        return "<=";
    case Op::Greater:
        return ">";
    case Op::GreaterOrEqual:
        return ">=";
    case Op::Equal:
        return "==";
    case Op::NotEqual:
        return "!=";
    case Op::InList:
        return "inList";
    case Op::Before:
        return node.swapped ? "isAfter" : "isBefore";
    case Op::Literal:
    case Op::Number:
    case Op::Text:
    case Op::Custom:
    case Op::CustomTime:
        return {}; // constants are called by their values
    case Op::IsoWeekday:
        return "now_isoweekday";
    case Op::EntriesNumber:
        return "entries_number";
    case Op::EntriesToday:
        return "entries_today";
    case Op::EntriesDays:
        return "entries_days";
    case Op::MinutesSinceLast:
        return "minutes_since_last_entry";
    case Op::MinutesSinceFirst:
        return "minutes_since_first_entry";
    case Op::EntriesSince:
        return "entries_since";
    case Op::EntriesBefore:
        return "entries_before";
    case Op::EntriesDaysSince:
        return "entries_days_since";
    case Op::EntriesDaysBefore:
        return "entries_days_before";
    case Op::Product:
        return "product";
    case Op::Variation:
        return "variation";
    case Op::Gate:
        return "gate";
    case Op::EntryStatus:
        return "entry_status";
    case Op::Now:
        return "now";
    case Op::DateFrom:
        return "date_from";
    case Op::DateTo:
        return "date_to";
    case Op::DateAdmission:
        return "date_admission";
    case Op::ObjectList:
        return "objectList";
    }
    return {};
}

/// Whole numbers without a fraction, others with as much of one as they have.
std::string numberText(double number)
{
    char text[32];
    const int length = std::snprintf(text, sizeof text, "%.15g", number);
    return {text, static_cast<std::size_t>(length)};
}

/// "2026-12-05 18:00:00" in the event's zone.
std::string localText(base::Instant at, const domain::ZoneTable &zone)
{
    std::string text = base::formatInstant(base::Instant(zone.toLocal(at).time_since_epoch()));
    text.pop_back();
    text[10] = ' ';
    return text;
}

class LineWriter
{
public:
    explicit LineWriter(const RuleEvaluation &evaluation) : m_evaluation(evaluation) {}

    void write(std::uint32_t index, int depth)
    {
        const Node &node = m_evaluation.node(index);
        RuleLine line{.depth = depth, .text = std::string(nameOf(node)), .value = {}, .answer = {}};
        switch (node.op) {
        case Op::And:
        case Op::Or:
        case Op::Less:
        case Op::LessOrEqual:
        case Op::Greater:
        case Op::GreaterOrEqual:
        case Op::Equal:
        case Op::NotEqual:
        case Op::InList:
            line.answer = m_evaluation.answer(index);
            break;
        case Op::Before:
            line.answer = m_evaluation.answer(index);
            if (node.number != 0)
                line.text += " (tolerance " + numberText(node.number) + " min)";
            break;
        case Op::Literal:
            line.text = node.number != 0 ? "true" : "false";
            line.answer = m_evaluation.answer(index);
            break;
        case Op::Number:
            line.text = numberText(node.number);
            break;
        case Op::Text:
            line.text = quoted(m_evaluation.text(index));
            break;
        case Op::Product:
        case Op::Variation:
        case Op::Gate:
        case Op::EntryStatus:
            line.value = quoted(m_evaluation.text(index));
            break;
        case Op::Custom:
        case Op::CustomTime:
            line.text = timeText(index);
            break;
        case Op::Now:
        case Op::DateFrom:
        case Op::DateTo:
        case Op::DateAdmission:
            line.value = timeText(index);
            break;
        case Op::IsoWeekday:
        case Op::EntriesNumber:
        case Op::EntriesToday:
        case Op::EntriesDays:
        case Op::MinutesSinceLast:
        case Op::MinutesSinceFirst:
        case Op::EntriesSince:
        case Op::EntriesBefore:
        case Op::EntriesDaysSince:
        case Op::EntriesDaysBefore: {
            const auto number = m_evaluation.number(index);
            line.value = number ? numberText(*number) : "not known";
            break;
        }
        case Op::ObjectList:
            line.text = listText(node);
            break;
        }
        m_lines.push_back(std::move(line));
        for (std::uint32_t i = 0; i < node.children; ++i) {
            // What was written as isAfter is kept the other way round.
            const std::uint32_t number = node.op == Op::Before && node.swapped ? node.children - 1 - i : i;
            write(m_evaluation.child(node, number), depth + 1);
        }
    }

    std::vector<RuleLine> take() { return std::move(m_lines); }

private:
    static std::string quoted(std::string_view text) { return '"' + base::printable(text, kValueMax) + '"'; }

    std::string timeText(std::uint32_t index) const
    {
        const auto at = m_evaluation.time(index);
        return at ? localText(*at, m_evaluation.facts().zone) : "not known";
    }

    std::string listText(const Node &node) const
    {
        std::string all;
        for (const std::string &id : m_evaluation.list(node)) {
            if (all.size() > kValueMax)
                break;
            all += all.empty() ? id : ", " + id;
        }
        return "[" + base::printable(all, kValueMax) + "]";
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
    LineWriter writer(evaluation);
    writer.write(static_cast<std::uint32_t>(m_nodes.size() - 1), 0);
    return writer.take();
}

} // namespace voelgoed::admission
