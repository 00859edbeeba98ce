#include "server/slices/tenancy/people.h"

#include "server/platform/secrets/password.h"
#include "server/platform/secrets/token.h"

#include <algorithm>

namespace voelgoed::tenancy {

using actions::Context;
using async::Task;
using base::Result;

namespace {

constexpr pg::Sql kEnsureUser{"SELECT tenancy.ensure_user($1, $2, $3, $4)"};
constexpr pg::Sql kConfirm{"SELECT tenancy.confirm_user($1, $2, $3, $4, $5)"};
constexpr pg::Sql kJoin{R"(
INSERT INTO tenancy.memberships (organization_id, user_id, role) VALUES (app.org(), $1, $2)
ON CONFLICT (organization_id, user_id) DO NOTHING)"};
constexpr pg::Sql kInvite{R"(
INSERT INTO tenancy.invitations (organization_id, id, email, role, token_hash, invited_by, expires_at)
VALUES (app.org(), $1, $2, $3, $4, $5, $6)
ON CONFLICT (organization_id, email) DO UPDATE
SET role = excluded.role, token_hash = excluded.token_hash, invited_by = excluded.invited_by,
    expires_at = excluded.expires_at
RETURNING id)"};
constexpr pg::Sql kHold{"SELECT tenancy.hold_user($1)"};
constexpr pg::Sql kFind{R"(
SELECT id, email, first_name, last_name, status, is_confirmed, is_platform_admin, is_platform_staff
FROM tenancy.find_user($1, $2))"};
constexpr pg::Sql kIsMember{"SELECT EXISTS (SELECT FROM tenancy.members() WHERE email = $1)"};

} // namespace

std::optional<std::string> emailFrom(std::string_view text)
{
    std::string email(text);
    std::transform(email.begin(), email.end(), email.begin(),
                   [](unsigned char c) { return static_cast<char>(c < 0x80 ? std::tolower(c) : c); });
    const auto at = email.find('@');
    const bool isOne = at != std::string::npos && at > 0 && at == email.rfind('@') && at + 1 < email.size() &&
                       email.find('.', at) != std::string::npos && email.back() != '.' && email.size() <= 254 &&
                       std::none_of(email.begin(), email.end(),
                                    [](unsigned char c) { return c <= ' ' || c == 0x7F || c == ',' || c == ';'; });
    return isOne ? std::optional(email) : std::nullopt;
}

void tellAdded(Context &context, const base::Uuid &user, access::Role role)
{
    context.emit({.topic = "tenancy:org:" + base::toText(context.unit().organization()),
                  .type = "tenancy.member_added.v1",
                  .subject = base::toText(user),
                  .data = {{"user_id", base::toText(user)}, {"role", access::word(role)}}});
}

Task<Result<base::Uuid>> enrol(Context &context, Tenancy &tenancy, NewPerson person)
{
    const auto email = emailFrom(person.email);
    if (!email)
        co_return context.reject("/email", "not_an_address", "This is not an e-mail address.");
    const auto ensured =
        co_await context.run(kEnsureUser, pg::Params::of(context.newId(), *email, person.firstName, person.lastName));
    if (!ensured)
        co_return ensured.error();
    const auto user = ensured->front().get<base::Uuid>(0);
    const std::string password = person.password;
    const std::string hash =
        co_await tenancy.kernel.workers.run([password] { return secrets::hashPassword(password); });
    const auto confirmed =
        co_await context.run(kConfirm, pg::Params::of(user, hash, person.firstName, person.lastName, context.now()));
    if (!confirmed)
        co_return confirmed.error();
    const auto joined = co_await context.run(kJoin, pg::Params::of(user, access::word(person.role)));
    if (!joined)
        co_return staffNeverOwns(joined.error());
    if (joined->touched() == 0)
        co_return actions::conflict("already_a_member", "This person is a member already.");
    tellAdded(context, user, person.role);
    co_return user;
}

Task<Result<InvitationMade>> invite(Context &context, Invitation invitation)
{
    const auto email = emailFrom(invitation.email);
    if (!email)
        co_return context.reject("/email", "not_an_address", "This is not an e-mail address.");
    const auto member = co_await context.run(kIsMember, pg::Params::of(*email));
    if (!member)
        co_return member.error();
    if (member->front().get<bool>(0))
        co_return actions::conflict("already_a_member", "This person is a member already.");
    auto token = secrets::newToken(secrets::TokenKind::Invitation, context.random());
    const auto by = context.actor().kind == access::ActorKind::User ? std::optional(context.actor().id) : std::nullopt;
    const auto invited =
        co_await context.run(kInvite, pg::Params::of(context.newId(), *email, access::word(invitation.role),
                                                     base::ByteView(token.hash), by, context.now() + kInvitationLife));
    if (!invited)
        co_return invited.error();
    co_return InvitationMade{invited->front().get<base::Uuid>(0), std::move(token.text)};
}

Task<Result<KnownUser>> knownUser(Context &context, std::optional<base::Uuid> id, std::string email)
{
    const auto rows = co_await context.run(kFind, pg::Params::of(id, email));
    if (!rows)
        co_return rows.error();
    if (rows->empty())
        co_return actions::notFound("user");
    const auto row = rows->front();
    co_return KnownUser{.id = row.get<base::Uuid>(0),
                        .email = row.get<std::string>(1),
                        .firstName = row.get<std::string>(2),
                        .lastName = row.get<std::string>(3),
                        .status = row.get<std::string>(4),
                        .isConfirmed = row.get<bool>(5),
                        .isAdmin = row.get<bool>(6),
                        .isStaff = row.get<bool>(7)};
}

Task<Result<KnownUser>> holdUser(Context &context, base::Uuid id)
{
    const auto held = co_await context.run(kHold, pg::Params::of(id));
    if (!held)
        co_return held.error();
    co_return co_await knownUser(context, id, {});
}

base::Error staffNeverOwns(const base::Error &error)
{
    return pg::SqlState::isCheckViolation(error, kStaffNeverOwns)
               ? actions::forbidden("platform_staff", "The platform's support never owns an organization.")
               : error;
}

} // namespace voelgoed::tenancy
