#include "shared/protocol/cursor.h"

#include "shared/protocol/text_builder.h"

#include <string_view>

namespace voelgoed::protocol {

namespace {

constexpr std::string_view kPrefix{"VG-CURSOR-1\0", 12};
constexpr std::uint8_t kVersion = 1;
constexpr std::size_t kBodySize = 1 + 4 + 8;
constexpr std::size_t kCheckSize = 16;

base::Digest checkOf(base::ByteView body, base::ByteView scope, const base::Digest &key)
{
    const TextBuilder text = TextBuilder(kPrefix).putSized(scope).put(body);
    return base::hmacSha256(key, {base::ByteView(text.bytes())});
}

} // namespace

base::Bytes sealCursor(const FeedPoint &point, base::ByteView scope, const base::Digest &key)
{
    base::Bytes sealed;
    base::putBigEndian(sealed, kVersion);
    base::putBigEndian(sealed, point.epoch);
    base::putBigEndian(sealed, point.sequence);
    const base::Digest check = checkOf(sealed, scope, key);
    sealed.insert(sealed.end(), check.begin(), check.begin() + kCheckSize);
    return sealed;
}

base::Result<FeedPoint> openCursor(base::ByteView sealed, base::ByteView scope, const base::Digest &key)
{
    const base::Error foreign{base::ErrorCode::Unauthorized, "a cursor that was not given out here for this event", {}};
    if (sealed.size() != kBodySize + kCheckSize || base::bigEndianAt<std::uint8_t>(sealed, 0) != kVersion)
        return foreign;
    const base::Digest check = checkOf(sealed.first(kBodySize), scope, key);
    std::byte difference{};
    for (std::size_t i = 0; i < kCheckSize; ++i)
        difference |= check[i] ^ sealed[kBodySize + i];
    if (difference != std::byte{})
        return foreign;
    return FeedPoint{base::bigEndianAt<std::uint32_t>(sealed, 1), base::bigEndianAt<std::uint64_t>(sealed, 5)};
}

} // namespace voelgoed::protocol
