#include "shared/ticket/rotating.h"

#include "shared/base/crypto/digest.h"

namespace voelgoed::ticket {

namespace {

constexpr std::size_t kSecretSize = 20;
constexpr std::int64_t kTenDigits = 10'000'000'000;

std::uint64_t stepOf(std::int64_t unixSeconds, const KeyRing &ring)
{
    return static_cast<std::uint64_t>(unixSeconds) / static_cast<std::uint64_t>(ring.parts().rotationPeriod.count());
}

std::uint32_t passwordOf(const T1Claims &claims, const RotationKey &key, std::uint64_t step)
{
    base::Bytes name;
    base::putBigEndian(name, claims.ordinal.value << 8 | claims.generation);
    const base::Digest digest = base::hmacSha256(key, {name});
    return totp8(base::ByteView(digest).first(kSecretSize), step);
}

} // namespace

std::uint32_t totp8(base::ByteView secret, std::uint64_t step)
{
    base::Bytes counter;
    base::putBigEndian(counter, step);
    const auto mac = base::hmacSha1(secret, counter);
    // RFC 4226, section 5.3: dynamic truncation.
    const std::size_t offset = std::to_integer<std::size_t>(mac.back()) & 15;
    const std::uint32_t number = base::bigEndianAt<std::uint32_t>(mac, offset) & 0x7FFFFFFF;
    return number % 100'000'000;
}

std::variant<RotatingAccepted, RotatingNotNeeded, T1Problem>
checkRotating(const VerifiedT1 &verified, const KeyRing &ring, const RotatingMoment &moment)
{
    if (!verified.code.rotating) {
        if (verified.claims.rotating)
            return T1Problem::RotatingMissing;
        return RotatingNotNeeded{};
    }
    const RotatingPart &part = *verified.code.rotating;
    const auto &key = ring.parts().rotation;
    if (!key)
        return T1Problem::RotatingUnexpected;
    const base::Instant shown{std::chrono::seconds(part.unixSeconds)};
    const bool timeIsKnown = moment.trust == domain::TimeTrust::Full;
    if (shown < moment.now - kRotatingTolerance || (timeIsKnown && shown > moment.now + kRotatingTolerance))
        return T1Problem::RotatingOutside;
    const std::uint64_t step = stepOf(part.unixSeconds, ring);
    if (part.password != passwordOf(verified.claims, *key, step))
        return T1Problem::RotatingWrong;
    if (moment.lastStep && step <= *moment.lastStep)
        return T1Problem::RotatingUsed;
    // Fresh, a picture from before, or both: who does not know the time cannot tell.
    if (!timeIsKnown)
        return T1Problem::RotatingUncertain;
    return RotatingAccepted{step};
}

std::optional<RotatingPart> rotatingPartAt(const T1Claims &claims, const KeyRing &ring, base::Instant at)
{
    const std::int64_t seconds = std::chrono::floor<std::chrono::seconds>(at).time_since_epoch().count();
    const auto &key = ring.parts().rotation;
    if (!key || seconds < 0 || seconds >= kTenDigits)
        return {};
    return RotatingPart{.unixSeconds = seconds, .password = passwordOf(claims, *key, stepOf(seconds, ring))};
}

} // namespace voelgoed::ticket
