#include "server/platform/work/unit_of_work.h"

namespace voelgoed::work {

UnitOfWork::UnitOfWork(pg::Tx tx, access::Actor actor, std::string requestId, base::Instant now)
    : m_tx(std::move(tx)), m_actor(std::move(actor)), m_requestId(std::move(requestId)), m_now(now)
{}

base::Uuid UnitOfWork::organization() const
{
    return m_actor.organization.value_or(kPlatform);
}

} // namespace voelgoed::work
