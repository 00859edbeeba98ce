#pragma once

#include "server/platform/limits/limiter.h"

#include <string>
#include <utility>
#include <vector>

namespace voelgoed::limits {

/// RateLimit-Policy and RateLimit (draft-ietf-httpapi-ratelimit-headers) for each limit that was asked, and Retry-After
/// (RFC 9110, 10.2.3) when the request is denied. Seconds, rounded up.
std::vector<std::pair<std::string, std::string>> headersOf(const Decision &decision, const std::vector<Ask> &asks);

} // namespace voelgoed::limits
