#include "server/platform/actions/consent.h"

#include "server/platform/actions/context.h"

namespace voelgoed::actions {

bool lacksConsent(const access::Actor &actor)
{
    return actor.platformStaff && actor.approval.empty();
}

base::Error consentRequired()
{
    return forbidden("consent_required",
                     "Support needs the organization's consent for this: say where it is written down, in the field "
                     "Voelgoed-Approval.");
}

} // namespace voelgoed::actions
