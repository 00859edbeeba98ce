#pragma once

#include "shared/ticket/issue.h"

#include <cstddef>

/// One event for all tests of codes. Its golden codes were computed from the description of the format with another
/// implementation (Python's hmac, hashlib and cryptography).
namespace voelgoed::ticket::sample {

inline constexpr std::uint8_t kSlot = 3;

inline constexpr const char *kGolden = "T1412Q30/QM.6MU GKS0UAWU13CHH4S8XBAD:FI9T3TF9.60BNQHM "
                                       "ST$MH3ONE79U6TJ+A-AEH*R3HK UEGIAT4TG2QOOC42IV0EM+J+RKGV4DAREX"
                                       "O3QJY0C";
inline constexpr const char *kGoldenDecimal =
    "170285361562326589956993582024738569274568235400578575544308274642082668283211229911871715021420288337247121483802"
    "39"
    "7331745668541704518201754047617502038673787606510756810416510893073364672339726";
inline constexpr const char *kGoldenRotating = "T1Z62Q30/QMP0S14JU50UAWU50WYQJHM3:1L1WTDIHU9/"
                                               "J9QMM20NQ*K:Y86FTYWSCQV55CI:Q:31H-8 FC4*G9GTGIUQ2L73SR79K7T.IEJ8TFEB1."
                                               "EJW6 RL";

/// What kGolden says.
inline T1Claims goldenClaims()
{
    return {.keySlot = kSlot,
            .ordinal = {123456},
            .generation = 2,
            .typeIndex = 5,
            .zones = 0x00FF,
            .validFromHours = 24,
            .durationHours = 6,
            .rotating = false};
}

/// What kGoldenRotating says.
inline T1Claims rotatingClaims()
{
    return {.keySlot = kSlot, .ordinal = {7}, .durationHours = T1Claims::kUntilTypeSays, .rotating = true};
}

inline base::SigningKey signingKey(std::byte fill = std::byte{7})
{
    return *base::SigningKey::fromSeed(base::Bytes(32, fill));
}

inline base::VerifyingKey publicHalf(const base::SigningKey &key)
{
    return *base::VerifyingKey::fromRaw(key.publicKey());
}

inline KeyRingParts ringParts()
{
    KeyRingParts parts;
    for (std::size_t i = 0; i < 16; ++i) {
        parts.identity.organization[i] = static_cast<std::byte>(0x10 + i);
        parts.identity.event[i] = static_cast<std::byte>(0x20 + i);
    }
    parts.identity.shortId = 0xA1B2C3;
    parts.epoch = *base::parseInstant("2026-12-01T00:00:00Z");
    parts.endsAt = *base::parseInstant("2026-12-05T22:00:00Z");
    parts.keys = {{.slot = kSlot, .key = publicHalf(signingKey())},
                  {.slot = 4, .key = publicHalf(signingKey(std::byte{8}))}};
    parts.rotation.emplace().fill(std::byte{9});
    return parts;
}

inline KeyRing ring()
{
    return *KeyRing::make(ringParts());
}

inline T1Code codeOf(std::string_view text)
{
    return std::get<T1Code>(parseT1(text));
}

/// A code with these first 16 bytes, signed by the event's own key: what only a faulty issuer would make.
inline T1Code signedAnyway(base::ByteView claimed, const KeyRing &of)
{
    T1Code code;
    const auto signature = signingKey().sign(signedText(claimed, of.identity()));
    std::copy(claimed.begin(), claimed.end(), code.bytes.begin());
    std::copy(signature.begin(), signature.end(), code.bytes.begin() + kT1Claimed);
    return code;
}

} // namespace voelgoed::ticket::sample
