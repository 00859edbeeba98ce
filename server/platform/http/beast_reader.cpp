#include "server/platform/http/beast_reader.h"

#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>

#include <algorithm>

namespace voelgoed::http {

namespace beast = boost::beast;
using beast::error_code;
using beast::http::error;

namespace {

/// Memory that a length alone, which may be a lie, makes us take.
constexpr std::size_t kReserveMax = 256 * 1024;
/// What chunks may cost over and above what they carry.
constexpr std::uint64_t kChunkOverhead = 8;
constexpr std::uint64_t kChunkOverheadLeast = 64 * 1024;

std::string_view view(beast::string_view text)
{
    return {text.data(), text.size()};
}

/// Beast's parser, writing into our own shapes. Trailers are read and dropped.
class Parser final : public beast::http::basic_parser<true>
{
public:
    Head head;
    std::string body;
    std::uint64_t bodyMax = 0;
    std::uint64_t bodySize = 0;
    RequestReader::Body use = RequestReader::Body::Keep;
    bool headDone = false;

private:
    void on_request_impl(beast::http::verb, beast::string_view method, beast::string_view target, int version,
                         error_code &) override
    {
        head.method = view(method);
        head.target = view(target);
        head.minor = version - 10;
        head.fields.reserve(16);
    }

    void on_response_impl(int, beast::string_view, int, error_code &) override {}

    void on_field_impl(beast::http::field, beast::string_view name, beast::string_view value,
                       error_code &failure) override
    {
        if (headDone)
            return;
        if (head.fields.all().size() == kFieldsMax)
            failure = error::header_limit;
        else
            head.fields.add(std::string(view(name)), std::string(view(value)));
    }

    void on_header_impl(error_code &) override { headDone = true; }
    void on_body_init_impl(const boost::optional<std::uint64_t> &, error_code &) override {}
    void on_finish_impl(error_code &) override {}
    void on_chunk_header_impl(std::uint64_t, beast::string_view, error_code &) override {}

    std::size_t on_body_impl(beast::string_view bytes, error_code &failure) override { return take(bytes, failure); }

    std::size_t on_chunk_body_impl(std::uint64_t, beast::string_view bytes, error_code &failure) override
    {
        return take(bytes, failure);
    }

    std::size_t take(beast::string_view bytes, error_code &failure)
    {
        bodySize += bytes.size();
        if (bodySize > bodyMax)
            failure = error::body_limit;
        else if (use == RequestReader::Body::Keep)
            body.append(bytes.data(), bytes.size());
        return bytes.size();
    }
};

Refusal refusalFor(const error_code &failure)
{
    if (failure == error::header_limit)
        return {431, "header_too_large", "the header is too large"};
    if (failure == error::body_limit)
        return bodyTooLarge();
    if (failure == error::bad_version)
        return {505, "version", "only HTTP/1.1 and HTTP/1.0 are spoken here"};
    return badRequest("malformed", "this is no HTTP request");
}

} // namespace

struct RequestReader::State
{
    std::size_t headerMax;
    HeadScanner scanner;
    std::optional<Parser> parser;
    Framing framing;
    std::uint64_t bodyBytesMax = 0; ///< with what chunks cost
    std::uint64_t bodyBytes = 0;

    Progress parseHead(std::string_view bytes)
    {
        const std::size_t skipped = scanner.skipped();
        error_code failure;
        parser->put(boost::asio::const_buffer(bytes.data() + skipped, scanner.size() - skipped), failure);
        if (failure)
            return {.refusal = refusalFor(failure)};
        auto read = framingOf(parser->head);
        if (auto *refusal = std::get_if<Refusal>(&read))
            return {.refusal = std::move(*refusal)};
        framing = std::move(std::get<Framing>(read));
        return {.used = scanner.size(), .done = true, .refusal = {}};
    }
};

RequestReader::RequestReader(std::size_t headerMax) : m_state(std::make_unique<State>())
{
    m_state->headerMax = headerMax;
    next();
}

RequestReader::~RequestReader() = default;

void RequestReader::next()
{
    m_state->scanner = {};
    m_state->parser.emplace();
    m_state->parser->header_limit(static_cast<std::uint32_t>(m_state->headerMax));
    m_state->parser->body_limit(boost::none);
}

RequestReader::Progress RequestReader::readHead(std::string_view bytes)
{
    const std::string_view within = bytes.substr(0, m_state->headerMax);
    switch (m_state->scanner.scan(within)) {
    case HeadScanner::Found::Fault:
        return {.refusal = badRequest("malformed", "this is no HTTP request")};
    case HeadScanner::Found::End:
        return m_state->parseHead(within);
    case HeadScanner::Found::More:
        break;
    }
    if (bytes.size() < m_state->headerMax)
        return {};
    // A request line that goes on and on is a target that is too long, whatever follows.
    if (m_state->scanner.size() == m_state->scanner.skipped())
        return {.refusal = Refusal{414, "target_too_long", "the target is too long"}};
    return {.refusal = refusalFor(error::header_limit)};
}

bool RequestReader::begun() const
{
    return m_state->scanner.begun();
}

Head &RequestReader::head()
{
    return m_state->parser->head;
}

const Framing &RequestReader::framing() const
{
    return m_state->framing;
}

std::optional<Refusal> RequestReader::expectBody(std::size_t max, Body use)
{
    Parser &parser = *m_state->parser;
    parser.bodyMax = max;
    parser.use = use;
    parser.eager(true);
    parser.body_limit(max);
    m_state->bodyBytes = 0;
    m_state->bodyBytesMax = kChunkOverhead * max + kChunkOverheadLeast;
    const auto &length = m_state->framing.length;
    if (length && *length > max)
        return bodyTooLarge();
    if (use == Body::Keep && length)
        parser.body.reserve(std::min<std::size_t>(*length, kReserveMax));
    return {};
}

RequestReader::Progress RequestReader::readBody(std::string_view bytes)
{
    Parser &parser = *m_state->parser;
    if (parser.is_done())
        return {.used = 0, .done = true, .refusal = {}};
    if (bytes.empty())
        return {};
    error_code failure;
    const std::size_t used = parser.put(boost::asio::const_buffer(bytes.data(), bytes.size()), failure);
    if (failure && failure != error::need_more)
        return {.refusal = refusalFor(failure)};
    m_state->bodyBytes += used;
    if (m_state->bodyBytes > m_state->bodyBytesMax)
        return {.refusal = bodyTooLarge()};
    return {.used = used, .done = parser.is_done(), .refusal = {}};
}

std::string &RequestReader::body()
{
    return m_state->parser->body;
}

} // namespace voelgoed::http
