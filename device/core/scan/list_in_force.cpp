#include "device/core/scan/list_in_force.h"

#include "shared/base/text.h"

#include "shared/ticket/event_ring.h"

#include <algorithm>

namespace voelgoed::scan {

base::Result<ListInForce> ListInForce::make(replica::ListHead head)
{
    auto definition = protocol::decodeDefinition(head.definition);
    if (!definition)
        return definition.error();
    auto rulebook = admission::Rulebook::compile(definition->event);
    if (!rulebook)
        return rulebook.error();
    auto ring = ticket::ringOf(definition->keys, definition->event.event.endsAt);
    if (!ring)
        return ring.error();
    std::vector<base::VerifyingKey> pretixKeys;
    for (const domain::ForeignKey &foreign : definition->keys.foreign) {
        if (foreign.system != "pretix")
            continue;
        auto key = base::VerifyingKey::fromRaw(foreign.publicKey);
        if (!key)
            return key.error().at("key of " + foreign.system);
        pretixKeys.push_back(std::move(*key));
    }
    return ListInForce{std::move(head), std::move(*definition), std::move(*rulebook), std::move(*ring),
                       std::move(pretixKeys)};
}

namespace {

constexpr std::size_t kNamesShown = 12;

template <class Id>
std::string joined(const std::vector<Id> &ids)
{
    std::string text;
    for (std::size_t i = 0; i < ids.size() && i < kNamesShown; ++i)
        text += (i == 0 ? "" : ", ") + base::printable(ids[i].text);
    return text + (ids.size() > kNamesShown ? ", …" : "");
}

template <class Thing>
std::string idsOf(const std::vector<Thing> &things)
{
    std::vector<decltype(Thing::id)> ids;
    for (const Thing &thing : things)
        ids.push_back(thing.id);
    return joined(ids);
}

} // namespace

base::Error noSuchGate(const domain::GateId &gate, const ListInForce &list)
{
    return base::invalid("the event has no gate \"" + base::printable(gate.text) + "\"",
                         "Its gates: " + idsOf(list.definition.event.gates));
}

base::Error noSuchCheckpoint(const domain::CheckpointId &checkpoint, const ListInForce &list)
{
    return base::invalid("the event has no checkpoint \"" + base::printable(checkpoint.text) + "\"",
                         "Its checkpoints: " + idsOf(list.definition.event.checkpoints));
}

base::Result<void> canStandAt(const domain::GateId &id, const domain::CheckpointId &checkpoint,
                              domain::Direction direction, const ListInForce &list)
{
    if (!list.rulebook.checkpoint(checkpoint.view()))
        return noSuchCheckpoint(checkpoint, list);
    if (id.empty())
        return {};
    const domain::Gate *gate = list.rulebook.gate(id.view());
    if (!gate)
        return noSuchGate(id, list);
    const std::string name = "gate \"" + base::printable(id.text) + "\"";
    const auto &served = gate->checkpoints;
    if (!served.empty() && std::find(served.begin(), served.end(), checkpoint) == served.end())
        return base::invalid(name + " does not serve checkpoint \"" + base::printable(checkpoint.text) + "\"",
                             "It serves: " + joined(served));
    if (direction == domain::Direction::Entry ? !gate->servesEntry : !gate->servesExit)
        return base::invalid(name + (gate->servesEntry ? " lets nobody out" : " lets nobody in"),
                             gate->servesEntry ? "Its direction is entry." : "Its direction is exit.");
    return {};
}

} // namespace voelgoed::scan
