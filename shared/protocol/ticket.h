#pragma once

#include "shared/base/bytes.h"
#include "shared/domain/ticket.h"

#include <vector>

namespace voelgoed::protocol {

enum class CodeKind : std::uint8_t { Foreign, Typed };

/// One text that leads to a ticket, as devices know it.
struct CodeEntry
{
    domain::CodeHash hash{};
    std::uint8_t generation = 0; ///< the ticket's, when this code was given out
    CodeKind kind = CodeKind::Foreign;
    bool withdrawn = false;

    friend bool operator==(const CodeEntry &, const CodeEntry &) = default;
};

/// A ticket and the codes that lead to it. The ticket's `code` and `holder` are not in the message: devices hold
/// hashes, and names travel beside it (TicketChange), so that they can be left out or encrypted.
struct ListedTicket
{
    domain::Ticket ticket;
    std::vector<CodeEntry> codes;

    friend bool operator==(const ListedTicket &, const ListedTicket &) = default;
};

inline constexpr std::size_t kCodesMax = 32; ///< of one ticket

/// The message `Ticket` of feed.proto.
base::Bytes encode(const ListedTicket &listed);
base::Result<ListedTicket> decodeTicket(base::ByteView bytes);

} // namespace voelgoed::protocol
