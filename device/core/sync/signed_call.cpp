#include "device/core/sync/signed_call.h"

#include "shared/protocol/packing.h"
#include "shared/protocol/row.h"

#include <algorithm>
#include <charconv>

namespace voelgoed::sync {

using base::Result;

namespace {

constexpr std::size_t kPackAbove = 1'000; ///< bytes: below that it gains nothing
constexpr base::Milliseconds kAnswerWithin = std::chrono::seconds(20);
constexpr int kRetryAfterMax = 600; ///< seconds

/// "Retry-After: 30" (RFC 9110, section 10.2.3); a date is not taken.
base::Milliseconds retryAfterOf(const client::Response &response)
{
    const std::string_view text = response.field("retry-after");
    int seconds = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), seconds);
    const bool number = read.ec == std::errc() && read.ptr == text.data() + text.size() && seconds > 0;
    return std::chrono::seconds(number ? std::min(seconds, kRetryAfterMax) : 0);
}

Result<protocol::SyncReply> readReply(const client::Response &response, const base::Digest &request,
                                      const Parties &parties)
{
    if (response.status != 200)
        return base::Error{
            base::ErrorCode::Unavailable, "the server answered with status " + std::to_string(response.status), {}};
    const auto signature = base::fromBase64(response.field("voelgoed-signature"));
    if (!signature || !protocol::replyHolds(request, 200, response.body, *signature, parties.server))
        return base::Error{
            base::ErrorCode::Unauthorized, "an answer that the server has not signed for this request", {}};
    const std::string_view encoding = response.field("content-encoding");
    if (encoding.empty())
        return protocol::decodeSyncReply(response.body);
    if (encoding != "zstd")
        return base::invalid("an answer in an encoding that was not asked for");
    const auto plain = protocol::unpack(response.body, protocol::kExchangeMax);
    if (!plain)
        return plain.error();
    return protocol::decodeSyncReply(*plain);
}

} // namespace

std::vector<protocol::Chain> chainsOf(std::vector<journal::OutgoingRow> rows, const Parties &parties)
{
    std::vector<protocol::Chain> chains;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const bool goesOn =
            i > 0 && rows[i].epoch == rows[i - 1].epoch && rows[i].sequence.value == rows[i - 1].sequence.value + 1;
        if (!goesOn)
            chains.emplace_back();
        const bool isLast = i + 1 == rows.size() || rows[i + 1].epoch != rows[i].epoch ||
                            rows[i + 1].sequence.value != rows[i].sequence.value + 1;
        if (isLast)
            chains.back().head = protocol::signedHead({parties.device, rows[i].epoch, rows[i].sequence},
                                                      protocol::hashOf(rows[i].bytes), parties.signing);
        chains.back().rows.push_back(std::move(rows[i].bytes));
    }
    return chains;
}

client::Request signedRequest(client::Request request, const protocol::RequestStamp &stamp, const Parties &parties)
{
    const base::Digest digest =
        protocol::requestDigest({.method = request.method, .target = request.target, .body = request.body}, stamp);
    for (auto &field : protocol::fieldsOf(stamp, protocol::signRequest(digest, parties.signing)))
        request.fields.push_back(std::move(field));
    return request;
}

client::Call exchangeCall(std::shared_ptr<const Parties> parties, protocol::RequestStamp stamp, Draft draft,
                          std::shared_ptr<Heard> heard)
{
    // What both steps share: the digest that the answer is signed over.
    const auto digest = std::make_shared<base::Digest>();
    const auto shared = std::make_shared<Draft>(std::move(draft));
    const auto make = [parties, stamp, shared, digest]() -> Result<client::Request> {
        shared->request.own = chainsOf(std::move(shared->rows), *parties);
        base::Bytes body = protocol::encode(shared->request);
        client::Request request{
            .method = "POST",
            .target = "/v1/sync",
            .fields = {{"Content-Type", std::string(protocol::kExchangeType)}, {"Accept-Encoding", "zstd"}},
            .body = {},
            .answerMax = protocol::kExchangeMax,
            .timeout = shared->request.wait + kAnswerWithin,
            .download = {}};
        if (body.size() > kPackAbove) {
            body = protocol::pack(body);
            request.fields.emplace_back("Content-Encoding", "zstd");
        }
        request.body = std::move(body);
        *digest =
            protocol::requestDigest({.method = request.method, .target = request.target, .body = request.body}, stamp);
        return signedRequest(std::move(request), stamp, *parties);
    };
    const auto read = [parties, digest, heard = std::move(heard)](Result<client::Response> response) {
        if (!response) {
            heard->reply = response.error();
            return;
        }
        heard->took = response->took;
        heard->reply = readReply(*response, *digest, *parties);
        if (!heard->reply)
            heard->retryAfter = retryAfterOf(*response);
    };
    return {.make = make, .read = read};
}

} // namespace voelgoed::sync
