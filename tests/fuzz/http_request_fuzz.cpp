// Requests are the same whether their bytes come at once or one by one, and none breaks the limits.
#include "server/platform/http/beast_reader.h"
#include "tests/fuzz/fuzz.h"

#include <vector>

namespace voelgoed::fuzz {

namespace {

constexpr std::size_t kHeaderMax = 1024;
constexpr std::size_t kBodyMax = 512;

struct Seen
{
    std::string method, target, body;
    std::size_t fields = 0;
    http::Framing framing;
    bool whole = false;

    bool operator==(const Seen &other) const
    {
        return method == other.method && target == other.target && body == other.body && fields == other.fields &&
               framing.keepAlive == other.framing.keepAlive && framing.host == other.framing.host &&
               whole == other.whole;
    }
};

void check(const Seen &seen)
{
    ensure(!seen.method.empty() && !seen.target.empty(), "a request without method or target");
    ensure(seen.fields <= http::kFieldsMax && seen.body.size() <= kBodyMax, "more than allowed");
    ensure(!(seen.framing.chunked && seen.framing.length), "a length beside chunks");
    ensure(!seen.whole || seen.framing.chunked || seen.body.size() == seen.framing.length.value_or(0),
           "a body of another length");
}

/// All requests up to the first that is refused; `refused` is what came of the rest.
std::vector<Seen> readAll(std::string_view bytes, std::size_t step, bool &refused)
{
    std::vector<Seen> all;
    http::RequestReader reader(kHeaderMax);
    std::string waiting;
    bool inBody = false;
    for (;;) {
        const auto progress = inBody ? reader.readBody(waiting) : reader.readHead(waiting);
        ensure(progress.used <= waiting.size(), "more was used than there was");
        waiting.erase(0, progress.used);
        refused = progress.refusal.has_value();
        if (refused)
            return all;
        if (!progress.done) {
            if (bytes.empty())
                return all;
            waiting += bytes.substr(0, step);
            bytes.remove_prefix(std::min(step, bytes.size()));
        } else if (inBody) {
            all.back().body = reader.body();
            all.back().whole = true;
            check(all.back());
            reader.next();
            inBody = false;
        } else {
            const http::Head &head = reader.head();
            all.push_back({head.method, head.target, {}, head.fields.all().size(), reader.framing(), false});
            check(all.back());
            refused = reader.expectBody(kBodyMax, http::RequestReader::Body::Keep).has_value();
            if (refused)
                return all;
            inBody = true;
        }
    }
}

} // namespace

void fuzzOne(base::ByteView input)
{
    const std::string_view bytes = base::textOf(input);
    bool refusedAtOnce = false, refusedByBytes = false;
    const auto atOnce = readAll(bytes, bytes.size() + 1, refusedAtOnce);
    const auto byBytes = readAll(bytes, 1, refusedByBytes);
    ensure(atOnce == byBytes && refusedAtOnce == refusedByBytes, "bytes one by one are other requests");
}

} // namespace voelgoed::fuzz
