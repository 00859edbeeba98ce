#include "server/platform/jobs/runner.h"

#include "server/platform/jobs/execution.h"
#include "shared/base/ensure.h"

#include <algorithm>
#include <map>
#include <set>

namespace voelgoed::jobs {

using async::Task;
using base::Error;
using base::ErrorCode;
using base::Milliseconds;
using base::Result;
using namespace std::chrono_literals;

namespace {

using Life = Execution::Life;

constexpr const char *kChannel = "vg:{sys}:jobs";
constexpr std::size_t kClaimMax = 50; ///< of a queue at once
constexpr Milliseconds kTendEvery = 500ms;
constexpr Milliseconds kTellEvery = 20ms;

constexpr pg::Sql kClaim{R"(
SELECT organization_id, id, queue, kind, args, attempt, max_attempts, created_at
FROM platform.claim_jobs($1, $2, $3, $4))"};
constexpr pg::Sql kRenew{"SELECT id FROM platform.renew_jobs($1, $2, $3, $4, $5)"};
constexpr pg::Sql kGiveBack{"SELECT platform.give_back_jobs($1)"};

} // namespace

struct Runner::State : std::enable_shared_from_this<State>
{
    explicit State(Parts with) : parts(std::move(with)), news(parts.executor), changed(parts.executor) {}

    using Shared = std::shared_ptr<Execution>;

    static Task<void> claimAll(std::shared_ptr<State> self);
    static Task<void> tendAll(std::shared_ptr<State> self);
    static Task<void> tellOthers(std::shared_ptr<State> self);
    static Task<void> run(std::shared_ptr<State> self, Shared execution);

    Task<Result<std::size_t>> claim();
    void begin(const pg::Rows::Row &row);
    Task<void> renew();
    Task<void> endLate();

    Milliseconds now() { return parts.clock.now().sinceBoot; }
    void wakeHere()
    {
        isWoken = true;
        news.notify();
    }
    void endLife(Execution::Life with)
    {
        life = with;
        for (const auto &[id, execution] : running) {
            execution->life = with;
            execution->attempt.askToStop();
        }
        news.notify();
        changed.notify();
    }

