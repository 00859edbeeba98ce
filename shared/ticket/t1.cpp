#include "shared/ticket/t1.h"

#include "shared/ticket/base45.h"
#include "shared/ticket/decimal.h"

#include <algorithm>
#include <charconv>
#include <cstdio>

namespace voelgoed::ticket {

namespace {

static_assert(kDecimalBytes == kT1Size);

constexpr std::string_view kBase45Prefix = "T1";
constexpr std::string_view kDecimalPrefix = "17";
constexpr std::size_t kBase45Length = 2 + kT1Size / 2 * 3;
constexpr std::size_t kDecimalLength = 2 + kDecimalDigits;
constexpr std::size_t kTimeDigits = 10;
constexpr std::size_t kPasswordDigits = 8;
constexpr std::size_t kRotatingLength = kBase45Length + kTimeDigits + kPasswordDigits;

constexpr std::uint8_t kVersion = 1;
constexpr std::uint8_t kFlagRotating = 1;

T1Problem problemOf(SpellingProblem problem)
{
    switch (problem) {
    case SpellingProblem::Length:
        return T1Problem::NotT1;
    case SpellingProblem::Character:
        return T1Problem::IllegalCharacter;
    case SpellingProblem::Range:
        return T1Problem::OutOfRange;
    }
    base::ensure(false, "a spelling problem without a name");
    return T1Problem::NotT1;
}

std::variant<RotatingPart, T1Problem> parseRotating(std::string_view digits)
{
    if (!std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; }))
        return T1Problem::IllegalCharacter;
    RotatingPart part;
    const char *middle = digits.data() + kTimeDigits;
    std::from_chars(digits.data(), middle, part.unixSeconds);
    std::from_chars(middle, middle + kPasswordDigits, part.password);
    return part;
}

std::variant<T1Code, T1Problem> parseBase45(std::string_view text)
{
    T1Code code{.form = T1Form::Base45};
    const auto spelled = fromBase45(text.substr(kBase45Prefix.size(), kBase45Length - kBase45Prefix.size()));
    if (const auto *problem = std::get_if<SpellingProblem>(&spelled))
        return problemOf(*problem);
    const auto &bytes = *std::get_if<base::Bytes>(&spelled);
    base::ensure(bytes.size() == kT1Size, "120 characters of base45 are 80 bytes");
    std::copy(bytes.begin(), bytes.end(), code.bytes.begin());
    if (text.size() == kBase45Length)
        return code;
    const auto rotating = parseRotating(text.substr(kBase45Length));
    if (const auto *problem = std::get_if<T1Problem>(&rotating))
        return *problem;
    code.rotating = *std::get_if<RotatingPart>(&rotating);
    return code;
}

std::variant<T1Code, T1Problem> parseDecimal(std::string_view text)
{
    const auto spelled = fromDecimal(text.substr(kDecimalPrefix.size()));
    if (const auto *problem = std::get_if<SpellingProblem>(&spelled))
        return problemOf(*problem);
    return T1Code{.bytes = *std::get_if<T1Bytes>(&spelled), .form = T1Form::Decimal, .rotating = {}};
}

std::uint8_t byteAt(const T1Bytes &bytes, std::size_t at)
{
    return std::to_integer<std::uint8_t>(bytes[at]);
}

/// Everything in the first byte and the slot that can be judged without arithmetic.
std::optional<T1Problem> problemOfHeader(const T1Code &code, const KeyRing &ring)
{
    const std::uint8_t head = byteAt(code.bytes, 0);
    if (head >> 4 != kVersion)
        return T1Problem::OtherVersion;
    if (code.shortId() != ring.identity().shortId)
        return T1Problem::OtherEvent;
    if ((head & 3 & ~kFlagRotating) != 0)
        return T1Problem::UnknownFlags;
    const std::uint8_t algorithm = head >> 2 & 3;
    if (algorithm != static_cast<std::uint8_t>(SignatureAlgorithm::Ed25519))
        return T1Problem::UnknownAlgorithm;
    const KeySlot *slot = ring.slot(byteAt(code.bytes, 1));
    if (slot == nullptr)
        return T1Problem::UnknownSlot;
    if (static_cast<std::uint8_t>(slot->algorithm) != algorithm)
        return T1Problem::UnknownAlgorithm;
    return {};
}

