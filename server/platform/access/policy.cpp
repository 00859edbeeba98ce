#include "server/platform/access/policy.h"

namespace voelgoed::access {

namespace {

bool isDevice(const Actor &actor)
{
    return actor.kind == ActorKind::Device && actor.device && !actor.device->isRevoked;
}

Grant grantTo(const Actor &actor, Permission permission)
{
    switch (actor.kind) {
    case ActorKind::Nobody:
        return Grant::No;
    case ActorKind::System:
        return Grant::Yes;
    case ActorKind::Device:
        return isDevice(actor) ? grantOfDevice(permission) : Grant::No;
    case ActorKind::ApiKey:
        return actor.scopes.contains(permission) && isForKeys(permission) ? Grant::Yes : Grant::No;
    case ActorKind::SuperAdmin: {
        const Grant grant = grantOfSuperAdmin(permission);
        return grant == Grant::WithReason ? (actor.reason.empty() ? Grant::No : Grant::Yes) : grant;
    }
    case ActorKind::User:
        break;
    }
    if (!actor.role)
        return Grant::No;
    const Grant grant = grantOf(*actor.role, permission);
    if (grant == Grant::ByName)
        return actor.grants.contains(permission) ? Grant::Yes : Grant::No;
    return grant;
}

} // namespace

Grant check(const Policy &policy, const Actor &actor)
{
    switch (policy.kind()) {
    case Policy::Kind::Anyone:
        return Grant::Yes;
    case Policy::Kind::SignedIn:
        return actor.kind == ActorKind::User || actor.kind == ActorKind::SuperAdmin ? Grant::Yes : Grant::No;
    case Policy::Kind::ApiKey:
        return actor.kind == ActorKind::ApiKey ? Grant::Own : Grant::No;
    case Policy::Kind::Device:
        return isDevice(actor) ? Grant::Own : Grant::No;
    case Policy::Kind::AnyDevice:
        return actor.kind == ActorKind::Device ? Grant::Own : Grant::No;
    case Policy::Kind::System:
        return actor.kind == ActorKind::System ? Grant::Yes : Grant::No;
    case Policy::Kind::May:
        // What belongs to an organization needs one, whoever asks.
        if (!actor.organization && policy.permission() != Permission::ManagePlatform)
            return Grant::No;
        return grantTo(actor, policy.permission());
    }
    return Grant::No;
}

} // namespace voelgoed::access
