#pragma once

#include <optional>
#include <span>
#include <string_view>

/// The five roles, and what each may do: the table that the platform's owner has fixed (golden file
/// tests/data/permissions.golden). Sets, not a ladder; what is not allowed by name is denied.
namespace voelgoed::access {

enum class Role { Owner, Admin, Staff, Viewer, ScannerOnly };

enum class ActorKind {
    Nobody, ///< not signed in
    User,
    Device,
    ApiKey,
    System,     ///< a job, or the machine's administrator over the local socket
    SuperAdmin, ///< a platform administrator inside an organization, with a reason
};

enum class Permission {
    SeeTeam,
    ManageTeam, ///< invite, change roles, remove
    RenameOrganization,
    ManageOrganization, ///< its settings
    ManageVenues,
    ManagePricing,
    ManageDevices,
    ReadLedger,
    ReadAudit,
    ManageApiKeys,
    ReadEvents,
    EditEvents,
    PublishEvents,
    MoveEvents,    ///< cancel, postpone, reschedule, end, archive
    ManageTickets, ///< import, issue, reissue, cancel, block, transfer
    ManageKeys,    ///< of codes: make and retire an event's, take those of other systems
    ReadOrders,
    ExportOrders,
    MoveMoney, ///< refund, settlement, payout destination
    RunScanSessions,
    Scan,
    ReadScans,
    CloseIncidents,
    ReadEventAnalytics,
    ReadFunnelAnalytics,
    ReadRevenueAnalytics,
    ReadSettlementAnalytics,
    ManageJobs,
    ManagePlatform, ///< platform flags, new organizations
};

enum class Grant {
    No,
    Yes,
    Summary,    ///< high-level figures only
    NotOwners,  ///< everybody but owners
    Own,        ///< its own event, gate, session or rows
    ByName,     ///< only who was granted it by name
    WithReason, ///< and the reason goes into the audit trail
};

std::string_view word(Role role);             ///< "scanner_only"
std::string_view word(ActorKind kind);        ///< "api_key"
std::string_view word(Permission permission); ///< "publish_events"
std::string_view word(Grant grant);
std::optional<Role> roleFrom(std::string_view word);
std::optional<Permission> permissionFrom(std::string_view word);

std::span<const Role> allRoles();
std::span<const Permission> allPermissions();

Grant grantOf(Role role, Permission permission);
Grant grantOfDevice(Permission permission);
Grant grantOfSuperAdmin(Permission permission);

/// Whether an API key may carry a permission at all: never what moves or shows the organization's money.
bool isForKeys(Permission permission);

/// The owner's names for bundles of permissions, as screens list them: "manage_financials".
std::span<const std::string_view> capabilitiesOf(Role role);

} // namespace voelgoed::access
