#include "server/slices/events/module.h"

#include "server/slices/events/actions/gates.h"
#include "server/slices/events/actions/moves.h"
#include "server/slices/events/actions/public.h"
#include "server/slices/events/actions/reading.h"
#include "server/slices/events/actions/saving.h"
#include "server/slices/events/actions/venue_gates.h"
#include "server/slices/events/actions/venues.h"
#include "server/slices/events/due.h"
#include "server/slices/events/event_types.h"
#include "server/slices/events/migrations.h"
#include "server/slices/events/own.h"

#include <algorithm>

namespace voelgoed::events {

namespace {

/// Who may only see what is his own: a device its event, a member those of his badges, and nobody all events.
async::Task<base::Result<bool>> isEvent(KnownEvents &known, contracts::Badges &badges, topics::Joining joining)
{
    if (joining.id == "*")
        co_return joining.grant != access::Grant::Own;
    const auto event = base::uuidFrom(joining.id);
    if (!event || !joining.actor.organization)
        co_return false;
    const auto own = co_await ownEvents(badges, joining.actor, joining.grant);
    if (!own)
        co_return own.error();
    if (*own && std::find((*own)->begin(), (*own)->end(), *event) == (*own)->end())
        co_return false;
    const auto found = co_await known.find(*joining.actor.organization, *event);
    if (!found)
        co_return found.error();
    co_return *found != nullptr;
}

void addTopics(topics::Topics &topics, KnownEvents &known, contracts::Badges &badges)
{
    using access::Permission;
    using topics::Family;
    topics.family(
        {.pattern = topics::kEventsOfEvent,
         .policy = access::Policy::may(Permission::ReadEvents),
         .whose = Family::Whose::Checked,
         .wildcard = Family::Wildcard::Yes,
         .check = [&known, &badges](topics::Joining joining) { return isEvent(known, badges, std::move(joining)); }});
    topics.family({.pattern = topics::kEventsOfOrganization,
                   .policy = access::Policy::may(Permission::ReadEvents),
                   .whose = Family::Whose::Checked,
                   .check = [](topics::Joining joining) -> async::Task<base::Result<bool>> {
                       const auto &organization = joining.actor.organization;
                       co_return joining.grant != access::Grant::Own &&organization &&joining.id ==
                           base::toText(*organization);
                   }});
}

class Module final : public platform::Slice
{
public:
    Module(platform::Kernel &kernel, const Needs &needs) : m_events(kernel, needs)
    {
        addReadingActions(m_events);
        addPublicActions(m_events);
        addSavingActions(m_events);
        addMovingActions(m_events);
        addGateActions(m_events);
        addVenueActions(m_events);
        addVenueGateActions(m_events);
        addTopics(kernel.topics, m_events.known, needs.badges);
        addEventTypes(kernel.eventTypes);
        kernel.routines.add({.name = "events.move_due", .period = std::chrono::seconds(10)},
                            [this] { return moveDue(m_events); });
    }

    std::string_view name() const override { return "events"; }
    std::vector<pg::Migration> migrations() const override { return events::migrations(); }
    KnownEvents &known() { return m_events.known; }

private:
    Events m_events;
};

} // namespace

Made make(platform::Kernel &kernel, Needs needs)
{
    auto module = std::make_unique<Module>(kernel, needs);
    KnownEvents *known = &module->known();
    return {.slice = std::move(module), .definitions = known, .useKeys = [known](contracts::EventKeyRings &keys) {
                known->useKeys(keys);
            }};
}

} // namespace voelgoed::events
