#pragma once

#include "server/contracts/badges.h"
#include "server/platform/actions/action.h"
#include "server/platform/work/outgoing.h"
#include "server/slices/scanning/plan.h"
#include "shared/domain/scan.h"

/// Somebody lets a guest pass against the rules: who may, and what is left of it in the trail.
namespace voelgoed::scanning {

/// As a scanner of another maker says it: whose badge, its PIN, and why.
struct OverrideWords
{
    std::optional<base::Uuid> badge;      ///< of this event, with the grant `supervisor`
    std::optional<actions::Text<8>> pin;  ///< the badge's
    std::optional<actions::Text<100>> by; ///< who; for the machine's administrator alone
    actions::Reason why;
};
BOOST_DESCRIBE_STRUCT(OverrideWords, (), (badge, pin, by, why))

/// Whether somebody overrides under the own name, and shows no badge: the owner, admins and staff, where they may scan
/// at all, and the machine's administrator. A steward, a device and a key need a supervisor's badge.
bool overridesAlone(const access::Actor &actor);

/// Who overrides at the event: the badge's id, or the caller's own. Forbidden (override_refused) where that is nobody
/// who may; an error of /override/… for words that do not fit the caller; 429 where too many PINs were wrong. Not
/// inside a transaction.
async::Task<base::Result<domain::Override>> overrideBy(actions::Context &context, contracts::Badges &badges,
                                                       base::Uuid event, OverrideWords words);

/// `scanning.override` for each row that a batch newly brings, was no test, and let somebody in against the rules: who,
/// which reason was overridden, and why. Pure; as short as the trail takes it, whatever a device wrote.
std::vector<work::AuditEntry> overrideEntries(const base::Uuid &event, const Plan &plan);

} // namespace voelgoed::scanning
