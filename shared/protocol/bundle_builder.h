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

    /// Tickets in ascending order of ordinal.
    void add(const ListedTicket &listed, const std::string &holder = {});

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
    };
    Parts finish(const Stamp &stamp, const base::SigningKey &signer);

private:
    void flush();

    Manifest m_manifest;
    std::vector<Change> m_page;
    std::vector<base::Bytes> m_chunks;
    std::uint64_t m_sequence = 1; ///< the definition is change 1
};

} // namespace voelgoed::protocol
