#include "server/slices/scanning/shifts.h"

namespace voelgoed::scanning {

namespace {

constexpr std::int32_t kTogether = 500;
constexpr int kRoundsMax = 100;

constexpr pg::Sql kClose{"SELECT scanning.close_silent_sessions(make_interval(hours => $1), $2)"};

} // namespace

async::Task<base::Result<void>> closeSilentShifts(work::Database &database)
{
    for (int round = 0; round < kRoundsMax; ++round) {
        const auto closed = co_await database.read(
            work::kPlatform, kClose, pg::Params::of(static_cast<std::int32_t>(kSilentMax.count()), kTogether));
        if (!closed)
            co_return closed.error();
        if (closed->front().get<std::int64_t>(0) < kTogether)
            break;
    }
    co_return base::Result<void>();
}

} // namespace voelgoed::scanning
