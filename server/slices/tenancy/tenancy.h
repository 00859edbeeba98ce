#pragma once

#include "server/platform/kernel/kernel.h"
#include "server/platform/tiers/cached.h"
#include "server/slices/tenancy/device_authenticator.h"
#include "server/slices/tenancy/known_organizations.h"
#include "server/slices/tenancy/sessions.h"

namespace voelgoed::tenancy {

/// What the actions of this slice share. The server's thread.
struct Tenancy
{
    explicit Tenancy(platform::Kernel &kernel);

    platform::Kernel &kernel;
    SessionCache sessions;
    DeviceCache devices;
    KnownOrganizations organizations;
};

/// A device's and a login's organization is part of who they are; a path that names another one names nothing.
base::Result<void> isOwn(actions::Context &context, const base::Uuid &organization);

} // namespace voelgoed::tenancy
