#pragma once

#include "shared/base/instant.h"

#include <optional>
#include <string_view>

namespace voelgoed::outbound {

/// Nobody is waited for longer than a day.
inline constexpr base::Milliseconds kRetryAfterMax{24 * 3600 * 1000};

/// What a Retry-After field asks for (RFC 9110, section 10.2.3): seconds, or a date ("Sun, 06 Nov 1994 08:49:37 GMT";
/// one that has passed is no wait). Nothing when it is neither.
std::optional<base::Milliseconds> retryAfter(std::string_view field, base::Instant now);

} // namespace voelgoed::outbound
