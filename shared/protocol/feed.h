#pragma once

#include "shared/base/bytes.h"
#include "shared/base/instant.h"
#include "shared/bitmap/checksum.h"
#include "shared/domain/ids.h"

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

/// An event's changes in their one order. Each event has one gapless sequence; a snapshot is the feed from zero,
/// compacted (sync.md). Contents travel as the bytes in which they were made, so that fields of a newer peer survive.
namespace voelgoed::protocol {

/// The event's definition as a whole replaces the one before.
struct DefinitionChange
{
    base::Bytes definition; ///< decodeDefinition()

    friend bool operator==(const DefinitionChange &, const DefinitionChange &) = default;
};

/// A ticket as a whole replaces the one of its ordinal. A code that leads to one ticket never leads to another one
/// later, not even after the first has lost it.
struct TicketChange
{
    base::Bytes ticket; ///< decodeTicket()
    std::string holder; ///< only where the event's policy lets names out

    friend bool operator==(const TicketChange &, const TicketChange &) = default;
};

/// An admission, or that one was taken back, as a whole replaces what was known of its row. What gates get of each
/// other through the server: a fraction of a row's size, and with the server's own corrected time.
struct PassageChange
{
    base::Bytes passage; ///< decodePassage()

    friend bool operator==(const PassageChange &, const PassageChange &) = default;
};

/// Another device's journal row: what gates get of each other without a server.
struct RowChange
{
    base::Bytes row; ///< decodeRow()

    friend bool operator==(const RowChange &, const RowChange &) = default;
};

/// A kind of change that only a newer peer knows: counted, checked and passed over.
struct UnknownChange
{
    friend bool operator==(const UnknownChange &, const UnknownChange &) = default;
};

struct Change
{
    std::uint64_t sequence = 0;
    std::variant<UnknownChange, DefinitionChange, TicketChange, RowChange, PassageChange> what;

    friend bool operator==(const Change &, const Change &) = default;
};

inline constexpr std::size_t kPageMax = 10'000; ///< changes

/// The message `FeedPage` of feed.proto. Changes must not be unknown ones: those are passed on as bytes.
base::Bytes encode(const std::vector<Change> &page);
base::Result<std::vector<Change>> decodePage(base::ByteView bytes);

/// Where in an event's feed a reader stands: everything up to and including `sequence` was applied.
struct Cursor
{
    domain::EventId event;
    std::uint32_t epoch = 0; ///< raised when the server's feed was rebuilt: older cursors mean nothing then
    std::uint64_t sequence = 0;

    friend bool operator==(const Cursor &, const Cursor &) = default;
};

/// What checksums cover: each kind of row under its own number. The list's checksum covers the definition and the
/// tickets as they are; the history's covers every passage and row of the feed, as they came.
enum class StreamKind : std::uint8_t { Definition = 1, Ticket = 2, Passage = 3 };

inline void toggleTicket(bitmap::RollingChecksum &checksum, domain::Ordinal ordinal, base::ByteView ticket)
{
    checksum.toggle(static_cast<std::uint8_t>(StreamKind::Ticket), ordinal.value, ticket);
}

inline void toggleDefinition(bitmap::RollingChecksum &checksum, base::ByteView definition)
{
    checksum.toggle(static_cast<std::uint8_t>(StreamKind::Definition), 0, definition);
}

/// `bytes` of a PassageChange or RowChange.
inline void togglePassage(bitmap::RollingChecksum &history, base::ByteView bytes)
{
    history.toggle(static_cast<std::uint8_t>(StreamKind::Passage), 0, bytes);
}

} // namespace voelgoed::protocol
