#include "server/platform/http/beast_reader.h"

#include "server/platform/http/chunks.h"

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

/// Beast's parser, writing into our own shapes. Reads headers only.
class Parser final : public beast::http::basic_parser<true>
{
public:
    explicit Parser(Head &into) : m_head(into) {}

private:
    void on_request_impl(beast::http::verb, beast::string_view method, beast::string_view target, int version,
                         error_code &) override
    {
        m_head.method = view(method);
        m_head.target = view(target);
        m_head.minor = version - 10;
        m_head.fields.reserve(16);
    }

    void on_field_impl(beast::http::field, beast::string_view name, beast::string_view value,
                       error_code &failure) override
    {
        if (m_head.fields.all().size() == kFieldsMax)
            failure = error::header_limit;
        else
            m_head.fields.add(std::string(view(name)), std::string(view(value)));
    }

    void on_response_impl(int, beast::string_view, int, error_code &) override {}
    void on_header_impl(error_code &) override {}
    void on_body_init_impl(const boost::optional<std::uint64_t> &, error_code &) override {}
    std::size_t on_body_impl(beast::string_view, error_code &) override { return 0; }
    void on_chunk_header_impl(std::uint64_t, beast::string_view, error_code &) override {}
    std::size_t on_chunk_body_impl(std::uint64_t, beast::string_view, error_code &) override { return 0; }
    void on_finish_impl(error_code &) override {}

    Head &m_head;
};

Refusal malformed()
{
    return badRequest("malformed", "this is no HTTP request");
}

Refusal refusalFor(const error_code &failure)
{
    if (failure == error::header_limit)
        return {431, "header_too_large", "the header is too large"};
    if (failure == error::bad_version)
        return {505, "version", "only HTTP/1.1 and HTTP/1.0 are spoken here"};
    return malformed();
}

} // namespace

struct RequestReader::State
{
    std::size_t headerMax;
    HeadScanner scanner;
    Head head;
    Framing framing;
    std::optional<ChunkReader> chunks;
    Body use = Body::Keep;
    std::string body;
    std::uint64_t bodyMax = 0;
    std::uint64_t bodySize = 0;
    std::uint64_t chunkBytes = 0; ///< with all that is not data

    Progress parseHead(std::string_view bytes)
    {
        const std::size_t skipped = scanner.skipped();
        Parser parser(head);
        parser.skip(true);
        parser.header_limit(static_cast<std::uint32_t>(scanner.size() + 1));
        error_code failure;
        parser.put(boost::asio::const_buffer(bytes.data() + skipped, scanner.size() - skipped), failure);
        if (failure)
            return {.refusal = refusalFor(failure)};
        auto read = framingOf(head);
        if (auto *refusal = std::get_if<Refusal>(&read))
            return {.refusal = std::move(*refusal)};
        framing = std::move(std::get<Framing>(read));
        return {.used = scanner.size(), .done = true, .refusal = {}};
    }

    void take(std::string_view data)
    {
        bodySize += data.size();
        if (use == Body::Keep)
            body.append(data);
    }

    Progress readSized(std::string_view bytes)
    {
        const auto left = static_cast<std::size_t>(framing.length.value_or(0) - bodySize);
        const std::string_view data = bytes.substr(0, left);
        take(data);
        return {.used = data.size(), .done = data.size() == left, .refusal = {}};
    }

    Progress readChunked(const std::string_view bytes)
    {
        std::string_view left = bytes;
        for (;;) {
            const auto step = chunks->next(left);
            const std::size_t used = bytes.size() - left.size();
            if (step.found == ChunkReader::Found::Fault)
                return {.refusal = malformed()};
            take(step.data);
            if (bodySize > bodyMax || chunks->remaining() > bodyMax - bodySize)
                return {.refusal = bodyTooLarge()};
            if (step.found == ChunkReader::Found::Data)
                continue;
            chunkBytes += used;
            if (chunkBytes > kChunkOverhead * bodyMax + kChunkOverheadLeast)
                return {.refusal = bodyTooLarge()};
            return {.used = used, .done = step.found == ChunkReader::Found::End, .refusal = {}};
        }
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
    m_state->head = {};
    m_state->body = {};
}

RequestReader::Progress RequestReader::readHead(std::string_view bytes)
{
    const std::string_view within = bytes.substr(0, m_state->headerMax);
    switch (m_state->scanner.scan(within)) {
    case HeadScanner::Found::Fault:
        return {.refusal = malformed()};
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
    return m_state->head;
}

const Framing &RequestReader::framing() const
{
    return m_state->framing;
}

std::optional<Refusal> RequestReader::expectBody(std::size_t max, Body use)
{
    m_state->use = use;
    m_state->bodyMax = max;
    m_state->bodySize = m_state->chunkBytes = 0;
    m_state->chunks.reset();
    if (m_state->framing.chunked)
        m_state->chunks.emplace();
    const std::uint64_t length = m_state->framing.length.value_or(0);
    if (length > max)
        return bodyTooLarge();
    if (use == Body::Keep)
        m_state->body.reserve(std::min<std::size_t>(length, kReserveMax));
    return {};
}

RequestReader::Progress RequestReader::readBody(std::string_view bytes)
{
    return m_state->chunks ? m_state->readChunked(bytes) : m_state->readSized(bytes);
}

std::string &RequestReader::body()
{
    return m_state->body;
}

} // namespace voelgoed::http