    Parts parts;
    async::Event news;    ///< there may be jobs, or room
    async::Event changed; ///< something ended
    Execution::Life life = Execution::Life::Runs;
    bool isWoken = false;
    bool isTelling = false;
    bool isClaiming = false;
    std::map<base::Uuid, Shared> running;
    std::map<std::string, std::size_t> inQueue;
    Milliseconds renewedAt{};
    Figures figures;
};

Runner::Runner(Parts parts) : m_state(std::make_shared<State>(std::move(parts)))
{
    base::ensure(!m_state->parts.worker.empty(), "a worker without a name");
}

Runner::~Runner()
{
    m_state->endLife(Life::Abandoned);
}

void Runner::start()
{
    m_state->renewedAt = m_state->now();
    if (m_state->parts.redis) {
        m_state->parts.redis->subscribe(
            kChannel,
            [weak = m_state->weak_from_this()](const std::string &, const std::string &from) {
                if (const auto state = weak.lock(); state && from != state->parts.worker)
                    state->wakeHere();
            },
            [] {});
    }
    async::start(m_state->parts.executor, "jobs: claiming", State::claimAll(m_state));
    async::start(m_state->parts.executor, "jobs: tending", State::tendAll(m_state));
}

void Runner::wake()
{
    m_state->wakeHere();
    if (m_state->parts.redis && m_state->life == Life::Runs && !std::exchange(m_state->isTelling, true))
        async::start(m_state->parts.executor, "jobs: telling others", State::tellOthers(m_state));
}

Runner::Figures Runner::figures() const
{
    Figures figures = m_state->figures;
    figures.running = m_state->running.size();
    return figures;
}

Task<void> Runner::stop(Milliseconds within)
{
    const auto state = m_state;
    const Milliseconds end = state->now() + within;
    if (state->life == Life::Abandoned)
        co_return;
    state->endLife(Life::Stops);
    while ((state->isClaiming || !state->running.empty()) && state->now() < end)
        co_await state->changed.waitFor(end - state->now());
    state->endLife(Life::Abandoned);
    // If this fails, their leases lapse.
    static_cast<void>(
        co_await state->parts.database.read(work::kPlatform, kGiveBack, pg::Params::of(state->parts.worker)));
}

Task<void> Runner::State::tellOthers(std::shared_ptr<State> self)
{
    redis::Command command;
    command.emplace_back("PUBLISH");
    command.emplace_back(kChannel);
    command.push_back(self->parts.worker);
    static_cast<void>(co_await self->parts.redis->call(std::move(command))); // others look every second anyway
    co_await async::sleepFor(kTellEvery);
    self->isTelling = false;
}

Task<void> Runner::State::claimAll(std::shared_ptr<State> self)
{
    self->isClaiming = true;
    while (self->life == Life::Runs) {
        self->isWoken = false;
        const auto more = co_await self->claim();
        if (!more && self->parts.trouble && self->life == Life::Runs)
            self->parts.trouble("jobs cannot be taken", more.error());
        const bool isMore = more && *more > 0;
        if (!isMore && !self->isWoken && self->life == Life::Runs)
            co_await self->news.waitFor(self->parts.options.poll);
    }
    self->isClaiming = false;
    self->changed.notify();
}

/// How many queues gave as much as was asked for, and so may have more.
Task<Result<std::size_t>> Runner::State::claim()
{
    std::vector<std::string> queues;
    std::vector<std::int32_t> mosts;
    for (const Queue &queue : parts.registry.queues()) {
        const std::size_t busy = inQueue[queue.name];
        if (busy >= queue.limit)
            continue;
        queues.push_back(queue.name);
        mosts.push_back(static_cast<std::int32_t>(std::min(queue.limit - busy, kClaimMax)));
    }
    if (queues.empty())
        co_return std::size_t{0};
    ++figures.claims;
    const std::int64_t lease = parts.options.lease.count();
    const auto rows =
        co_await parts.database.read(work::kPlatform, kClaim, pg::Params::of(queues, mosts, lease, parts.worker));
    if (!rows)
        co_return rows.error();
    std::map<std::string, std::int32_t> got;
    for (const auto row : *rows) {
        ++got[row.get<std::string>(2)];
        begin(row);
    }
    std::size_t full = 0;
    for (std::size_t i = 0; i < queues.size(); ++i)
        full += got[queues[i]] == mosts[i] ? 1 : 0;
    co_return full;
}

void Runner::State::begin(const pg::Rows::Row &row)
{
    Attempt::Job job{.organization = row.get<base::Uuid>(0),
                     .id = row.get<base::Uuid>(1),
                     .kind = row.get<std::string>(3),
                     .args = {},
                     .attempt = row.get<std::int32_t>(5),
                     .maxAttempts = row.get<std::int32_t>(6),
                     .createdAt = row.get<base::Instant>(7)};
    if (auto args = base::parseJson(row.get<std::string>(4)))
        job.args = *std::move(args);
    const Registry::Entry *entry = parts.registry.find(job.kind);
    const base::Uuid id = job.id;
    const auto execution =
        std::make_shared<Execution>(Execution{.attempt = {parts.database, std::move(job), parts.worker},
                                              .entry = entry,
                                              .queue = row.get<std::string>(2),
                                              .worker = parts.worker,
                                              .began = now(),
                                              .life = life});
    if (life != Life::Runs)
        execution->attempt.askToStop();
    ++inQueue[execution->queue];
    running[id] = execution;
    async::start(parts.executor, "a job", run(shared_from_this(), execution));
}

Task<void> Runner::State::run(std::shared_ptr<State> self, Shared execution)
{
    const Attempt::Job &job = execution->attempt.job();
    Executed executed;
    if (execution->life == Life::Runs)
        executed = co_await execute(execution, self->parts.random);
    ++self->figures.ended;
    if (self->parts.observe && self->life != Life::Abandoned) {
        self->parts.observe({.job = job,
                             .queue = execution->queue,
                             .state = executed.state,
                             .took = self->now() - execution->began,
                             .error = executed.error ? &*executed.error : nullptr});
    }
    --self->inQueue[execution->queue];
    // One that was taken from us may have come back to us.
    if (const auto found = self->running.find(job.id); found != self->running.end() && found->second == execution)
        self->running.erase(found);
    self->changed.notify();
    self->wakeHere();
}

Task<void> Runner::State::tendAll(std::shared_ptr<State> self)
{
    const Milliseconds renewEvery = self->parts.options.lease / 4;
    while (self->life != Life::Abandoned) {
        co_await self->changed.waitFor(std::min(kTendEvery, renewEvery));
        if (self->life == Life::Abandoned)
            break;
        co_await self->endLate();
        if (self->now() - self->renewedAt >= renewEvery)
            co_await self->renew();
    }
}

/// A handler that takes too long keeps its place here until it returns, but its attempt is over.
Task<void> Runner::State::endLate()
{
    std::vector<Shared> late;
    for (const auto &[id, execution] : running) {
        if (execution->entry && !execution->attempt.shouldStop() &&
            now() - execution->began > execution->entry->timeout)
            late.push_back(execution);
    }
    for (const Shared &execution : late) {
        execution->isLate = true;
        execution->attempt.askToStop();
        const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(execution->entry->timeout);
        End end = endOf(Error{ErrorCode::Timeout, "it took longer than " + std::to_string(seconds.count()) + " s", {}},
                        execution->attempt.job(), &execution->entry->kind, parts.random);
        const auto written = co_await writeEnd(execution, std::move(end));
        if (!written && !isNoLongerOurs(written.error()) && parts.trouble)
            parts.trouble("a late job could not be ended", written.error());
    }
}

Task<void> Runner::State::renew()
{
    std::vector<base::Uuid> organizations, ids;
    std::vector<std::int32_t> attempts;
    std::vector<Shared> asked;
    for (const auto &[id, execution] : running) {
        organizations.push_back(execution->attempt.job().organization);
        ids.push_back(id);
        attempts.push_back(execution->attempt.job().attempt);
        asked.push_back(execution);
    }
    const Milliseconds began = now();
    if (!asked.empty()) {
        const std::int64_t lease = parts.options.lease.count();
        const auto rows = co_await parts.database.read(
            work::kPlatform, kRenew, pg::Params::of(parts.worker, organizations, ids, attempts, lease));
        if (!rows)
            co_return; // again soon; when it stays so, others take them up, and what these write is refused
        std::set<base::Uuid> ours;
        for (const auto row : *rows)
            ours.insert(row.get<base::Uuid>(0));
        for (const Shared &execution : asked) {
            if (!ours.contains(execution->attempt.job().id))
                execution->attempt.askToStop();
        }
    }
    renewedAt = began;
}

} // namespace voelgoed::jobs
