#include "server/platform/work/leadership.h"

#include "shared/base/ensure.h"

namespace voelgoed::work {

using async::Task;
using base::Result;

namespace {

constexpr pg::Sql kTake{"SELECT platform.take_lease($1, $2, $3)"};
constexpr pg::Sql kGiveUp{"SELECT platform.give_up_lease($1, $2)"};

/// Parts of a lease after which it is asked for.
constexpr int kParts = 4;

} // namespace

Leadership::Leadership(Parts parts) : m_parts(std::move(parts))
{
    base::ensure(m_parts.margin < m_parts.lease, "a lease that ends before it begins");
}

bool Leadership::leads() const
{
    return m_parts.clock.now().sinceBoot < m_until;
}

bool Leadership::isDue() const
{
    return m_parts.clock.now().sinceBoot >= m_nextAsk;
}

Task<Result<void>> Leadership::ask()
{
    // From before the question: the lease begins no earlier than that.
    const base::Milliseconds asked = m_parts.clock.now().sinceBoot;
    m_nextAsk = asked + m_parts.lease / kParts;
    const std::int64_t lease = m_parts.lease.count();
    const auto rows =
        co_await m_parts.database.read(kPlatform, kTake, pg::Params::of(m_parts.name, m_parts.owner, lease));
    if (!rows)
        co_return rows.error();
    m_until = rows->front().get<bool>(0) ? asked + m_parts.lease - m_parts.margin : base::Milliseconds();
    co_return Result<void>();
}

Task<void> Leadership::giveUp()
{
    m_until = {};
    static_cast<void>(co_await m_parts.database.read(kPlatform, kGiveUp, pg::Params::of(m_parts.name, m_parts.owner)));
}

} // namespace voelgoed::work
