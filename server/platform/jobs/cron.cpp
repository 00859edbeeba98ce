#include "server/platform/jobs/cron.h"

#include "shared/base/ensure.h"

#include <algorithm>

namespace voelgoed::jobs {

using async::Task;
using base::Instant;
using base::Milliseconds;
using base::Result;
using namespace std::chrono_literals;

namespace {

/// The clock may be set: it is looked at this often.
constexpr Milliseconds kLookEvery = 30s;
constexpr Milliseconds kAgainAfter = 1s;
constexpr int kTriesMax = 60;
/// How far back a moment may lie that is made up for: ticks are remembered for a week.
constexpr auto kMissedMax = std::chrono::days(6);

constexpr pg::Sql kTake{"SELECT platform.take_tick($1, $2)"};

/// The last moment of the schedule that is not later than now.
std::optional<Instant> lastOf(const Schedule &schedule, Instant now)
{
    std::optional<Instant> last;
    // From further and further back, so that a schedule of minutes is not walked through for days.
    for (Milliseconds back = 1h; !last && back <= kMissedMax; back *= 2) {
        for (Instant at = nextOf(schedule, now - back); at <= now; at = nextOf(schedule, at))
            last = at;
    }
    return last;
}

} // namespace

Instant nextOf(const Schedule &schedule, Instant after)
{
    if (const auto *expression = std::get_if<CronExpression>(&schedule))
        return expression->after(after);
    const Milliseconds period = std::get<Every>(schedule).period;
    return Instant(Milliseconds((base::millisOf(after) / period.count() + 1) * period.count()));
}

struct Cron::State
{
    explicit State(Parts with) : parts(std::move(with)), closing(parts.executor) {}

    Parts parts;
    async::Event closing;
    bool isClosed = false;
    std::vector<std::shared_ptr<const CronEntry>> entries;
};

Cron::Cron(Parts parts) : m_state(std::make_shared<State>(std::move(parts))) {}

Cron::~Cron()
{
    stop();
}

void Cron::add(CronEntry entry)
{
    base::ensure(m_state->parts.registry.find(entry.kind), ("no such kind of jobs: " + entry.kind).c_str());
    if (const auto *every = std::get_if<Every>(&entry.schedule))
        base::ensure(every->period >= 1s, "too often for jobs");
    for (const auto &other : m_state->entries)
        base::ensure(other->name != entry.name, "two cron entries of one name");
    m_state->entries.push_back(std::make_shared<const CronEntry>(std::move(entry)));
}

void Cron::start()
{
    for (const auto &entry : m_state->entries)
        async::start(m_state->parts.executor, "cron", follow(m_state, entry));
}

void Cron::stop()
{
    m_state->isClosed = true;
    m_state->closing.notify();
}

Task<void> Cron::follow(std::shared_ptr<State> state, std::shared_ptr<const CronEntry> entry)
{
    Instant now = state->parts.clock.now().wall;
    Instant next = nextOf(entry->schedule, now);
    if (entry->missed == CronEntry::Missed::Once)
        next = lastOf(entry->schedule, now).value_or(next);
    int tries = 0;
    while (!state->isClosed) {
        now = state->parts.clock.now().wall;
        if (now < next) {
            // A clock that was ahead for a while may have put it far off.
            next = std::min(next, nextOf(entry->schedule, now));
            co_await state->closing.waitFor(std::min<Milliseconds>(next - now, kLookEvery));
            continue;
        }
        const auto taken = co_await take(state, entry, next);
        if (state->isClosed)
            break;
        if (!taken && ++tries < kTriesMax) {
            co_await state->closing.waitFor(kAgainAfter);
            continue;
        }
        if (!taken && state->parts.failed)
            state->parts.failed(entry->name, taken.error());
        tries = 0;
        // Moments that went by meanwhile are one.
        next = nextOf(entry->schedule, std::max(next, state->parts.clock.now().wall - Milliseconds(1)));
    }
}

Task<Result<void>> Cron::take(std::shared_ptr<State> state, std::shared_ptr<const CronEntry> entry, Instant tick)
{
    const std::function<Task<Result<bool>>(work::UnitOfWork &)> change =
        [state, entry, tick](work::UnitOfWork &unit) -> Task<Result<bool>> {
        const auto rows = co_await unit.tx().run(kTake, pg::Params::of(entry->name, tick));
        if (!rows)
            co_return rows.error();
        const bool isOurs = rows->front().get<bool>(0);
        if (isOurs)
            unit.enqueue(state->parts.registry.make(entry->kind, entry->args));
        co_return isOurs;
    };
    const auto taken = co_await state->parts.database.transact<bool>(
        {access::Actor::system(std::nullopt, "cron " + entry->name), {}}, change);
    if (!taken)
        co_return taken.error();
    co_return Result<void>();
}

} // namespace voelgoed::jobs
