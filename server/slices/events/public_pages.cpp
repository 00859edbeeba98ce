#include "server/slices/events/public_pages.h"

#include "server/platform/kernel/cache_counts.h"

namespace voelgoed::events {

using async::Task;
using base::Result;

namespace {

constexpr tiers::CacheOptions kOptions{.capacity = 5'000,
                                       .fresh = std::chrono::seconds(1),
                                       .staleMax = std::chrono::minutes(10),
                                       .missing = std::chrono::seconds(1),
                                       .refreshAhead = true};
constexpr base::JsonLimits kLimits{.depth = 16};

struct WarmPage
{
    base::Uuid organization{};
    PublicEvent event;
    base::Instant madeAt;
};
BOOST_DESCRIBE_STRUCT(WarmPage, (), (organization, event, madeAt))

PublicPages::Page checked(PublicPage page)
{
    page.uncheckedSince.reset();
    return std::make_shared<const PublicPage>(std::move(page));
}

constexpr pg::Sql kVersion{"SELECT organization_id, version FROM events.public_version($1)"};

} // namespace

PublicPages::PublicPages(platform::Kernel &kernel)
    : m_kernel(kernel),
      m_warm({.client = kernel.redis,
              .random = kernel.random,
              .key = kPublicKey,
              .observe = platform::countsOf(kernel.metrics, "events.public", platform::Tier::Warm)}),
      m_cache({kernel.executor, kernel.clock, kernel.random, platform::countsOf(kernel.metrics, "events.public")},
              kOptions, [this](std::string key) { return load(std::move(key)); })
{
    kernel.keys.add(kPublicKey);
}

Task<Result<PublicPages::Found>> PublicPages::find(base::Uuid event)
{
    auto aged = co_await m_cache.getAged(base::toText(event));
    if (!aged)
        co_return aged.error();
    Found found{.page = std::move(aged->value), .staleBy = aged->staleBy};
    if (found.page && found.page->uncheckedSince) {
        const auto age = m_kernel.clock.now().wall - *found.page->uncheckedSince;
        found.staleBy = std::max(age - kOptions.fresh, base::Milliseconds(1));
    }
    co_return found;
}

Task<Result<PublicPages::Page>> PublicPages::load(std::string key)
{
    const base::Uuid event = *base::uuidFrom(key);
    const Page old = m_cache.peek(key);
    const auto versions = co_await m_kernel.database.read(work::kPlatform, kVersion, pg::Params::of(event));
    if (!versions) {
        // What the hot tier has, it serves by itself.
        const Page warm = old ? nullptr : co_await fromWarm(key, std::nullopt);
        co_return warm ? Result<Page>(warm) : versions.error();
    }
    if (versions->empty())
        co_return Page();
    const auto organization = versions->front().get<base::Uuid>(0);
    const auto version = versions->front().get<std::int32_t>(1);
    if (old && old->version == version)
        co_return old->uncheckedSince ? checked(*old) : old;
    if (const Page warm = co_await fromWarm(key, version))
        co_return warm;
    const pg::Query query = selectEvent(event);
    const auto rows = co_await m_kernel.database.read(organization, query.sql, query.params);
    if (!rows)
        co_return rows.error();
    if (rows->empty())
        co_return Page();
    const auto stored = storedOf(rows->front());
    if (!stored)
        co_return stored.error();
    const auto page = std::make_shared<const PublicPage>(PublicPage{stored->version, organization, publicOf(*stored)});
    const base::Json warm = actions::written(WarmPage{organization, page->event, m_kernel.clock.now().wall});
    co_await m_warm.put(redis::Tag::system(), {key}, {page->version, base::toText(warm)});
    co_return page;
}

Task<PublicPages::Page> PublicPages::fromWarm(std::string key, std::optional<std::int32_t> version)
{
    const auto warm = co_await m_warm.get(redis::Tag::system(), {key});
    if (!warm || !*warm || (version && (*warm)->version != *version))
        co_return nullptr;
    const auto json = base::parseJson((*warm)->text, kLimits);
    if (!json)
        co_return nullptr;
    std::vector<actions::FieldError> errors;
    auto kept = actions::readAs<WarmPage>(actions::Input(*json, errors));
    if (!errors.empty())
        co_return nullptr; // of another build, or not ours
    co_return std::make_shared<const PublicPage>(PublicPage{static_cast<std::int32_t>((*warm)->version),
                                                            kept.organization, std::move(kept.event),
                                                            version ? std::nullopt : std::optional(kept.madeAt)});
}

} // namespace voelgoed::events
