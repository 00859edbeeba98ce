#include "server/platform/http/coding.h"

#include "shared/base/text.h"

#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <array>
#include <variant>

namespace voelgoed::http {

namespace {

constexpr int kGzipWindow = 15 + 16; // the largest window, with gzip's header and trailer
constexpr int kGzipLevel = 4;
constexpr int kZstdLevel = 3;
/// 256 KiB: half a megabyte for each download that is on its way.
constexpr int kZstdWindowLog = 18;
/// 8 MiB: what every writer's usual levels need, and nobody makes us take more.
constexpr int kZstdWindowLogMax = 23;
constexpr std::size_t kSlice = 16 * 1024;

/// "q=0", "q=0.0", "q=0.000".
bool isRefused(std::string_view parameters)
{
    while (!parameters.empty()) {
        const std::string_view item = parameters.substr(0, parameters.find(';'));
        parameters.remove_prefix(std::min(parameters.size(), item.size() + 1));
        const std::string_view parameter = base::trimmed(item);
        if (parameter.size() > 2 && sameWord(parameter.substr(0, 2), "q="))
            return parameter.find_first_not_of("0.", 2) == std::string_view::npos;
    }
    return false;
}

struct Inflate
{
    Inflate() { base::ensure(inflateInit2(&stream, kGzipWindow) == Z_OK, "zlib: begin to inflate"); }
    ~Inflate() { inflateEnd(&stream); }
    z_stream stream{};
};

struct Deflate
{
    Deflate()
    {
        base::ensure(deflateInit2(&stream, kGzipLevel, Z_DEFLATED, kGzipWindow, 8, Z_DEFAULT_STRATEGY) == Z_OK,
                     "zlib: begin to deflate");
    }
    ~Deflate() { deflateEnd(&stream); }
    z_stream stream{};
};

struct FreeZstd
{
    void operator()(ZSTD_CCtx *context) const { ZSTD_freeCCtx(context); }
    void operator()(ZSTD_DCtx *context) const { ZSTD_freeDCtx(context); }
};

Bytef *octets(const char *bytes)
{
    return reinterpret_cast<Bytef *>(const_cast<char *>(bytes));
}

base::Error broken()
{
    return base::corrupt("the body is not what its Content-Encoding says");
}

} // namespace

std::string_view word(Coding coding)
{
    switch (coding) {
    case Coding::Gzip:
        return "gzip";
    case Coding::Zstd:
        return "zstd";
    }
    return {};
}

std::optional<Coding> codingFrom(std::string_view text)
{
    text = base::trimmed(text);
    if (sameWord(text, "gzip") || sameWord(text, "x-gzip"))
        return Coding::Gzip;
    if (sameWord(text, "zstd"))
        return Coding::Zstd;
    return {};
}

std::optional<Coding> acceptedCoding(std::string_view acceptEncoding)
{
    std::optional<Coding> best;
    while (!acceptEncoding.empty()) {
        const std::string_view item = acceptEncoding.substr(0, acceptEncoding.find(','));
        acceptEncoding.remove_prefix(std::min(acceptEncoding.size(), item.size() + 1));
        const std::size_t parameters = std::min(item.find(';'), item.size());
        const auto coding = codingFrom(item.substr(0, parameters));
        if (!coding || isRefused(item.substr(parameters)))
            continue;
        if (!best || *coding == Coding::Zstd)
            best = coding;
    }
    return best;
}

bool isWorthCoding(std::string_view contentType)
{
    const std::string_view type = base::trimmed(contentType.substr(0, contentType.find(';')));
    static constexpr std::array<std::string_view, 7> kKnown{
        "application/json", "application/problem+json", "application/x-protobuf", "application/protobuf",
        "application/xml",  "application/javascript",   "image/svg+xml"};
    return type.starts_with("text/") || type.ends_with("+json") || type.ends_with("+xml") ||
           std::find(kKnown.begin(), kKnown.end(), type) != kKnown.end();
}

struct Encoder::State
{
    explicit State(Coding coding)
    {
        if (coding == Coding::Gzip)
            side.emplace<Deflate>();
        else
            side.emplace<ZstdSide>();
    }

    struct ZstdSide
    {
        ZstdSide() : context(ZSTD_createCCtx())
        {
            base::ensure(context != nullptr, "zstd: begin to compress");
            ZSTD_CCtx_setParameter(context.get(), ZSTD_c_compressionLevel, kZstdLevel);
            ZSTD_CCtx_setParameter(context.get(), ZSTD_c_windowLog, kZstdWindowLog);
        }
        std::unique_ptr<ZSTD_CCtx, FreeZstd> context;
    };

    /// Told the size, zstd takes no more memory and time than such a body needs.
    static void begin(ZstdSide &zstd, std::size_t size)
    {
        ZSTD_CCtx_reset(zstd.context.get(), ZSTD_reset_session_only);
        ZSTD_CCtx_setPledgedSrcSize(zstd.context.get(), size);
    }

