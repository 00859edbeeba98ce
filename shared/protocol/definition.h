#pragma once

#include "shared/base/bytes.h"
#include "shared/domain/event.h"
#include "shared/domain/event_keys.h"

namespace voelgoed::protocol {

/// An event as its gates need it: what organizers defined, and the keys of its codes.
struct Definition
{
    domain::EventDefinition event;
    domain::EventKeys keys;

    friend bool operator==(const Definition &, const Definition &) = default;
};

/// The message `Definition` of definition.proto.
base::Bytes encode(const Definition &definition);

/// Invalid for bytes that encode() would not write; Unsupported for a choice that only a newer peer knows. Whoever
/// passes a definition on passes on the bytes that came, so that a newer peer's fields survive.
base::Result<Definition> decodeDefinition(base::ByteView bytes);

} // namespace voelgoed::protocol
