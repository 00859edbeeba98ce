#pragma once

#include "shared/protocol/bundle_builder.h"
#include "shared/protocol/definition.h"
#include "shared/protocol/exchange_down.h"
#include "shared/protocol/passage.h"
#include "shared/protocol/ticket.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace voelgoed::support {

/// An event's feed as a server keeps it: gapless numbers, a change that a later one replaces left out, snapshots.
class FeedServer
{
public:
    FeedServer(domain::EventId event, const protocol::Definition &definition, const base::SigningKey &identity);

    void put(const protocol::ListedTicket &listed, const std::string &holder = {});
    void put(const protocol::Definition &definition);
    void put(const protocol::PassageRecord &passage);
    void put(const domain::Row &row);

    std::uint64_t head() const { return m_head; }
    std::uint32_t epoch = 1;
    const protocol::Definition &definition() const { return m_definition; }
    const std::map<std::uint32_t, protocol::ListedTicket> &tickets() const { return m_tickets; }
    const bitmap::RollingChecksum &checksum() const { return m_checksum; }

    /// At most `max` changes behind `after`.
    protocol::FeedSlice slice(std::uint64_t after, std::size_t max = 200) const;

    base::Bytes cursorAt(std::uint64_t sequence) const;
    /// Nothing for one that is not this server's, or of another epoch.
    std::optional<std::uint64_t> sequenceOf(base::ByteView cursor) const;

    /// The signed bundle as of now, whole.
    std::string bundle(base::Instant madeAt) const;

private:
    void add(decltype(protocol::Change::what) what);

    domain::EventId m_event;
    protocol::Definition m_definition;
    base::SigningKey m_identity;
    std::uint64_t m_head = 0;
    std::map<std::uint64_t, protocol::Change> m_changes;
    std::map<std::uint32_t, protocol::ListedTicket> m_tickets;
    std::map<std::uint32_t, std::uint64_t> m_lastOf; ///< a ticket's newest change; 0 is the definition
    bitmap::RollingChecksum m_checksum, m_history;
};

} // namespace voelgoed::support
