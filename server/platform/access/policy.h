#pragma once

#include "server/platform/access/actor.h"

namespace voelgoed::access {

/// Who may call an action. Has no default: an action without a policy does not compile.
class Policy
{
public:
    /// Also who is not signed in.
    static constexpr Policy anyone() { return {Kind::Anyone, {}}; }
    /// Whoever is signed in, whatever the role, with or without an organization: one's own account.
    static constexpr Policy signedIn() { return {Kind::SignedIn, {}}; }
    static constexpr Policy may(Permission permission) { return {Kind::May, permission}; }
    /// An API key, whatever its scopes: what it may know of itself.
    static constexpr Policy apiKey() { return {Kind::ApiKey, {}}; }
    /// A device that proves who it is, and nobody else.
    static constexpr Policy device() { return {Kind::Device, {}}; }
    /// The same, and one that has been revoked since: what it may do then is the action's to know.
    static constexpr Policy deviceEvenRevoked() { return {Kind::AnyDevice, {}}; }
    /// The machine's administrator over the local socket, and jobs.
    static constexpr Policy system() { return {Kind::System, {}}; }

    enum class Kind { Anyone, SignedIn, May, ApiKey, Device, AnyDevice, System };
    Kind kind() const { return m_kind; }
    Permission permission() const { return m_permission; }

private:
    constexpr Policy(Kind kind, Permission permission) : m_kind(kind), m_permission(permission) {}

    Kind m_kind;
    Permission m_permission;
};

/// What the policy says to an actor. Own, Summary and NotOwners are the action's to act on: it must narrow what it
/// does, and says so by asking (Context::grant()).
Grant check(const Policy &policy, const Actor &actor);

} // namespace voelgoed::access
