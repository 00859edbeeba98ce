#include "tests/fuzz/fuzz.h"

#include "server/platform/jobs/cron_expression.h"

namespace voelgoed::fuzz {

/// What is taken always happens again, later and on a whole minute.
void fuzzOne(base::ByteView input)
{
    const auto expression = jobs::CronExpression::parse(base::textOf(input));
    if (!expression)
        return;
    base::Instant at = base::instantFromMillis(1'764'950'400'123);
    for (int i = 0; i < 3; ++i) {
        const base::Instant next = expression->after(at);
        ensure(next > at && base::millisOf(next) % 60'000 == 0, "not later, or not a minute");
        at = next;
    }
}

} // namespace voelgoed::fuzz
