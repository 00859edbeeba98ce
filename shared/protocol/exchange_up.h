#pragma once

#include "shared/bitmap/checksum.h"
#include "shared/protocol/chain.h"

#include <optional>
#include <string>
#include <vector>

/// What a device sends to POST /v1/sync. Answered by a SyncReply (exchange_down.h).
namespace voelgoed::protocol {

inline constexpr std::uint32_t kExchangeVersion = 1;
inline constexpr std::string_view kExchangeType = "application/vnd.voelgoed.sync.v1";

// Limits of one message. Rows, shifts and results above them wait for the next one.
inline constexpr std::size_t kExchangeRowsMax = 500; ///< own and carried together
inline constexpr std::size_t kExchangeRowBytesMax = std::size_t{1} << 20;
inline constexpr std::size_t kExchangeMax = std::size_t{4} << 20; ///< a message, unpacked
inline constexpr std::size_t kShiftsMax = 100;
inline constexpr std::size_t kCommandsMax = 32;
inline constexpr std::size_t kCursorMax = 256;
inline constexpr std::size_t kWordMax = 128;  ///< ids and reasons
inline constexpr std::size_t kNoteMax = 1024; ///< texts for people
inline constexpr base::Milliseconds kWaitMax = std::chrono::seconds(25);

/// Where the device stands in the feed of its event. Without a list: zeros and an empty cursor.
struct Position
{
    std::uint32_t epoch = 0;
    std::uint64_t sequence = 0;
    base::Bytes cursor;               ///< as the server gave it last: says a number up to `sequence`
    bitmap::RollingChecksum checksum; ///< of the list, as of `sequence`
    bitmap::RollingChecksum history;  ///< of the feed's passages up to `sequence`

    friend bool operator==(const Position &, const Position &) = default;
};

/// A shift that began or ended. Known by its id: saying it again changes nothing but what was not known.
struct ShiftNote
{
    domain::SessionId session;
    domain::EventId event;
    domain::GateId gate;
    domain::OperatorId operatedBy;
    base::Instant openedAt;
    std::optional<base::Instant> closedAt;

    friend bool operator==(const ShiftNote &, const ShiftNote &) = default;
};

enum class StorageHealth : std::uint8_t { Good, Rescue, Failed };

struct Health
{
    std::optional<std::uint8_t> batteryPercent;
    bool charging = false;
    StorageHealth storage = StorageHealth::Good;
    domain::ClockState clock = domain::ClockState::Assumed;
    base::Milliseconds clockOffset{}; ///< corrected time - what the machine's clock said
    std::string software;             ///< its version
    std::uint64_t queued = 0;         ///< rows that were not acknowledged yet
    std::uint64_t inDoubt = 0;        ///< admissions that perhaps nobody was shown
    std::string network;              ///< how it is connected, in a word: "wifi", "ethernet"; may be empty
    std::optional<base::Instant> listMadeAt;
    std::uint64_t notAccepted = 0; ///< rows that the server took with another outcome than accepted, so far
    std::uint32_t failures = 0;    ///< exchanges that failed one after the other before this one

    friend bool operator==(const Health &, const Health &) = default;
};

enum class CommandOutcome : std::uint8_t { Done, Refused, Unsupported };

/// What became of a command. Said until an exchange with it was answered.
struct CommandResult
{
    std::string id;
    CommandOutcome outcome = CommandOutcome::Done;
    std::string note; ///< why not

    friend bool operator==(const CommandResult &, const CommandResult &) = default;
};

struct SyncRequest
{
    std::uint32_t version = kExchangeVersion;
    domain::DeviceId device;
    domain::EventId event;            ///< empty: the device serves none yet
    std::optional<Position> position; ///< absent: no changes are wanted in this exchange
    std::vector<Chain> own;
    std::vector<Chain> carried; ///< rows of other devices
    std::vector<ShiftNote> shifts;
    Health health;
    std::vector<CommandResult> commands;
    base::Milliseconds wait{}; ///< how long the answer may take while there is nothing to tell; up to kWaitMax
    base::Instant at;          ///< corrected time, and both clocks, when it was sent
    base::Instant wall;
    base::Milliseconds sinceBoot{};
    domain::Epoch epoch; ///< of the rows that were made since that boot and by this program; 0: none are known to be

    friend bool operator==(const SyncRequest &, const SyncRequest &) = default;
};

/// The message `SyncRequest` of exchange.proto. Must keep the limits above.
base::Bytes encode(const SyncRequest &request);

/// Invalid for bytes that encode() would not write or that break a limit; Unsupported for another version or a choice
/// that only a newer peer knows. Rows are not looked into: one that cannot be read must not keep the others back.
base::Result<SyncRequest> decodeSyncRequest(base::ByteView bytes);

} // namespace voelgoed::protocol
