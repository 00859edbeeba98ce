#include "server/platform/work/unit_of_work.h"

#include "shared/base/ensure.h"

namespace voelgoed::work {

namespace {

constexpr pg::Sql kEnter{"SELECT set_config('app.org_id', $1, true)"};

} // namespace

pg::Query enterQuery(const base::Uuid &organization)
{
    return {kEnter, pg::Params::of(base::toText(organization))};
}

UnitOfWork::UnitOfWork(pg::Tx tx, Who who, base::Instant now, Reach reach)
    : m_tx(std::move(tx)),
      m_who(std::move(who)),
      m_organization(m_who.actor.organization.value_or(kPlatform)),
      m_now(now),
      m_reach(reach)
{}

void UnitOfWork::mayEnterAny() const
{
    base::ensure(actor().kind == access::ActorKind::System || actor().kind == access::ActorKind::SuperAdmin,
                 "somebody of an organization enters another one");
}

Outgoing &UnitOfWork::elsewhere(const base::Uuid &organization)
{
    mayEnterAny();
    base::ensure(m_reach == Reach::AsTheActor || organization == m_organization,
                 "work for one organization leaves something behind in another");
    return organization == m_organization ? m_outgoing : m_elsewhere[organization];
}

async::Task<base::Result<void>> UnitOfWork::enter(base::Uuid organization)
{
    mayEnterAny();
    co_return co_await enterAsInvited(organization);
}

async::Task<base::Result<void>> UnitOfWork::enterAsInvited(base::Uuid organization)
{
    if (m_reach == Reach::OneOrganization && organization != m_organization) {
        co_return base::Error{base::ErrorCode::Internal,
                              "work for organization " + base::toText(m_organization) + " goes over to " +
                                  base::toText(organization),
                              {}};
    }
    pg::Query enter = enterQuery(organization);
    const auto entered = co_await m_tx.run(enter.sql, std::move(enter.params));
    if (!entered)
        co_return entered.error();
    m_organization = organization;
    co_return base::Result<void>();
}

} // namespace voelgoed::work
