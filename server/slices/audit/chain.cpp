#include "server/slices/audit/chain.h"

namespace voelgoed::audit {

namespace {

void putText(base::Bytes &out, std::string_view text)
{
    base::putBigEndian(out, static_cast<std::uint32_t>(text.size()));
    const base::ByteView bytes = base::bytesOf(text);
    out.insert(out.end(), bytes.begin(), bytes.end());
}

} // namespace

void Chain::add(const pg::Rows::Row &row, std::size_t first)
{
    base::Bytes entry;
    for (std::size_t i = 0; i < kEntryColumns; ++i)
        putText(entry, row.get<std::string>(first + i));
    for (std::size_t i = 0; i < kLaterColumns; ++i) {
        const auto text = row.get<std::string>(first + kEntryColumns + i);
        if (text.empty())
            continue;
        base::putBigEndian(entry, static_cast<std::uint32_t>(i));
        putText(entry, text);
    }
    base::Bytes length;
    base::putBigEndian(length, static_cast<std::uint32_t>(entry.size()));
    m_hash = base::sha256({m_hash, length, entry});
}

base::Bytes sealText(const base::Uuid &organization, std::int64_t number, const base::Digest &hash)
{
    constexpr std::string_view kDomain("VG-AUDIT-1\0", 11);
    base::Bytes text;
    const auto put = [&](base::ByteView bytes) { text.insert(text.end(), bytes.begin(), bytes.end()); };
    put(base::bytesOf(kDomain));
    put(organization);
    base::putBigEndian(text, static_cast<std::uint64_t>(number));
    put(hash);
    return text;
}

} // namespace voelgoed::audit
