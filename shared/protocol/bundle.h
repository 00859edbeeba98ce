#pragma once

#include "shared/base/crypto/digest.h"
#include "shared/base/crypto/ed25519.h"
#include "shared/protocol/feed.h"

#include <span>

/// The event bundle: a signed snapshot of an event's feed in one file, for a first download, a USB stick, a practice
/// event.
///
///     "VGBUNDLE" · format version 1 (u16) · length of the manifest (u32) · manifest · signature (64 bytes)
///     then each chunk: length (u32) · bytes (a FeedPage, compressed with zstd)
///
/// Numbers are big endian. The Ed25519 signature is over "VG-BUNDLE-1\0" and the manifest, which holds the SHA-256 of
/// every chunk, so that each chunk can be trusted as soon as it has been read.
namespace voelgoed::protocol {

struct BundleChunk
{
    base::Digest digest{};  ///< of its bytes as they stand in the file
    std::uint32_t size = 0; ///< of those bytes
    std::uint32_t changes = 0;

    friend bool operator==(const BundleChunk &, const BundleChunk &) = default;
};

struct Manifest
{
    Cursor cursor;
    base::Instant madeAt;
    base::PublicKey signer{};
    base::Bytes definition; ///< decodeDefinition()
    std::uint32_t tickets = 0;
    bitmap::RollingChecksum checksum; ///< over the definition and all tickets
    base::Bytes resume;               ///< the cursor as the server takes it in an exchange; empty: it came from none
    std::uint32_t passages = 0;       ///< changes in the chunks that are passages or rows
    bitmap::RollingChecksum history;  ///< over them, as they came (togglePassage)
    std::vector<BundleChunk> chunks;

    friend bool operator==(const Manifest &, const Manifest &) = default;
};

inline constexpr std::size_t kResumeMax = 256;
inline constexpr std::size_t kManifestMax = std::size_t{8} << 20;
inline constexpr std::size_t kChunkMax = std::size_t{4} << 20;
inline constexpr std::size_t kChunksMax = 100'000;
inline constexpr std::size_t kBundleHeaderSize = 8 + 2 + 4;

/// The bytes in front of the first chunk.
base::Bytes encodeBundleHead(const Manifest &manifest, const base::SigningKey &signer);

/// Reads the fixed header (kBundleHeaderSize bytes): how many bytes of manifest and signature follow it.
base::Result<std::size_t> bundleHeadSize(base::ByteView header);

/// Reads and verifies manifest and signature (everything between the header and the first chunk). Unauthorized when the
/// signature does not hold. Whether the signer is to be trusted is the caller's question.
base::Result<Manifest> decodeBundleHead(base::ByteView manifestAndSignature);

/// A page as a chunk's bytes, and back. Corrupt when the bytes do not match the digest; Invalid when they unpack to
/// more than kMessageMax.
base::Bytes packChunk(const std::vector<Change> &page);
base::Result<std::vector<Change>> unpackChunk(base::ByteView bytes, const BundleChunk &expected);

} // namespace voelgoed::protocol
