#include "device/core/vault/high_water.h"

#include "shared/base/crypto/digest.h"

#include <algorithm>

namespace voelgoed::vault {

using base::Bytes;
using base::ByteView;

namespace {

constexpr std::string_view kMagic = "VGMARK01";
constexpr std::uint64_t kSlotSize = 512;
constexpr std::size_t kSaidSize = 8 + 8 + 4 + 32;
constexpr std::size_t kCheckSize = 8;

Bytes checkOf(ByteView said)
{
    const base::Digest digest = base::sha256({said});
    return {digest.begin(), digest.begin() + kCheckSize};
}

std::optional<journal::Tail> tailIn(ByteView slot)
{
    const ByteView said = slot.first(kSaidSize);
    if (base::textOf(said.first(kMagic.size())) != kMagic ||
        base::textOf(slot.subspan(kSaidSize, kCheckSize)) != base::textOf(checkOf(said)))
        return std::nullopt;
    journal::Tail tail{.sequence = {base::bigEndianAt<std::uint64_t>(said, 8)},
                       .epoch = {base::bigEndianAt<std::uint32_t>(said, 16)}};
    std::copy_n(said.begin() + 20, tail.hash.size(), tail.hash.begin());
    return tail;
}

} // namespace

std::string highWaterFile(const std::string &file)
{
    return file + "-mark";
}

base::Result<HighWater> HighWater::open(const std::string &file, const std::string &vfs)
{
    HighWater mark;
    const auto there = storage::File::exists(highWaterFile(file), vfs);
    if (!there)
        return there.error();
    auto opened = storage::File::open(highWaterFile(file), vfs);
    if (!opened && *there)
        return opened.error();
    if (!opened)
        return mark;
    for (const std::uint64_t at : {std::uint64_t{0}, kSlotSize}) {
        const auto slot = (*opened)->read(at, kSaidSize + kCheckSize);
        if (!slot)
            return slot.error();
        const auto tail = tailIn(*slot);
        if (tail && (!mark.m_last || mark.m_last->sequence < tail->sequence))
            mark.m_last = tail;
    }
    mark.m_file = std::move(*opened);
    return mark;
}

void HighWater::raise(const journal::Tail &tail)
{
    if (!m_file)
        return;
    const ByteView magic = base::bytesOf(kMagic);
    Bytes slot(magic.begin(), magic.end());
    base::putBigEndian(slot, tail.sequence.value);
    base::putBigEndian(slot, tail.epoch.value);
    slot.insert(slot.end(), tail.hash.begin(), tail.hash.end());
    const Bytes check = checkOf(slot);
    slot.insert(slot.end(), check.begin(), check.end());
    // A mark that lags is none the worse: what counts is durable already.
    (void)m_file->write(tail.sequence.value % 2 * kSlotSize, slot);
}

} // namespace voelgoed::vault
