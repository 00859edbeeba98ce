#include "shared/protocol/bundle_builder.h"

namespace voelgoed::protocol {

namespace {

constexpr std::size_t kTicketsPerChunk = 2'000;

} // namespace

BundleBuilder::BundleBuilder(const Definition &definition)
{
    m_manifest.definition = encode(definition);
    toggleDefinition(m_manifest.checksum, m_manifest.definition);
}

void BundleBuilder::add(const ListedTicket &listed, const std::string &holder)
{
    base::Bytes ticket = encode(listed);
    toggleTicket(m_manifest.checksum, listed.ticket.ordinal, ticket);
    ++m_manifest.tickets;
    m_page.push_back({++m_sequence, TicketChange{std::move(ticket), holder}});
    if (m_page.size() == kTicketsPerChunk)
        flush();
}

void BundleBuilder::flush()
{
    if (m_page.empty())
        return;
    const base::Bytes packed = packChunk(m_page);
    m_manifest.chunks.push_back(
        {base::sha256(packed), static_cast<std::uint32_t>(packed.size()), static_cast<std::uint32_t>(m_page.size())});
    base::Bytes chunk;
    chunk.reserve(packed.size() + 4);
    base::putBigEndian(chunk, static_cast<std::uint32_t>(packed.size()));
    chunk.insert(chunk.end(), packed.begin(), packed.end());
    m_chunks.push_back(std::move(chunk));
    m_page.clear();
}

BundleBuilder::Parts BundleBuilder::finish(const Stamp &stamp, const base::SigningKey &signer)
{
    flush();
    m_manifest.cursor = stamp.cursor;
    m_manifest.madeAt = stamp.madeAt;
    m_manifest.signer = signer.publicKey();
    return {encodeBundleHead(m_manifest, signer), std::move(m_chunks)};
}

} // namespace voelgoed::protocol
