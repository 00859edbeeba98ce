#pragma once

#include "server/platform/access/actor.h"
#include "shared/base/result.h"

namespace voelgoed::actions {

/// Support that refers to no consent of the organization's.
bool lacksConsent(const access::Actor &actor);

/// 403, for support without consent: of an action that needs it always (Consent::Needed), and of one that needs it for
/// some of what it does and says so itself.
base::Error consentRequired();

} // namespace voelgoed::actions
