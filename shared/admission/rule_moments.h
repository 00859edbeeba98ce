#pragma once

#include "shared/admission/rule_evaluation.h"

namespace voelgoed::admission {

/// A moment from which on a tree may answer otherwise, with nothing but time passing.
struct RuleMoment
{
    base::Instant at;
    bool daily = false;   ///< one of those that come every day
    bool minutes = false; ///< so many minutes after an entry
};

/// The moments of a tree for one guest; internal to this folder. Borrows.
class RuleMoments
{
public:
    explicit RuleMoments(const RuleEvaluation &evaluation) : m_evaluation(evaluation) {}

    /// The first one after `at`. Those that come every day are left out behind `dailyUntil`.
    std::optional<RuleMoment> after(base::Instant at, base::Instant dailyUntil) const;

private:
    class Earliest;

    void minutesOf(std::uint32_t comparison, Earliest &earliest) const;
    void limitsOf(std::uint32_t before, Earliest &earliest) const;
    void dailyOf(std::uint32_t index, Earliest &earliest) const;
    void ownPassages(Earliest &earliest) const;

    const RuleEvaluation &m_evaluation;
};

} // namespace voelgoed::admission
