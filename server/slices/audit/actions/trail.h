#pragma once

#include "server/platform/actions/action.h"
#include "server/platform/kernel/kernel.h"

/// Reading the audit trail: owners and admins.
namespace voelgoed::audit {

struct ListTrail
{
    std::optional<actions::Text<100>> action;
    std::optional<actions::Text<100>> subjectType;
    std::optional<actions::Text<200>> subject;
    std::optional<base::Uuid> actor;
    std::optional<base::Instant> from, until;
    std::optional<actions::Text<60>> before; ///< `next` of the page before
    actions::Defaulted<std::int32_t, 50> limit;
};
BOOST_DESCRIBE_STRUCT(ListTrail, (), (action, subjectType, subject, actor, from, until, before, limit))

struct Entry
{
    std::int64_t id = 0;
    base::Instant at;
    std::string actorType;
    base::Uuid actorId{};
    std::string actorName, actorRole, origin, action, subjectType, subject;
    base::Json before, after;
    std::string reason, requestId, address, agent;
    bool isPlatformStaff = false, isPlatformAdmin = false; ///< who acted, whatever the role there
    std::string tenantApprovalReference;                   ///< where the organization's consent is written down
};
BOOST_DESCRIBE_STRUCT(Entry, (),
                      (id, at, actorType, actorId, actorName, actorRole, origin, action, subjectType, subject, before,
                       after, reason, requestId, address, agent, isPlatformStaff, isPlatformAdmin,
                       tenantApprovalReference))

/// Of a row that begins with an Entry's columns, in its order.
Entry entryOf(const pg::Rows::Row &row);

struct Trail
{
    std::vector<Entry> data; ///< latest first
    bool hasMore = false;
    std::optional<std::string> next;
};
BOOST_DESCRIBE_STRUCT(Trail, (), (data, hasMore, next))

struct VerifyTrail
{};
BOOST_DESCRIBE_STRUCT(VerifyTrail, (), ())

struct Verified
{
    bool holds = false;
    std::int64_t seals = 0, entries = 0, unsealed = 0;
    std::string problem;
};
BOOST_DESCRIBE_STRUCT(Verified, (), (holds, seals, entries, unsealed, problem))

async::Task<base::Result<Trail>> listTrail(actions::Context &context, platform::Kernel &kernel, ListTrail in);
async::Task<base::Result<Verified>> verifyTrail(actions::Context &context, platform::Kernel &kernel, VerifyTrail in);

void addTrailActions(platform::Kernel &kernel);

} // namespace voelgoed::audit
