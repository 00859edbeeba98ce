#pragma once

#include "shared/base/uuid.h"

#include <string>
#include <string_view>

/// What topics are called. Every topic belongs to one organization, whatever its name says; those of none (they begin
/// with what the platform's operators alone may hear) to work::kPlatform.
namespace voelgoed::topics {

inline constexpr std::size_t kTopicMax = 160; ///< bytes of a name

/// Names of one family: words between colons, and one id at the end.
struct Pattern
{
    std::string_view text; ///< "scanning:event:{event}"

    std::string of(std::string_view id) const { return std::string(prefix()) + std::string(id); }
    std::string of(const base::Uuid &id) const { return of(base::toText(id)); }

    constexpr std::string_view prefix() const { return text.substr(0, text.find('{')); } ///< "scanning:event:"

    friend constexpr bool operator==(const Pattern &, const Pattern &) = default;
};

// The ten of the platform's design.
inline constexpr Pattern kEventsOfEvent{"events:event:{event}"};
inline constexpr Pattern kTicketingOfEvent{"ticketing:event:{event}"};
inline constexpr Pattern kSeatingOfEvent{"seating:event:{event}"};
inline constexpr Pattern kPaymentsOfOrder{"payments:order:{order}"};
inline constexpr Pattern kScanningOfSession{"scanning:session:{session}"};
inline constexpr Pattern kAnalyticsOfEvent{"analytics:event:{event}"};
inline constexpr Pattern kNotificationsOfOrganization{"notifications:org:{org}"};
inline constexpr Pattern kIncomingOfPsp{"integrations:incoming:{psp}"}; ///< of no organization
inline constexpr Pattern kReportingOfOrganization{"reporting:org:{org}"};
inline constexpr Pattern kKeysOfOrganization{"api_keys:org:{org}"};

// Those that came to it.
inline constexpr Pattern kScanningOfEvent{"scanning:event:{event}"};
inline constexpr Pattern kScanningOfOrganization{"scanning:org:{org}"};
inline constexpr Pattern kEventsOfOrganization{"events:org:{org}"};
inline constexpr Pattern kAuditOfOrganization{"audit:org:{org}"};
inline constexpr Pattern kTenancyOfOrganization{"tenancy:org:{org}"};
inline constexpr Pattern kTenancyOfUser{"tenancy:user:{user}"};
inline constexpr Pattern kPaymentsOfOrganization{"payments:org:{org}"};
inline constexpr Pattern kIntegrationsOfOrganization{"integrations:org:{org}"};

/// Whether a text may be a topic's id: letters, digits and `-._`, at least one of them, no star.
bool isTopicId(std::string_view text);

} // namespace voelgoed::topics
