#include "shared/protocol/exchange_up.h"

#include "shared/protocol/exchange.pb.h"
#include "shared/protocol/wire.h"

#include <algorithm>
#include <limits>

namespace voelgoed::protocol {

using base::Result;

namespace {

constexpr auto kSequenceMax = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());

Result<void> fits(const std::string &text, std::size_t max, std::string_view what)
{
    return text.size() <= max ? Result<void>() : base::invalid(std::string(what) + " that is too long");
}

Result<bitmap::RollingChecksum> checksumOf(const std::string &field, std::string_view what)
{
    const auto value = fixedBytes<bitmap::RollingChecksum::Value>(field, what);
    if (!value)
        return value.error();
    return bitmap::RollingChecksum(*value);
}

void putPosition(const Position &position, wire::Position &out)
{
    out.set_epoch(position.epoch);
    out.set_sequence(position.sequence);
    out.set_cursor(bytesField(position.cursor));
    out.set_checksum(bytesField(position.checksum.value()));
    out.set_history(bytesField(position.history.value()));
}

Result<Position> positionOf(const wire::Position &in)
{
    const auto checksum = checksumOf(in.checksum(), "list's checksum");
    if (!checksum)
        return checksum.error();
    const auto history = checksumOf(in.history(), "history's checksum");
    if (!history)
        return history.error();
    if (in.cursor().size() > kCursorMax || in.sequence() > kSequenceMax)
        return base::invalid("a cursor that is too long, or a number above 2^63 - 1");
    return Position{in.epoch(), in.sequence(), bytesFrom(in.cursor()), *checksum, *history};
}

void putChain(const Chain &chain, wire::Chain &out)
{
    for (const base::Bytes &row : chain.rows)
        out.add_rows(bytesField(row));
    wire::ChainHead &head = *out.mutable_head();
    head.set_device(chain.head.row.device.text);
    head.set_epoch(chain.head.row.epoch.value);
    head.set_sequence(chain.head.row.sequence.value);
    head.set_hash(bytesField(chain.head.hash));
    head.set_signature(bytesField(chain.head.signature));
}

Result<Chain> chainOf(const wire::Chain &in)
{
    const auto hash = fixedBytes<domain::RowHash>(in.head().hash(), "hash of a chain's head");
    if (!hash)
        return hash.error();
    const auto signature = fixedBytes<base::Signature>(in.head().signature(), "signature of a chain's head");
    if (!signature)
        return signature.error();
    if (in.head().device().size() > kWordMax || in.head().sequence() > kSequenceMax || in.rows_size() == 0)
        return base::invalid("a chain whose head is out of range, or without rows");
    Chain chain{.rows = {},
                .head = {.row = {{in.head().device()}, {in.head().epoch()}, {in.head().sequence()}},
                         .hash = *hash,
                         .signature = *signature}};
    for (const std::string &row : in.rows())
        chain.rows.push_back(bytesFrom(row));
    return chain;
}

void putShift(const ShiftNote &shift, wire::Shift &out)
{
    out.set_session(shift.session.text);
    out.set_event(shift.event.text);
    out.set_gate(shift.gate.text);
    out.set_operated_by(shift.operatedBy.text);
    out.set_opened_at_ms(base::millisOf(shift.openedAt));
    if (shift.closedAt)
        out.set_closed_at_ms(base::millisOf(*shift.closedAt));
}

Result<ShiftNote> shiftOf(const wire::Shift &in)
{
    for (const std::string *text : {&in.session(), &in.event(), &in.gate(), &in.operated_by()}) {
        if (const auto short_enough = fits(*text, kNoteMax, "a shift's text"); !short_enough)
            return short_enough.error();
    }
    ShiftNote shift{.session = {in.session()},
                    .event = {in.event()},
                    .gate = {in.gate()},
                    .operatedBy = {in.operated_by()},
                    .openedAt = base::instantFromMillis(in.opened_at_ms()),
                    .closedAt = {}};
    if (in.has_closed_at_ms())
        shift.closedAt = base::instantFromMillis(in.closed_at_ms());
    return shift;
}

void putHealth(const Health &health, wire::Health &out)
{
    if (health.batteryPercent)
        out.set_battery_percent(*health.batteryPercent);
    out.set_charging(health.charging);
    out.set_storage(static_cast<std::uint32_t>(health.storage));
    out.set_clock(static_cast<std::uint32_t>(health.clock));
    out.set_clock_offset_ms(health.clockOffset.count());
    out.set_software(health.software);
    out.set_queued(health.queued);
    out.set_in_doubt(health.inDoubt);
    out.set_network(health.network);
    if (health.listMadeAt)
        out.set_list_made_at_ms(base::millisOf(*health.listMadeAt));
    out.set_not_accepted(health.notAccepted);
    out.set_failures(health.failures);
}

Result<Health> healthOf(const wire::Health &in)
{
    const auto storage = choice(in.storage(), StorageHealth::Failed, "storage state");
    if (!storage)
        return storage.error();
    const auto clock = choice(in.clock(), domain::ClockState::Bracketed, "clock state");
    if (!clock)
        return clock.error();
    if (in.has_battery_percent() && in.battery_percent() > 100)
        return base::invalid("a battery above 100 per cent");
    if (in.software().size() > kWordMax || in.network().size() > kWordMax)
        return base::invalid("a version or a network's name that is too long");
    Health health{.batteryPercent = {},
                  .charging = in.charging(),
                  .storage = *storage,
                  .clock = *clock,
                  .clockOffset = base::Milliseconds(in.clock_offset_ms()),
                  .software = in.software(),
                  .queued = in.queued(),
                  .inDoubt = in.in_doubt(),
                  .network = in.network(),
                  .listMadeAt = {},
                  .notAccepted = in.not_accepted(),
                  .failures = in.failures()};
    if (in.has_battery_percent())
        health.batteryPercent = static_cast<std::uint8_t>(in.battery_percent());
    if (in.has_list_made_at_ms())
        health.listMadeAt = base::instantFromMillis(in.list_made_at_ms());
    return health;
}

Result<CommandResult> commandOf(const wire::CommandResult &in)
{
    const auto outcome = choice(in.outcome(), CommandOutcome::Unsupported, "what became of a command");
    if (!outcome)
        return outcome.error();
    if (in.id().size() > kWordMax || in.note().size() > kNoteMax)
        return base::invalid("a command's result that is too long");
    return CommandResult{in.id(), *outcome, in.note()};
}

template <class Rows>
std::size_t rowBytes(const Rows &rows)
{
    std::size_t bytes = 0;
    for (const auto &row : rows)
        bytes += row.size();
    return bytes;
}

Result<void> keepsLimits(const wire::SyncRequest &in)
{
    std::size_t rows = 0, bytes = 0;
    for (const auto *chains : {&in.own(), &in.carried()}) {
        for (const wire::Chain &chain : *chains) {
            rows += static_cast<std::size_t>(chain.rows_size());
            bytes += rowBytes(chain.rows());
        }
    }
    if (rows > kExchangeRowsMax || bytes > kExchangeRowBytesMax)
        return base::invalid("exchange: more rows than one message may hold");
    if (static_cast<std::size_t>(in.shifts_size()) > kShiftsMax ||
        static_cast<std::size_t>(in.commands_size()) > kCommandsMax)
        return base::invalid("exchange: more shifts or results than one message may hold");
    if (in.device().size() > kWordMax || in.event().size() > kNoteMax || in.wait_ms() > kWaitMax.count())
        return base::invalid("exchange: a name that is too long, or a wait above 25 seconds");
    return {};
}

/// Takes the messages of a list one by one, up to the first that is none.
template <class List, class Value, class Take>
Result<void> each(const List &list, std::vector<Value> &into, Take take)
{
    for (const auto &item : list) {
        auto value = take(item);
        if (!value)
            return value.error().at("exchange");
        into.push_back(std::move(*value));
    }
    return {};
}

Result<SyncRequest> requestOf(const wire::SyncRequest &in)
{
    const auto health = healthOf(in.health());
    if (!health)
        return health.error().at("exchange");
    SyncRequest request{.version = in.version(),
                        .device = {in.device()},
                        .event = {in.event()},
                        .position = {},
                        .health = *health,
                        .wait = base::Milliseconds(in.wait_ms()),
                        .at = base::instantFromMillis(in.at_ms()),
                        .wall = base::instantFromMillis(in.wall_ms()),
                        .sinceBoot = base::Milliseconds(in.boot_ms()),
                        .epoch = {in.epoch()}};
    if (in.has_position()) {
        const auto position = positionOf(in.position());
        if (!position)
            return position.error().at("exchange");
        request.position = *position;
    }
    if (auto taken = each(in.own(), request.own, chainOf); !taken)
        return taken.error();
    if (auto taken = each(in.carried(), request.carried, chainOf); !taken)
        return taken.error();
    if (auto taken = each(in.shifts(), request.shifts, shiftOf); !taken)
        return taken.error();
    if (auto taken = each(in.commands(), request.commands, commandOf); !taken)
        return taken.error();
    return request;
}

} // namespace

