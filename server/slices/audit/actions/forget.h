#pragma once

#include "server/platform/actions/action.h"
#include "server/slices/audit/audit.h"

namespace voelgoed::audit {

struct ForgetPerson
{
    std::optional<base::Uuid> user;
    std::optional<actions::Text<320>> email; ///< of invitations
    actions::Reason reason;
};
BOOST_DESCRIBE_STRUCT(ForgetPerson, (), (user, email, reason))

struct Forgotten
{
    std::int32_t keys = 0; ///< that were destroyed
};
BOOST_DESCRIBE_STRUCT(Forgotten, (), (keys))

/// Destroys the keys of a person's names in the organization's trail, for ever, also of names written later. What was
/// done stays in it, under the person's number; so does this.
async::Task<base::Result<Forgotten>> forgetPerson(actions::Context &context, Audit &audit, ForgetPerson in);

void addForgetAction(Audit &audit);

} // namespace voelgoed::audit
