#include "server/slices/scanning/live/mirror.h"

#include "server/slices/scanning/live/keys.h"
#include "shared/base/bytes.h"

#include <array>

namespace voelgoed::scanning {

using async::Task;
using base::Result;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t kChangesMax = 64;
constexpr std::size_t kClaimsTogether = 8'000; ///< of changes that go in one call
constexpr std::uint32_t kOrdinalsTogether = 20'000;
constexpr int kTriesMax = 200;
constexpr base::Milliseconds kPause = 25ms;
constexpr std::int32_t kEventsMax = 1'000;

constexpr pg::Sql kScanned{
    "SELECT organization_id, event_id, batches FROM scanning.events_scanned_since(now() - interval '2 days', $1)"};

std::string freshWord(base::Random &random)
{
    std::array<std::byte, 8> bytes{};
    random.fill(bytes);
    return base::toHex(bytes);
}

/// The later change behind the earlier one, as one.
void addTo(WarmChange &earlier, WarmChange later)
{
    earlier.batch = later.batch;
    earlier.head = later.head;
    const auto append = [](auto &to, auto &from) {
        to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
    };
    // Applied in their order: the later value of what is there twice stays.
    append(earlier.claims, later.claims);
    append(earlier.gates, later.gates);
    append(earlier.sessions, later.sessions);
}

void setBit(std::string &bits, std::uint32_t ordinal)
{
    if (bits.size() <= ordinal / 8)
        bits.resize(ordinal / 8 + 1);
    bits[ordinal / 8] = static_cast<char>(static_cast<unsigned char>(bits[ordinal / 8]) | (0x80U >> (ordinal % 8)));
}

} // namespace

Mirror::Mirror(Parts parts) : m_state(std::make_shared<State>(std::move(parts))) {}

Mirror::~Mirror()
{
    m_state->isClosed = true;
}

std::shared_ptr<Mirror::Lane> Mirror::laneOf(const std::shared_ptr<State> &state, const EventKey &event)
{
    std::shared_ptr<Lane> &lane = state->lanes[event];
    if (!lane)
        lane = std::make_shared<Lane>(state->parts.executor);
    return lane;
}

void Mirror::run(const std::shared_ptr<State> &state, const EventKey &event, const std::shared_ptr<Lane> &lane)
{
    if (!std::exchange(lane->isRunning, true))
        async::start(state->parts.executor, "scanning: figures", follow(state, event, lane));
}

void Mirror::tell(const Committed &committed)
{
    if (committed.standing.batch == 0)
        return; // shifts alone have no figures
    const EventKey event{committed.organization, committed.event};
    const auto lane = laneOf(m_state, event);
    WarmChange change{.from = committed.standing.batch - 1,
                      .batch = committed.standing.batch,
                      .head = committed.standing.head,
                      .claims = committed.plan.claims,
                      .gates = committed.standing.gates,
                      .sessions = committed.standing.sessions};
    if (lane->changes.size() >= kChangesMax) {
        lane->changes.clear();
        lane->wants = Lane::Wants::Healing;
    } else if (!lane->changes.empty() && lane->changes.back().batch == change.from &&
               lane->changes.back().claims.size() + change.claims.size() <= kClaimsTogether) {
        addTo(lane->changes.back(), std::move(change));
    } else {
        lane->changes.push_back(std::move(change));
    }
    run(m_state, event, lane);
}

Task<Result<void>> Mirror::heal(EventKey event)
{
    const auto state = m_state;
    const auto lane = laneOf(state, event);
    // One that has begun may have looked before.
    const std::uint64_t wanted = lane->begun + 1;
    lane->wants = Lane::Wants::Healing;
    run(state, event, lane);
    while (lane->ended < wanted) {
        co_await lane->atRest.wait();
        if (state->isClosed)
            co_return base::Error{base::ErrorCode::Unavailable, "the server stops", {}};
        if (lane->ended < wanted && !lane->isRunning) {
            lane->wants = Lane::Wants::Healing;
            run(state, event, lane);
        }
    }
    co_return lane->failure ? Result<void>(*lane->failure) : Result<void>();
}

Task<void> Mirror::follow(std::shared_ptr<State> state, EventKey event, std::shared_ptr<Lane> lane)
{
    co_await async::yield();
    while (!state->isClosed && (!lane->changes.empty() || lane->wants == Lane::Wants::Healing)) {
        if (!lane->changes.empty()) {
            WarmChange change = std::move(lane->changes.front());
            lane->changes.pop_front();
            ++state->counted.calls;
            const auto applied = co_await state->warm.apply(event, std::move(change));
            if (!applied) {
                // Away: what comes next finds that this one is missing.
                ++state->counted.failures;
                lane->changes.clear();
            } else if (*applied == Applied::Gap || *applied == Applied::Cold) {
                ++state->counted.gaps;
                lane->wants = Lane::Wants::Healing;
            }
            continue;
        }
        lane->wants = Lane::Wants::Nothing;
        const std::uint64_t number = ++lane->begun;
        const auto healed = co_await catchUp(state, event);
        lane->failure = healed ? std::optional<base::Error>() : std::optional(healed.error());
        if (!healed && state->parts.failed && !state->isClosed)
            state->parts.failed("scanning: figures in Redis", healed.error());
        lane->ended = number;
        lane->atRest.notify();
    }
    lane->isRunning = false;
    lane->atRest.notify();
    if (state->lanes[event] == lane && lane.use_count() == 2)
        state->lanes.erase(event);
}

