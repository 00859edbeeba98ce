#include "server/slices/audit/actions/trail.h"

#include "server/slices/audit/actions/reading_names.h"
#include "server/slices/audit/store.h"

#include <algorithm>
#include <charconv>

namespace voelgoed::audit {

using actions::Context;
using async::Task;
using base::Result;

namespace {

constexpr pg::Sql kList{R"(
SELECT id, at, actor_type, actor_id, actor_name, actor_role, origin, action, subject_type, subject, before, after, reason,
       request_id, address, agent, is_platform_staff, is_platform_admin, tenant_approval_reference
FROM audit.entries
WHERE organization_id = app.org() AND ($1::text IS NULL OR action = $1) AND ($2::text IS NULL OR subject_type = $2)
  AND ($3::text IS NULL OR subject = $3) AND ($4::uuid IS NULL OR actor_id = $4)
  AND ($5::timestamptz IS NULL OR at >= $5) AND ($6::timestamptz IS NULL OR at < $6)
  AND ($7::bigint IS NULL OR id < $7)
ORDER BY id DESC LIMIT $8)"};

template <std::size_t Max>
std::optional<std::string> textOf(const std::optional<actions::Text<Max>> &text)
{
    return text ? std::optional(text->value) : std::nullopt;
}

} // namespace

Task<Result<Trail>> listTrail(Context &context, Audit &audit, ListTrail in)
{
    std::optional<std::int64_t> below;
    if (in.before) {
        std::int64_t number = 0;
        const std::string &text = in.before->value;
        const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
        if (read.ec != std::errc() || read.ptr != text.data() + text.size())
            co_return context.reject("/before", "not_a_cursor", "This is not what a page before gave as next.");
        below = number;
    }
    const std::int32_t limit = std::clamp(in.limit.value, 1, 100);
    const auto rows =
        co_await context.run(kList, pg::Params::of(textOf(in.action), textOf(in.subjectType), textOf(in.subject),
                                                   in.actor, in.from, in.until, below, limit + 1));
    if (!rows)
        co_return rows.error();
    Trail trail;
    for (std::size_t i = 0; i < rows->size() && i < static_cast<std::size_t>(limit); ++i)
        trail.data.push_back(entryOf((*rows)[i]));
    if (const auto opened = co_await openNames(context, audit.names, trail.data); !opened)
        co_return opened.error();
    trail.hasMore = rows->size() > trail.data.size();
    if (trail.hasMore)
        trail.next = std::to_string(trail.data.back().id);
    co_return trail;
}

Task<Result<Verified>> verifyTrail(Context &context, Audit &audit, VerifyTrail)
{
    const auto found =
        co_await verify(audit.kernel.database, context.organization(), audit.kernel.identity.publicKey(), audit.heads);
    if (!found)
        co_return found.error();
    co_return Verified{.holds = found->problem.empty(),
                       .seals = found->seals,
                       .entries = found->entries,
                       .unsealed = found->unsealed,
                       .problem = found->problem};
}

void addTrailActions(Audit &audit)
{
    using access::Permission;
    using access::Policy;
    using http::Method;
    audit.kernel.actions.add({.name = "audit.list",
                              .method = Method::Get,
                              .route = "/v1/audit",
                              .summary = "The audit trail, latest first",
                              .policy = Policy::may(Permission::ReadAudit)},
                             audit, &listTrail);
    audit.kernel.actions.add({.name = "audit.verify",
                              .method = Method::Get,
                              .route = "/v1/audit/verify",
                              .summary = "Recomputes the chain of seals over the audit trail",
                              .policy = Policy::may(Permission::ReadAudit),
                              .load = actions::LoadClass::Report},
                             audit, &verifyTrail);
}

} // namespace voelgoed::audit
