#pragma once

#include "shared/protocol/exchange_up.h"
#include "shared/protocol/feed.h"

#include <variant>

/// What the server answers to POST /v1/sync: status 200, signed over request and body (request_signature.h), whatever
/// became of single rows. Other statuses say that nothing was taken; their bodies are problem+json, and a device acts
/// on none of them but to try again later.
namespace voelgoed::protocol {

enum class RowOutcome : std::uint8_t {
    Accepted,
    Repeat,      ///< it was there already, byte for byte
    Double,      ///< taken, and a second admission beyond the ticket's allowance
    Unverified,  ///< taken from a device that has been revoked since
    Quarantined, ///< it could not be taken: kept aside for people to look at
};

/// "accepted", "repeat", "double", "unverified", "quarantined".
std::string_view word(RowOutcome outcome);

/// `count` rows of one device and epoch, numbered from `first`, that had the same outcome. Every row of a request is in
/// one of them, unless it is to be sent again. `reason` says in a word why a row was quarantined.
struct OutcomeRun
{
    domain::RowKey first;
    std::uint32_t count = 1;
    RowOutcome outcome = RowOutcome::Accepted;
    std::string reason;

    friend bool operator==(const OutcomeRun &, const OutcomeRun &) = default;
};

/// Adds a row's outcome to the last run where it goes on with it, else as a run of its own.
void addOutcome(std::vector<OutcomeRun> &runs, const domain::RowKey &row, RowOutcome outcome,
                const std::string &reason = {});

/// Changes behind `after`, up to and including `through`, of a feed that ends at `head`. Numbers may be missing: a
/// change that a later one replaces is left out. What a device has not applied yet is never left out, wherever between
/// `after` and `through` it stands.
struct FeedSlice
{
    std::uint32_t epoch = 0;
    std::uint64_t after = 0; ///< what the request's cursor said
    std::uint64_t through = 0;
    std::uint64_t head = 0;
    std::vector<Change> changes;                     ///< ascending, each in (after, through]
    base::Bytes cursor;                              ///< for the next request: says `through`
    std::optional<bitmap::RollingChecksum> checksum; ///< of the list at `head`, where `through` is `head`
    std::optional<bitmap::RollingChecksum> history;  ///< of the passages at `head`, likewise

    friend bool operator==(const FeedSlice &, const FeedSlice &) = default;
};

inline constexpr std::size_t kSliceMax = 2'000; ///< changes in one answer

enum class SnapshotReason : std::uint8_t {
    First,    ///< the device has no list
    Behind,   ///< too far behind: the snapshot is shorter
    Epoch,    ///< the feed was rebuilt
    Cursor,   ///< the cursor is not one of this server's for this event
    Checksum, ///< what the device holds is not what was sent
};

std::string_view word(SnapshotReason reason);

/// The device is to fetch the event's bundle anew.
struct SnapshotOrder
{
    SnapshotReason reason = SnapshotReason::First;
    std::string path; ///< on this server: "/v1/events/{id}/snapshot"

    friend bool operator==(const SnapshotOrder &, const SnapshotOrder &) = default;
};

struct AssignCommand
{
    domain::EventId event;
    domain::GateId gate;
    domain::CheckpointId checkpoint;
    domain::Direction direction = domain::Direction::Entry;

    friend bool operator==(const AssignCommand &, const AssignCommand &) = default;
};

/// A text for whoever holds the device.
struct MessageCommand
{
    std::string text;

    friend bool operator==(const MessageCommand &, const MessageCommand &) = default;
};

/// No scan is judged until the device is unlocked; `text` says why.
struct LockCommand
{
    std::string text;

    friend bool operator==(const LockCommand &, const LockCommand &) = default;
};

struct UnlockCommand
{
    friend bool operator==(const UnlockCommand &, const UnlockCommand &) = default;
};

/// The device forgets its list and its keys for people's data. Scans that were not uploaded stay.
struct WipeCommand
{
    friend bool operator==(const WipeCommand &, const WipeCommand &) = default;
};

/// One that only a newer server knows: answered as unsupported.
struct UnknownCommand
{
    friend bool operator==(const UnknownCommand &, const UnknownCommand &) = default;
};

/// Given in each answer until its result came. Carried out once, by its id.
struct Command
{
    std::string id;
    std::variant<UnknownCommand, AssignCommand, MessageCommand, LockCommand, UnlockCommand, WipeCommand> what;

    friend bool operator==(const Command &, const Command &) = default;
};

enum class Standing : std::uint8_t {
    Active,
    Revoked, ///< it reads nothing more: no feed, no commands; its rows are still taken
};

struct SyncReply
{
    std::uint32_t version = kExchangeVersion;
    base::Instant at; ///< the server's time when it answered; the answer's signature makes it a signed one
    Standing standing = Standing::Active;
    std::vector<OutcomeRun> outcomes;
    std::vector<domain::RowKey> acknowledged; ///< for each epoch of the request's rows: all up to this one are settled
    std::optional<FeedSlice> feed;
    std::optional<SnapshotOrder> snapshot;
    std::vector<Command> commands;
    base::Milliseconds pause{}; ///< at least this long before the next exchange

    friend bool operator==(const SyncReply &, const SyncReply &) = default;
};

/// The message `SyncReply` of exchange.proto. Must keep the limits, and hold no unknown change or command.
base::Bytes encode(const SyncReply &reply);

/// As decodeSyncRequest(). A slice whose changes do not ascend within it is Invalid.
base::Result<SyncReply> decodeSyncReply(base::ByteView bytes);

} // namespace voelgoed::protocol
