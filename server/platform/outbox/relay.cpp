#include "server/platform/outbox/relay.h"

#include <algorithm>
#include <map>
#include <set>

namespace voelgoed::outbox {

using async::Task;
using base::Error;
using base::Milliseconds;
using base::Result;
using namespace std::chrono_literals;

namespace {

constexpr const char *kReader = "topics";
constexpr const char *kChannel = "vg:{sys}:outbox";
constexpr Milliseconds kFirstLook = 2ms;
constexpr Milliseconds kTellEvery = 5ms;

using Failures = std::map<base::Uuid, Error>; ///< by organization

/// Publications that are on their way together.
struct Round
{
    explicit Round(const async::Executor &executor) : ended(executor) {}

    async::Event ended;
    std::size_t open = 0;
    Failures failures;
};

} // namespace

struct Relay::State : std::enable_shared_from_this<State>
{
    explicit State(Parts with)
        : parts(std::move(with)),
          leadership({.database = parts.database,
                      .clock = parts.clock,
                      .name = "relay",
                      .owner = parts.owner,
                      .lease = parts.options.lease,
                      .margin = parts.options.margin}),
          deliveries({.executor = parts.executor,
                      .database = parts.database,
                      .consumers = parts.consumers,
                      .jobs = parts.jobs,
                      .leadership = leadership,
                      .trouble = parts.trouble}),
          news(parts.executor),
          ended(parts.executor)
    {}

    using Groups = std::map<base::Uuid, std::vector<topics::Publication>>;

    static Task<void> lead(std::shared_ptr<State> self);
    static Task<void> tellLeader(std::shared_ptr<State> self);
    static Task<void> publishGroup(std::shared_ptr<State> self, base::Uuid organization,
                                   std::vector<topics::Publication> group, std::shared_ptr<Round> round);

    Task<void> askToLead();
    Task<Result<bool>> relayPage();
    Task<Failures> publish(Groups groups);
    Groups groupsOf(const std::vector<Row> &rows) const;
    bool isRedisAway(const Failures &failures) const;
    void setAside(const std::vector<Row> &rows, const Failures &failures);
    bool takeUpAgain();
    Task<Result<bool>> tellHere();
    void wakeConsumers(const std::vector<Row> &rows);
    Task<void> rest();

    void wakeHere()
    {
        delay = kFirstLook;
        isWoken = true;
        news.notify();
    }
    void trouble(const std::string &what, const Error &error) const
    {
        if (parts.trouble && !isClosed)
            parts.trouble(what, error);
    }

