#pragma once

#include "server/contracts/badges.h"
#include "server/platform/work/database.h"

namespace voelgoed::tenancy {

/// Whose badges stand, for other slices: asked of Postgres each time, so that a badge that was taken back is one at
/// once.
class KnownBadges final : public contracts::Badges
{
public:
    explicit KnownBadges(work::Database &database) : m_database(database) {}

    async::Task<base::Result<bool>> isWorn(base::Uuid organization, base::Uuid user, base::Uuid event) override;
    async::Task<base::Result<std::vector<base::Uuid>>> wornBy(base::Uuid organization, base::Uuid user) override;
    async::Task<base::Result<bool>> isWornIn(pg::Tx &tx, base::Uuid user, base::Uuid event) override;

private:
    work::Database &m_database;
};

} // namespace voelgoed::tenancy
