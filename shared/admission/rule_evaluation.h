#pragma once

#include "shared/admission/rules.h"

namespace voelgoed::admission {

/// One evaluation of a compiled tree; internal to this folder. Borrows both.
class RuleEvaluation
{
public:
    using Op = Rules::Op;
    using Node = Rules::Node;

    RuleEvaluation(const Rules &rules, const RuleFacts &facts) : m_rules(rules), m_facts(facts) {}

    RuleAnswer answer(std::uint32_t index) const;
    std::optional<base::Instant> time(std::uint32_t index) const;
    std::optional<double> number(std::uint32_t index) const;
    std::string_view text(std::uint32_t index) const;
    bool isText(std::uint32_t index) const;
    std::string_view entryStatus() const; ///< "present" or "absent"

    const Node &node(std::uint32_t index) const { return m_rules.m_nodes[index]; }
    std::uint32_t child(const Node &node, std::uint32_t number) const
    {
        return m_rules.m_children[node.firstChild + number];
    }
    const std::vector<std::string> &list(const Node &node) const { return m_rules.m_lists[node.text]; }
    static base::Milliseconds tolerance(const Node &node)
    {
        return base::Milliseconds(static_cast<std::int64_t>(node.number * 60'000));
    }
    const RuleFacts &facts() const { return m_facts; }

private:
    struct Range
    {
        std::optional<base::Instant> since;
        std::optional<base::Instant> before;
    };
    struct Entries
    {
        int number = 0;
        int today = 0;
        int days = 0;
        std::optional<base::Instant> first;
        std::optional<base::Instant> last;
    };

    static RuleAnswer answerOf(bool holds) { return holds ? RuleAnswer::True : RuleAnswer::False; }
    Entries entries(const Range &range) const;
    double minutesSince(std::optional<base::Instant> at) const;
    RuleAnswer compare(const Node &node) const;
    RuleAnswer junction(const Node &node) const;

    const Rules &m_rules;
    const RuleFacts &m_facts;
};

} // namespace voelgoed::admission
