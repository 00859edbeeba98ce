#pragma once

#include "server/slices/audit/actions/entry.h"
#include "server/slices/audit/audit.h"

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

async::Task<base::Result<Trail>> listTrail(actions::Context &context, Audit &audit, ListTrail in);
async::Task<base::Result<Verified>> verifyTrail(actions::Context &context, Audit &audit, VerifyTrail in);

void addTrailActions(Audit &audit);

} // namespace voelgoed::audit