base::Bytes encode(const SyncRequest &request)
{
    wire::SyncRequest out;
    out.set_version(request.version);
    out.set_device(request.device.text);
    out.set_event(request.event.text);
    if (request.position)
        putPosition(*request.position, *out.mutable_position());
    for (const Chain &chain : request.own)
        putChain(chain, *out.add_own());
    for (const Chain &chain : request.carried)
        putChain(chain, *out.add_carried());
    for (const ShiftNote &shift : request.shifts)
        putShift(shift, *out.add_shifts());
    putHealth(request.health, *out.mutable_health());
    for (const CommandResult &result : request.commands) {
        wire::CommandResult &added = *out.add_commands();
        added.set_id(result.id);
        added.set_outcome(static_cast<std::uint32_t>(result.outcome));
        added.set_note(result.note);
    }
    out.set_wait_ms(static_cast<std::uint32_t>(request.wait.count()));
    out.set_at_ms(base::millisOf(request.at));
    out.set_wall_ms(base::millisOf(request.wall));
    out.set_boot_ms(request.sinceBoot.count());
    out.set_epoch(request.epoch.value);
    base::ensure(static_cast<bool>(keepsLimits(out)), "an exchange that breaks its limits");
    return serialised(out);
}

Result<SyncRequest> decodeSyncRequest(base::ByteView bytes)
{
    if (bytes.size() > kExchangeMax)
        return base::invalid("exchange: longer than " + std::to_string(kExchangeMax) + " bytes");
    const auto in = parsedInAnySpelling<wire::SyncRequest>(bytes, "exchange");
    if (!in)
        return in.error();
    if (in->version() != kExchangeVersion)
        return base::unsupported("exchange: version " + std::to_string(in->version()));
    if (const auto kept = keepsLimits(*in); !kept)
        return kept.error();
    auto request = requestOf(*in);
    if (!request)
        return request;
    if (const auto one = isCanonical(*in, bytes, encode(*request), "exchange"); !one)
        return one.error();
    return request;
}

} // namespace voelgoed::protocol
