#include "shared/protocol/exchange_down.h"

#include "shared/protocol/exchange.pb.h"
#include "shared/protocol/feed_message.h"
#include "shared/protocol/wire.h"

#include <algorithm>
#include <array>
#include <limits>

namespace voelgoed::protocol {

using base::Result;

namespace {

constexpr auto kSequenceMax = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
constexpr base::Milliseconds kPauseMax = std::chrono::minutes(10);

constexpr std::array<std::string_view, 5> kOutcomes{"accepted", "repeat", "double", "unverified", "quarantined"};
constexpr std::array<std::string_view, 5> kReasons{"first", "behind", "epoch", "cursor", "checksum"};

struct PutCommand
{
    wire::Command &out;

    void operator()(const UnknownCommand &) const { base::ensure(false, "an unknown command is not encoded"); }
    void operator()(const AssignCommand &assign) const
    {
        wire::Assign &made = *out.mutable_assign();
        made.set_event(assign.event.text);
        made.set_gate(assign.gate.text);
        made.set_checkpoint(assign.checkpoint.text);
        made.set_direction(static_cast<std::uint32_t>(assign.direction));
    }
    void operator()(const MessageCommand &message) const { out.mutable_message()->set_text(message.text); }
    void operator()(const LockCommand &lock) const { out.mutable_lock()->set_text(lock.text); }
    void operator()(const UnlockCommand &) const { out.mutable_unlock(); }
    void operator()(const WipeCommand &) const { out.mutable_wipe(); }
};

Result<Command> commandOf(const wire::Command &in)
{
    if (in.id().empty() || in.id().size() > kWordMax)
        return base::invalid("a command without an id, or with too long a one");
    Command command{in.id(), UnknownCommand{}};
    switch (in.what_case()) {
    case wire::Command::kAssign: {
        const auto direction = choice(in.assign().direction(), domain::Direction::Exit, "direction");
        if (!direction)
            return direction.error();
        const bool longOne = std::max({in.assign().event().size(), in.assign().gate().size(),
                                       in.assign().checkpoint().size()}) > kNoteMax;
        if (longOne)
            return base::invalid("an assignment that is too long");
        command.what =
            AssignCommand{{in.assign().event()}, {in.assign().gate()}, {in.assign().checkpoint()}, *direction};
        break;
    }
    case wire::Command::kMessage:
        command.what = MessageCommand{in.message().text()};
        break;
    case wire::Command::kLock:
        command.what = LockCommand{in.lock().text()};
        break;
    case wire::Command::kUnlock:
        command.what = UnlockCommand{};
        break;
    case wire::Command::kWipe:
        command.what = WipeCommand{};
        break;
    case wire::Command::WHAT_NOT_SET:
        break;
    }
    if (in.message().text().size() > kNoteMax || in.lock().text().size() > kNoteMax)
        return base::invalid("a command's text that is too long");
    return command;
}

Result<OutcomeRun> outcomesOf(const wire::Outcomes &in)
{
    const auto outcome = choice(in.outcome(), RowOutcome::Quarantined, "outcome of a row");
    if (!outcome)
        return outcome.error();
    const bool inRange =
        in.count() >= 1 && in.count() <= kExchangeRowsMax && in.first() <= kSequenceMax - (in.count() - 1);
    if (!inRange || in.device().size() > kWordMax || in.reason().size() > kWordMax)
        return base::invalid("outcomes that are out of range");
    return OutcomeRun{{{in.device()}, {in.epoch()}, {in.first()}}, in.count(), *outcome, in.reason()};
}

Result<domain::RowKey> throughOf(const wire::Through &in)
{
    if (in.device().size() > kWordMax || in.sequence() > kSequenceMax)
        return base::invalid("an acknowledgement that is out of range");
    return domain::RowKey{{in.device()}, {in.epoch()}, {in.sequence()}};
}

void putSlice(const FeedSlice &slice, wire::FeedSlice &out)
{
    out.set_epoch(slice.epoch);
    out.set_after(slice.after);
    out.set_through(slice.through);
    out.set_head(slice.head);
    putPage(slice.changes, *out.mutable_page());
    out.set_cursor(bytesField(slice.cursor));
    if (slice.checksum)
        out.set_checksum(bytesField(slice.checksum->value()));
    if (slice.history)
        out.set_history(bytesField(slice.history->value()));
}

Result<std::optional<bitmap::RollingChecksum>> checksumOf(const std::string &field)
{
    if (field.empty())
        return std::optional<bitmap::RollingChecksum>();
    const auto value = fixedBytes<bitmap::RollingChecksum::Value>(field, "checksum");
    if (!value)
        return value.error();
    return std::optional(bitmap::RollingChecksum(*value));
}

Result<FeedSlice> sliceOf(const wire::FeedSlice &in)
{
    auto changes = pageOf(in.page());
    if (!changes)
        return changes.error();
    const auto checksum = checksumOf(in.checksum());
    if (!checksum)
        return checksum.error();
    const auto history = checksumOf(in.history());
    if (!history)
        return history.error();
    if (in.after() > in.through() || in.through() > in.head() || in.head() > kSequenceMax)
        return base::invalid("changes that end before they begin");
    if (in.cursor().size() > kCursorMax || changes->size() > kSliceMax)
        return base::invalid("more changes than one answer may hold, or a cursor that is too long");
    if ((*checksum || *history) && in.through() != in.head())
        return base::invalid("a checksum of what was not sent");
    std::uint64_t before = in.after();
    for (const Change &change : *changes) {
        if (change.sequence <= before || change.sequence > in.through())
            return base::invalid("changes that are not in their order");
        before = change.sequence;
    }
    return FeedSlice{.epoch = in.epoch(),
                     .after = in.after(),
                     .through = in.through(),
                     .head = in.head(),
                     .changes = std::move(*changes),
                     .cursor = bytesFrom(in.cursor()),
                     .checksum = *checksum,
                     .history = *history};
}

Result<SnapshotOrder> snapshotOf(const wire::Snapshot &in)
{
    const auto reason = choice(in.reason(), SnapshotReason::Checksum, "reason for a snapshot");
    if (!reason)
        return reason.error();
    if (in.path().size() > kNoteMax)
        return base::invalid("a snapshot's path that is too long");
    return SnapshotOrder{*reason, in.path()};
}

Result<void> keepsLimits(const wire::SyncReply &in)
{
    // Every row may be a run of its own, and every run may begin an epoch.
    if (static_cast<std::size_t>(std::max(in.outcomes_size(), in.acknowledged_size())) > kExchangeRowsMax ||
        static_cast<std::size_t>(in.commands_size()) > kCommandsMax)
        return base::invalid("answer: more outcomes or commands than one message may hold");
    if (in.pause_ms() > kPauseMax.count())
        return base::invalid("answer: a pause above 10 minutes");
    return {};
}

template <class List, class Value, class Take>
Result<void> each(const List &list, std::vector<Value> &into, Take take)
{
    for (const auto &item : list) {
        auto value = take(item);
        if (!value)
            return value.error().at("answer");
        into.push_back(std::move(*value));
    }
    return {};
}

Result<SyncReply> replyOf(const wire::SyncReply &in)
{
    const auto standing = choice(in.standing(), Standing::Revoked, "standing of a device");
    if (!standing)
        return standing.error().at("answer");
    SyncReply reply{.version = in.version(),
                    .at = base::instantFromMillis(in.at_ms()),
                    .standing = *standing,
                    .pause = base::Milliseconds(in.pause_ms())};
    if (auto taken = each(in.outcomes(), reply.outcomes, outcomesOf); !taken)
        return taken.error();
    if (auto taken = each(in.acknowledged(), reply.acknowledged, throughOf); !taken)
        return taken.error();
    if (auto taken = each(in.commands(), reply.commands, commandOf); !taken)
        return taken.error();
    if (in.has_feed()) {
        auto slice = sliceOf(in.feed());
        if (!slice)
            return slice.error().at("answer");
        reply.feed = std::move(*slice);
    }
    if (in.has_snapshot()) {
        auto snapshot = snapshotOf(in.snapshot());
        if (!snapshot)
            return snapshot.error().at("answer");
        reply.snapshot = std::move(*snapshot);
    }
    return reply;
}

/// Whether it holds a change or command of a newer peer's, which nobody here can encode.
bool isNewer(const SyncReply &reply)
{
    const auto unknownChange = [](const Change &change) { return std::holds_alternative<UnknownChange>(change.what); };
    const auto unknownCommand = [](const Command &command) {
        return std::holds_alternative<UnknownCommand>(command.what);
    };
    return (reply.feed && std::any_of(reply.feed->changes.begin(), reply.feed->changes.end(), unknownChange)) ||
           std::any_of(reply.commands.begin(), reply.commands.end(), unknownCommand);
}

} // namespace

std::string_view word(RowOutcome outcome)
{
    return kOutcomes[static_cast<std::size_t>(outcome)];
}

std::string_view word(SnapshotReason reason)
{
    return kReasons[static_cast<std::size_t>(reason)];
}

void addOutcome(std::vector<OutcomeRun> &runs, const domain::RowKey &row, RowOutcome outcome, const std::string &reason)
{
    if (!runs.empty()) {
        OutcomeRun &last = runs.back();
        const bool goesOn = last.first.device == row.device && last.first.epoch == row.epoch &&
                            last.first.sequence.value + last.count == row.sequence.value && last.outcome == outcome &&
                            last.reason == reason;
        if (goesOn) {
            ++last.count;
            return;
        }
    }
    runs.push_back({row, 1, outcome, reason});
}

base::Bytes encode(const SyncReply &reply)
{
    wire::SyncReply out;
    out.set_version(reply.version);
    out.set_at_ms(base::millisOf(reply.at));
    out.set_standing(static_cast<std::uint32_t>(reply.standing));
    for (const OutcomeRun &run : reply.outcomes) {
        wire::Outcomes &added = *out.add_outcomes();
        added.set_device(run.first.device.text);
        added.set_epoch(run.first.epoch.value);
        added.set_first(run.first.sequence.value);
        added.set_count(run.count);
        added.set_outcome(static_cast<std::uint32_t>(run.outcome));
        added.set_reason(run.reason);
    }
    for (const domain::RowKey &through : reply.acknowledged) {
        wire::Through &added = *out.add_acknowledged();
        added.set_device(through.device.text);
        added.set_epoch(through.epoch.value);
        added.set_sequence(through.sequence.value);
    }
    if (reply.feed)
        putSlice(*reply.feed, *out.mutable_feed());
    if (reply.snapshot) {
        out.mutable_snapshot()->set_reason(static_cast<std::uint32_t>(reply.snapshot->reason));
        out.mutable_snapshot()->set_path(reply.snapshot->path);
    }
    for (const Command &command : reply.commands) {
        wire::Command &added = *out.add_commands();
        added.set_id(command.id);
        std::visit(PutCommand{added}, command.what);
    }
    out.set_pause_ms(static_cast<std::uint32_t>(reply.pause.count()));
    base::ensure(static_cast<bool>(keepsLimits(out)), "an answer that breaks its limits");
    return serialised(out);
}

Result<SyncReply> decodeSyncReply(base::ByteView bytes)
{
    if (bytes.size() > kExchangeMax)
        return base::invalid("answer: longer than " + std::to_string(kExchangeMax) + " bytes");
    const auto in = parsed<wire::SyncReply>(bytes, "answer");
    if (!in)
        return in.error();
    if (in->version() != kExchangeVersion)
        return base::unsupported("answer: version " + std::to_string(in->version()));
    if (const auto kept = keepsLimits(*in); !kept)
        return kept.error();
    auto reply = replyOf(*in);
    if (!reply || isNewer(*reply))
        return reply;
    if (const auto one = isCanonical(*in, bytes, encode(*reply), "answer"); !one)
        return one.error();
    return reply;
}

} // namespace voelgoed::protocol
