#include "device/hal/reader/message.h"

#include "shared/base/text.h"

#include <bit>
#include <cmath>

namespace voelgoed::hal {

using base::Bytes;
using base::ByteView;
using base::Result;

namespace {

constexpr std::uint32_t kRequestMagic = 0x56475251; // "VGRQ"

/// Reads fields from the front; once something is missing, everything after fails too.
class Reader
{
public:
    explicit Reader(ByteView bytes) : m_rest(bytes) {}

    template <class Unsigned>
    Unsigned number()
    {
        if (m_rest.size() < sizeof(Unsigned)) {
            m_failed = true;
            return 0;
        }
        const auto value = base::bigEndianAt<Unsigned>(m_rest, 0);
        m_rest = m_rest.subspan(sizeof(Unsigned));
        return value;
    }

    Bytes bytes(std::size_t most)
    {
        const std::size_t size = number<std::uint32_t>();
        if (m_failed || size > most || size > m_rest.size()) {
            m_failed = true;
            return {};
        }
        Bytes result(m_rest.begin(), m_rest.begin() + static_cast<std::ptrdiff_t>(size));
        m_rest = m_rest.subspan(size);
        return result;
    }

    bool truth()
    {
        const auto byte = number<std::uint8_t>();
        m_failed = m_failed || byte > 1;
        return byte == 1;
    }

    void refuse() { m_failed = true; }
    bool isDone() const { return !m_failed && m_rest.empty(); }

private:
    ByteView m_rest;
    bool m_failed = false;
};

void putBytes(Bytes &out, ByteView bytes)
{
    base::putBigEndian(out, static_cast<std::uint32_t>(bytes.size()));
    out.insert(out.end(), bytes.begin(), bytes.end());
}

base::Error malformed()
{
    return base::invalid("barcode reader: a message that is none");
}

struct PutAnswer
{
    Bytes &out;

    void operator()(const Begins &begins) const
    {
        base::putBigEndian(out, begins.page);
        base::putBigEndian(out, begins.attempt);
    }
    void operator()(const Found &found) const
    {
        const ReadCode &code = found.code;
        out.push_back(static_cast<std::byte>(code.symbology));
        out.push_back(static_cast<std::byte>(code.partial));
        base::putBigEndian(out, static_cast<std::uint32_t>(code.page));
        for (const Point &corner : code.corners) {
            base::putBigEndian(out, std::bit_cast<std::uint32_t>(corner.x));
            base::putBigEndian(out, std::bit_cast<std::uint32_t>(corner.y));
        }
        putBytes(out, code.content);
        putBytes(out, base::bytesOf(code.text));
    }
    void operator()(const Done &done) const { base::putBigEndian(out, done.attempts); }
    void operator()(const Unreadable &unreadable) const { putBytes(out, base::bytesOf(unreadable.why)); }
    void operator()(const Opened &opened) const
    {
        base::putBigEndian(out, opened.pages);
        out.push_back(static_cast<std::byte>(opened.document));
    }
    void operator()(const PageDone &done) const
    {
        base::putBigEndian(out, done.page);
        out.push_back(static_cast<std::byte>(done.read));
    }
};

Found foundIn(Reader &reader)
{
    Found found;
    const auto symbology = reader.number<std::uint8_t>();
    found.code.partial = reader.truth();
    const auto page = reader.number<std::uint32_t>();
    if (symbology >= kSymbologies || page > static_cast<std::uint32_t>(kPagesMax))
        reader.refuse();
    found.code.symbology = static_cast<Symbology>(symbology % kSymbologies);
    found.code.page = static_cast<int>(page);
    for (Point &corner : found.code.corners) {
        corner.x = std::bit_cast<float>(reader.number<std::uint32_t>());
        corner.y = std::bit_cast<float>(reader.number<std::uint32_t>());
        if (!std::isfinite(corner.x) || !std::isfinite(corner.y))
            reader.refuse();
    }
    found.code.content = reader.bytes(kContentMax);
    const Bytes text = reader.bytes(kTextMax);
    found.code.text = base::textOf(text);
    if (found.code.content.empty() || !base::isUtf8(found.code.text))
        reader.refuse();
    return found;
}

} // namespace

Bytes encode(const ReadRequest &request)
{
    Bytes out;
    base::putBigEndian(out, kRequestMagic);
    out.push_back(static_cast<std::byte>(request.kind));
    out.push_back(static_cast<std::byte>(request.effort));
    for (const std::uint32_t number : {request.width, request.height, request.firstPage})
        base::putBigEndian(out, number);
    out.push_back(static_cast<std::byte>(request.skip.size()));
    for (const std::uint32_t attempt : request.skip)
        base::putBigEndian(out, attempt);
    return out;
}

Result<ReadRequest> decodeRequest(ByteView bytes)
{
    Reader reader(bytes);
    if (reader.number<std::uint32_t>() != kRequestMagic)
        return malformed();
    const auto kind = reader.number<std::uint8_t>();
    const auto effort = reader.number<std::uint8_t>();
    ReadRequest request{.kind = static_cast<PictureKind>(kind & 1),
                        .effort = static_cast<Effort>(effort & 1),
                        .width = reader.number<std::uint32_t>(),
                        .height = reader.number<std::uint32_t>(),
                        .firstPage = reader.number<std::uint32_t>(),
                        .skip = {}};
    const auto skipped = reader.number<std::uint8_t>();
    for (std::uint8_t i = 0; i < skipped && i < kSkipMax; ++i)
        request.skip.push_back(reader.number<std::uint32_t>());
    const auto side = static_cast<std::uint32_t>(kSideMax);
    if (!reader.isDone() || skipped > kSkipMax || kind > 1 || effort > 1 || request.width > side ||
        request.height > side)
        return malformed();
    return request;
}

Bytes encode(const Answer &answer)
{
    Bytes out{static_cast<std::byte>(answer.index())};
    std::visit(PutAnswer{out}, answer);
    return out;
}

Result<Answer> decodeAnswer(ByteView bytes)
{
    Reader reader(bytes);
    Answer answer;
    switch (reader.number<std::uint8_t>()) {
    case 0: {
        const auto page = reader.number<std::uint32_t>();
        answer = Begins{page, reader.number<std::uint32_t>()};
        break;
    }
    case 1:
        answer = foundIn(reader);
        break;
    case 2:
        answer = Done{reader.number<std::uint32_t>()};
        break;
    case 3: {
        const Bytes why = reader.bytes(200);
        if (!base::isUtf8(base::textOf(why)))
            reader.refuse();
        answer = Unreadable{std::string(base::textOf(why))};
        break;
    }
    case 4: {
        const auto pages = reader.number<std::uint32_t>();
        answer = Opened{pages, reader.truth()};
        if (pages > static_cast<std::uint32_t>(INT32_MAX))
            reader.refuse();
        break;
    }
    case 5: {
        const auto page = reader.number<std::uint32_t>();
        answer = PageDone{page, reader.truth()};
        break;
    }
    default:
        return malformed();
    }
    if (bytes.empty() || !reader.isDone())
        return malformed();
    return answer;
}

} // namespace voelgoed::hal
