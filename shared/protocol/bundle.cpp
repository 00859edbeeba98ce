#include "shared/protocol/bundle.h"

#include "shared/protocol/feed.pb.h"
#include "shared/protocol/packing.h"
#include "shared/protocol/wire.h"

#include <limits>
#include <string_view>

namespace voelgoed::protocol {

using base::Bytes;
using base::ByteView;
using base::Result;

namespace {

constexpr std::string_view kMagic = "VGBUNDLE";
constexpr std::uint16_t kFormatVersion = 1;
constexpr std::uint32_t kManifestVersion = 1;
constexpr std::string_view kSignedPrefix{"VG-BUNDLE-1\0", 12};
constexpr std::size_t kSignatureSize = 64;

Bytes signedText(ByteView manifest)
{
    const ByteView prefix = base::bytesOf(kSignedPrefix);
    Bytes text(prefix.begin(), prefix.end());
    text.insert(text.end(), manifest.begin(), manifest.end());
    return text;
}

Result<Manifest> manifestOf(const wire::Manifest &in)
{
    if (in.version() != kManifestVersion)
        return base::unsupported("bundle: manifest version " + std::to_string(in.version()),
                                 "It was made by a newer server. Update this device.");
    const auto signer = fixedBytes<base::PublicKey>(in.signer(), "bundle's signer");
    if (!signer)
        return signer.error();
    const auto checksum = fixedBytes<bitmap::RollingChecksum::Value>(in.checksum(), "bundle's checksum");
    if (!checksum)
        return checksum.error();
    if (in.cursor().sequence() > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
        return base::invalid("bundle: a cursor above 2^63 - 1");
    if (in.resume().size() > kResumeMax)
        return base::invalid("bundle: a cursor that is too long");
    const bool saysHistory = !in.history().empty();
    if (saysHistory != (in.passages() > 0))
        return base::invalid("bundle: passages without their checksum, or it without them");
    const auto history = saysHistory ? fixedBytes<bitmap::RollingChecksum::Value>(in.history(), "bundle's history")
                                     : Result<bitmap::RollingChecksum::Value>(bitmap::RollingChecksum::Value{});
    if (!history)
        return history.error();
    if (static_cast<std::size_t>(in.chunks_size()) > kChunksMax)
        return base::invalid("bundle: more than " + std::to_string(kChunksMax) + " chunks");
    const ByteView definition = base::bytesOf(in.definition());
    Manifest manifest{.cursor = {{in.cursor().event()}, in.cursor().epoch(), in.cursor().sequence()},
                      .madeAt = base::instantFromMillis(in.made_at_ms()),
                      .signer = *signer,
                      .definition = {definition.begin(), definition.end()},
                      .tickets = in.tickets(),
                      .checksum = bitmap::RollingChecksum(*checksum),
                      .resume = bytesFrom(in.resume()),
                      .passages = in.passages(),
                      .history = bitmap::RollingChecksum(*history),
                      .chunks = {}};
    for (const wire::Chunk &chunk : in.chunks()) {
        const auto digest = fixedBytes<base::Digest>(chunk.sha256(), "chunk's digest");
        if (!digest)
            return digest.error();
        if (chunk.size() > kChunkMax || chunk.changes() > kPageMax)
            return base::invalid("bundle: a chunk that is too large");
        manifest.chunks.push_back({*digest, chunk.size(), chunk.changes()});
    }
    return manifest;
}

} // namespace

Bytes encodeBundleHead(const Manifest &manifest, const base::SigningKey &signer)
{
    wire::Manifest out;
    out.set_version(kManifestVersion);
    out.mutable_cursor()->set_event(manifest.cursor.event.text);
    out.mutable_cursor()->set_epoch(manifest.cursor.epoch);
    out.mutable_cursor()->set_sequence(manifest.cursor.sequence);
    out.set_made_at_ms(base::millisOf(manifest.madeAt));
    out.set_signer(bytesField(signer.publicKey()));
    out.set_definition(bytesField(manifest.definition));
    out.set_tickets(manifest.tickets);
    out.set_checksum(bytesField(manifest.checksum.value()));
    out.set_resume(bytesField(manifest.resume));
    out.set_passages(manifest.passages);
    if (manifest.passages > 0)
        out.set_history(bytesField(manifest.history.value()));
    for (const BundleChunk &chunk : manifest.chunks) {
        wire::Chunk *added = out.add_chunks();
        added->set_sha256(bytesField(chunk.digest));
        added->set_size(chunk.size);
        added->set_changes(chunk.changes);
    }
    const Bytes body = serialised(out);
    base::ensure(body.size() <= kManifestMax, "a manifest that is too long");
    const base::Signature signature = signer.sign(signedText(body));

    const ByteView magic = base::bytesOf(kMagic);
    Bytes head(magic.begin(), magic.end());
    base::putBigEndian(head, kFormatVersion);
    base::putBigEndian(head, static_cast<std::uint32_t>(body.size()));
    head.insert(head.end(), body.begin(), body.end());
    head.insert(head.end(), signature.begin(), signature.end());
    return head;
}

Result<std::size_t> bundleHeadSize(ByteView header)
{
    if (header.size() < kBundleHeaderSize || base::textOf(header.first(kMagic.size())) != kMagic)
        return base::invalid("not an event bundle");
    const auto version = base::bigEndianAt<std::uint16_t>(header, 8);
    if (version != kFormatVersion)
        return base::unsupported("bundle: format version " + std::to_string(version),
                                 "It was made by a newer server. Update this device.");
    const std::size_t size = base::bigEndianAt<std::uint32_t>(header, 10);
    if (size > kManifestMax)
        return base::invalid("bundle: a manifest that is too long");
    return size + kSignatureSize;
}

Result<Manifest> decodeBundleHead(ByteView manifestAndSignature)
{
    if (manifestAndSignature.size() < kSignatureSize)
        return base::invalid("bundle: cut off");
    const ByteView body = manifestAndSignature.first(manifestAndSignature.size() - kSignatureSize);
    const auto in = parsed<wire::Manifest>(body, "bundle's manifest");
    if (!in)
        return in.error();
    auto manifest = manifestOf(*in);
    if (!manifest)
        return manifest;
    const auto signer = base::VerifyingKey::fromRaw(manifest->signer);
    if (!signer || !signer->verify(signedText(body), manifestAndSignature.last(kSignatureSize)))
        return base::Error{base::ErrorCode::Unauthorized, "bundle: its signature does not hold",
                           "The file was changed or damaged. Get it again."};
    return manifest;
}

Bytes packChunk(const std::vector<Change> &page)
{
    Bytes packed = pack(encode(page));
    base::ensure(packed.size() <= kChunkMax, "a chunk that is too large");
    return packed;
}

Result<std::vector<Change>> unpackChunk(ByteView bytes, const BundleChunk &expected)
{
    if (bytes.size() != expected.size || base::sha256(bytes) != expected.digest)
        return base::corrupt("bundle: a chunk differs from what was signed",
                             "The file was changed or damaged. Get it again.");
    const auto plain = unpack(bytes, kMessageMax);
    if (!plain)
        return plain.error().at("bundle: a chunk");
    auto page = decodePage(*plain);
    if (page && page->size() != expected.changes)
        return base::invalid("bundle: a chunk with another number of changes than its manifest says");
    return page;
}

} // namespace voelgoed::protocol