T1Claims claimsOf(const T1Bytes &bytes, const OrdinalMask &mask)
{
    const std::uint32_t masked = base::bigEndianAt<std::uint32_t>(bytes, 5) & domain::kOrdinalMax;
    return {.keySlot = byteAt(bytes, 1),
            .ordinal = mask.unmasked(masked),
            .generation = byteAt(bytes, 9),
            .typeIndex = byteAt(bytes, 10),
            .zones = base::bigEndianAt<std::uint16_t>(bytes, 11),
            .validFromHours = base::bigEndianAt<std::uint16_t>(bytes, 13),
            .durationHours = byteAt(bytes, 15),
            .rotating = (byteAt(bytes, 0) & kFlagRotating) != 0};
}

} // namespace

std::variant<T1Code, T1Problem> parseT1(std::string_view text)
{
    if ((text.size() == kBase45Length || text.size() == kRotatingLength) && text.starts_with(kBase45Prefix))
        return parseBase45(text);
    if (text.size() == kDecimalLength && text.starts_with(kDecimalPrefix))
        return parseDecimal(text);
    return T1Problem::NotT1;
}

std::string printT1(const T1Code &code)
{
    if (code.form == T1Form::Decimal)
        return std::string(kDecimalPrefix) + toDecimal(code.bytes);
    std::string text = std::string(kBase45Prefix) + toBase45(code.bytes);
    if (code.rotating) {
        char digits[32];
        std::snprintf(digits, sizeof digits, "%010lld%08u", static_cast<long long>(code.rotating->unixSeconds),
                      code.rotating->password);
        text += digits;
    }
    return text;
}

std::variant<T1Claims, T1Problem> verifyT1(const T1Code &code, const KeyRing &ring)
{
    if (const auto problem = problemOfHeader(code, ring))
        return *problem;
    const auto bytes = base::ByteView(code.bytes);
    const base::Bytes text = signedText(bytes.first(kT1Claimed), ring.identity());
    const KeySlot &slot = *ring.slot(byteAt(code.bytes, 1));
    if (!slot.key.verify(text, bytes.subspan(kT1Claimed)))
        return T1Problem::BadSignature;
    if (slot.retired)
        return T1Problem::RetiredKey;
    const T1Claims claims = claimsOf(code.bytes, ring.mask());
    if (claims.ordinal.value == 0)
        return T1Problem::NoOrdinal;
    return claims;
}

T1Window windowOf(const T1Claims &claims, const KeyRing &ring)
{
    const base::Instant start = ring.parts().epoch + std::chrono::hours(claims.validFromHours);
    T1Window window;
    if (claims.validFromHours != 0)
        window.from = std::min(start, base::kLatest);
    if (claims.durationHours == T1Claims::kUntilTypeSays)
        window.untilTypeSays = true;
    else if (claims.durationHours == T1Claims::kUntilEventEnds)
        window.until = ring.parts().endsAt;
    else
        window.until = std::min(start + std::chrono::hours(claims.durationHours), base::kLatest);
    return window;
}

std::array<std::byte, kT1Claimed> encodeClaims(const T1Claims &claims, const KeyRing &ring)
{
    base::Bytes bytes;
    bytes.reserve(kT1Claimed);
    const KeySlot *slot = ring.slot(claims.keySlot);
    const auto algorithm = static_cast<std::uint8_t>(slot ? slot->algorithm : SignatureAlgorithm::Ed25519);
    base::putBigEndian(
        bytes, static_cast<std::uint8_t>(kVersion << 4 | algorithm << 2 | (claims.rotating ? kFlagRotating : 0)));
    base::putBigEndian(bytes, claims.keySlot);
    base::putBigEndian(bytes, ring.identity().shortId);
    const std::uint32_t masked = ring.mask().masked(claims.ordinal);
    base::putBigEndian(bytes, static_cast<std::uint8_t>(masked >> 16));
    base::putBigEndian(bytes, static_cast<std::uint16_t>(masked));
    base::putBigEndian(bytes, claims.generation);
    base::putBigEndian(bytes, claims.typeIndex);
    base::putBigEndian(bytes, claims.zones);
    base::putBigEndian(bytes, claims.validFromHours);
    base::putBigEndian(bytes, claims.durationHours);
    std::array<std::byte, kT1Claimed> claimed;
    base::ensure(bytes.size() == claimed.size(), "a claim of another size");
    std::copy(bytes.begin(), bytes.end(), claimed.begin());
    return claimed;
}

base::Bytes signedText(base::ByteView claimed, const EventIdentity &identity)
{
    constexpr std::string_view kDomain("GATE-T1\0", 8);
    base::Bytes text;
    text.reserve(kDomain.size() + 2 * sizeof(domain::Uuid) + claimed.size());
    for (const base::ByteView part :
         {base::bytesOf(kDomain), base::ByteView(identity.organization), base::ByteView(identity.event), claimed})
        text.insert(text.end(), part.begin(), part.end());
    return text;
}

} // namespace voelgoed::ticket
