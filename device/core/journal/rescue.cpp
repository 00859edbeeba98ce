#include "device/core/journal/rescue.h"

#include "shared/base/crypto/digest.h"

#include <algorithm>
#include <cstring>

namespace voelgoed::journal {

using base::Bytes;
using base::ByteView;
using base::Result;

namespace {

constexpr std::string_view kMagic = "VGRESCUE";
constexpr std::uint16_t kVersion = 3;
constexpr std::uint64_t kSector = 512;
constexpr std::uint64_t kHeaderSize = 2 * kSector;
constexpr std::size_t kCheckBytes = 8;
constexpr std::size_t kPrefixSize = 4 + 4 + kCheckBytes; ///< length, generation, check of both and of the row
constexpr std::size_t kRowMax = 64 << 10;
constexpr std::uint32_t kGenerationMax = 1U << 30; ///< one a second for 34 years: more than that is damage
constexpr std::size_t kPiece = 64 << 10;

Bytes prefixOf(std::uint32_t generation, ByteView row)
{
    Bytes prefix;
    base::putBigEndian(prefix, static_cast<std::uint32_t>(row.size()));
    base::putBigEndian(prefix, generation);
    const base::Digest digest = base::sha256({prefix, row});
    prefix.insert(prefix.end(), digest.begin(), digest.begin() + kCheckBytes);
    return prefix;
}

/// One copy of the header, but for the zeros behind it.
Bytes headOf(std::uint32_t generation)
{
    const ByteView magic = base::bytesOf(kMagic);
    Bytes head(magic.begin(), magic.end());
    base::putBigEndian(head, kVersion);
    base::putBigEndian(head, generation);
    const base::Digest digest = base::sha256(head);
    head.insert(head.end(), digest.begin(), digest.begin() + kCheckBytes);
    return head;
}

/// The generation that a header names, if one of its copies is whole.
std::optional<std::uint32_t> generationIn(ByteView header)
{
    std::optional<std::uint32_t> highest;
    for (const ByteView copy : {header.first(kSector), header.subspan(kSector, kSector)}) {
        const auto generation = base::bigEndianAt<std::uint32_t>(copy, kMagic.size() + sizeof kVersion);
        const Bytes head = headOf(generation);
        if (generation <= kGenerationMax && std::equal(head.begin(), head.end(), copy.begin()))
            highest = std::max(highest.value_or(generation), generation);
    }
    return highest;
}

/// Megabytes of zeros at every start: compared with themselves, one byte on, as fast as memory goes.
bool isZero(ByteView bytes)
{
    return bytes.empty() ||
           (bytes[0] == std::byte{} && std::memcmp(bytes.data(), bytes.data() + 1, bytes.size() - 1) == 0);
}

/// Where the zeros begin that go on to the end: no row begins there or behind it.
std::size_t endOf(ByteView bytes)
{
    std::size_t end = bytes.size();
    while (end >= kPiece && isZero(bytes.subspan(end - kPiece, kPiece)))
        end -= kPiece;
    while (end > 0 && bytes[end - 1] == std::byte{})
        --end;
    return end;
}

/// The row whose record begins here, if its check holds. Those of a generation before `least` do not count.
std::optional<ByteView> rowAt(ByteView bytes, std::size_t at, std::uint32_t least)
{
    // No row is so long that its length has anything in these two.
    if (at + kPrefixSize >= bytes.size() || bytes[at] != std::byte{} ||
        (bytes[at + 1] & std::byte{0xFE}) != std::byte{})
        return std::nullopt;
    const std::size_t length = base::bigEndianAt<std::uint32_t>(bytes, at);
    if (length == 0 || length > kRowMax || at + kPrefixSize + length > bytes.size())
        return std::nullopt;
    const auto generation = base::bigEndianAt<std::uint32_t>(bytes, at + 4);
    if (generation < least)
        return std::nullopt;
    const ByteView row = bytes.subspan(at + kPrefixSize, length);
    const Bytes expected = prefixOf(generation, row);
    return std::equal(expected.begin(), expected.end(), bytes.begin() + static_cast<std::ptrdiff_t>(at))
               ? std::optional(row)
               : std::nullopt;
}

} // namespace

Result<std::vector<Bytes>> Rescue::salvage(const std::string &path, const std::string &vfs, std::uint64_t size)
{
    const auto there = path.empty() ? Result<bool>(false) : storage::File::exists(path, vfs);
    if (!there)
        return there.error();
    if (!*there)
        return std::vector<Bytes>();
    auto file = storage::File::open(path, vfs);
    if (!file)
        return file.error();
    Bytes all(size); // what the disk does not give is zeros
    for (std::uint64_t at = 0; at < size; at += kPiece) {
        const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(kPiece, size - at));
        auto piece = (*file)->read(at, wanted);
        if (!piece)
            piece = (*file)->read(at, wanted);
        if (piece)
            std::copy(piece->begin(), piece->end(), all.begin() + static_cast<std::ptrdiff_t>(at));
    }
    // Rows of earlier generations are in the journal already, or never were answered for.
    const std::uint32_t least = generationIn(ByteView(all).first(kHeaderSize)).value_or(0);
    std::vector<Bytes> rows;
    const std::size_t end = endOf(all);
    for (std::size_t at = kHeaderSize; at < end; ++at) {
        const auto row = rowAt(all, at, least);
        if (!row)
            continue;
        rows.emplace_back(row->begin(), row->end());
        at += kPrefixSize + row->size() - 1;
    }
    return rows;
}

