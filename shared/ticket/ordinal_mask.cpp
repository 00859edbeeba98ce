#include "shared/ticket/ordinal_mask.h"

#include "shared/base/bytes.h"
#include "shared/base/crypto/digest.h"
#include "shared/base/ensure.h"

#include <array>

namespace voelgoed::ticket {

namespace {

constexpr std::uint32_t kRounds = 4;
constexpr std::uint32_t kHalfBits = 12;
constexpr std::uint32_t kHalfValues = 1U << kHalfBits;
constexpr std::uint32_t kHalfMask = kHalfValues - 1;
constexpr std::uint32_t kPerDigest = sizeof(base::Digest) / 2;

base::Digest keyOf(const EventIdentity &identity)
{
    base::Bytes shortId;
    base::putBigEndian(shortId, identity.shortId);
    return base::hmacSha256(base::bytesOf("GATE-T1 ordinals"), {identity.organization, identity.event, shortId});
}

} // namespace

OrdinalMask::OrdinalMask(const EventIdentity &identity) : m_rounds(kRounds * kHalfValues)
{
    const base::Digest key = keyOf(identity);
    for (std::uint32_t first = 0; first < m_rounds.size(); first += kPerDigest) {
        const std::array place = {static_cast<std::byte>(first / kHalfValues),
                                  static_cast<std::byte>(first % kHalfValues / kPerDigest)};
        const base::Digest digest = base::hmacSha256(key, {place});
        for (std::uint32_t i = 0; i < kPerDigest; ++i)
            m_rounds[first + i] = base::bigEndianAt<std::uint16_t>(digest, i * 2) & kHalfMask;
    }
}

std::uint32_t OrdinalMask::masked(domain::Ordinal ordinal) const
{
    base::ensure(ordinal.value <= domain::kOrdinalMax, "an ordinal above 2^24 - 1");
    std::uint32_t left = ordinal.value >> kHalfBits;
    std::uint32_t right = ordinal.value & kHalfMask;
    for (std::uint32_t round = 0; round < kRounds; ++round) {
        const std::uint32_t next = left ^ m_rounds[round * kHalfValues + right];
        left = right;
        right = next;
    }
    return left << kHalfBits | right;
}

domain::Ordinal OrdinalMask::unmasked(std::uint32_t masked) const
{
    base::ensure(masked <= domain::kOrdinalMax, "a masked ordinal above 2^24 - 1");
    std::uint32_t left = masked >> kHalfBits;
    std::uint32_t right = masked & kHalfMask;
    for (std::uint32_t round = kRounds; round-- > 0;) {
        const std::uint32_t before = right ^ m_rounds[round * kHalfValues + left];
        right = left;
        left = before;
    }
    return {left << kHalfBits | right};
}

} // namespace voelgoed::ticket
