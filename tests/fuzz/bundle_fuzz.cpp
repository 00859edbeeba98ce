// A bundle from a signer who is trusted and means harm: manifests and chunks that are signed, whatever they say. The
// first byte picks which. Nothing is taken that was not signed, and nothing unpacks to more than a message may hold.
#include "shared/protocol/bundle.h"
#include "shared/protocol/definition.h"
#include "shared/protocol/ticket.h"
#include "tests/fuzz/fuzz.h"

namespace voelgoed::fuzz {

namespace {

using base::ByteView;

const base::SigningKey &signer()
{
    static const base::SigningKey key = *base::SigningKey::fromSeed(base::Bytes(32, std::byte{42}));
    return key;
}

/// Puts the signer's key into the manifest where it says that one is, so that the signature is of whom it names.
void head(ByteView manifest)
{
    base::Bytes body(manifest.begin(), manifest.end());
    const base::PublicKey &name = signer().publicKey();
    for (std::size_t at = 0; at + 34 <= body.size(); ++at) {
        if (body[at] == std::byte{0x22} && body[at + 1] == std::byte{32}) // field 4, 32 bytes
            std::copy(name.begin(), name.end(), body.begin() + static_cast<std::ptrdiff_t>(at + 2));
    }
    base::Bytes text = {};
    const ByteView prefix = base::bytesOf(std::string_view("VG-BUNDLE-1\0", 12));
    text.insert(text.end(), prefix.begin(), prefix.end());
    text.insert(text.end(), body.begin(), body.end());
    const base::Signature signature = signer().sign(text);
    base::Bytes whole = body;
    whole.insert(whole.end(), signature.begin(), signature.end());
    const auto read = protocol::decodeBundleHead(whole);
    if (!read)
        return;
    base::ensure(read->signer == name, "a manifest that somebody else is said to have signed");
    base::ensure(read->chunks.size() <= protocol::kChunksMax, "more chunks than there may be");
    for (const protocol::BundleChunk &chunk : read->chunks)
        base::ensure(chunk.size <= protocol::kChunkMax && chunk.changes <= protocol::kPageMax, "a chunk too large");
    whole.back() ^= std::byte{1};
    base::ensure(!protocol::decodeBundleHead(whole), "a signature with another bit holds too");
    (void)protocol::decodeDefinition(read->definition);
}

void chunk(ByteView bytes)
{
    if (bytes.empty())
        return;
    const auto changes = std::to_integer<std::uint32_t>(bytes[0]);
    const ByteView packed = bytes.subspan(1);
    const auto page =
        protocol::unpackChunk(packed, {base::sha256(packed), static_cast<std::uint32_t>(packed.size()), changes});
    if (!page)
        return;
    base::ensure(page->size() == changes, "another number of changes than was signed");
    for (const protocol::Change &change : *page) {
        if (const auto *ticket = std::get_if<protocol::TicketChange>(&change.what))
            (void)protocol::decodeTicket(ticket->ticket);
    }
}

} // namespace

void fuzzOne(ByteView input)
{
    if (input.empty())
        return;
    if (std::to_integer<int>(input[0]) % 2 == 0)
        head(input.subspan(1));
    else
        chunk(input.subspan(1));
}

} // namespace voelgoed::fuzz