Result<Rescue> Rescue::open(const std::string &path, const std::string &vfs, std::uint64_t size)
{
    if (path.empty())
        return Rescue(nullptr, size);
    auto file = storage::File::open(path, vfs);
    if (!file)
        return file.error();
    Rescue rescue(std::move(*file), size);
    if (auto read = rescue.readAll(); !read)
        return read.error().code == base::ErrorCode::Unavailable ? read.error() // names the file
                                                                 : read.error().at(path + ": rescue journal");
    return rescue;
}

Result<void> Rescue::readAll()
{
    const auto size = m_file->size();
    if (!size)
        return size.error();
    const auto header = m_file->read(0, kHeaderSize);
    if (!header)
        return header.error();
    m_end = kHeaderSize;
    const auto generation = generationIn(*header);
    if (!generation || *size < m_size) {
        if (auto rest = expectZeros(kHeaderSize); !rest)
            return rest;
        // New, or never finished: take the space, then write the header that makes it a rescue journal.
        const Bytes zeros(kPiece);
        for (std::uint64_t at = 0; at < m_size; at += zeros.size()) {
            const auto piece = static_cast<std::size_t>(std::min<std::uint64_t>(kPiece, m_size - at));
            if (auto written = m_file->write(at, ByteView(zeros).first(piece)); !written)
                return written;
        }
        if (auto synced = m_file->sync(); !synced)
            return synced;
        return writeHeader();
    }
    m_generation = *generation;
    if (auto rows = readRows(); !rows)
        return rows;
    if (auto kept = keepLast(); !kept)
        m_torn = true; // it can be read, and nothing goes behind it
    // A copy that was damaged, or not reached before the power went: while the other one is there, it can be mended.
    const Bytes head = headOf(m_generation);
    const ByteView copies(*header);
    return base::textOf(copies.first(head.size())) == base::textOf(head) &&
                   base::textOf(copies.subspan(kSector, head.size())) == base::textOf(head)
               ? Result<void>()
               : writeHeader();
}

Result<void> Rescue::keepLast()
{
    // Its sync may have failed: then it is perhaps in the system's memory only, and no sync of today brings it to the
    // disk.
    if (m_rows.empty())
        return {};
    Bytes record = prefixOf(m_generation, m_rows.back());
    record.insert(record.end(), m_rows.back().begin(), m_rows.back().end());
    if (auto written = m_file->write(m_end - record.size(), record); !written)
        return written;
    return m_file->sync();
}

Result<void> Rescue::readRows()
{
    while (m_end + kPrefixSize < m_size) {
        const auto prefix = m_file->read(m_end, kPrefixSize);
        if (!prefix)
            return prefix.error();
        const std::size_t length = base::bigEndianAt<std::uint32_t>(*prefix, 0);
        if (length == 0 || length > kRowMax || m_end + kPrefixSize + length > m_size)
            return expectNoRows();
        auto row = m_file->read(m_end + kPrefixSize, length);
        if (!row)
            return row.error();
        if (prefixOf(m_generation, *row) != *prefix)
            return expectNoRows();
        m_end += kPrefixSize + length;
        m_rows.push_back(std::move(*row));
    }
    return {};
}

Result<void> Rescue::expectZeros(std::uint64_t from)
{
    const auto rest = m_file->read(from, m_size - from);
    if (!rest)
        return rest.error();
    if (!isZero(*rest))
        return base::corrupt("its head cannot be read, and rows may be behind it");
    return {};
}

Result<void> Rescue::expectNoRows()
{
    const auto rest = m_file->read(m_end, m_size - m_end);
    if (!rest)
        return rest.error();
    // A write that was cut off leaves a torn row at the end. One that checks, behind one that does not, means damage;
    // so does one of a generation that the header does not know yet.
    const ByteView bytes(*rest);
    const std::size_t end = endOf(bytes);
    for (std::size_t at = 0; at < end; ++at) {
        if (rowAt(bytes, at, m_generation))
            return base::corrupt("a row in the middle of it is damaged, or its head is older than its rows");
    }
    return {};
}

Result<void> Rescue::writeHeader()
{
    const Bytes head = headOf(m_generation);
    for (const std::uint64_t at : {std::uint64_t{0}, kSector}) {
        if (auto written = m_file->write(at, head); !written)
            return written;
        if (auto synced = m_file->sync(); !synced)
            return synced;
    }
    return {};
}

Result<void> Rescue::append(const Bytes &row)
{
    base::ensure(!row.empty() && row.size() <= kRowMax, "a row that no rescue journal takes");
    if (!m_file)
        return base::Error{base::ErrorCode::Unavailable, "there is no rescue journal", {}};
    if (m_torn)
        return base::Error{base::ErrorCode::Unavailable, "the rescue journal's disk failed", {}};
    if (m_end + kPrefixSize + row.size() > m_size)
        return base::Error{base::ErrorCode::Unavailable, "the rescue journal is full", "Make room on the disk."};
    Bytes record = prefixOf(m_generation, row);
    record.insert(record.end(), row.begin(), row.end());
    m_torn = true;
    if (auto written = m_file->write(m_end, record); !written)
        return written;
    if (auto synced = m_file->sync(); !synced)
        return synced;
    m_torn = false;
    m_end += record.size();
    m_rows.push_back(row);
    return {};
}

Result<void> Rescue::clear()
{
    if (m_rows.empty() && !m_torn)
        return {};
    // Until a header is sure to be there, nobody knows which generation the next start reads: no row fits either.
    m_torn = true;
    ++m_generation;
    if (auto written = writeHeader(); !written)
        return written;
    m_rows.clear();
    m_end = kHeaderSize;
    m_torn = false;
    return {};
}

} // namespace voelgoed::journal
