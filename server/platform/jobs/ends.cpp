#include "server/platform/jobs/ends.h"

#include "shared/base/text.h"

#include <algorithm>

namespace voelgoed::jobs {

namespace {

constexpr std::size_t kToldMax = 500;
constexpr std::string_view kNotOurs = "VGJ01"; // raised by platform.finish_job()

constexpr pg::Sql kFinish{"SELECT platform.finish_job($1, $2, $3, $4, $5, $6, $7)"};

template <class... Cases>
struct Overloaded : Cases...
{
    using Cases::operator()...;
};
template <class... Cases>
Overloaded(Cases...) -> Overloaded<Cases...>;

End notDone(const char *state, const std::string &why)
{
    return {.state = state, .delay = {}, .told = base::printable(why, kToldMax), .result = {}};
}

} // namespace

End endOf(const Outcome &outcome)
{
    return std::visit(
        Overloaded{
            [](const Done &done) { return End{.state = "completed", .delay = {}, .told = {}, .result = done.result}; },
            [](const Snooze &snooze) {
                return End{.state = "scheduled", .delay = snooze.forSoLong, .told = {}, .result = {}};
            },
            [](const CallOff &off) { return notDone("cancelled", off.why); },
            [](const GiveUp &up) { return notDone("discarded", up.why); },
        },
        outcome);
}

End endOf(const base::Error &error, const Attempt::Job &job, const Kind *kind, base::Random &random)
{
    const std::string why = std::string(base::codeWord(error.code)) + ": " + error.message;
    if (job.attempt >= job.maxAttempts)
        return notDone("discarded", why);
    End end = notDone("retryable", why);
    const int before = kind ? job.maxAttempts - kind->maxAttempts : 0; // attempts before it was retried by hand
    const int failed = std::max(1, job.attempt - std::max(0, before));
    end.delay = kind && kind->backoff ? kind->backoff(failed) : usualBackoff(failed);
    end.delay += base::Milliseconds(random.below(static_cast<std::uint64_t>(end.delay.count()) / 10 + 1));
    return end;
}

pg::Query finish(const Attempt::Job &job, const std::string &worker, const End &end)
{
    std::optional<pg::Jsonb> result;
    if (!end.result.is_null())
        result = pg::Jsonb{base::toText(end.result)};
    const std::int64_t delay = end.delay.count();
    return {kFinish,
            pg::Params::of(job.id, worker, static_cast<std::int32_t>(job.attempt), end.state, delay, end.told, result)};
}

bool isNoLongerOurs(const base::Error &error)
{
    const auto state = pg::SqlState::of(error);
    return state && state->code == kNotOurs;
}

} // namespace voelgoed::jobs
