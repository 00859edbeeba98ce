#include "server/platform/outbox/deliveries.h"

#include <algorithm>

namespace voelgoed::outbox {

using async::Task;
using base::Milliseconds;
using base::Result;
using namespace std::chrono_literals;

namespace {

constexpr const char *kQueue = "events";
constexpr const char *kKind = "outbox.deliver";
constexpr int kPageMax = 500;
constexpr int kMoveEvery = 50; ///< deliveries between two notes of the place
constexpr Milliseconds kLookEvery = 5s;
constexpr Milliseconds kAgainFirst = 100ms;
constexpr Milliseconds kAgainMax = 5s;

constexpr pg::Sql kHad{R"(
SELECT 1 FROM platform.inbox WHERE organization_id = app.org() AND consumer = $1 AND event_id = $2)"};
constexpr pg::Sql kNote{R"(
INSERT INTO platform.inbox (organization_id, consumer, event_id) VALUES (app.org(), $1, $2) ON CONFLICT DO NOTHING)"};

constexpr const char *kDelivered = "already_delivered";

/// Lets the consumer have the event, and notes that it has, unless it had it before. The note comes last: what readers
/// may see ends at the oldest transaction that has written, and a consumer that waits for something first has not.
Task<Result<void>> consumeOnce(work::UnitOfWork &unit, const Consumer &consumer, Delivered event)
{
    const auto had = co_await unit.tx().run(kHad, pg::Params::of(consumer.name, event.id));
    if (!had)
        co_return had.error();
    if (!had->empty())
        co_return Result<void>();
    const base::Uuid id = event.id;
    if (const auto consumed = co_await consumer.consume(unit, std::move(event)); !consumed)
        co_return consumed.error();
    const auto noted = co_await unit.tx().run(kNote, pg::Params::of(consumer.name, id));
    if (!noted)
        co_return noted.error();
    // Another server was faster: nothing of this one is kept.
    if (noted->touched() == 0)
        co_return base::Error{base::ErrorCode::Conflict, "delivered meanwhile", {}, kDelivered};
    co_return Result<void>();
}

work::Database::Who whoFor(const Consumer &consumer, const base::Uuid &organization)
{
    return {.actor = access::Actor::system(organization, "consumer " + consumer.name), .requestId = {}};
}

work::Database::Who whoFor(const Consumer &consumer, const Delivered &event)
{
    work::Database::Who who = whoFor(consumer, event.organization);
    who.requestId = event.requestId;
    // What follows happens a step further on in the same trace.
    if (!event.trace.isNone())
        who.trace = work::stepOf(event.trace, event.id);
    return who;
}

} // namespace

Task<Result<void>> deliver(work::Database &database, const Consumer &consumer, Delivered event)
{
    const auto who = whoFor(consumer, event);
    const std::function<Task<Result<bool>>(work::UnitOfWork &)> change =
        [&consumer, event = std::move(event)](work::UnitOfWork &unit) -> Task<Result<bool>> {
        const auto consumed = co_await consumeOnce(unit, consumer, event);
        if (!consumed)
            co_return consumed.error();
        co_return true;
    };
    const auto delivered = co_await database.transact<bool>(who, change);
    if (!delivered && delivered.error().word != kDelivered)
        co_return delivered.error();
    co_return Result<void>();
}

void addDeliveryJob(jobs::Registry &jobs, const Consumers &consumers)
{
    jobs.addQueue({.name = kQueue, .limit = 4, .timeout = 2min});
    jobs::Kind kind{.name = kKind, .queue = kQueue};
    kind.uniqueKey = [](const base::Json &args) {
        const auto &object = args.as_object();
        return std::string(object.at("consumer").as_string()) + ":" + std::string(object.at("event_id").as_string());
    };
    jobs.addTransactional(
        std::move(kind), [&consumers](work::UnitOfWork &unit, jobs::Attempt &attempt) -> Task<Result<jobs::Outcome>> {
            const Consumer *consumer = consumers.byName(attempt.text("consumer"));
            auto event = deliveredFrom(attempt.text("topic"), attempt.text("event"));
            if (!event)
                co_return jobs::Outcome(jobs::GiveUp{event.error().message});
            if (!consumer)
                co_return base::unsupported("this server has no such consumer: " + attempt.text("consumer"));
            const auto consumed = co_await consumeOnce(unit, *consumer, *std::move(event));
            if (!consumed)
                co_return consumed.error(); // also when another was faster: the next try finds the note
            co_return jobs::Outcome(jobs::Done{});
        });
}

struct Deliveries::State
{
    explicit State(Parts with) : parts(std::move(with)), ended(parts.executor) {}

    struct Follower
    {
        Follower(const async::Executor &executor, const Consumer &of) : consumer(of), news(executor) {}

        const Consumer &consumer;
        async::Event news;
        bool isWoken = false;
    };

