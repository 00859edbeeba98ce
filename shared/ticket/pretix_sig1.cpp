#include "shared/ticket/pretix_sig1.h"

#include "shared/base/text.h"

#include <algorithm>

namespace voelgoed::ticket {

namespace {

constexpr std::uint8_t kVersion = 1;
constexpr std::size_t kHeader = 5;
constexpr std::size_t kSeedMax = 255;

base::Error malformed(std::string_view what)
{
    return base::corrupt("pretix payload: " + std::string(what));
}

/// The wire types of Protocol Buffers (protobuf.dev/programming-guides/encoding).
enum class WireType : std::uint8_t { Varint = 0, Fixed64 = 1, Bytes = 2, Fixed32 = 5 };

struct Field
{
    std::uint64_t number = 0;
    WireType type = WireType::Varint;
    std::uint64_t value = 0; ///< of a varint
    base::ByteView bytes;    ///< of anything else
};

/// Reads one field after another. Every call moves on or fails, so reading ends.
class FieldReader
{
public:
    explicit FieldReader(base::ByteView bytes) : m_rest(bytes) {}

    bool atEnd() const { return m_rest.empty(); }
    base::Result<Field> next();

private:
    base::Result<std::uint64_t> varint();
    base::Result<base::ByteView> take(std::uint64_t size);

    base::ByteView m_rest;
};

/// Seven bits a byte, the least first, at most ten bytes; the tenth has room for one bit.
base::Result<std::uint64_t> FieldReader::varint()
{
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64 && !m_rest.empty(); shift += 7) {
        const auto byte = std::to_integer<std::uint64_t>(m_rest.front());
        m_rest = m_rest.subspan(1);
        if (shift == 63 && byte > 1)
            return malformed("a number above 64 bits");
        value |= (byte & 0x7F) << shift;
        if (byte < 0x80)
            return value;
    }
    return malformed("a number without an end");
}

base::Result<base::ByteView> FieldReader::take(std::uint64_t size)
{
    if (size > m_rest.size())
        return malformed("a field longer than the payload");
    const base::ByteView taken = m_rest.first(size);
    m_rest = m_rest.subspan(size);
    return taken;
}

base::Result<Field> FieldReader::next()
{
    const auto tag = varint();
    if (!tag)
        return tag.error();
    constexpr std::uint64_t kNumberMax = (1U << 29) - 1;
    Field field{.number = *tag >> 3, .type = static_cast<WireType>(*tag & 7), .value = 0, .bytes = {}};
    if (field.number == 0 || field.number > kNumberMax)
        return malformed("a field number out of range");

    std::uint64_t size = 0;
    switch (field.type) {
    case WireType::Varint: {
        const auto value = varint();
        if (!value)
            return value.error();
        field.value = *value;
        return field;
    }
    case WireType::Bytes: {
        const auto length = varint();
        if (!length)
            return length.error();
        size = *length;
        break;
    }
    case WireType::Fixed64:
        size = 8;
        break;
    case WireType::Fixed32:
        size = 4;
        break;
    }
    const bool known = field.type == WireType::Bytes || size > 0;
    if (!known)
        return malformed("an unknown wire type");
    const auto bytes = take(size);
    if (!bytes)
        return bytes.error();
    field.bytes = *bytes;
    return field;
}

base::Result<std::optional<base::Instant>> moment(std::uint64_t unixSeconds)
{
    if (unixSeconds == 0)
        return std::optional<base::Instant>();
    const auto most = static_cast<std::uint64_t>(base::millisOf(base::kLatest) / 1000);
    if (unixSeconds > most) // negative numbers too
        return malformed("a moment outside 1970 to 9999");
    return std::optional(base::instantFromMillis(static_cast<std::int64_t>(unixSeconds) * 1000));
}

base::Result<void> takeField(const Field &field, PretixTicket &ticket)
{
    if (field.number > 6)
        return {};
    const WireType expected = field.number == 1 ? WireType::Bytes : WireType::Varint;
    if (field.type != expected)
        return malformed("a field of another type");
    const auto number = static_cast<std::int64_t>(field.value);
    if (field.number == 1) {
        ticket.seed = base::textOf(field.bytes);
        if (ticket.seed.size() > kSeedMax || !base::isUtf8(ticket.seed))
            return malformed("a seed that is no text or too long");
    } else if (field.number == 2) {
        ticket.item = number;
    } else if (field.number == 3) {
        ticket.variation = number;
    } else if (field.number == 4) {
        ticket.subevent = number;
    } else {
        const auto at = moment(field.value);
        if (!at)
            return at.error();
        (field.number == 5 ? ticket.validFrom : ticket.validUntil) = *at;
    }
    return {};
}

} // namespace

