#include "server/slices/events/actions/gates.h"

#include "server/slices/events/moving.h"
#include "server/slices/events/notices.h"
#include "shared/domain/words.h"

#include <algorithm>

namespace voelgoed::events {

using async::Task;
using base::Result;

namespace {

boost::json::object stateOf(const domain::Gate &gate)
{
    return {{"gate", boost::json::string(gate.id.text)}, {"state", boost::json::string(domain::wordFor(gate.state))}};
}

} // namespace

Task<Result<GateStateOut>> changeGateState(actions::Context &context, Events &events, GateStateChange in)
{
    auto event = co_await loadToChange(context, in.event);
    if (!event)
        co_return event.error();
    if (const auto open = notOver(*event); !open)
        co_return open.error();
    auto &gates = event->definition.gates;
    const auto found = std::find_if(gates.begin(), gates.end(),
                                    [&](const domain::Gate &gate) { return gate.id.text == in.gate.value; });
    if (found == gates.end())
        co_return actions::notFound("gate");
    const domain::Gate before = *found;
    found->state = in.state;
    const domain::Gate after = *found;
    const std::string reason = in.reason ? in.reason->value : "";
    context.audit(entryOf(*event, stateOf(before), stateOf(after), reason));
    if (before.state != in.state) {
        event = co_await write(context.unit(), events, std::move(*event));
        if (!event)
            co_return event.error();
        tellGate(context.unit(), *event, after);
    }
    context.answerVersion(event->version);
    co_return GateStateOut{.event = in.event, .gate = in.gate.value, .state = in.state, .version = event->version};
}

void addGateActions(Events &events)
{
    events.kernel.actions.add({.name = "events.set_gate_state",
                               .method = http::Method::Post,
                               .route = "/v1/events/{event}/gates/{gate}/state",
                               .summary = "Opens or closes a gate of an event",
                               .policy = access::Policy::may(access::Permission::ManageVenues),
                               .effect = actions::Effect::Writes,
                               .audited = actions::Audited::Yes,
                               .load = actions::LoadClass::Critical,
                               .ifMatch = actions::IfMatch::Heeded},
                              events, &changeGateState);
}

} // namespace voelgoed::events
