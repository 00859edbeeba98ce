#include "server/platform/limits/headers.h"

#include <algorithm>
#include <chrono>

namespace voelgoed::limits {

namespace {

std::string seconds(base::Milliseconds span)
{
    return std::to_string(std::chrono::ceil<std::chrono::seconds>(span).count());
}

} // namespace

std::vector<std::pair<std::string, std::string>> headersOf(const Decision &decision, const std::vector<Ask> &asks)
{
    base::ensure(decision.each.size() == asks.size(), "an answer to other limits");
    std::string policies, left;
    for (std::size_t i = 0; i < asks.size(); ++i) {
        const Policy &policy = *asks[i].policy;
        const std::string name = std::string(i == 0 ? "" : ", ") + '"' + policy.name + '"';
        policies += name + ";q=" + std::to_string(policy.rate) + ";w=" + seconds(policy.period);
        left +=
            name + ";r=" + std::to_string(decision.each[i].remaining) + ";t=" + seconds(decision.each[i].resetAfter);
    }
    std::vector<std::pair<std::string, std::string>> headers{{"RateLimit-Policy", policies}, {"RateLimit", left}};
    if (!decision.allowed()) {
        const auto retry = std::max(decision.outcome.retryAfter, base::Milliseconds(1));
        headers.emplace_back("Retry-After", seconds(retry));
    }
    return headers;
}

} // namespace voelgoed::limits
