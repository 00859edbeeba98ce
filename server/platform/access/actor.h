#pragma once

#include "server/platform/access/permissions.h"
#include "shared/base/uuid.h"

#include <optional>
#include <set>
#include <string>

namespace voelgoed::access {

/// Where a device was put, and how it stands.
struct DevicePost
{
    std::string event, gate, checkpoint; ///< empty: not assigned yet
    bool isExit = false;
    bool isRevoked = false; ///< reads nothing more; what it recorded before is still taken
    bool isLocked = false;
};

/// Who asks. An organization is part of who somebody is: it comes from the login, the device or the key, never from
/// what a request says; nobody has a role in two at once.
struct Actor
{
    ActorKind kind = ActorKind::Nobody;
    base::Uuid id{};                        ///< user, device, key; zeros for others
    std::optional<base::Uuid> organization; ///< none: may do only what needs none
    std::optional<Role> role;               ///< of a user
    bool platformStaff = false;             ///< shown with a badge; holds admin or lower, never owner
    bool platformAdmin = false;             ///< also where this is a member, and acts as one
    std::string approval;                   ///< what of the tenant's consent the platform's people refer to
    std::string reason;                     ///< why a super admin or the system acts here
    std::set<Permission> scopes;            ///< of an API key
    bool isTest = false;                    ///< an API key for trying out: changes nothing, and its scans are tests
    std::optional<DevicePost> device;       ///< of a device
    std::set<Permission> grants;            ///< what this user was granted by name beyond the role
    std::string name;                       ///< for the audit trail and logs: never an address
    std::string address;                    ///< where the request came from
    std::string agent;                      ///< what program asked
    std::optional<base::Uuid> session;      ///< the login that this is

    static Actor nobody() { return {}; }
    /// A background job or the machine's own administrator.
    static Actor system(std::optional<base::Uuid> organization, std::string reason);
};

/// Where an action came from, as the audit trail calls it.
enum class Origin { User, PlatformSupport, SuperAdminOverride, System };
std::string_view word(Origin origin);
Origin originOf(const Actor &actor);

} // namespace voelgoed::access
