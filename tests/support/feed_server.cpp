#include "tests/support/feed_server.h"

#include "shared/protocol/cursor.h"
#include "shared/protocol/row.h"

#include <set>

namespace voelgoed::support {

namespace {

const base::Digest kCursorKey = base::sha256(base::bytesOf("a server's own"));

} // namespace

FeedServer::FeedServer(domain::EventId event, const protocol::Definition &definition, const base::SigningKey &identity)
    : m_event(std::move(event)), m_definition(definition), m_identity(identity)
{
    const base::Bytes bytes = protocol::encode(definition);
    protocol::toggleDefinition(m_checksum, bytes);
    add(protocol::DefinitionChange{bytes});
    m_lastOf[0] = m_head;
}

void FeedServer::add(decltype(protocol::Change::what) what)
{
    ++m_head;
    m_changes.emplace(m_head, protocol::Change{m_head, std::move(what)});
}

void FeedServer::put(const protocol::ListedTicket &listed, const std::string &holder)
{
    const std::uint32_t ordinal = listed.ticket.ordinal.value;
    if (const auto before = m_tickets.find(ordinal); before != m_tickets.end()) {
        protocol::toggleTicket(m_checksum, {ordinal}, protocol::encode(before->second));
        m_changes.erase(m_lastOf[ordinal]);
    }
    const base::Bytes bytes = protocol::encode(listed);
    protocol::toggleTicket(m_checksum, {ordinal}, bytes);
    m_tickets.insert_or_assign(ordinal, listed);
    add(protocol::TicketChange{bytes, holder});
    m_lastOf[ordinal] = m_head;
}

void FeedServer::put(const protocol::Definition &definition)
{
    protocol::toggleDefinition(m_checksum, protocol::encode(m_definition));
    m_changes.erase(m_lastOf[0]);
    m_definition = definition;
    const base::Bytes bytes = protocol::encode(definition);
    protocol::toggleDefinition(m_checksum, bytes);
    add(protocol::DefinitionChange{bytes});
    m_lastOf[0] = m_head;
}

void FeedServer::put(const protocol::PassageRecord &passage)
{
    const base::Bytes bytes = protocol::encode(passage);
    protocol::togglePassage(m_history, bytes);
    add(protocol::PassageChange{bytes});
}

void FeedServer::put(const domain::Row &row)
{
    const base::Bytes bytes = protocol::encode(row);
    protocol::togglePassage(m_history, bytes);
    add(protocol::RowChange{bytes});
}

protocol::FeedSlice FeedServer::slice(std::uint64_t after, std::size_t max) const
{
    protocol::FeedSlice slice{.epoch = epoch, .after = after, .through = m_head, .head = m_head};
    for (auto change = m_changes.upper_bound(after); change != m_changes.end(); ++change) {
        if (slice.changes.size() == max) {
            slice.through = slice.changes.back().sequence;
            break;
        }
        slice.changes.push_back(change->second);
    }
    slice.cursor = cursorAt(slice.through);
    if (slice.through == m_head) {
        slice.checksum = m_checksum;
        slice.history = m_history;
    }
    return slice;
}

base::Bytes FeedServer::cursorAt(std::uint64_t sequence) const
{
    return protocol::sealCursor({epoch, sequence}, base::bytesOf(m_event.view()), kCursorKey);
}

std::optional<std::uint64_t> FeedServer::sequenceOf(base::ByteView cursor) const
{
    const auto point = protocol::openCursor(cursor, base::bytesOf(m_event.view()), kCursorKey);
    return point && point->epoch == epoch && point->sequence <= m_head ? std::optional(point->sequence) : std::nullopt;
}

std::string FeedServer::bundle(base::Instant madeAt) const
{
    protocol::BundleBuilder builder(m_definition);
    for (const auto &[ordinal, listed] : m_tickets)
        builder.add(listed);
    for (const auto &[sequence, change] : m_changes) {
        if (const auto *passage = std::get_if<protocol::PassageChange>(&change.what))
            builder.addPassage(*passage);
    }
    const auto parts =
        builder.finish({.cursor = {m_event, epoch, m_head}, .madeAt = madeAt, .resume = cursorAt(m_head)}, m_identity);
    std::string text(base::textOf(parts.head));
    for (const base::Bytes &chunk : parts.chunks)
        text += base::textOf(chunk);
    return text;
}

} // namespace voelgoed::support
