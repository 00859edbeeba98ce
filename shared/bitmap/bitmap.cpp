#include "shared/bitmap/bitmap.h"

#include <algorithm>
#include <bit>

namespace voelgoed::bitmap {

using base::ByteView;
using domain::Ordinal;

namespace {

constexpr std::byte kVersion{1};
constexpr std::size_t kListMax = 4'095;
constexpr std::size_t kBlockBits = 65'536;
constexpr std::size_t kBlockBytes = kBlockBits / 8;

enum class BlockKind : std::uint8_t { All = 0, List = 1, Bits = 2 };

base::Error malformed(std::string_view what)
{
    return base::invalid("bitmap: " + std::string(what));
}

} // namespace

void Bitmap::set(Ordinal ordinal)
{
    base::ensure(ordinal.value <= domain::kOrdinalMax, "an ordinal above 2^24 - 1");
    const std::size_t word = ordinal.value / 64;
    if (word >= m_words.size())
        m_words.resize(std::max(word + 1, m_words.size() * 2));
    m_words[word] |= std::uint64_t{1} << (ordinal.value % 64);
}

void Bitmap::reset(Ordinal ordinal)
{
    const std::size_t word = ordinal.value / 64;
    if (word < m_words.size())
        m_words[word] &= ~(std::uint64_t{1} << (ordinal.value % 64));
}

std::size_t Bitmap::count() const
{
    std::size_t total = 0;
    for (const std::uint64_t word : m_words)
        total += static_cast<std::size_t>(std::popcount(word));
    return total;
}

void Bitmap::merge(const Bitmap &other)
{
    if (other.m_words.size() > m_words.size())
        m_words.resize(other.m_words.size());
    for (std::size_t i = 0; i < other.m_words.size(); ++i)
        m_words[i] |= other.m_words[i];
}

std::vector<Ordinal> Bitmap::ordinals() const
{
    std::vector<Ordinal> result;
    for (std::size_t i = 0; i < m_words.size(); ++i) {
        for (std::uint64_t word = m_words[i]; word != 0; word &= word - 1)
            result.push_back({static_cast<std::uint32_t>(i * 64 + static_cast<std::size_t>(std::countr_zero(word)))});
    }
    return result;
}

std::size_t Bitmap::blockCount(std::size_t block) const
{
    std::size_t total = 0;
    const std::size_t end = std::min(m_words.size(), (block + 1) * kBlockWords);
    for (std::size_t i = block * kBlockWords; i < end; ++i)
        total += static_cast<std::size_t>(std::popcount(m_words[i]));
    return total;
}

base::Bytes Bitmap::serialise() const
{
    base::Bytes body;
    std::uint16_t blocks = 0;
    for (std::size_t block = 0; block * kBlockWords < m_words.size(); ++block) {
        const std::size_t members = blockCount(block);
        if (members == 0)
            continue;
        ++blocks;
        const BlockKind kind = members == kBlockBits ? BlockKind::All
                               : members <= kListMax ? BlockKind::List
                                                     : BlockKind::Bits;
        body.push_back(static_cast<std::byte>(block));
        body.push_back(static_cast<std::byte>(kind));
        if (kind == BlockKind::List)
            base::putBigEndian(body, static_cast<std::uint16_t>(members));
        if (kind == BlockKind::All)
            continue;
        for (std::size_t i = 0; i < kBlockWords; ++i) {
            const std::size_t at = block * kBlockWords + i;
            const std::uint64_t word = at < m_words.size() ? m_words[at] : 0;
            if (kind == BlockKind::Bits) {
                for (unsigned shift = 0; shift < 64; shift += 8)
                    body.push_back(static_cast<std::byte>(word >> shift));
                continue;
            }
            for (std::uint64_t rest = word; rest != 0; rest &= rest - 1)
                base::putBigEndian(body, static_cast<std::uint16_t>(i * 64 + std::countr_zero(rest)));
        }
    }
    base::Bytes bytes{kVersion};
    base::putBigEndian(bytes, blocks);
    bytes.insert(bytes.end(), body.begin(), body.end());
    return bytes;
}

base::Result<Bitmap> Bitmap::parse(ByteView bytes)
{
    if (bytes.size() < 3)
        return malformed("too short");
    if (bytes[0] != kVersion)
        return base::unsupported("bitmap: version " + std::to_string(std::to_integer<int>(bytes[0])));
    const std::size_t blocks = base::bigEndianAt<std::uint16_t>(bytes, 1);
    Bitmap result;
    std::size_t at = 3;
    int previous = -1;
    for (std::size_t i = 0; i < blocks; ++i) {
        if (bytes.size() - at < 2)
            return malformed("cut off");
        const int block = std::to_integer<int>(bytes[at]);
        const int kind = std::to_integer<int>(bytes[at + 1]);
        at += 2;
        if (block <= previous)
            return malformed("blocks are not in ascending order");
        previous = block;
        const auto first = static_cast<std::uint32_t>(block) * static_cast<std::uint32_t>(kBlockBits);
        if (kind == static_cast<int>(BlockKind::All)) {
            for (std::uint32_t n = 0; n < kBlockBits; ++n)
                result.set({first + n});
        } else if (kind == static_cast<int>(BlockKind::List)) {
            if (bytes.size() - at < 2)
                return malformed("cut off");
            const std::size_t members = base::bigEndianAt<std::uint16_t>(bytes, at);
            at += 2;
            if (members == 0 || members > kListMax || bytes.size() - at < members * 2)
                return malformed("a list of a wrong length");
            int last = -1;
            for (std::size_t n = 0; n < members; ++n, at += 2) {
                const int member = base::bigEndianAt<std::uint16_t>(bytes, at);
                if (member <= last)
                    return malformed("a list that is not in ascending order");
                last = member;
                result.set({first + static_cast<std::uint32_t>(member)});
            }
        } else if (kind == static_cast<int>(BlockKind::Bits)) {
            if (bytes.size() - at < kBlockBytes)
                return malformed("cut off");
            for (std::uint32_t n = 0; n < kBlockBits; ++n) {
                if ((std::to_integer<unsigned>(bytes[at + n / 8]) >> (n % 8) & 1) != 0)
                    result.set({first + n});
            }
            at += kBlockBytes;
            const std::size_t members = result.blockCount(static_cast<std::size_t>(block));
            if (members <= kListMax || members == kBlockBits)
                return malformed("bits where a shorter kind belongs");
        } else {
            return malformed("an unknown kind of block");
        }
    }
    if (at != bytes.size())
        return malformed("something follows");
    return result;
}

} // namespace voelgoed::bitmap