/// Until the figures are as far as the rows are now, whoever brings them there.
Task<Result<void>> Mirror::catchUp(std::shared_ptr<State> state, EventKey event)
{
    std::optional<std::int64_t> wanted;
    for (int attempt = 0; attempt < kTriesMax && !state->isClosed; ++attempt) {
        const auto point = co_await state->warm.where(event);
        if (!point)
            co_return point.error();
        bool isOurs = false;
        if (point->epoch.empty()) {
            const auto rebuilt = co_await rebuild(state, event);
            if (!rebuilt)
                co_return rebuilt.error();
            isOurs = *rebuilt;
        } else {
            if (wanted && point->batch >= *wanted)
                co_return Result<void>();
            auto figures = co_await readFigures(state->parts.database, event);
            if (!figures)
                co_return figures.error();
            if (!wanted)
                wanted = figures->batch;
            if (point->batch > figures->batch) {
                // Redis knows of batches that the rows do not have: it is of before a restored backup.
                if (const auto dropped = co_await state->warm.drop(event, point->epoch); !dropped)
                    co_return dropped.error();
                wanted = figures->batch;
                continue;
            }
            if (point->batch >= *wanted)
                co_return Result<void>();
            const auto closed = co_await closeGap(state, event, *point, std::move(*figures));
            if (!closed)
                co_return closed.error();
            isOurs = *closed;
        }
        if (!isOurs)
            co_await async::sleepFor(kPause);
    }
    co_return base::Error{base::ErrorCode::Timeout, "an event's figures did not come to rest", {}};
}

Task<Result<bool>> Mirror::closeGap(std::shared_ptr<State> state, EventKey event, WarmPoint point, ColdFigures figures)
{
    WarmChange change{.from = point.batch,
                      .batch = figures.batch,
                      .head = figures.head,
                      .claims = {},
                      .gates = std::move(figures.gates),
                      .sessions = std::move(figures.sessions)};
    auto claims = co_await readClaimsBetween(state->parts.database, event, point.head, figures.head);
    if (!claims)
        co_return claims.error();
    if (!*claims)
        co_return co_await rebuild(state, event);
    change.claims = std::move(**claims);
    const auto applied = co_await state->warm.apply(event, std::move(change));
    if (!applied)
        co_return applied.error();
    co_return *applied == Applied::Done || *applied == Applied::Already;
}

/// False when another server is about it.
Task<Result<bool>> Mirror::rebuild(std::shared_ptr<State> state, EventKey event)
{
    const std::string token = freshWord(state->parts.random);
    const auto begun = co_await state->warm.beginRebuild(event, token);
    if (!begun || !*begun)
        co_return begun;
    ++state->counted.rebuilds;
    auto figures = co_await readFigures(state->parts.database, event);
    if (!figures)
        co_return figures.error();
    const WarmPoint point{.epoch = freshWord(state->parts.random), .batch = figures->batch, .head = figures->head};
    WarmChange first;
    first.gates = std::move(figures->gates);
    first.sessions = std::move(figures->sessions);
    if (const auto put = co_await state->warm.put(event, point.epoch, std::move(first)); !put)
        co_return put.error();
    std::map<std::string, std::string> entered;
    for (std::uint32_t ordinal = 0; ordinal <= figures->ordinalMax; ordinal += kOrdinalsTogether) {
        auto claims = co_await readClaims(state->parts.database, event,
                                          {.first = ordinal, .count = kOrdinalsTogether, .head = point.head});
        if (!claims)
            co_return claims.error();
        for (const Claim &claim : *claims) {
            if (claim.entries > 0)
                setBit(entered[claim.of.checkpoint], claim.of.ordinal);
        }
        WarmChange change;
        change.claims = std::move(*claims);
        if (const auto put = co_await state->warm.put(event, point.epoch, std::move(change)); !put)
            co_return put.error();
    }
    for (auto &[checkpoint, bits] : entered) {
        if (const auto put = co_await state->warm.putEntered(event, point.epoch, checkpoint, std::move(bits)); !put)
            co_return put.error();
    }
    co_return co_await state->warm.endRebuild(event, token, point);
}

Task<Result<void>> Mirror::healAll()
{
    const auto rows = co_await m_state->parts.database.read(base::Uuid{}, kScanned, pg::Params::of(kEventsMax));
    if (!rows)
        co_return rows.error();
    for (const auto row : *rows) {
        const EventKey event{row.get<base::Uuid>(0), row.get<base::Uuid>(1)};
        const auto point = co_await m_state->warm.where(event);
        if (!point)
            co_return point.error();
        if (!point->epoch.empty() && point->batch == row.get<std::int64_t>(2))
            continue;
        if (const auto healed = co_await heal(event); !healed)
            co_return healed.error();
    }
    co_return Result<void>();
}

Task<Result<Mirror::Figures>> Mirror::figures(EventKey event)
{
    const auto state = m_state;
    const auto point = co_await state->warm.where(event);
    if (point && !point->epoch.empty()) {
        auto gates = co_await state->warm.gates(event, point->epoch);
        if (gates)
            co_return Figures{.batch = point->batch, .gates = std::move(*gates), .from = Figures::From::Redis};
    }
    auto cold = co_await readFigures(state->parts.database, event);
    if (!cold)
        co_return cold.error();
    if (point && point->epoch.empty() && cold->batch > 0) {
        const auto lane = laneOf(state, event);
        lane->wants = Lane::Wants::Healing;
        run(state, event, lane);
    }
    co_return Figures{.batch = cold->batch, .gates = std::move(cold->gates), .from = Figures::From::Postgres};
}

} // namespace voelgoed::scanning
