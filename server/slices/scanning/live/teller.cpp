#include "server/slices/scanning/live/teller.h"

#include "server/slices/scanning/telling.h"

namespace voelgoed::scanning {

using async::Task;

Teller::Teller(async::Executor executor, topics::Topics &topics)
    : m_state(std::make_shared<State>(State{.executor = std::move(executor), .topics = topics}))
{}

Teller::~Teller()
{
    m_state->isClosed = true;
}

void Teller::tell(const Committed &committed)
{
    const auto put = [&](work::Event event) {
        if (m_state->queue.size() < kQueueMax)
            m_state->queue.push_back({committed.organization, std::move(event)});
    };
    for (const ShiftNews &shift : committed.standing.shifts) {
        for (work::Event &event : shiftEvents(shift))
            put(std::move(event));
    }
    if (committed.standing.batch == 0)
        return run(m_state);
    if (committed.plan.rows.size() <= kOneByOne) {
        for (work::Event &event : scanEvents(committed.event, committed.plan, committed.standing, committed.rulebook))
            put(std::move(event));
    } else {
        put(batchEvent(committed.event, committed.plan, committed.standing));
    }
    auto &gates = m_state->occupancy[{committed.organization, committed.event}];
    for (const GateCount &count : committed.standing.gates)
        gates[count.of] = occupancyEvent(committed.event, count, committed.standing, committed.rulebook);
    run(m_state);
    if (!std::exchange(m_state->isResting, true))
        async::start(m_state->executor, "scanning: occupancy", rest(m_state));
}

void Teller::run(const std::shared_ptr<State> &state)
{
    if (!state->queue.empty() && !std::exchange(state->isRunning, true))
        async::start(state->executor, "scanning: telling", say(state));
}

/// Neighbours of one organization go out together.
Task<void> Teller::say(std::shared_ptr<State> state)
{
    while (!state->queue.empty() && !state->isClosed) {
        const base::Uuid organization = state->queue.front().organization;
        std::vector<work::Event> events;
        while (!state->queue.empty() && state->queue.front().organization == organization &&
               events.size() < topics::kPublishMax) {
            events.push_back(std::move(state->queue.front().event));
            state->queue.pop_front();
        }
        co_await state->topics.tellAll(organization, std::move(events));
    }
    state->isRunning = false;
}

Task<void> Teller::rest(std::shared_ptr<State> state)
{
    co_await async::sleepFor(kOccupancyEvery);
    state->isResting = false;
    for (auto &[event, gates] : std::exchange(state->occupancy, {})) {
        for (auto &[gate, told] : gates)
            state->queue.push_back({event.organization, std::move(told)});
    }
    if (!state->isClosed)
        run(state);
}

} // namespace voelgoed::scanning
