#pragma once

#include "shared/admission/rules.h"

namespace voelgoed::admission {

/// What a part of a tree comes to.
enum class RuleKind { Boolean, Number, Text, Time, List };

/// The number that a whole text is. Allocates nothing.
std::optional<double> numberIn(std::string_view text);

/// A number as it is written: 4, 2.5. Allocates nothing.
class WrittenNumber
{
public:
    explicit WrittenNumber(double number);
    std::string_view view() const { return {m_digits, m_length}; }

private:
    char m_digits[32];
    std::size_t m_length;
};

/// What a count is taken for, whatever the history says: "and if there had been fewer?"
struct RuleAssumption
{
    std::uint32_t node = UINT32_MAX;
    double value = 0;
};

/// One evaluation of a compiled tree; internal to this folder. Borrows both.
class RuleEvaluation
{
public:
    using Op = Rules::Op;
    using Node = Rules::Node;

    RuleEvaluation(const Rules &rules, const RuleFacts &facts, const RuleAssumption &assumed = {})
        : m_rules(rules), m_facts(facts), m_assumed(assumed)
    {}

    /// Of the whole tree.
    RuleAnswer answer() const { return answer(static_cast<std::uint32_t>(size() - 1)); }
    RuleAnswer answer(std::uint32_t index) const;
    std::optional<base::Instant> time(std::uint32_t index) const;
    std::optional<double> number(std::uint32_t index) const;
    std::string_view text(std::uint32_t index) const;
    std::string_view entryStatus() const; ///< "present" or "absent"
    /// Minutes are counted from here; nothing without an entry.
    std::optional<base::Instant> firstEntry() const { return entries({}).first; }
    std::optional<base::Instant> lastEntry() const { return entries({}).last; }

    std::size_t size() const { return m_rules.m_nodes.size(); }
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
    static RuleKind kindOf(Op op);
    static bool isCount(Op op);
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

    Entries entries(const Range &range) const;
    bool isAssumed(std::uint32_t index) const;
    double minutesSince(std::optional<base::Instant> at) const;
    RuleAnswer compare(const Node &node) const;
    RuleAnswer compareTexts(const Node &node) const;
    RuleAnswer isListed(const Node &node) const;
    RuleAnswer junction(const Node &node) const;

    const Rules &m_rules;
    const RuleFacts &m_facts;
    RuleAssumption m_assumed;
};

} // namespace voelgoed::admission
