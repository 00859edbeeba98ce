#include "server/slices/scanning/live/shapes.h"

#include "server/platform/kernel/cache_counts.h"
#include "shared/protocol/definition.h"

#include <string_view>

namespace voelgoed::scanning {

using async::Task;
using base::Result;
using namespace std::chrono_literals;

namespace {

constexpr pg::Sql kDefinition{
    "SELECT definition FROM scanning.feeds WHERE organization_id = app.org() AND event_id = $1"};
constexpr tiers::CacheOptions kKept{.capacity = 500, .fresh = 5s, .staleMax = 15min, .missing = 2s};

} // namespace

std::size_t Shapes::Hash::operator()(const EventKey &key) const
{
    return std::hash<std::string_view>{}({reinterpret_cast<const char *>(key.event.data()), key.event.size()});
}

Shapes::Shapes(platform::Kernel &kernel)
    : m_cached({.executor = kernel.executor,
                .clock = kernel.clock,
                .random = kernel.random,
                .observe = platform::countsOf(kernel.metrics, "scanning.shapes")},
               kKept, [&kernel](EventKey event) { return load(kernel.database, event); })
{}

Task<Result<std::shared_ptr<const admission::Rulebook>>> Shapes::load(work::Database &database, EventKey event)
{
    const auto rows = co_await database.read(event.organization, kDefinition, pg::Params::of(event.event));
    if (!rows)
        co_return rows.error();
    std::shared_ptr<const admission::Rulebook> none;
    if (rows->empty())
        co_return none;
    const auto bytes = rows->front().get<std::optional<base::Bytes>>(0);
    if (!bytes)
        co_return none;
    auto definition = protocol::decodeDefinition(*bytes);
    if (!definition)
        co_return none;
    auto rulebook = admission::Rulebook::compile(std::move(definition->event));
    if (!rulebook)
        co_return none;
    co_return std::make_shared<const admission::Rulebook>(std::move(*rulebook));
}

Task<std::shared_ptr<const admission::Rulebook>> Shapes::of(EventKey event)
{
    const auto shape = co_await m_cached.get(event);
    co_return shape ? *shape : nullptr;
}

} // namespace voelgoed::scanning
