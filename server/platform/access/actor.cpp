#include "server/platform/access/actor.h"

namespace voelgoed::access {

Actor Actor::system(std::optional<base::Uuid> organization, std::string reason)
{
    Actor actor;
    actor.kind = ActorKind::System;
    actor.organization = organization;
    actor.name = "system";
    actor.reason = std::move(reason);
    return actor;
}

std::string_view word(Origin origin)
{
    switch (origin) {
    case Origin::User:
        return "user";
    case Origin::PlatformSupport:
        return "platform_support";
    case Origin::SuperAdminOverride:
        return "super_admin_override";
    case Origin::System:
        return "system";
    }
    return {};
}

Origin originOf(const Actor &actor)
{
    switch (actor.kind) {
    case ActorKind::SuperAdmin:
        return Origin::SuperAdminOverride;
    case ActorKind::System:
        return Origin::System;
    case ActorKind::User:
        return actor.platformStaff ? Origin::PlatformSupport : Origin::User;
    case ActorKind::Nobody:
    case ActorKind::Device:
    case ActorKind::ApiKey:
        return Origin::User;
    }
    return Origin::User;
}

} // namespace voelgoed::access
