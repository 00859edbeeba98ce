#include "server/slices/events/module.h"

#include "server/slices/events/actions/gates.h"
#include "server/slices/events/actions/moves.h"
#include "server/slices/events/actions/reading.h"
#include "server/slices/events/actions/saving.h"
#include "server/slices/events/actions/venue_gates.h"
#include "server/slices/events/actions/venues.h"
#include "server/slices/events/due.h"
#include "server/slices/events/migrations.h"

namespace voelgoed::events {

namespace {

class Module final : public platform::Slice
{
public:
    Module(platform::Kernel &kernel, const Needs &needs) : m_events(kernel, needs)
    {
        addReadingActions(m_events);
        addSavingActions(m_events);
        addMovingActions(m_events);
        addGateActions(m_events);
        addVenueActions(m_events);
        addVenueGateActions(m_events);
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
