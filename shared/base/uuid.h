#pragma once

#include "shared/base/bytes.h"
#include "shared/base/instant.h"
#include "shared/base/random.h"

#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace voelgoed::base {

/// An identity that is unique in the world (RFC 9562), in network order.
using Uuid = std::array<std::byte, 16>;

/// Version 7: begins with the time, so that what is made later sorts later; 74 bits by chance.
Uuid makeUuid(Instant now, Random &random);

/// "018f3c52-7b1e-7cc0-9d3a-2f1f5b7a9c01", lower case.
std::string toText(const Uuid &uuid);

/// Reads that spelling, in either case. Nothing for anything else.
std::optional<Uuid> uuidFrom(std::string_view text);

} // namespace voelgoed::base
