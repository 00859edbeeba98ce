#include "device/core/storage/page_reader.h"

#include <algorithm>

namespace voelgoed::storage {

using base::Bytes;
using base::ByteView;

namespace {

constexpr std::size_t kLogHeader = 32;
constexpr std::size_t kFrameHeader = 24;
constexpr std::size_t kColumnsMax = 16;
constexpr int kTries = 3;
constexpr std::size_t kPayloadMax = 64 << 10;
constexpr std::uint8_t kIndexInterior = 0x02, kIndexLeaf = 0x0A, kTableLeaf = 0x0D;

/// Bytes from the left; sticks at the end.
struct Cursor
{
    ByteView bytes;
    std::size_t at = 0;
    bool failed = false;

    std::uint64_t varint()
    {
        std::uint64_t value = 0;
        for (int i = 0; i < 9; ++i) {
            if (at >= bytes.size()) {
                failed = true;
                return 0;
            }
            const auto byte = std::to_integer<std::uint64_t>(bytes[at++]);
            if (i == 8)
                return value << 8 | byte;
            value = value << 7 | (byte & 0x7F);
            if ((byte & 0x80) == 0)
                break;
        }
        return value;
    }
};

std::int64_t signedAt(ByteView bytes)
{
    std::uint64_t value = std::to_integer<std::uint8_t>(bytes[0]) >= 0x80 ? UINT64_MAX : 0;
    for (const std::byte byte : bytes)
        value = value << 8 | std::to_integer<std::uint64_t>(byte);
    return static_cast<std::int64_t>(value);
}

/// Bytes that a value of this serial type takes; nothing for a type that no row of ours has.
std::optional<std::size_t> sizeOf(std::uint64_t type)
{
    constexpr std::size_t kInteger[] = {0, 1, 2, 3, 4, 6, 8};
    if (type < 7)
        return kInteger[type];
    if (type == 8 || type == 9)
        return 0;
    return type < 12 ? std::nullopt : std::optional(static_cast<std::size_t>((type - 12) / 2));
}

Record::Value valueOf(std::uint64_t type, ByteView bytes)
{
    if (type == 0)
        return std::monostate();
    if (type < 7)
        return signedAt(bytes);
    if (type < 10)
        return static_cast<std::int64_t>(type - 8);
    if (type % 2 == 0)
        return bytes;
    return Record::Text{base::textOf(bytes)};
}

std::optional<std::vector<Record::Value>> valuesIn(ByteView payload)
{
    Cursor header{payload};
    const std::uint64_t headerSize = header.varint();
    if (header.failed || headerSize > payload.size())
        return std::nullopt;
    std::vector<Record::Value> values;
    std::size_t at = headerSize;
    while (header.at < headerSize) {
        const std::uint64_t type = header.varint();
        const auto size = sizeOf(type);
        if (header.failed || !size || *size > payload.size() - at || values.size() == kColumnsMax)
            return std::nullopt;
        values.push_back(valueOf(type, payload.subspan(at, *size)));
        at += *size;
    }
    if (header.at != headerSize || at != payload.size())
        return std::nullopt;
    return values;
}

/// How many bytes of a payload are in the cell itself.
std::size_t localSize(std::size_t payload, std::uint8_t kind)
{
    constexpr std::size_t kUsable = PageReader::kPageSize;
    const std::size_t most = kind == kTableLeaf ? kUsable - 35 : (kUsable - 12) * 64 / 255 - 23;
    if (payload <= most)
        return payload;
    const std::size_t least = (kUsable - 12) * 32 / 255 - 23;
    const std::size_t even = least + (payload - least) % (kUsable - 4);
    return even <= most ? even : least;
}

base::Result<std::uint64_t> pagesIn(File *file, std::size_t header, std::size_t each)
{
    if (!file)
        return std::uint64_t{0};
    const auto size = file->size();
    if (!size)
        return size;
    // The last one may be cut off: what is missing reads as zeros.
    return *size > header ? (*size - header + each - 1) / each : 0;
}

base::Result<std::unique_ptr<File>> opened(const std::string &name, const std::string &vfs)
{
    if (name.empty())
        return std::unique_ptr<File>();
    const auto there = File::exists(name, vfs);
    if (!there)
        return there.error();
    return *there ? File::open(name, vfs) : base::Result<std::unique_ptr<File>>(std::unique_ptr<File>());
}

} // namespace

std::optional<std::int64_t> Record::integer(std::size_t column) const
{
    const auto *value = column < values.size() ? std::get_if<std::int64_t>(&values[column]) : nullptr;
    return value ? std::optional(*value) : std::nullopt;
}

std::optional<std::string_view> Record::text(std::size_t column) const
{
    const auto *value = column < values.size() ? std::get_if<Text>(&values[column]) : nullptr;
    return value ? std::optional(value->text) : std::nullopt;
}

std::optional<ByteView> Record::bytes(std::size_t column) const
{
    const auto *value = column < values.size() ? std::get_if<ByteView>(&values[column]) : nullptr;
    return value ? std::optional(*value) : std::nullopt;
}

bool Record::isNull(std::size_t column) const
{
    return column < values.size() && std::holds_alternative<std::monostate>(values[column]);
}

base::Result<PageReader> PageReader::open(const Files &files)
{
    PageReader reader;
    auto file = opened(files.database, files.vfs);
    if (!file)
        return file.error();
    reader.m_file = std::move(*file);
    auto log = opened(files.log, files.vfs);
    if (!log)
        return log.error();
    reader.m_log = std::move(*log);
    const auto pages = pagesIn(reader.m_file.get(), 0, kPageSize);
    const auto frames = pagesIn(reader.m_log.get(), kLogHeader, kFrameHeader + kPageSize);
    if (!pages || !frames)
        return pages ? frames.error() : pages.error();
    reader.m_filePages = *pages;
    reader.m_logFrames = *frames;
    for (std::uint64_t frame = 0; frame < reader.m_logFrames; ++frame) {
        const std::uint64_t at = kLogHeader + frame * (kFrameHeader + kPageSize);
        if (const auto number = reader.m_log->read(at, 4))
            reader.m_inLog[base::bigEndianAt<std::uint32_t>(*number, 0)] = at + kFrameHeader;
    }
    return reader;
}

std::optional<Bytes> PageReader::read(File &file, std::uint64_t offset)
{
    // A disk that is about to go gives some pages only when it is asked once more.
    for (int tries = 0; tries < kTries; ++tries) {
        if (auto page = file.read(offset, kPageSize))
            return std::move(*page);
    }
    ++m_unreadable;
    return std::nullopt;
}

void PageReader::eachRecord(const std::function<void(const Record &)> &use)
{
    m_unreadable = 0;
    for (std::uint64_t page = 0; page < m_filePages; ++page) {
        if (const auto bytes = read(*m_file, page * kPageSize))
            readPage(*bytes, page == 0 ? 100 : 0, use);
    }
    for (std::uint64_t frame = 0; frame < m_logFrames; ++frame) {
        const auto bytes = read(*m_log, kLogHeader + frame * (kFrameHeader + kPageSize) + kFrameHeader);
        if (bytes)
            readPage(*bytes, 0, use);
    }
}

void PageReader::readPage(ByteView page, std::size_t header, const std::function<void(const Record &)> &use)
{
    const auto kind = std::to_integer<std::uint8_t>(page[header]);
    if (kind != kTableLeaf && kind != kIndexLeaf && kind != kIndexInterior)
        return;
    const std::size_t cells = base::bigEndianAt<std::uint16_t>(page, header + 3);
    const std::size_t pointers = header + (kind == kIndexInterior ? 12 : 8);
    for (std::size_t i = 0; i < cells && pointers + 2 * i + 2 <= page.size(); ++i) {
        const std::size_t at = base::bigEndianAt<std::uint16_t>(page, pointers + 2 * i);
        if (at < page.size())
            readCell(page, {kind, at + (kind == kIndexInterior ? 4 : 0)}, use);
    }
}

void PageReader::readCell(ByteView page, CellPlace place, const std::function<void(const Record &)> &use)
{
    const std::uint8_t kind = place.kind;
    Cursor cell{page, place.at};
    const std::uint64_t size = cell.varint();
    Record record;
    if (kind == kTableLeaf)
        record.rowId = static_cast<std::int64_t>(cell.varint());
    if (cell.failed || size == 0 || size > kPayloadMax)
        return;
    const std::size_t local = localSize(size, kind);
    if (local > page.size() - cell.at)
        return;
    const ByteView here = page.subspan(cell.at, local);
    const auto give = [&](ByteView payload) {
        auto values = valuesIn(payload);
        if (!values)
            return;
        record.values = std::move(*values);
        use(record);
    };
    if (local == size)
        return give(here);
    if (page.size() - cell.at - local < 4)
        return;
    const auto next = base::bigEndianAt<std::uint32_t>(page, cell.at + local);
    for (const Prefer prefer : {Prefer::File, Prefer::Log}) {
        const auto rest = follow(next, size - local, prefer);
        if (!rest)
            continue;
        Bytes payload(here.begin(), here.end());
        payload.insert(payload.end(), rest->begin(), rest->end());
        give(payload);
    }
}

std::optional<Bytes> PageReader::follow(std::uint32_t page, std::size_t count, Prefer prefer)
{
    Bytes bytes;
    while (bytes.size() < count) {
        const auto logged = m_inLog.find(page);
        const bool isLogged = prefer == Prefer::Log && logged != m_inLog.end();
        if (page == 0 || (!isLogged && (page > m_filePages || !m_file)))
            return std::nullopt;
        const auto read =
            isLogged ? this->read(*m_log, logged->second) : this->read(*m_file, std::uint64_t{page - 1} * kPageSize);
        if (!read)
            return std::nullopt;
        const std::size_t part = std::min(kPageSize - 4, count - bytes.size());
        bytes.insert(bytes.end(), read->begin() + 4, read->begin() + 4 + static_cast<std::ptrdiff_t>(part));
        page = base::bigEndianAt<std::uint32_t>(*read, 0);
    }
    return bytes;
}

} // namespace voelgoed::storage
