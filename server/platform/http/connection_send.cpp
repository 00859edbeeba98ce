#include "server/platform/http/connection.h"
#include "server/platform/http/range.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <array>
#include <charconv>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace voelgoed::http {

namespace asio = boost::asio;

namespace {

/// Bodies up to this are copied behind their header and go in one call; under TLS, in one record.
constexpr std::size_t kInlineMax = 16 * 1024;
constexpr std::size_t kOutKept = 64 * 1024;
constexpr std::size_t kFileSlice = 128 * 1024;
/// Compressed in one go before others get their turn.
constexpr std::size_t kEncodeSlice = 64 * 1024;
/// Who takes fewer bytes a second than this, over the whole answer, is cut, also when some always move.
constexpr std::size_t kSlowestReader = 512;

bool hasNoBody(int status)
{
    return status < 200 || status == 204 || status == 304;
}

bool shrinks(const Response &response)
{
    return !response.fields.has("Content-Encoding") && isWorthCoding(response.fields["Content-Type"]);
}

/// Not byte for byte what the tag was given for.
void weakenTag(Fields &fields)
{
    const std::string tag(fields["ETag"]);
    if (!tag.empty() && !tag.starts_with("W/"))
        fields.set("ETag", "W/" + tag);
}

void markCoded(Response &response, Coding coding)
{
    response.fields.set("Content-Encoding", std::string(word(coding)));
    weakenTag(response.fields);
}

class File
{
public:
    explicit File(const std::string &path) : m_handle(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {}
    ~File()
    {
        if (m_handle >= 0)
            ::close(m_handle);
    }
    File(const File &) = delete;
    File &operator=(const File &) = delete;

    /// Nothing when there is no such (regular) file.
    std::optional<std::uint64_t> size() const
    {
        struct stat about = {};
        if (m_handle < 0 || ::fstat(m_handle, &about) != 0 || !S_ISREG(about.st_mode))
            return {};
        return static_cast<std::uint64_t>(about.st_size);
    }

    /// False when the bytes are not there any more.
    bool read(std::uint64_t from, std::string &into) const
    {
        return ::pread(m_handle, into.data(), into.size(), static_cast<off_t>(from)) ==
               static_cast<ssize_t>(into.size());
    }

private:
    int m_handle;
};

/// The header of a chunk; its data and CRLF follow.
void appendChunk(std::string_view data, std::string &out)
{
    std::array<char, 16> digits;
    const auto [end, problem] = std::to_chars(digits.data(), digits.data() + digits.size(), data.size(), 16);
    out.append(digits.data(), end).append("\r\n").append(data).append("\r\n");
}

} // namespace

async::Task<bool> Connection::writeAll(std::string_view first, std::string_view second)
{
    const auto begun = std::chrono::steady_clock::now();
    std::size_t sent = 0;
    expect(Waiting::Writing, m_core->limits().writeStallMax);
    while (!first.empty() || !second.empty()) {
        const std::array<asio::const_buffer, 2> buffers{asio::const_buffer(first.data(), first.size()),
                                                        asio::const_buffer(second.data(), second.size())};
        const auto [failure, took] = co_await m_stream.async_write_some(buffers, asio::as_tuple(asio::use_awaitable));
        m_answered = true;
        m_over = m_over || failure;
        if (m_over)
            co_return false;
        sent += took;
        const std::size_t ofFirst = std::min(took, first.size());
        first.remove_prefix(ofFirst);
        second.remove_prefix(took - ofFirst);
        if (first.empty() && second.empty())
            break;
        const auto stall = m_core->limits().writeStallMax;
        expect(Waiting::Writing, stall);
        setDeadline(std::min(deadline(), begun + stall + std::chrono::seconds(1 + sent / kSlowestReader)));
    }
    expectNothing(Waiting::Handler);
    co_return true;
}

void Connection::beginHead(const Exchange &exchange, const Response &response, BodyForm form, std::uint64_t size)
{
    if (m_out.capacity() > kOutKept)
        m_out = {};
    m_out.clear();
    appendHead(
        response,
        {.form = form, .size = size, .keepAlive = exchange.keepAlive, .minor = exchange.minor, .date = m_core->date()},
        m_out);
}

async::Task<bool> Connection::send(Exchange &exchange, Answer answer)
{
    if (!isSendable(answer.response)) {
        m_core->trouble("http: a field of an answer holds what no field may");
        co_return co_await refuse({500, "internal", "the request could not be answered"}, exchange.minor);
    }
    exchange.keepAlive =
        exchange.keepAlive && !m_core->isStopping() && !sameWord(answer.response.fields["Connection"], "close");
    if (answer.file)
        co_return co_await sendFile(exchange, std::move(answer.response), *std::move(answer.file));
    if (answer.source)
        co_return co_await sendSource(exchange, std::move(answer.response), std::move(answer.source));
    co_return co_await sendWhole(exchange, std::move(answer.response));
}

async::Task<bool> Connection::refuse(const Refusal &refusal, int minor)
{
    ++m_core->figures().refused;
    Exchange exchange;
    exchange.minor = minor;
    exchange.keepAlive = false;
    co_await sendWhole(exchange, problem(refusal));
    co_return false;
}

async::Task<std::string> Connection::encoded(Coding coding, std::string body)
{
    std::string out;
    if (body.size() <= kEncodeSlice) {
        m_core->encoder(coding).encode(body, out);
        co_return out;
    }
    Encoder encoder(coding);
    for (std::string_view left = body; !left.empty();) {
        const std::string_view slice = left.substr(0, kEncodeSlice);
        left.remove_prefix(slice.size());
        encoder.add(slice, left.empty() ? Encoder::Piece::Last : Encoder::Piece::More, out);
        co_await async::yield();
    }
    co_return out;
}

async::Task<bool> Connection::sendWhole(Exchange &exchange, Response response)
{
    if (exchange.isGet && response.status == 200 && !exchange.ifNoneMatch.empty() &&
        hasEntityTag(exchange.ifNoneMatch, response.fields["ETag"])) {
        response.status = 304;
    } else if (response.body.size() > kCompressFrom && shrinks(response)) {
        response.fields.add("Vary", "Accept-Encoding");
        if (exchange.coding) {
            response.body = co_await encoded(*exchange.coding, std::move(response.body));
            markCoded(response, *exchange.coding);
        }
    }
    const bool none = hasNoBody(response.status);
    beginHead(exchange, response, none ? BodyForm::None : BodyForm::Sized, response.body.size());
    std::string_view body;
    if (!none && !exchange.headOnly)
        body = response.body;
    if (body.size() <= kInlineMax) {
        m_out.append(body);
        body = {};
    }
    co_return co_await writeAll(m_out, body) && exchange.keepAlive;
}

async::Task<bool> Connection::sendSource(Exchange &exchange, Response response, BodySource source)
{
    const BodyForm form = exchange.minor == 0 ? BodyForm::ToClose : BodyForm::Chunked;
    exchange.keepAlive = exchange.keepAlive && form == BodyForm::Chunked;
    std::optional<Encoder> encoder;
    if (shrinks(response)) {
        response.fields.add("Vary", "Accept-Encoding");
        if (exchange.coding) {
            encoder.emplace(*exchange.coding);
            markCoded(response, *exchange.coding);
        }
    }
    beginHead(exchange, response, form, 0);
    if (exchange.headOnly)
        co_return co_await writeAll(m_out, {}) && exchange.keepAlive;
    // The header goes with the first piece; a source that fails before it is an error that can still be said.
    for (bool begun = false;; begun = true) {
        expectNothing(Waiting::Handler);
        auto piece = co_await next(source);
        if (m_over)
            co_return false;
        if (!piece && !begun)
            co_return co_await refuse({500, "internal", "the request could not be answered"}, exchange.minor);
        if (!piece) {
            cut();
            co_return false;
        }
        const bool last = !*piece;
        std::string coded;
        if (encoder)
            encoder->add(last ? std::string_view() : **piece, last ? Encoder::Piece::Last : Encoder::Piece::More,
                         coded);
        const std::string_view data = encoder ? coded : last ? std::string_view() : **piece;
        if (form == BodyForm::Chunked && !data.empty())
            appendChunk(data, m_out);
        else
            m_out.append(data);
        if (form == BodyForm::Chunked && last)
            m_out.append("0\r\n\r\n");
        if (!co_await writeAll(m_out, {}))
            co_return false;
        m_out.clear();
        if (last)
            co_return exchange.keepAlive;
    }
}

async::Task<base::Result<std::optional<std::string>>> Connection::next(const BodySource &source)
{
    try {
        auto piece = co_await source();
        if (!piece)
            m_core->trouble("http: the source of a body failed: " + piece.error().message);
        co_return piece;
    } catch (const std::exception &thrown) {
        m_core->trouble(std::string("http: the source of a body threw: ") + thrown.what());
    }
    co_return base::Error{base::ErrorCode::Internal, "the source of a body threw", {}};
}

async::Task<bool> Connection::sendFile(Exchange &exchange, Response response, FileBody body)
{
    const File file(body.path);
    const auto size = file.size();
    if (!size) {
        m_core->trouble("http: the file of an answer is not there: " + body.path);
        co_return co_await refuse({500, "internal", "the request could not be answered"}, exchange.minor);
    }
    if (!body.entityTag.empty()) {
        response.fields.set("ETag", body.entityTag);
        response.fields.set("Accept-Ranges", "bytes");
    }
    FilePart part{0, *size};
    if (hasEntityTag(exchange.ifNoneMatch, body.entityTag)) {
        response.status = 304;
        part.size = 0;
    } else if (response.status == 200) {
        const Slice slice = sliceOf(exchange.range, exchange.ifRange, body.entityTag, *size);
        if (std::holds_alternative<OutOfRange>(slice)) {
            Response refused = problem({416, "range", "the range lies behind the end"});
            refused.fields.add("Content-Range", "bytes */" + std::to_string(*size));
            co_return co_await sendWhole(exchange, std::move(refused));
        }
        if (const auto *asked = std::get_if<FilePart>(&slice)) {
            part = *asked;
            response.status = 206;
            response.fields.set("Content-Range", "bytes " + std::to_string(part.first) + "-" +
                                                     std::to_string(part.first + part.size - 1) + "/" +
                                                     std::to_string(*size));
        }
    }
    beginHead(exchange, response, hasNoBody(response.status) ? BodyForm::None : BodyForm::Sized, part.size);
    if (exchange.headOnly)
        part.size = 0;
    std::string slice;
    do {
        slice.resize(std::min<std::uint64_t>(part.size, kFileSlice));
        // A file that shrinks meanwhile: cut, since a length was promised.
        if (!file.read(part.first, slice)) {
            m_core->trouble("http: the file of an answer became shorter: " + body.path);
            cut();
            co_return false;
        }
        if (!co_await writeAll(m_out, slice))
            co_return false;
        m_out.clear();
        part.first += slice.size();
        part.size -= slice.size();
    } while (part.size > 0);
    co_return exchange.keepAlive;
}

} // namespace voelgoed::http
