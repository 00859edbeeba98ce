#pragma once

#include "shared/base/strong.h"

#include <array>
#include <cstddef>
#include <cstdint>

namespace voelgoed::domain {

// Names of things that people define. Texts, because other systems bring theirs; unique inside their event.
using OrganizationId = base::StrongId<struct OrganizationTag>;
using EventId = base::StrongId<struct EventTag>;
using DateId = base::StrongId<struct DateTag>;
using TicketTypeId = base::StrongId<struct TicketTypeTag>;
using VariantId = base::StrongId<struct VariantTag>;
using ZoneId = base::StrongId<struct ZoneTag>;
using GateId = base::StrongId<struct GateTag>;
using CheckpointId = base::StrongId<struct CheckpointTag>;
using QuestionId = base::StrongId<struct QuestionTag>;
using DeviceId = base::StrongId<struct DeviceTag>;
using SessionId = base::StrongId<struct SessionTag>;
using OperatorId = base::StrongId<struct OperatorTag>;

/// The number of a ticket in its event: dense from 1, at most 2^24 - 1. Everything that is counted, revoked or merged
/// is keyed by it, never by the text of a code.
using Ordinal = base::StrongNumber<struct OrdinalTag, std::uint32_t>;
inline constexpr std::uint32_t kOrdinalMax = 0xFFFFFF;

/// Which boot of a device made a row. Raised by one each time the gate program opens its journal for writing.
using Epoch = base::StrongNumber<struct EpochTag, std::uint32_t>;

/// The number of a row in its device's journal, from 1 and without gaps, going on across boots.
using Sequence = base::StrongNumber<struct SequenceTag, std::uint64_t>;

/// A row of a journal, wherever it is: unique in the world.
struct RowKey
{
    DeviceId device;
    Epoch epoch;
    Sequence sequence;

    friend auto operator<=>(const RowKey &, const RowKey &) = default;
};

/// An organization's or an event's own identity, unique in the world (RFC 9562), in network order. What signatures are
/// bound to; people and other systems use OrganizationId and EventId.
using Uuid = std::array<std::byte, 16>;

/// The first 16 bytes of the SHA-256 of a foreign code's cleaned text.
using CodeHash = std::array<std::byte, 16>;

} // namespace voelgoed::domain
