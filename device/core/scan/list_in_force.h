#pragma once

#include "device/core/replica/replica.h"
#include "shared/admission/rulebook.h"
#include "shared/base/crypto/ed25519.h"
#include "shared/protocol/definition.h"
#include "shared/ticket/key_ring.h"

#include <vector>

namespace voelgoed::scan {

/// A list's head and everything that is worked out of it once: rules compiled, keys prepared.
struct ListInForce
{
    replica::ListHead head;
    protocol::Definition definition;
    admission::Rulebook rulebook;
    ticket::KeyRing ring;
    std::vector<base::VerifyingKey> pretixKeys;

    /// Invalid when the definition cannot be used: such a list never comes into force.
    static base::Result<ListInForce> make(replica::ListHead head);
};

/// Invalid, with the gates (or checkpoints) that there are as its hint.
base::Error noSuchGate(const domain::GateId &gate, const ListInForce &list);
base::Error noSuchCheckpoint(const domain::CheckpointId &checkpoint, const ListInForce &list);

/// Invalid when there is no such gate or checkpoint, or when the gate does not serve the checkpoint or the direction.
base::Result<void> canStandAt(const domain::GateId &gate, const domain::CheckpointId &checkpoint,
                              domain::Direction direction, const ListInForce &list);

} // namespace voelgoed::scan
