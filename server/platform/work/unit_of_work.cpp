#include "server/platform/work/unit_of_work.h"

#include "shared/base/ensure.h"

namespace voelgoed::work {

namespace {

constexpr pg::Sql kEnter{"SELECT set_config('app.org_id', $1, true)"};

} // namespace

UnitOfWork::UnitOfWork(pg::Tx tx, Who who, base::Instant now)
    : m_tx(std::move(tx)),
      m_who(std::move(who)),
      m_organization(m_who.actor.organization.value_or(kPlatform)),
      m_now(now)
{}

async::Task<base::Result<void>> UnitOfWork::enter(base::Uuid organization)
{
    base::ensure(actor().kind == access::ActorKind::System || actor().kind == access::ActorKind::SuperAdmin,
                 "somebody of an organization enters another one");
    co_return co_await enterAsInvited(organization);
}

async::Task<base::Result<void>> UnitOfWork::enterAsInvited(base::Uuid organization)
{
    const auto entered = co_await m_tx.run(kEnter, pg::Params::of(base::toText(organization)));
    if (!entered)
        co_return entered.error();
    m_organization = organization;
    co_return base::Result<void>();
}

} // namespace voelgoed::work
