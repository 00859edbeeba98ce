#include "server/slices/events/known.h"

#include "server/platform/actions/context.h"
#include "server/platform/kernel/cache_counts.h"
#include "shared/protocol/definition.h"

#include <algorithm>

namespace voelgoed::events {

using async::Task;
using base::Result;

namespace {

/// Asked anew each second, which costs a number's comparison; what was read stays good for a while without Postgres.
constexpr tiers::CacheOptions kOptions{.capacity = 2'000,
                                       .fresh = std::chrono::seconds(1),
                                       .staleMax = std::chrono::minutes(10),
                                       .missing = std::chrono::seconds(1)};

std::string keyOf(const base::Uuid &organization, const base::Uuid &event)
{
    return std::string(base::textOf(organization)) + std::string(base::textOf(event));
}

base::Uuid uuidAt(const std::string &key, std::size_t at)
{
    base::Uuid uuid{};
    const auto bytes = base::bytesOf(key).subspan(at, uuid.size());
    std::copy(bytes.begin(), bytes.end(), uuid.begin());
    return uuid;
}

/// The ids that codes name by index, in the definition's order.
contracts::EventKeyRings::Names namesOf(const domain::EventDefinition &definition)
{
    contracts::EventKeyRings::Names names;
    for (const domain::TicketType &type : definition.types)
        names.types.push_back(type.id.text);
    for (const domain::Checkpoint &checkpoint : definition.checkpoints) {
        const auto &zone = checkpoint.zone;
        if (zone && std::find(names.zones.begin(), names.zones.end(), zone->text) == names.zones.end())
            names.zones.push_back(zone->text);
    }
    return names;
}

} // namespace

Result<domain::EventDefinition> forDevices(const StoredEvent &event, Zones &zones)
{
    auto zone = zones.find(event.definition.event.timezone);
    if (!zone)
        return zone.error();
    domain::EventDefinition definition = event.definition;
    definition.zone = std::move(*zone);
    definition.event.id.text = base::toText(event.id);
    definition.event.scanFrom = event.window.from;
    definition.event.scanUntil = event.window.until;
    return definition;
}

KnownEvents::KnownEvents(platform::Kernel &kernel, const Needs &needs, Zones &zones)
    : m_kernel(kernel),
      m_needs(needs),
      m_zones(zones),
      m_cache({kernel.executor, kernel.clock, kernel.random, platform::countsOf(kernel.metrics, "events.known")},
              kOptions, [this](std::string key) { return load(std::move(key)); })
{}

Task<Result<KnownEvents::Known>> KnownEvents::find(base::Uuid organization, base::Uuid event)
{
    const auto kept = co_await m_cache.get(keyOf(organization, event));
    if (!kept)
        co_return kept.error();
    co_return Known(*kept);
}

Task<Result<KnownEvents::Shown>> KnownEvents::show(base::Uuid organization, base::Uuid event)
{
    const auto kept = co_await m_cache.getAged(keyOf(organization, event));
    if (!kept)
        co_return kept.error();
    if (!kept->value)
        co_return Shown();
    co_return Shown{
        .event = {kept->value, &kept->value->stored}, .staleBy = kept->staleBy, .texts = kept->value->texts};
}

Result<KnownEvents::Cache::Shared> KnownEvents::keptOf(const pg::Rows::Row &row)
{
    auto stored = storedOf(row);
    if (!stored)
        return stored.error();
    auto definition = forDevices(*stored, m_zones);
    if (!definition)
        return definition.error();
    contracts::KnownEvent known{.id = stored->id,
                                .version = stored->version,
                                .definition = std::move(*definition),
                                .capacity = stored->details.capacity};
    return Cache::Shared(
        std::make_shared<const Kept>(Kept{std::move(known), std::move(*stored), std::make_shared<Texts>()}));
}

Task<Result<KnownEvents::Cache::Shared>> KnownEvents::load(std::string key)
{
    const base::Uuid event = uuidAt(key, sizeof(base::Uuid));
    const Cache::Shared old = m_cache.peek(key);
    std::vector<pg::Query> queries{selectVersion(event), old ? selectUnless(event, old->version) : selectEvent(event)};
    const auto rows = co_await m_kernel.database.read(uuidAt(key, 0), std::move(queries));
    if (!rows)
        co_return rows.error();
    if (rows->at(0).empty())
        co_return Cache::Shared();
    if (rows->at(1).empty())
        co_return old;
    co_return keptOf(rows->at(1).front());
}

Task<Result<KnownEvents::Known>> KnownEvents::findIn(pg::Tx &tx, base::Uuid event)
{
    return asOf(tx, event, Lock::None);
}

Task<Result<KnownEvents::Known>> KnownEvents::hold(pg::Tx &tx, base::Uuid event)
{
    return asOf(tx, event, Lock::AgainstChange);
}

Task<Result<KnownEvents::Known>> KnownEvents::asOf(pg::Tx &tx, base::Uuid event, Lock lock)
{
    pg::Query query = selectEvent(event, lock);
    const auto rows = co_await tx.run(query.sql, std::move(query.params));
    if (!rows)
        co_return rows.error();
    if (rows->empty())
        co_return Known();
    const auto kept = keptOf(rows->front());
    if (!kept)
        co_return kept.error();
    co_return Known(*kept);
}

Task<Result<void>> KnownEvents::publish(pg::Tx &tx, base::Uuid event)
{
    pg::Query query = selectEvent(event, Lock::AgainstChange);
    const auto rows = co_await tx.run(query.sql, std::move(query.params));
    if (!rows)
        co_return rows.error();
    if (rows->empty())
        co_return actions::notFound("event");
    const auto stored = storedOf(rows->front());
    if (!stored)
        co_return stored.error();
    co_return co_await putIntoFeed(tx, *stored, Names::AsTheyAre);
}

Task<Result<domain::EventKeys>> KnownEvents::keysOf(pg::Tx &tx, const domain::EventDefinition &definition,
                                                    base::Uuid event, Names names)
{
    if (m_needs.keys) {
        auto keys = co_await m_needs.keys->keysOf(tx, event, namesOf(definition));
        if (keys || names == Names::Fit || keys.error().code != base::ErrorCode::Conflict)
            co_return keys;
        co_return co_await m_needs.keys->keysOf(tx, event, {});
    }
    // Without keys there are still seals: a device seals what it reads to the server.
    domain::EventKeys none;
    none.organization = *tx.scope().organization;
    none.event = event;
    none.sealTo = m_kernel.seal.open;
    co_return none;
}

Task<Result<void>> KnownEvents::putIntoFeed(pg::Tx &tx, const StoredEvent &event, Names names)
{
    auto definition = forDevices(event, m_zones);
    if (!definition)
        co_return definition.error();
    auto keys = co_await keysOf(tx, *definition, event.id, names);
    if (!keys)
        co_return keys.error();
    const protocol::Definition whole{.event = std::move(*definition), .keys = std::move(*keys)};
    const auto put = co_await m_needs.feed.putDefinition(tx, event.id, protocol::encode(whole));
    if (!put)
        co_return put.error();
    tx.afterCommit([&feed = m_needs.feed, id = event.id] { feed.wake(id); });
    co_return Result<void>();
}

void KnownEvents::forget(const base::Uuid &organization, const base::Uuid &event)
{
    m_cache.invalidate(keyOf(organization, event));
}

} // namespace voelgoed::events
