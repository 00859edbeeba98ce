#include "device/core/scan/list_in_force.h"

#include "shared/base/text.h"

#include "shared/ticket/event_ring.h"

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

template <class Thing>
std::string idsOf(const std::vector<Thing> &things)
{
    std::string ids;
    for (std::size_t i = 0; i < things.size() && i < kNamesShown; ++i)
        ids += (i == 0 ? "" : ", ") + base::printable(things[i].id.text);
    return ids + (things.size() > kNamesShown ? ", …" : "");
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

} // namespace voelgoed::scan
