#include "server/slices/tenancy/event_types.h"

#include "server/platform/topics/names.h"

namespace voelgoed::tenancy {

namespace {

using Kind = work::EventField::Kind;
using work::EventField;

const std::vector<std::string_view> kOrganization{topics::kTenancyOfOrganization.text},
    kUser{topics::kTenancyOfUser.text}, kMember{topics::kTenancyOfUser.text, topics::kTenancyOfOrganization.text},
    kScanning{topics::kScanningOfOrganization.text, topics::kScanningOfEvent.text};
const std::vector<EventField> kBadge{{"badge_id", Kind::Id, "the badge"},
                                     {"event_id", Kind::Text, "the event that it is for"}};
const std::vector<EventField> kDevice{{"device_id", Kind::Id, "the device"},
                                      {"device_name", Kind::Text, "what the organization calls it"}};

/// These, and what is said of a device that works at a gate.
std::vector<EventField> atGate(std::vector<EventField> fields)
{
    fields.insert(fields.begin(), kDevice.begin(), kDevice.end());
    fields.push_back({"event_id", Kind::Text, "the event that it works at; empty: none"});
    fields.push_back({"gate_id", Kind::Text, "its gate; empty: none"});
    fields.push_back(
        {"battery_percent", Kind::Integer, "its battery, where it has one", EventField::Presence::Sometimes});
    return fields;
}

} // namespace

void addEventTypes(work::EventTypes &types)
{
    const EventField organization{"organization_id", Kind::Id, "the organization"};
    const EventField user{"user_id", Kind::Id, "the person"};
    const std::vector<EventField> because{user, {"reason", Kind::Text, "why, in the words of who did it"}};
    types.add({{"tenancy.organization_created.v1",
                "An organization was made",
                {{"slug", Kind::Text, "its short name"}, organization},
                kOrganization},
               {"tenancy.organization_status_changed.v1",
                "An organization was suspended or archived, or that was taken back",
                {{"new_status", Kind::Text, "the status it has"}, organization},
                kOrganization},
               {"tenancy.settings_changed.v1",
                "An organization's settings are others",
                {organization, {"version", Kind::Integer, "the settings' version"}},
                kOrganization},
               {"tenancy.member_added.v1",
                "Somebody came into an organization",
                {user, {"role", Kind::Text, "the role of this member"}},
                kOrganization},
               {"tenancy.role_changed.v1",
                "A member has another role",
                {user,
                 {"old_role", Kind::Text, "the role before"},
                 {"new_role", Kind::Text, "the role now"},
                 {"changed_by", Kind::Text, "who did it"}},
                kMember},
               {"tenancy.member_removed.v1",
                "Somebody is no longer of an organization",
                {user, {"changed_by", Kind::Text, "who did it"}},
                kMember},
               {"tenancy.user_deactivated.v1", "Somebody can no longer sign in", because, kUser},
               {"tenancy.user_reactivated.v1", "Somebody can sign in again", because, kUser},
               {"tenancy.badge_added.v1", "A badge was made", kBadge, kOrganization},
               {"tenancy.badge_changed.v1", "A badge has another name, grants or PIN", kBadge, kOrganization},
               {"tenancy.badge_revoked.v1", "A badge was taken back", kBadge, kOrganization},
               {"tenancy.device_enrolled.v1", "A device was let in", kDevice, kOrganization},
               {"tenancy.device_revoked.v1", "A device's access was taken away", kDevice, kOrganization},
               {"scanning.device_online.v1", "A device is heard again", atGate({}), kScanning},
               {"scanning.device_offline.v1", "A device was not heard for a while",
                atGate({{"last_heartbeat", Kind::Time, "when it was last heard"},
                        {"offline_duration_seconds", Kind::Integer, "for how long it was not heard"}}),
                kScanning}});
}

} // namespace voelgoed::tenancy
