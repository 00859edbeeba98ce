#include "server/slices/tenancy/known_badges.h"

#include "server/platform/secrets/password.h"

namespace voelgoed::tenancy {

using async::Task;
using base::Result;

namespace {

constexpr pg::Sql kWorn{R"(
SELECT EXISTS (SELECT FROM tenancy.badges
               WHERE organization_id = app.org() AND event_id = $1 AND user_id = $2 AND revoked_at IS NULL))"};
constexpr pg::Sql kWornBy{R"(
SELECT event_id FROM tenancy.badges
WHERE organization_id = app.org() AND user_id = $1 AND revoked_at IS NULL ORDER BY id DESC LIMIT $2)"};

constexpr pg::Sql kSupervisor{R"(
SELECT pin_hash FROM tenancy.badges
WHERE organization_id = app.org() AND id = $1 AND event_id = $2 AND revoked_at IS NULL AND 'supervisor' = ANY (grants)
    AND pin_hash IS NOT NULL)"};

constexpr base::Milliseconds kSoon{1'000};

} // namespace

Task<Result<bool>> KnownBadges::isWorn(base::Uuid organization, base::Uuid user, base::Uuid event)
{
    const auto rows = co_await m_kernel.database.read(organization, kWorn, pg::Params::of(base::toText(event), user));
    if (!rows)
        co_return rows.error();
    co_return rows->front().get<bool>(0);
}

Task<Result<std::vector<base::Uuid>>> KnownBadges::wornBy(base::Uuid organization, base::Uuid user)
{
    const auto rows = co_await m_kernel.database.read(organization, kWornBy, pg::Params::of(user, kWornMax));
    if (!rows)
        co_return rows.error();
    std::vector<base::Uuid> events;
    for (const auto row : *rows) {
        if (const auto event = base::uuidFrom(row.get<std::string>(0)))
            events.push_back(*event);
    }
    co_return events;
}

Task<Result<bool>> KnownBadges::isWornIn(pg::Tx &tx, base::Uuid user, base::Uuid event)
{
    const auto rows = co_await tx.run(kWorn, pg::Params::of(base::toText(event), user));
    if (!rows)
        co_return rows.error();
    co_return rows->front().get<bool>(0);
}

Task<Result<bool>> KnownBadges::isSupervisors(const contracts::OverrideAsk &ask)
{
    const auto rows = co_await m_kernel.database.read(ask.organization, kSupervisor,
                                                      pg::Params::of(ask.badge, base::toText(ask.event)));
    if (!rows)
        co_return rows.error();
    const bool isKnown = !rows->empty();
    std::string hash = isKnown ? rows->front().get<std::string>(0) : secrets::hashOfNobody();
    const bool holds = co_await m_kernel.workers.run(
        [hash = std::move(hash), pin = ask.pin] { return secrets::passwordHolds(hash, pin); });
    co_return isKnown &&holds;
}

Task<Result<contracts::OverrideAnswer>> KnownBadges::mayOverride(contracts::OverrideAsk ask)
{
    using contracts::OverrideAnswer;
    const redis::Tag scope = redis::Tag::organization(ask.organization);
    const std::string badge = base::toText(ask.badge), caller = base::toText(ask.caller);
    if (!m_inHand.insert(ask.badge).second)
        co_return OverrideAnswer{.may = false, .wait = kSoon};
    // Not a null pointer, which would hold nothing.
    const std::shared_ptr<void> held(this, [badge = ask.badge](KnownBadges *self) { self->m_inHand.erase(badge); });
    const std::vector<limits::Ask> looks{{&kWrongPinsOfBadge, badge, 0}, {&kWrongPinsOfCaller, caller, 0}};
    const auto decision = co_await m_kernel.limiter.take(scope, looks);
    for (std::size_t i = 0; i < looks.size(); ++i) {
        if (decision.each.at(i).remaining == 0)
            co_return OverrideAnswer{.may = false, .wait = looks[i].policy->period / looks[i].policy->rate};
    }
    const auto may = co_await isSupervisors(ask);
    if (!may)
        co_return may.error();
    if (!*may) {
        const std::vector<limits::Ask> wrong{{&kWrongPinsOfBadge, badge}, {&kWrongPinsOfCaller, caller}};
        static_cast<void>(co_await m_kernel.limiter.take(scope, wrong));
    }
    co_return OverrideAnswer{.may = *may, .wait = {}};
}

} // namespace voelgoed::tenancy
