#include "tests/fuzz/fuzz.h"

#include "server/platform/redis/url.h"

namespace voelgoed::fuzz {

/// What is taken names one place; its text is taken again and names the same.
void fuzzOne(base::ByteView input)
{
    const auto address = redis::parseUrl(base::textOf(input));
    if (!address)
        return;
    const redis::Endpoint &endpoint = address->endpoint;
    ensure(endpoint.unixPath.empty() != (endpoint.host.empty() && endpoint.port == 0), "two places, or none");
    const std::string text = (endpoint.unixPath.empty() ? "redis://" : "") + endpoint.text();
    const auto again = redis::parseUrl(text);
    ensure(again && again->endpoint == endpoint, "another place after printing");
}

} // namespace voelgoed::fuzz
