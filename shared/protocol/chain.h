#pragma once

#include "shared/base/crypto/ed25519.h"
#include "shared/domain/row.h"

#include <vector>

/// How rows are vouched for while they travel: each names the hash of the one before it, and one signature over the
/// last one's hash vouches for it and all rows before it, whoever carries them.
namespace voelgoed::protocol {

/// The last row of a chain, signed by the device that made it: Ed25519 over "VG-CHAIN-1\0" · device's length (u16) ·
/// device · epoch (u32) · sequence (u64) · hash (32 bytes), big endian.
struct ChainHead
{
    domain::RowKey row;
    domain::RowHash hash{};
    base::Signature signature{};

    friend bool operator==(const ChainHead &, const ChainHead &) = default;
};

/// Rows of one device and epoch in order, each linked to the one before it. A gap or a new epoch begins a new chain.
struct Chain
{
    std::vector<base::Bytes> rows; ///< decodeRow(), as they were made
    ChainHead head;

    friend bool operator==(const Chain &, const Chain &) = default;
};

ChainHead signedHead(const domain::RowKey &row, const domain::RowHash &hash, const base::SigningKey &device);
bool headHolds(const ChainHead &head, const base::VerifyingKey &device);

/// Which rows a head that holds vouches for: those from the returned index to the end. rows.size() when it vouches for
/// none. Walks from the last row backwards along the hashes, so that a row that was changed takes away the
/// vouching of those before it only. A vouched row is of the head's device and epoch, numbered without a hole.
std::size_t vouchedFrom(const Chain &chain);

} // namespace voelgoed::protocol
