#include "server/platform/access/permissions.h"

#include <array>

namespace voelgoed::access {

namespace {

struct Line
{
    Permission permission;
    std::string_view word;
    Grant owner, admin, staff, viewer, scannerOnly, device, superAdmin;
    bool forKeys;
};

using enum Grant;

constexpr auto kLines = std::to_array<Line>({
    {Permission::SeeTeam, "see_team", Yes, Yes, Yes, Yes, No, No, Yes, true},
    {Permission::ManageTeam, "manage_team", Yes, NotOwners, No, No, No, No, Yes, false},
    {Permission::RenameOrganization, "rename_organization", Yes, Yes, No, No, No, No, Yes, false},
    {Permission::ManageOrganization, "manage_organization", Yes, No, No, No, No, No, Yes, false},
    {Permission::ManageVenues, "manage_venues", Yes, Yes, No, No, No, No, Yes, true},
    {Permission::ManagePricing, "manage_pricing", Yes, Yes, No, No, No, No, Yes, true},
    {Permission::ManageDevices, "manage_devices", Yes, Yes, No, No, No, No, Yes, true},
    {Permission::ReadLedger, "read_ledger", Yes, Yes, No, No, No, No, Yes, false},
    {Permission::ReadAudit, "read_audit", Yes, Yes, No, No, No, No, Yes, false},
    {Permission::ManageApiKeys, "manage_api_keys", Yes, Yes, No, No, No, No, Yes, false},
    {Permission::ReadEvents, "read_events", Yes, Yes, Yes, Yes, Own, Own, Yes, true},
    {Permission::EditEvents, "edit_events", Yes, Yes, Yes, No, No, No, Yes, true},
    {Permission::PublishEvents, "publish_events", Yes, Yes, ByName, No, No, No, Yes, true},
    {Permission::MoveEvents, "move_events", Yes, Yes, No, No, No, No, WithReason, false},
    {Permission::ManageTickets, "manage_tickets", Yes, Yes, Yes, No, No, No, Yes, true},
    {Permission::ManageKeys, "manage_keys", Yes, Yes, No, No, No, No, Yes, false},
    {Permission::ReadOrders, "read_orders", Yes, Yes, Yes, Yes, No, No, Yes, true},
    {Permission::ExportOrders, "export_orders", Yes, Yes, Yes, No, No, No, Yes, true},
    {Permission::MoveMoney, "move_money", Yes, No, No, No, No, No, WithReason, false},
    {Permission::RunScanSessions, "run_scan_sessions", Yes, Yes, No, No, Own, Own, Yes, true},
    {Permission::Scan, "scan", No, No, No, No, Yes, Own, No, true},
    {Permission::ReadScans, "read_scans", Yes, Yes, Yes, No, Own, Own, Yes, true},
    {Permission::CloseIncidents, "close_incidents", Yes, Yes, No, No, No, No, Yes, false},
    {Permission::ReadEventAnalytics, "read_event_analytics", Yes, Yes, Summary, Summary, No, No, Yes, true},
    {Permission::ReadFunnelAnalytics, "read_funnel_analytics", Yes, Yes, Summary, No, No, No, Yes, true},
    {Permission::ReadRevenueAnalytics, "read_revenue_analytics", Yes, Summary, No, No, No, No, Yes, false},
    {Permission::ReadSettlementAnalytics, "read_settlement_analytics", Yes, No, No, No, No, No, Yes, false},
    {Permission::ManageJobs, "manage_jobs", Yes, Yes, No, No, No, No, Yes, false},
    {Permission::ManagePlatform, "manage_platform", No, No, No, No, No, No, Yes, false},
});

constexpr auto kPermissions = [] {
    std::array<Permission, kLines.size()> permissions{};
    for (std::size_t i = 0; i < kLines.size(); ++i)
        permissions[i] = kLines[i].permission;
    return permissions;
}();
static_assert([] {
    for (std::size_t i = 0; i < kLines.size(); ++i) {
        if (static_cast<std::size_t>(kLines[i].permission) != i)
            return false;
    }
    return static_cast<std::size_t>(Permission::ManagePlatform) + 1 == kLines.size();
}());

const Line &lineOf(Permission permission)
{
    return kLines[static_cast<std::size_t>(permission)];
}

constexpr std::array kRoles{Role::Owner, Role::Admin, Role::Staff, Role::Viewer, Role::ScannerOnly};
constexpr std::array<std::string_view, 5> kRoleWords{"owner", "admin", "staff", "viewer", "scanner_only"};

} // namespace

std::string_view word(Role role)
{
    return kRoleWords[static_cast<std::size_t>(role)];
}

std::string_view word(ActorKind kind)
{
    constexpr std::array<std::string_view, 6> kWords{"nobody", "user", "device", "api_key", "system", "super_admin"};
    return kWords[static_cast<std::size_t>(kind)];
}

std::string_view word(Permission permission)
{
    return lineOf(permission).word;
}

std::string_view word(Grant grant)
{
    constexpr std::array<std::string_view, 7> kWords{"no",  "yes",     "summary",    "not_owners",
                                                     "own", "by_name", "with_reason"};
    return kWords[static_cast<std::size_t>(grant)];
}

std::optional<Role> roleFrom(std::string_view word)
{
    for (std::size_t i = 0; i < kRoleWords.size(); ++i) {
        if (kRoleWords[i] == word)
            return kRoles[i];
    }
    return std::nullopt;
}

std::optional<Permission> permissionFrom(std::string_view word)
{
    for (const Line &line : kLines) {
        if (line.word == word)
            return line.permission;
    }
    return std::nullopt;
}

std::span<const Role> allRoles()
{
    return kRoles;
}

std::span<const Permission> allPermissions()
{
    return kPermissions;
}

Grant grantOf(Role role, Permission permission)
{
    const Line &line = lineOf(permission);
    switch (role) {
    case Role::Owner:
        return line.owner;
    case Role::Admin:
        return line.admin;
    case Role::Staff:
        return line.staff;
    case Role::Viewer:
        return line.viewer;
    case Role::ScannerOnly:
        return line.scannerOnly;
    }
    return Grant::No;
}

Grant grantOfDevice(Permission permission)
{
    return lineOf(permission).device;
}

Grant grantOfSuperAdmin(Permission permission)
{
    return lineOf(permission).superAdmin;
}

bool isForKeys(Permission permission)
{
    return lineOf(permission).forKeys;
}

std::span<const std::string_view> capabilitiesOf(Role role)
{
    static constexpr auto kOwner = std::to_array<std::string_view>({"manage_tenant_users", "manage_events_and_venues",
                                                                    "manage_ticketing_and_pricing", "manage_financials",
                                                                    "manage_devices", "view_full_analytics"});
    static constexpr auto kAdmin = std::to_array<std::string_view>({"manage_tenant_users", "manage_events_and_venues",
                                                                    "manage_ticketing_and_pricing", "view_financials",
                                                                    "manage_devices", "view_full_analytics"});
    static constexpr auto kStaff =
        std::to_array<std::string_view>({"manage_ticketing_and_pricing", "view_orders", "view_limited_analytics"});
    static constexpr auto kViewer = std::to_array<std::string_view>({"view_read_only"});
    static constexpr auto kScannerOnly = std::to_array<std::string_view>({"perform_scans"});
    switch (role) {
    case Role::Owner:
        return kOwner;
    case Role::Admin:
        return kAdmin;
    case Role::Staff:
        return kStaff;
    case Role::Viewer:
        return kViewer;
    case Role::ScannerOnly:
        return kScannerOnly;
    }
    return {};
}

} // namespace voelgoed::access
