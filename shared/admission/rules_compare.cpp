#include "shared/admission/rule_evaluation.h"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace voelgoed::admission {

namespace {

RuleAnswer answerOf(bool holds)
{
    return holds ? RuleAnswer::True : RuleAnswer::False;
}

RuleAnswer inOrder(RuleEvaluation::Op op, double a, double b)
{
    using Op = RuleEvaluation::Op;
    switch (op) {
    case Op::Less:
        return answerOf(a < b);
    case Op::LessOrEqual:
        return answerOf(a <= b);
    case Op::Greater:
        return answerOf(a > b);
    case Op::GreaterOrEqual:
        return answerOf(a >= b);
    case Op::Equal:
        return answerOf(a == b);
    case Op::NotEqual:
        return answerOf(a != b);
    default:
        return RuleAnswer::CannotTell;
    }
}

} // namespace

std::optional<double> numberIn(std::string_view text)
{
    double number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(number))
        return std::nullopt;
    return number;
}

WrittenNumber::WrittenNumber(double number)
{
    const bool whole = std::floor(number) == number && std::abs(number) < 1e15;
    const auto written = whole ? std::to_chars(m_digits, m_digits + sizeof m_digits, static_cast<std::int64_t>(number))
                               : std::to_chars(m_digits, m_digits + sizeof m_digits, number);
    m_length = static_cast<std::size_t>(written.ptr - m_digits);
}

RuleKind RuleEvaluation::kindOf(Op op)
{
    switch (op) {
    case Op::And:
    case Op::Or:
    case Op::Literal:
    case Op::Less:
    case Op::LessOrEqual:
    case Op::Greater:
    case Op::GreaterOrEqual:
    case Op::Equal:
    case Op::NotEqual:
    case Op::InList:
    case Op::Before:
        return RuleKind::Boolean;
    case Op::Number:
    case Op::IsoWeekday:
    case Op::EntriesNumber:
    case Op::EntriesToday:
    case Op::EntriesDays:
    case Op::MinutesSinceLast:
    case Op::MinutesSinceFirst:
    case Op::EntriesSince:
    case Op::EntriesBefore:
    case Op::EntriesDaysSince:
    case Op::EntriesDaysBefore:
        return RuleKind::Number;
    case Op::Text:
    case Op::Product:
    case Op::Variation:
    case Op::Gate:
    case Op::EntryStatus:
        return RuleKind::Text;
    case Op::Now:
    case Op::Custom:
    case Op::CustomTime:
    case Op::DateFrom:
    case Op::DateTo:
    case Op::DateAdmission:
        return RuleKind::Time;
    case Op::ObjectList:
        return RuleKind::List;
    }
    return RuleKind::List;
}

bool RuleEvaluation::isCount(Op op)
{
    return kindOf(op) == RuleKind::Number && op != Op::Number && op != Op::IsoWeekday && op != Op::MinutesSinceLast &&
           op != Op::MinutesSinceFirst;
}

RuleAnswer RuleEvaluation::compare(const Node &node) const
{
    const std::uint32_t left = child(node, 0), right = child(node, 1);
    const RuleKind a = kindOf(this->node(left).op), b = kindOf(this->node(right).op);
    if (a == RuleKind::Number && b == RuleKind::Number) {
        const auto x = number(left), y = number(right);
        return x && y ? inOrder(node.op, *x, *y) : RuleAnswer::CannotTell;
    }
    if (a == RuleKind::Boolean && b == RuleKind::Boolean && (node.op == Op::Equal || node.op == Op::NotEqual)) {
        const RuleAnswer x = answer(left), y = answer(right);
        const bool known = x != RuleAnswer::CannotTell && y != RuleAnswer::CannotTell;
        return known ? answerOf((x == y) == (node.op == Op::Equal)) : RuleAnswer::CannotTell;
    }
    const auto isWord = [](RuleKind kind) { return kind == RuleKind::Text || kind == RuleKind::Number; };
    return isWord(a) && isWord(b) ? compareTexts(node) : RuleAnswer::CannotTell;
}

/// Two texts, or a text and a number.
RuleAnswer RuleEvaluation::compareTexts(const Node &node) const
{
    const std::uint32_t left = child(node, 0), right = child(node, 1);
    const Node &a = this->node(left), &b = this->node(right);
    // Without a gate a rule on it is false, also "is not this gate".
    if (m_facts.gate.empty() && (a.op == Op::Gate || b.op == Op::Gate))
        return RuleAnswer::False;
    const bool leftIsText = kindOf(a.op) == RuleKind::Text, rightIsText = kindOf(b.op) == RuleKind::Text;
    const auto x = leftIsText ? std::optional<double>() : number(left);
    const auto y = rightIsText ? std::optional<double>() : number(right);
    if ((!leftIsText && !x) || (!rightIsText && !y))
        return RuleAnswer::CannotTell;
    if (node.op == Op::Equal || node.op == Op::NotEqual) {
        const bool same = x   ? WrittenNumber(*x).view() == text(right)
                          : y ? WrittenNumber(*y).view() == text(left)
                              : text(left) == text(right);
        return answerOf(same == (node.op == Op::Equal));
    }
    const auto first = x ? x : numberIn(text(left));
    const auto second = y ? y : numberIn(text(right));
    return first && second ? inOrder(node.op, *first, *second) : RuleAnswer::CannotTell;
}

RuleAnswer RuleEvaluation::isListed(const Node &node) const
{
    const std::uint32_t item = child(node, 0);
    const Node &objects = this->node(child(node, 1));
    const RuleKind kind = kindOf(this->node(item).op);
    if (objects.op != Op::ObjectList || (kind != RuleKind::Text && kind != RuleKind::Number))
        return RuleAnswer::CannotTell;
    const auto &ids = list(objects);
    const auto holds = [&](std::string_view wanted) {
        return answerOf(!wanted.empty() && std::binary_search(ids.begin(), ids.end(), wanted, std::less<>()));
    };
    if (kind == RuleKind::Text)
        return holds(text(item));
    const auto wanted = number(item);
    return wanted ? holds(WrittenNumber(*wanted).view()) : RuleAnswer::CannotTell;
}

} // namespace voelgoed::admission