base::Result<PretixEnvelope> parsePretix(std::string_view text)
{
    if (text.size() > kPretixTextMax)
        return base::invalid("pretix code: too long");
    const auto bytes = base::fromBase64(std::string(text.rbegin(), text.rend()));
    if (!bytes)
        return bytes.error().at("pretix code");
    if (bytes->size() < kHeader || bytes->front() != std::byte{kVersion})
        return base::invalid("pretix code: another version than 1");
    const std::size_t payload = base::bigEndianAt<std::uint16_t>(*bytes, 1);
    const std::size_t signature = base::bigEndianAt<std::uint16_t>(*bytes, 3);
    if (signature != sizeof(base::Signature) || bytes->size() != kHeader + payload + signature)
        return base::invalid("pretix code: lengths that do not add up");
    PretixEnvelope envelope;
    const base::ByteView body = base::ByteView(*bytes).subspan(kHeader);
    envelope.payload.assign(body.begin(), body.begin() + static_cast<std::ptrdiff_t>(payload));
    std::copy_n(body.subspan(payload).begin(), signature, envelope.signature.begin());
    return envelope;
}

std::string printPretix(const PretixEnvelope &envelope)
{
    base::Bytes bytes;
    base::putBigEndian(bytes, kVersion);
    base::putBigEndian(bytes, static_cast<std::uint16_t>(envelope.payload.size()));
    base::putBigEndian(bytes, static_cast<std::uint16_t>(envelope.signature.size()));
    bytes.insert(bytes.end(), envelope.payload.begin(), envelope.payload.end());
    bytes.insert(bytes.end(), envelope.signature.begin(), envelope.signature.end());
    const std::string text = base::toBase64(bytes);
    return {text.rbegin(), text.rend()};
}

base::Result<PretixTicket> readPretixPayload(base::ByteView payload)
{
    PretixTicket ticket;
    FieldReader reader(payload);
    while (!reader.atEnd()) {
        const auto field = reader.next();
        if (!field)
            return field.error();
        const auto taken = takeField(*field, ticket);
        if (!taken)
            return taken.error();
    }
    return ticket;
}

base::Result<PretixTicket> verifyPretix(std::string_view text, const base::VerifyingKey &key)
{
    const auto envelope = parsePretix(text);
    if (!envelope)
        return envelope.error();
    if (!key.verify(envelope->payload, envelope->signature))
        return base::Error{base::ErrorCode::Unauthorized, "pretix code: signature fails", {}};
    return readPretixPayload(envelope->payload);
}

base::Result<base::VerifyingKey> pretixKey(std::string_view base64OfPem)
{
    constexpr std::string_view kBegin = "-----BEGIN PUBLIC KEY-----\n";
    constexpr std::string_view kEnd = "\n-----END PUBLIC KEY-----\n";
    const base::Error wrong = base::invalid("pretix key: not base64 of a PEM file with an Ed25519 public key");
    if (base64OfPem.size() > kPretixTextMax)
        return wrong;
    const auto pem = base::fromBase64(base64OfPem);
    if (!pem)
        return pem.error().at("pretix key");
    std::string_view text = base::textOf(*pem);
    if (text.size() < kBegin.size() + kEnd.size() || !text.starts_with(kBegin) || !text.ends_with(kEnd))
        return wrong;
    text = text.substr(kBegin.size(), text.size() - kBegin.size() - kEnd.size());
    const auto der = base::fromBase64(text);
    // RFC 8410, section 4: SEQUENCE { SEQUENCE { 1.3.101.112 } BIT STRING } is these bytes and the key.
    const base::Bytes prefix = *base::fromHex("302a300506032b6570032100");
    if (!der || der->size() != prefix.size() + sizeof(base::PublicKey) ||
        !std::equal(prefix.begin(), prefix.end(), der->begin()))
        return wrong;
    return base::VerifyingKey::fromRaw(base::ByteView(*der).subspan(prefix.size()));
}

} // namespace voelgoed::ticket
