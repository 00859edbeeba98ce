#pragma once

#include "shared/base/uuid.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace voelgoed::work {

/// Which trace something belongs to, and where in it (W3C Trace Context): it goes from a request to its events, and
/// from these to what follows. All zeros: to none.
struct Trace
{
    std::array<std::byte, 16> id{};
    std::array<std::byte, 8> span{};
    std::uint8_t flags = 0;

    bool isNone() const { return id == std::array<std::byte, 16>{}; }

    friend bool operator==(const Trace &, const Trace &) = default;
};

/// A field `traceparent`, of whatever version; nothing when it is not as the standard has it.
std::optional<Trace> traceFrom(std::string_view traceparent);

/// A step of this server's, under a number that nothing else has: in the caller's trace, or in one of its own.
Trace stepOf(const std::optional<Trace> &caller, const base::Uuid &fresh);

std::string traceparentOf(const Trace &trace); ///< "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
std::string traceIdOf(const Trace &trace);     ///< 32 hexadecimal digits

} // namespace voelgoed::work
