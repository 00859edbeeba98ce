#include "server/slices/tenancy/actions/invitations.h"

#include <algorithm>

namespace voelgoed::tenancy {

using actions::Context;
using actions::Nothing;
using async::Task;
using base::Result;

namespace {

constexpr pg::Sql kList{R"(
SELECT id, email, role, invited_by, expires_at FROM tenancy.invitations
WHERE organization_id = app.org() AND expires_at > now() AND email > $1 ORDER BY email LIMIT $2)"};
constexpr pg::Sql kHold{R"(
SELECT email, role FROM tenancy.invitations WHERE organization_id = app.org() AND id = $1 FOR UPDATE)"};
constexpr pg::Sql kRemove{"DELETE FROM tenancy.invitations WHERE organization_id = app.org() AND id = $1"};

} // namespace

Task<Result<InvitationList>> listInvitations(Context &context, Tenancy &, ListInvitations in)
{
    if (const auto own = isOwn(context, in.organization); !own)
        co_return own.error();
    const std::int32_t limit = std::clamp(in.limit.value, 1, 100);
    const auto rows = co_await context.run(kList, pg::Params::of(in.after ? in.after->value : "", limit + 1));
    if (!rows)
        co_return rows.error();
    InvitationList list;
    for (std::size_t i = 0; i < rows->size() && i < static_cast<std::size_t>(limit); ++i) {
        const auto row = (*rows)[i];
        list.data.push_back({.id = row.get<base::Uuid>(0),
                             .email = row.get<std::string>(1),
                             .role = row.get<std::string>(2),
                             .invitedBy = row.get<std::optional<base::Uuid>>(3),
                             .expiresAt = row.get<base::Instant>(4)});
    }
    list.hasMore = rows->size() > list.data.size();
    if (list.hasMore)
        list.next = list.data.back().email;
    co_return list;
}

Task<Result<Nothing>> withdrawInvitation(Context &context, Tenancy &, OneInvitation in)
{
    if (const auto own = isOwn(context, in.organization); !own)
        co_return own.error();
    const auto held = co_await context.run(kHold, pg::Params::of(in.invitation));
    if (!held)
        co_return held.error();
    if (held->empty())
        co_return actions::notFound("invitation");
    const auto email = held->front().get<std::string>(0), role = held->front().get<std::string>(1);
    if (context.grant() == access::Grant::NotOwners && role == access::word(access::Role::Owner))
        co_return actions::forbidden("owners_only", "Only an owner takes an owner's invitation back.");
    const auto removed = co_await context.run(kRemove, pg::Params::of(in.invitation));
    if (!removed)
        co_return removed.error();
    context.audit({.action = {},
                   .subjectType = "invitation",
                   .subject = base::toText(in.invitation),
                   .before = {{"email", work::nameOf(work::personOf(email), email)}, {"role", role}},
                   .after = {},
                   .reason = {}});
    co_return Nothing{};
}

void addInvitationActions(Tenancy &tenancy)
{
    using access::Permission;
    using access::Policy;
    using http::Method;
    auto &actions = tenancy.kernel.actions;
    actions.add({.name = "tenancy.list_invitations",
                 .method = Method::Get,
                 .route = "/v1/orgs/{organization}/invitations",
                 .summary = "Invitations that are open, by address",
                 .policy = Policy::may(Permission::ManageTeam)},
                tenancy, &listInvitations);
    actions.add({.name = "tenancy.withdraw_invitation",
                 .method = Method::Delete,
                 .route = "/v1/orgs/{organization}/invitations/{invitation}",
                 .summary = "Takes an invitation back",
                 .policy = Policy::may(Permission::ManageTeam),
                 .effect = actions::Effect::Writes,
                 .audited = actions::Audited::Yes,
                 .load = actions::LoadClass::Write},
                tenancy, &withdrawInvitation);
}

} // namespace voelgoed::tenancy
