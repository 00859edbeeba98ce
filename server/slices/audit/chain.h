#pragma once

#include "server/platform/pg/rows.h"
#include "shared/base/crypto/digest.h"
#include "shared/base/crypto/ed25519.h"

namespace voelgoed::audit {

/// The order of an organization's entries, and what a seal covers: (transaction, number).
struct Point
{
    std::uint64_t xid = 0;
    std::int64_t id = 0;

    friend auto operator<=>(const Point &, const Point &) = default;
};

/// Adds entries one by one to the hash of a seal:
/// SHA-256(hash so far · length (u32) · canonical bytes of the entry), beginning with the seal before (zeros for the
/// first). The canonical bytes are each column's length (u32, big endian) and its text, in the order in which the seals
/// began with them: kEntryColumns of them. Behind these comes, of each later column that is not empty, its place among
/// the later ones (u32, from 0), length and text: entries from before there was a column have it empty, so that their
/// seals stay what they were, and nothing can be written into it afterwards. Later columns are only ever added at the
/// end, and one that has a default is empty where it has that.
class Chain
{
public:
    explicit Chain(const base::Digest &previous) : m_hash(previous) {}

    /// `row` has kEntryColumns and kLaterColumns texts from column `first` on.
    void add(const pg::Rows::Row &row, std::size_t first);
    const base::Digest &hash() const { return m_hash; }

private:
    base::Digest m_hash;
};

inline constexpr std::size_t kEntryColumns = 17;
inline constexpr std::size_t kLaterColumns = 3;

/// What the server's identity key signs of a seal: "VG-AUDIT-1\0" · organization · number (u64) · hash.
base::Bytes sealText(const base::Uuid &organization, std::int64_t number, const base::Digest &hash);

} // namespace voelgoed::audit
