#include "server/slices/audit/sink.h"

namespace voelgoed::audit {

namespace {

constexpr pg::Sql kRecord{R"(
INSERT INTO audit.log (organization_id, at, actor_type, actor_id, actor_name, actor_role, origin, action, subject_type,
                       subject, before, after, reason, request_id, address, agent, is_platform_staff,
                       is_platform_admin, tenant_approval_reference)
VALUES (app.org(), $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18))"};

/// What is absent is an empty object.
pg::Jsonb objectOf(const base::Json &json)
{
    return {json.is_null() ? "{}" : base::toText(json)};
}

} // namespace

void Sink::record(const work::AuditEntry &entry, const Circumstances &circumstances, std::vector<pg::Query> &last)
{
    const access::Actor &actor = circumstances.actor;
    const bool isPerson = actor.kind == access::ActorKind::User || actor.kind == access::ActorKind::SuperAdmin;
    const std::string reason = entry.reason.empty() ? actor.reason : entry.reason;
    const std::string name =
        isPerson ? m_names.close(circumstances.organization, actor.id, actor.name, last) : actor.name;
    const base::Json before = m_names.close(circumstances.organization, entry.before, last);
    const base::Json after = m_names.close(circumstances.organization, entry.after, last);
    last.push_back(
        {kRecord, pg::Params::of(circumstances.at, access::word(actor.kind), actor.id, name,
                                 actor.role ? access::word(*actor.role) : std::string_view(),
                                 access::word(access::originOf(actor)), entry.action, entry.subjectType, entry.subject,
                                 objectOf(before), objectOf(after), reason, circumstances.requestId, actor.address,
                                 actor.agent, actor.platformStaff,
                                 actor.platformAdmin || actor.kind == access::ActorKind::SuperAdmin, actor.approval)});
}

} // namespace voelgoed::audit