    void add(Deflate &deflater, std::string_view bytes, Piece piece, std::string &out)
    {
        z_stream &stream = deflater.stream;
        stream.next_in = octets(bytes.data());
        stream.avail_in = static_cast<uInt>(bytes.size());
        do {
            const std::size_t before = out.size();
            out.resize(before + std::max<std::size_t>(kSlice, bytes.size() / 4));
            stream.next_out = octets(out.data() + before);
            stream.avail_out = static_cast<uInt>(out.size() - before);
            const int done = deflate(&stream, piece == Piece::Last ? Z_FINISH : Z_SYNC_FLUSH);
            base::ensure(done == Z_OK || done == Z_STREAM_END || done == Z_BUF_ERROR, "zlib: deflate");
            out.resize(out.size() - stream.avail_out);
        } while (stream.avail_out == 0);
    }

    void add(ZstdSide &zstd, std::string_view bytes, Piece piece, std::string &out)
    {
        ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
        std::size_t left = 1;
        while (left > 0 || in.pos < in.size) {
            const std::size_t before = out.size();
            out.resize(before + std::max<std::size_t>(kSlice, bytes.size() / 4));
            ZSTD_outBuffer to{out.data() + before, out.size() - before, 0};
            left = ZSTD_compressStream2(zstd.context.get(), &to, &in, piece == Piece::Last ? ZSTD_e_end : ZSTD_e_flush);
            base::ensure(ZSTD_isError(left) == 0, "zstd: compress");
            out.resize(before + to.pos);
        }
    }

    std::variant<std::monostate, Deflate, ZstdSide> side;
};

Encoder::Encoder(Coding coding) : m_state(std::make_unique<State>(coding)) {}
Encoder::~Encoder() = default;
Encoder::Encoder(Encoder &&) noexcept = default;
Encoder &Encoder::operator=(Encoder &&) noexcept = default;

void Encoder::add(std::string_view bytes, Piece piece, std::string &out)
{
    if (auto *deflater = std::get_if<Deflate>(&m_state->side))
        m_state->add(*deflater, bytes, piece, out);
    else
        m_state->add(std::get<State::ZstdSide>(m_state->side), bytes, piece, out);
}

void Encoder::encode(std::string_view bytes, std::string &out)
{
    if (auto *deflater = std::get_if<Deflate>(&m_state->side))
        base::ensure(deflateReset(&deflater->stream) == Z_OK, "zlib: begin anew");
    else
        m_state->begin(std::get<State::ZstdSide>(m_state->side), bytes.size());
    add(bytes, Piece::Last, out);
}

struct Decoder::State
{
    State(Coding coding, std::size_t most) : outMax(most)
    {
        if (coding == Coding::Gzip) {
            inflater.emplace();
            return;
        }
        zstd.reset(ZSTD_createDCtx());
        base::ensure(zstd != nullptr, "zstd: begin to decompress");
        ZSTD_DCtx_setParameter(zstd.get(), ZSTD_d_windowLogMax, kZstdWindowLogMax);
    }

    base::Result<void> inflateAll(std::string_view bytes)
    {
        z_stream &stream = inflater->stream;
        stream.next_in = octets(bytes.data());
        stream.avail_in = static_cast<uInt>(bytes.size());
        std::array<char, kSlice> slice;
        do {
            stream.next_out = octets(slice.data());
            stream.avail_out = slice.size();
            const int done = inflate(&stream, Z_NO_FLUSH);
            if (done != Z_OK && done != Z_STREAM_END && done != Z_BUF_ERROR)
                return broken();
            if (auto taken = take({slice.data(), slice.size() - stream.avail_out}); !taken)
                return taken;
            ended = done == Z_STREAM_END;
        } while (!ended && stream.avail_out == 0);
        return stream.avail_in == 0 ? base::Result<void>() : broken();
    }

    base::Result<void> unzstdAll(std::string_view bytes)
    {
        ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
        std::array<char, kSlice> slice;
        std::size_t got = slice.size();
        while (in.pos < in.size || (!ended && got == slice.size())) {
            if (ended)
                return broken();
            ZSTD_outBuffer to{slice.data(), slice.size(), 0};
            const std::size_t left = ZSTD_decompressStream(zstd.get(), &to, &in);
            if (ZSTD_isError(left) != 0)
                return broken();
            if (auto taken = take({slice.data(), to.pos}); !taken)
                return taken;
            got = to.pos;
            ended = left == 0;
        }
        return {};
    }

    base::Result<void> take(std::string_view bytes)
    {
        if (bytes.size() > outMax - out.size())
            return base::invalid("the body is larger than this request may have");
        out.append(bytes);
        return {};
    }

    std::size_t outMax;
    std::string out;
    bool ended = false;
    std::optional<Inflate> inflater;
    std::unique_ptr<ZSTD_DCtx, FreeZstd> zstd;
};

Decoder::Decoder(Coding coding, std::size_t outMax) : m_state(std::make_unique<State>(coding, outMax)) {}
Decoder::~Decoder() = default;
Decoder::Decoder(Decoder &&) noexcept = default;
Decoder &Decoder::operator=(Decoder &&) noexcept = default;

base::Result<void> Decoder::add(std::string_view bytes)
{
    if (bytes.empty())
        return {};
    if (m_state->ended)
        return broken();
    return m_state->inflater ? m_state->inflateAll(bytes) : m_state->unzstdAll(bytes);
}

base::Result<void> Decoder::finish()
{
    return m_state->ended ? base::Result<void>() : broken();
}

std::string &Decoder::out()
{
    return m_state->out;
}

} // namespace voelgoed::http
