#include "shared/ticket/checked_code.h"

namespace voelgoed::ticket {

std::variant<CheckedCode, T1Problem> checkCode(const T1Code &code, const KeyRing &ring, const GateTime &time,
                                               const LastStep &lastStep)
{
    const auto verified = verifyT1(code, ring);
    if (const auto *problem = std::get_if<T1Problem>(&verified))
        return *problem;
    CheckedCode checked{.claims = std::get<T1Claims>(verified)};
    RotatingMoment moment{.now = time.now, .trust = time.trust};
    if (const std::uint64_t last = lastStep(checked.claims.ordinal))
        moment.lastStep = last;
    const auto rotating = checkRotating({code, checked.claims}, ring, moment);
    if (const auto *problem = std::get_if<T1Problem>(&rotating))
        return *problem;
    if (const auto *accepted = std::get_if<RotatingAccepted>(&rotating))
        checked.rotatingStep = accepted->step;
    return checked;
}

} // namespace voelgoed::ticket
