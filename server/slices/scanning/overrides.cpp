#include "server/slices/scanning/overrides.h"

#include "shared/base/text.h"

namespace voelgoed::scanning {

using actions::Context;
using async::Task;
using base::Result;

namespace {

constexpr std::size_t kWordMax = 100;
constexpr std::size_t kWhyMax = actions::Reason::kMax;

base::Error refused()
{
    return actions::forbidden("override_refused", "To override takes a supervisor's badge of this event, and its PIN.");
}

} // namespace

bool overridesAlone(const access::Actor &actor)
{
    using access::ActorKind;
    using access::Role;
    if (actor.kind == ActorKind::System)
        return true;
    return actor.kind == ActorKind::User &&
           (actor.role == Role::Owner || actor.role == Role::Admin || actor.role == Role::Staff);
}

Task<Result<domain::Override>> overrideBy(Context &context, contracts::Badges &badges, base::Uuid event,
                                          OverrideWords words)
{
    const access::Actor &actor = context.actor();
    if (words.by && actor.kind != access::ActorKind::System)
        co_return context.reject("/override/by", "not_allowed", "Who overrides is known by the badge.");
    if (!words.badge && overridesAlone(actor)) {
        const std::string own = actor.kind == access::ActorKind::System ? "system" : base::toText(actor.id);
        co_return domain::Override{{words.by ? words.by->value : own}, words.why};
    }
    if (!words.badge)
        co_return refused();
    if (!words.pin)
        co_return context.reject("/override/pin", "required", "The badge's PIN is needed.");
    const auto answer = co_await badges.mayOverride({.organization = context.organization(),
                                                     .event = event,
                                                     .caller = actor.id,
                                                     .badge = *words.badge,
                                                     .pin = words.pin->value});
    if (!answer)
        co_return answer.error();
    if (answer->wait)
        co_return context.limited(*answer->wait);
    if (!answer->may)
        co_return refused();
    co_return domain::Override{{base::toText(*words.badge)}, words.why};
}

std::vector<work::AuditEntry> overrideEntries(const base::Uuid &event, const Plan &plan)
{
    const auto told = [](const std::string &text) { return base::printable(text, kWordMax); };
    std::vector<work::AuditEntry> entries;
    for (const NewRow &made : plan.rows) {
        const domain::Row &row = made.brought->row;
        const auto *scan = std::get_if<domain::ScanRecord>(&row.what);
        if (!scan || scan->test || !scan->override || scan->overridden.empty())
            continue;
        const std::string why = base::printable(scan->override->why, kWhyMax);
        entries.push_back({.action = "scanning.override",
                           .subjectType = "scan",
                           .subject = told(row.key.device.text) + "/" + std::to_string(row.key.epoch.value) + "/" +
                                      std::to_string(row.key.sequence.value),
                           .before = {{"reason", told(scan->overridden)}},
                           .after = {{"event", base::toText(event)},
                                     {"reason", told(scan->reason)},
                                     {"by", told(scan->override->by.text)},
                                     {"ordinal", scan->ordinal.value},
                                     {"checkpoint", told(scan->checkpoint.text)},
                                     {"gate", told(scan->gate.text)},
                                     {"at", base::formatInstant(made.brought->at)}},
                           .reason = why.empty() ? "nothing was written" : why});
    }
    return entries;
}

} // namespace voelgoed::scanning
