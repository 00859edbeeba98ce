#pragma once

#include "shared/base/bytes.h"
#include "shared/domain/ids.h"

#include <cstdint>
#include <vector>

namespace voelgoed::bitmap {

/// A set of ordinals, one bit each: 125 kB for a million tickets. Grows as needed up to domain::kOrdinalMax.
class Bitmap
{
public:
    bool test(domain::Ordinal ordinal) const
    {
        const std::size_t word = ordinal.value / 64;
        return word < m_words.size() && (m_words[word] >> (ordinal.value % 64) & 1) != 0;
    }

    void set(domain::Ordinal ordinal);
    void reset(domain::Ordinal ordinal);
    std::size_t count() const;
    bool empty() const { return count() == 0; }
    std::size_t bytes() const { return m_words.capacity() * sizeof(std::uint64_t); } ///< memory that it holds

    /// Afterwards it holds what either held.
    void merge(const Bitmap &other);

    /// In ascending order.
    std::vector<domain::Ordinal> ordinals() const;

    /// The set as bytes. One spelling a set, whatever the order in which it was filled:
    ///
    ///     version 1 (1 byte), number of blocks (u16), then for each block of 65,536 ordinals that holds any:
    ///     block number (u8), kind (u8: 0 all, 1 list, 2 bits); a list: count (u16), then ascending u16 numbers;
    ///     bits: 8,192 bytes, lowest ordinal in the lowest bit of the first byte.
    ///
    /// A block is a list when that is shorter (up to 4,095 members). Big endian.
    base::Bytes serialise() const;

    /// Invalid for every byte string that serialise() does not write.
    static base::Result<Bitmap> parse(base::ByteView bytes);

    friend bool operator==(const Bitmap &a, const Bitmap &b) { return a.ordinals() == b.ordinals(); }

private:
    static constexpr std::size_t kBlockWords = 65'536 / 64;

    std::size_t blockCount(std::size_t block) const;

    std::vector<std::uint64_t> m_words;
};

} // namespace voelgoed::bitmap
