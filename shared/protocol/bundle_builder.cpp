#include "shared/protocol/bundle_builder.h"

namespace voelgoed::protocol {

namespace {

constexpr std::size_t kChangesPerChunk = 2'000;

} // namespace

BundleBuilder::BundleBuilder(const Definition &definition) : BundleBuilder(encode(definition)) {}

BundleBuilder::BundleBuilder(base::Bytes definition)
{
    m_manifest.definition = std::move(definition);
    toggleDefinition(m_manifest.checksum, m_manifest.definition);
}

void BundleBuilder::add(const ListedTicket &listed, const std::string &holder)
{
    addTicket(listed.ticket.ordinal, {encode(listed), holder});
}

void BundleBuilder::addTicket(domain::Ordinal ordinal, TicketChange change)
{
    toggleTicket(m_manifest.checksum, ordinal, change.ticket);
    ++m_manifest.tickets;
    put({0, std::move(change)});
}

void BundleBuilder::addPassage(PassageChange change)
{
    togglePassage(m_manifest.history, change.passage);
    ++m_manifest.passages;
    put({0, std::move(change)});
}

void BundleBuilder::put(Change change)
{
    change.sequence = ++m_sequence;
    m_page.push_back(std::move(change));
    if (m_page.size() == kChangesPerChunk)
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
    m_manifest.resume = stamp.resume;
    m_manifest.signer = signer.publicKey();
    return {encodeBundleHead(m_manifest, signer), std::move(m_chunks)};
}

} // namespace voelgoed::protocol
