#include "server/platform/work/routines.h"

namespace voelgoed::work {

using async::Task;

namespace {

constexpr pg::Sql kTake{"SELECT platform.take_tick($1, $2)"};

} // namespace

Routines::Routines(Parts parts) : m_parts(std::move(parts)) {}

void Routines::add(Routine routine, std::function<Task<base::Result<void>>()> work)
{
    m_entries.push_back(std::make_shared<Entry>(Entry{std::move(routine), std::move(work)}));
}

void Routines::start()
{
    for (const auto &entry : m_entries)
        async::start(m_parts.executor, entry->routine.name, loop(entry));
}

Task<base::Result<void>> Routines::runNow(std::string name)
{
    for (const auto &entry : m_entries) {
        if (entry->routine.name == name)
            co_return co_await entry->work();
    }
    co_return base::Error{base::ErrorCode::NotFound, "no routine " + name, {}};
}

Task<void> Routines::loop(std::shared_ptr<Entry> entry)
{
    const Routine &routine = entry->routine;
    for (;;) {
        const base::Instant now = m_parts.clock.now().wall;
        const auto into = base::Milliseconds(base::millisOf(now) % routine.period.count());
        co_await async::sleepFor(routine.period - into);
        const base::Instant tick = now - into + routine.period;
        const auto taken = co_await m_parts.database.read(kPlatform, kTake, pg::Params::of(routine.name, tick));
        base::Result<void> done;
        if (!taken)
            done = taken.error();
        else if (taken->front().get<bool>(0))
            done = co_await entry->work();
        if (!done && m_parts.failed)
            m_parts.failed(routine.name, done.error());
    }
}

} // namespace voelgoed::work
