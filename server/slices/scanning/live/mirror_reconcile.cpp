#include "server/slices/scanning/live/comparing.h"
#include "server/slices/scanning/live/mirror.h"

namespace voelgoed::scanning {

using async::Task;
using base::Result;

namespace {

constexpr int kLooksMax = 5; ///< at an event whose figures go on while they are compared

} // namespace

Task<Result<std::optional<std::string>>> Mirror::reconcile(EventKey event)
{
    const auto state = m_state;
    for (int look = 0; look < kLooksMax && !state->isClosed; ++look) {
        if (const auto healed = co_await heal(event); !healed)
            co_return healed.error();
        const auto point = co_await state->warm.where(event);
        if (!point)
            co_return point.error();
        auto figures = co_await readFigures(state->parts.database, event);
        if (!figures)
            co_return figures.error();
        if (point->epoch.empty() || point->batch != figures->batch)
            continue;
        auto drift =
            co_await findDrift(state->parts.database, state->parts.redis, event, point->epoch, std::move(*figures));
        if (!drift)
            co_return drift.error();
        const auto still = co_await state->warm.where(event);
        if (!still)
            co_return still.error();
        if (still->epoch != point->epoch || still->batch != point->batch)
            continue;
        if (!*drift)
            co_return std::optional<std::string>();
        ++state->counted.drifts;
        if (const auto dropped = co_await state->warm.drop(event, point->epoch); !dropped)
            co_return dropped.error();
        if (const auto made = co_await heal(event); !made)
            co_return made.error();
        co_return std::move(*drift);
    }
    co_return base::Error{base::ErrorCode::Timeout, "an event's figures did not come to rest", {}};
}

} // namespace voelgoed::scanning
