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
        const Outcome &outcome = decision.each[i];
        for (std::string *text : {&policies, &left})
            text->append(i == 0 ? "\"" : ", \"").append(policy.name).append("\"");
        policies.append(";q=").append(std::to_string(policy.rate)).append(";w=").append(seconds(policy.period));
        left.append(";r=").append(std::to_string(outcome.remaining)).append(";t=").append(seconds(outcome.resetAfter));
    }
    std::vector<std::pair<std::string, std::string>> headers;
    headers.reserve(3);
    headers.emplace_back("RateLimit-Policy", std::move(policies));
    headers.emplace_back("RateLimit", std::move(left));
    if (!decision.allowed()) {
        const auto retry = std::max(decision.outcome.retryAfter, base::Milliseconds(1));
        headers.emplace_back("Retry-After", seconds(retry));
    }
    return headers;
}

} // namespace voelgoed::limits
