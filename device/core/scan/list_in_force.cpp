#include "device/core/scan/list_in_force.h"

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

} // namespace voelgoed::scan
