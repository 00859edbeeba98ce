#pragma once

#include "shared/protocol/bundle.h"
#include "shared/protocol/definition.h"
#include "shared/protocol/ticket.h"

#include <string>
#include <vector>

namespace voelgoed::protocol {

/// Makes a bundle out of a definition and tickets, ticket by ticket. Holds the packed chunks in memory, about 50 bytes
/// a ticket. The same calls give the same bytes.
class BundleBuilder
{
public:
    explicit BundleBuilder(const Definition &definition);
    /// From the bytes as they are kept: fields of a newer peer survive.
    explicit BundleBuilder(base::Bytes definition);

    /// Tickets in ascending order of ordinal.
    void add(const ListedTicket &listed, const std::string &holder = {});

    /// The same with a ticket's bytes as they are kept: `ordinal` is theirs.
    void addTicket(domain::Ordinal ordinal, TicketChange change);

    /// The passages of the feed, all of them, in their order. Before, between or after tickets.
    void addPassage(PassageChange change);

    /// Each part is to be written behind the one before it; together they are the file.
    struct Parts
    {
        base::Bytes head;
        std::vector<base::Bytes> chunks; ///< with their lengths in front
    };

    struct Stamp
    {
        Cursor cursor;
        base::Instant madeAt;
        base::Bytes resume = {}; ///< the cursor as the server takes it
    };
    Parts finish(const Stamp &stamp, const base::SigningKey &signer);

private:
    void put(Change change);
    void flush();

    Manifest m_manifest;
    std::vector<Change> m_page;
    std::vector<base::Bytes> m_chunks;
    std::uint64_t m_sequence = 1; ///< the definition is change 1
};

} // namespace voelgoed::protocol
