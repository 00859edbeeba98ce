#include "server/platform/http/connection.h"

namespace voelgoed::http {

namespace {

constexpr std::size_t kInOfBody = 64 * 1024;
/// Bodies of refused requests up to this are read and dropped, so that the connection can stay.
constexpr std::size_t kDropMax = 64 * 1024;
constexpr base::Milliseconds kDropWithin{5'000};
/// Decompressed in one go before others get their turn.
constexpr std::size_t kDecodeSlice = 32 * 1024;

Refusal tooManyBodies()
{
    return {503, "too_many_bodies", "too much is being sent at once: try again"};
}

} // namespace

async::Task<std::optional<Refusal>> Connection::readBody(Exchange &exchange, const Admission &admission)
{
    if (auto refusal = m_reader.expectBody(admission.bodyMax, RequestReader::Body::Keep))
        co_return refusal;
    if (exchange.framing.continues && unread().empty() && !co_await writeAll("HTTP/1.1 100 Continue\r\n\r\n", {}))
        co_return std::nullopt;
    expect(Waiting::Body, admission.bodyWithin);
    for (;;) {
        auto progress = m_reader.readBody(unread());
        m_begin += progress.used;
        if (progress.refusal)
            co_return std::move(progress.refusal);
        if (!claim(m_reader.body().size()))
            co_return tooManyBodies();
        if (progress.done)
            break;
        if (co_await fill(kInOfBody))
            continue;
        if (m_expired)
            co_return tooSlow();
        co_return badRequest("malformed", "this is no HTTP request");
    }
    expectNothing(Waiting::Handler);
    exchange.request.body = std::move(m_reader.body());
    co_return std::nullopt;
}

async::Task<std::optional<Refusal>> Connection::decode(Exchange &exchange, std::size_t bodyMax)
{
    Request &request = exchange.request;
    const std::string_view name = request.fields["Content-Encoding"];
    if (name.empty() || sameWord(name, "identity") || request.body.empty())
        co_return std::nullopt;
    const auto coding = codingFrom(name);
    if (!coding || request.fields.count("Content-Encoding") > 1)
        co_return Refusal{415, "content_coding", "bodies may be compressed with gzip or zstd"};
    Decoder decoder(*coding, bodyMax);
    for (std::string_view left = request.body; !left.empty(); left.remove_prefix(std::min(left.size(), kDecodeSlice))) {
        const auto added = decoder.add(left.substr(0, kDecodeSlice));
        if (!added && added.error().code == base::ErrorCode::Invalid)
            co_return bodyTooLarge();
        if (!added)
            co_return badRequest("content_coding", added.error().message);
        if (!claim(request.body.size() + decoder.out().size()))
            co_return tooManyBodies();
        if (left.size() > kDecodeSlice)
            co_await async::yield();
    }
    if (const auto finished = decoder.finish(); !finished)
        co_return badRequest("content_coding", finished.error().message);
    request.rawBody = std::exchange(request.body, std::move(decoder.out()));
    co_return std::nullopt;
}

async::Task<bool> Connection::dropBody(const Exchange &exchange)
{
    const Framing &framing = exchange.framing;
    if (!framing.hasBody())
        co_return true;
    if (framing.continues || !framing.length || m_reader.expectBody(kDropMax, RequestReader::Body::Drop))
        co_return false;
    expect(Waiting::Body, kDropWithin);
    for (;;) {
        const auto progress = m_reader.readBody(unread());
        m_begin += progress.used;
        if (progress.done || progress.refusal)
            co_return progress.done;
        if (!co_await fill(kInOfBody))
            co_return false;
    }
}

} // namespace voelgoed::http