    static Task<void> follow(std::shared_ptr<State> self, std::shared_ptr<Follower> follower);
    Task<Result<bool>> readOn(Follower &follower);
    Task<Result<void>> handOver(const Consumer &consumer, const Row &row);

    bool mayGoOn() const { return !isClosed && parts.leadership.leads(); }

    Parts parts;
    async::Event ended;
    bool isClosed = false;
    std::vector<std::shared_ptr<Follower>> followers;
    std::size_t running = 0;
};

Deliveries::Deliveries(Parts parts) : m_state(std::make_shared<State>(std::move(parts))) {}

Deliveries::~Deliveries()
{
    m_state->isClosed = true;
    wakeAll();
}

void Deliveries::start()
{
    for (const Consumer &consumer : m_state->parts.consumers.all()) {
        const auto follower = std::make_shared<State::Follower>(m_state->parts.executor, consumer);
        m_state->followers.push_back(follower);
        ++m_state->running;
        async::start(m_state->parts.executor, "outbox: a consumer", State::follow(m_state, follower));
    }
}

void Deliveries::wakeAll()
{
    for (const auto &follower : m_state->followers) {
        follower->isWoken = true;
        follower->news.notify();
    }
}

void Deliveries::wakeFor(std::string_view type)
{
    for (const auto &follower : m_state->followers) {
        if (!follower->consumer.wants(type))
            continue;
        follower->isWoken = true;
        follower->news.notify();
    }
}

Task<void> Deliveries::stop()
{
    const auto state = m_state;
    state->isClosed = true;
    wakeAll();
    while (state->running > 0)
        co_await state->ended.wait();
}

Task<void> Deliveries::State::follow(std::shared_ptr<State> self, std::shared_ptr<Follower> follower)
{
    Milliseconds pause = kAgainFirst;
    while (!self->isClosed) {
        if (!follower->isWoken)
            co_await follower->news.waitFor(kLookEvery);
        follower->isWoken = false;
        bool more = true;
        while (more && self->mayGoOn()) {
            const auto read = co_await self->readOn(*follower);
            more = read && *read;
            if (read) {
                pause = kAgainFirst;
                continue;
            }
            if (self->parts.trouble && !self->isClosed)
                self->parts.trouble("consumer " + follower->consumer.name, read.error());
            co_await follower->news.waitFor(pause);
            pause = std::min(pause * 2, kAgainMax);
            more = true;
        }
    }
    --self->running;
    self->ended.notify();
}

/// One page. Whether there may be more.
Task<Result<bool>> Deliveries::State::readOn(Follower &follower)
{
    const Consumer &consumer = follower.consumer;
    work::Database &database = parts.database;
    const auto place = co_await placeOf(database, consumer.reader());
    if (!place)
        co_return place.error();
    const auto rows = co_await readBehind(database, *place, consumer.types, kPageMax);
    if (!rows)
        co_return rows.error();
    Place done = *place;
    int sinceMoved = 0;
    for (const Row &row : *rows) {
        if (!mayGoOn())
            break;
        if (!row.event.empty()) {
            if (const auto handed = co_await handOver(consumer, row); !handed) {
                static_cast<void>(co_await moveTo(database, consumer.reader(), done));
                co_return handed.error();
            }
        }
        done = row.place;
        if (++sinceMoved < kMoveEvery)
            continue;
        sinceMoved = 0;
        if (const auto moved = co_await moveTo(database, consumer.reader(), done); !moved)
            co_return moved.error();
    }
    if (done == *place)
        co_return false;
    if (const auto moved = co_await moveTo(database, consumer.reader(), done); !moved)
        co_return moved.error();
    co_return mayGoOn();
}

/// Fails only when PostgreSQL is away: all else becomes a job.
Task<Result<void>> Deliveries::State::handOver(const Consumer &consumer, const Row &row)
{
    const auto event = deliveredFrom(row.topic, row.event);
    Result<void> delivered = event ? co_await deliver(parts.database, consumer, *event) : Result<void>(event.error());
    if (delivered)
        co_return delivered;
    if (parts.database.pool().isAway() || pg::SqlState::isOutcomeUnknown(delivered.error()))
        co_return delivered.error();
    if (parts.trouble)
        parts.trouble("consumer " + consumer.name + " failed, and a job tries again", delivered.error());
    const work::Job job =
        parts.jobs.make(kKind, {{"consumer", consumer.name},
                                {"topic", row.topic},
                                {"event_id", event ? base::toText(event->id) : std::to_string(row.place.id)},
                                {"event", row.event}});
    const std::function<Task<Result<bool>>(work::UnitOfWork &)> change =
        [job](work::UnitOfWork &unit) -> Task<Result<bool>> {
        unit.enqueue(job);
        co_return true;
    };
    const auto left = co_await parts.database.transact<bool>(whoFor(consumer, row.organization), change);
    if (!left)
        co_return left.error();
    co_return Result<void>();
}

} // namespace voelgoed::outbox
