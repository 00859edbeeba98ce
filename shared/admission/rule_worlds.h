#pragma once

#include "shared/admission/occupancy.h"
#include "shared/admission/rule_moments.h"

#include <algorithm>

namespace voelgoed::admission {

/// "And if…?": one tree, asked about worlds in which something is otherwise; internal to this folder. Borrows. All
/// questions together have a limit, behind which everything is answered with no.
class RuleWorlds
{
public:
    struct World
    {
        RuleFacts facts;
        RuleAssumption assumed{};
        bool left = false;  ///< whoever is inside has come out
        bool fresh = false; ///< nobody ever came in with this ticket
    };

    RuleWorlds(const Rules &rules, const RuleFacts &facts);

    /// The world as it is.
    const RuleEvaluation &given() const { return m_given; }
    /// Whether the tree asks for something at all.
    bool asks(RuleEvaluation::Op op) const;
    bool isWornOut() const { return m_effort <= 0; }
    /// Counts work done elsewhere; false once it is too much.
    bool spend(std::size_t effort)
    {
        m_effort -= static_cast<std::int64_t>(effort);
        return !isWornOut();
    }

    bool holdsAt(const World &world, base::Instant at);
    /// The first moment behind the world's now, and not behind `until`, from which on the tree is true.
    std::optional<RuleMoment> firstMoment(const World &world, const std::optional<base::Instant> &until);
    /// In the world as it is: the last of the limits gone by until which the tree was true.
    std::optional<base::Instant> lastMoment();

    /// Whether the tree treats two values of a variable alike, as far as it names none of them.
    bool tellsApart(RuleEvaluation::Op variable, std::string_view a, std::string_view b);

    /// The texts that the tree compares a variable with.
    template <class Visit>
    void forEachTextBeside(RuleEvaluation::Op variable, Visit visit) const
    {
        using Op = RuleEvaluation::Op;
        for (std::uint32_t i = 0; i < m_given.size(); ++i) {
            const auto &node = m_given.node(i);
            if (node.children != 2 || RuleEvaluation::kindOf(node.op) != RuleKind::Boolean)
                continue;
            for (std::uint32_t side = 0; side < 2; ++side) {
                if (m_given.node(m_given.child(node, side)).op != variable)
                    continue;
                const std::uint32_t other = m_given.child(node, 1 - side);
                if (m_given.node(other).op == Op::Text)
                    visit(m_given.text(other));
                if (m_given.node(other).op == Op::ObjectList)
                    std::for_each(m_given.list(m_given.node(other)).begin(), m_given.list(m_given.node(other)).end(),
                                  [&](const std::string &id) { visit(std::string_view(id)); });
            }
        }
    }

private:
    /// Whether a part may be true now or at any time later. Nothing in a tree turns a condition around, so that it is
    /// enough to take for true whatever time may make true.
    static bool mayHold(const RuleEvaluation &evaluation, std::uint32_t index);
    static bool mayTurn(const RuleEvaluation &evaluation, std::uint32_t index);

    RuleFacts factsOf(const World &world, base::Instant at) const;

    const Rules &m_rules;
    RuleEvaluation m_given;
    std::int64_t m_effort;
    std::int64_t m_effortOfOne;
};

} // namespace voelgoed::admission