    Parts parts;
    work::Leadership leadership;
    Deliveries deliveries;
    async::Event news;
    async::Event ended;
    std::optional<Place> place; ///< told up to here; none: it has to be looked up
    std::optional<Place> here;  ///< told to this server's own listeners up to here, while Redis is away
    /// Organizations whose events Redis does not take, while it takes others': nobody waits for them. They are tried
    /// again from where the first of them stayed behind.
    std::set<base::Uuid> aside;
    std::optional<Place> asideFrom;
    std::optional<Place> asideTold; ///< of theirs, this server's own listeners were told up to here
    std::optional<Milliseconds> asideSince;
    Milliseconds asideUntil{};
    Milliseconds delay{};
    bool isWoken = false;
    bool isClosed = false;
    bool isRunning = false;
    bool isTelling = false;
    Figures figures;
};

Relay::Relay(Parts parts) : m_state(std::make_shared<State>(std::move(parts))) {}

Relay::~Relay()
{
    m_state->isClosed = true;
    m_state->news.notify();
}

void Relay::start()
{
    m_state->isRunning = true;
    m_state->parts.redis.subscribe(
        kChannel,
        [weak = m_state->weak_from_this()](const std::string &, const std::string &) {
            if (const auto state = weak.lock(); state && state->leadership.leads())
                state->wakeHere();
        },
        [] {});
    m_state->deliveries.start();
    async::start(m_state->parts.executor, "outbox: relay", State::lead(m_state));
}

void Relay::wake()
{
    if (m_state->isClosed)
        return;
    if (m_state->leadership.leads())
        m_state->wakeHere();
    else if (!std::exchange(m_state->isTelling, true))
        async::start(m_state->parts.executor, "outbox: telling the leader", State::tellLeader(m_state));
}

bool Relay::leads() const
{
    return m_state->leadership.leads();
}

Relay::Figures Relay::figures() const
{
    return m_state->figures;
}

Task<void> Relay::stop()
{
    const auto state = m_state;
    state->isClosed = true;
    state->news.notify();
    while (state->isRunning)
        co_await state->ended.wait();
    co_await state->deliveries.stop();
    co_await state->leadership.giveUp();
}

Task<void> Relay::State::tellLeader(std::shared_ptr<State> self)
{
    // Those that come meanwhile are told together.
    co_await async::sleepFor(kTellEvery);
    self->isTelling = false;
    redis::Command command;
    command.emplace_back("PUBLISH");
    command.emplace_back(kChannel);
    command.emplace_back("1");
    if (!self->isClosed)
        static_cast<void>(co_await self->parts.redis.call(std::move(command))); // else it looks by itself
}

Task<void> Relay::State::lead(std::shared_ptr<State> self)
{
    self->delay = kFirstLook;
    while (!self->isClosed) {
        self->isWoken = false;
        if (self->leadership.isDue())
            co_await self->askToLead();
        if (!self->leadership.leads()) {
            self->place.reset();
            self->here.reset();
            co_await self->rest();
            continue;
        }
        const auto more = co_await self->relayPage();
        if (!more)
            self->trouble("the outbox cannot be told", more.error());
        if (more && *more)
            self->delay = kFirstLook;
        else
            co_await self->rest();
    }
    self->isRunning = false;
    self->ended.notify();
}

/// Until there is something new, and at most until it is time to look. After it was woken it looks again soon: what it
/// was woken for is not to be seen before every transaction that began earlier has ended.
Task<void> Relay::State::rest()
{
    const Milliseconds most = leadership.leads() ? delay : parts.options.poll;
    delay = std::min(delay * 2, parts.options.poll);
    if (!isWoken && !isClosed)
        co_await news.waitFor(most);
}

Task<void> Relay::State::askToLead()
{
    const bool led = leadership.leads();
    if (const auto asked = co_await leadership.ask(); !asked)
        trouble("nobody knows who leads", asked.error());
    if (led || !leadership.leads())
        co_return;
    ++figures.terms;
    place.reset();
    here.reset();
    aside.clear();
    asideFrom.reset();
    asideTold.reset();
    asideSince.reset();
    deliveries.wakeAll();
}

void Relay::State::wakeConsumers(const std::vector<Row> &rows)
{
    for (const Row &row : rows)
        deliveries.wakeFor(row.type);
}

/// Whether there may be more.
Task<Result<bool>> Relay::State::relayPage()
{
    if (!place) {
        const auto known = co_await placeOf(parts.database, kReader);
        if (!known)
            co_return known.error();
        place = *known;
    }
    const auto rows = co_await readBehind(parts.database, *place, std::nullopt, parts.options.pageMax);
    if (!rows)
        co_return rows.error();
    if (rows->empty())
        co_return takeUpAgain();
    if (!here)
        wakeConsumers(*rows);
    if (!leadership.leads() || isClosed)
        co_return false;
    Groups groups = groupsOf(*rows);
    const std::size_t tried = groups.size();
    const Failures failures = co_await publish(std::move(groups));
    if (tried > 0 && failures.size() == tried && isRedisAway(failures)) {
        if (!here) {
            trouble("topics are on this server alone", failures.begin()->second);
            here = *place;
        }
        co_return co_await tellHere();
    }
    here.reset();
    setAside(*rows, failures);
    figures.told += rows->size();
    place = rows->back().place;
    // If this fails, another leader tells some once more, which says nothing: they have their places.
    if (asideFrom)
        co_return static_cast<int>(rows->size()) >= parts.options.pageMax;
    if (const auto moved = co_await moveTo(parts.database, kReader, *place); !moved)
        trouble("the outbox's reader was not moved", moved.error());
    co_return static_cast<int>(rows->size()) >= parts.options.pageMax;
}

/// Without those that were set aside.
Relay::State::Groups Relay::State::groupsOf(const std::vector<Row> &rows) const
{
    Groups groups;
    for (const Row &row : rows) {
        if (!aside.contains(row.organization))
            groups[row.organization].push_back(
                {.topic = row.topic, .event = row.event, .place = topics::outboxPlace(row.place.xid, row.place.id)});
    }
    return groups;
}

/// Or has only something against these organizations: a slot of a cluster that nobody serves, a key of another type.
bool Relay::State::isRedisAway(const Failures &failures) const
{
    const base::ErrorCode code = failures.begin()->second.code;
    return parts.redis.isAway() ||
           (!parts.redis.isCluster() && (code == base::ErrorCode::Unavailable || code == base::ErrorCode::Timeout));
}

/// Who listens here hears them all the same, once.
void Relay::State::setAside(const std::vector<Row> &rows, const Failures &failures)
{
    if (!failures.empty() && !asideSince)
        trouble("topics of an organization are on this server alone", failures.begin()->second);
    for (const auto &[organization, error] : failures) {
        if (!asideFrom) {
            const Milliseconds now = parts.clock.now().sinceBoot;
            asideFrom = place;
            asideUntil = now + parts.options.asideFor;
            asideSince = asideSince.value_or(now);
        }
        aside.insert(organization);
    }
    for (const Row &row : rows) {
        if (aside.contains(row.organization) && (!asideTold || *asideTold < row.place)) {
            asideTold = row.place;
            parts.topics.publishHere(row.organization, row.topic, row.event);
            ++figures.toldHere;
        }
    }
}

/// What was told meanwhile has its place, and is not told twice.
bool Relay::State::takeUpAgain()
{
    const Milliseconds now = parts.clock.now().sinceBoot;
    if (!asideFrom) {
        asideSince.reset();
        return false;
    }
    if (now < asideUntil)
        return false;
    const Place from = *std::exchange(asideFrom, std::nullopt);
    aside.clear();
    if (now - *asideSince < parts.options.asideMax) {
        place = from;
        return true;
    }
    asideSince.reset();
    trouble("topics of an organization were on this server alone for too long, and are not made good",
            Error{base::ErrorCode::Timeout, "given up", {}});
    return false;
}

/// Each organization's in their order; different ones need not wait for each other.
Task<Failures> Relay::State::publish(Groups groups)
{
    const auto round = std::make_shared<Round>(parts.executor);
    round->open = groups.size();
    for (auto &[organization, group] : groups) {
        async::start(parts.executor, "outbox: publishing",
                     publishGroup(shared_from_this(), organization, std::move(group), round));
    }
    while (round->open > 0)
        co_await round->ended.wait();
    co_return std::move(round->failures);
}

Task<void> Relay::State::publishGroup(std::shared_ptr<State> self, base::Uuid organization,
                                      std::vector<topics::Publication> group, std::shared_ptr<Round> round)
{
    for (std::size_t from = 0; from < group.size(); from += topics::kPublishMax) {
        const auto first = group.begin() + static_cast<std::ptrdiff_t>(from);
        const auto count = static_cast<std::ptrdiff_t>(std::min(topics::kPublishMax, group.size() - from));
        std::vector<topics::Publication> part(first, first + count);
        const auto published = co_await self->parts.topics.publishAll(organization, std::move(part));
        if (!published) {
            round->failures.emplace(organization, published.error());
            break;
        }
    }
    --round->open;
    round->ended.notify();
}

/// Redis is away: the place stays where it is, and this server's own listeners hear what is behind it.
Task<Result<bool>> Relay::State::tellHere()
{
    const auto rows = co_await readBehind(parts.database, *here, std::nullopt, parts.options.pageMax);
    if (!rows)
        co_return rows.error();
    for (const Row &row : *rows)
        parts.topics.publishHere(row.organization, row.topic, row.event);
    wakeConsumers(*rows);
    figures.toldHere += rows->size();
    if (!rows->empty())
        here = rows->back().place;
    co_return static_cast<int>(rows->size()) >= parts.options.pageMax;
}

} // namespace voelgoed::outbox
