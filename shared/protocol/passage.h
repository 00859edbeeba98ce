#pragma once

#include "shared/base/bytes.h"
#include "shared/domain/ids.h"
#include "shared/domain/scan.h"

namespace voelgoed::protocol {

/// An admission as the gates of its event have to know it, whoever made it: nothing of what was read, nobody's name.
struct PassageRecord
{
    domain::RowKey row;
    domain::Ordinal ordinal;
    domain::CheckpointId checkpoint;
    domain::GateId gate;
    domain::Direction direction = domain::Direction::Entry;
    std::uint16_t count = 1;
    bool overridden = false;
    base::Instant at; ///< corrected time, as the server has it
    std::uint64_t rotatingStep = 0;
    bool withdrawn = false;           ///< taken back: no passage any more
    std::uint16_t unlistedAdmits = 0; ///< persons, of a ticket that was in no list where it was read; 0: it was in one

    friend bool operator==(const PassageRecord &, const PassageRecord &) = default;
};

/// The message `Passage` of feed.proto.
base::Bytes encode(const PassageRecord &passage);
base::Result<PassageRecord> decodePassage(base::ByteView bytes);

} // namespace voelgoed::protocol
