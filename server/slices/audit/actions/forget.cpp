#include "server/slices/audit/actions/forget.h"

namespace voelgoed::audit {

using actions::Context;
using async::Task;
using base::Result;

namespace {

constexpr pg::Sql kForget{R"(
INSERT INTO audit.forgotten (organization_id, person) SELECT app.org(), unnest($1::uuid[]) ON CONFLICT DO NOTHING)"};
constexpr pg::Sql kDrop{
    "DELETE FROM audit.person_keys WHERE organization_id = app.org() AND person = ANY($1) RETURNING 1"};

} // namespace

Task<Result<Forgotten>> forgetPerson(Context &context, Audit &, ForgetPerson in)
{
    std::vector<base::Uuid> people;
    if (in.user)
        people.push_back(*in.user);
    if (in.email)
        people.push_back(work::personOf(in.email->value));
    if (people.empty())
        co_return context.reject("/user", "required", "Whom? Name a user, an e-mail address, or both.");
    if (in.user && *in.user == context.actor().id)
        co_return actions::forbidden("not_oneself", "Somebody else has to do this for you.");
    if (const auto forgotten = co_await context.run(kForget, pg::Params::of(people)); !forgotten)
        co_return forgotten.error();
    const auto dropped = co_await context.run(kDrop, pg::Params::of(people));
    if (!dropped)
        co_return dropped.error();
    const Forgotten out{static_cast<std::int32_t>(dropped->size())};
    context.audit({.action = {},
                   .subjectType = "user",
                   .subject = base::toText(people.front()),
                   .before = {},
                   .after = {{"keys_destroyed", out.keys}},
                   .reason = in.reason.value});
    co_return out;
}

void addForgetAction(Audit &audit)
{
    audit.kernel.actions.add({.name = "audit.forget_person",
                              .method = http::Method::Post,
                              .route = "/v1/audit/forget",
                              .summary = "Makes a person's names in the audit trail unreadable, for ever",
                              .policy = access::Policy::may(access::Permission::ManageOrganization),
                              .effect = actions::Effect::Writes,
                              .audited = actions::Audited::Yes,
                              .load = actions::LoadClass::Write,
                              .consent = actions::Consent::Needed},
                             audit, &forgetPerson);
}

} // namespace voelgoed::audit
