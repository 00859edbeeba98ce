#include "server/slices/scanning/actions/sync.h"

#include "server/slices/scanning/following.h"
#include "server/slices/scanning/strays.h"
#include "shared/base/text.h"
#include "shared/protocol/packing.h"
#include "shared/protocol/request_signature.h"

#include <algorithm>
#include <set>

namespace voelgoed::scanning {

using actions::Context;
using actions::RawAnswer;
using async::Task;
using base::Error;
using base::ErrorCode;
using base::Result;

namespace {

constexpr std::size_t kPackAbove = 512;
constexpr std::size_t kShownMax = 200; ///< bytes of what a device says of itself

/// PostgreSQL keeps no NUL. No gate sends one; whoever does must not hold up the rows that came along.
std::string storable(std::string text)
{
    std::erase(text, '\0');
    return text;
}

protocol::ShiftNote storable(protocol::ShiftNote shift)
{
    for (std::string *text : {&shift.session.text, &shift.gate.text, &shift.operatedBy.text})
        *text = storable(std::move(*text));
    return shift;
}

/// What belongs to one exchange.
struct Exchange
{
    protocol::SyncRequest request;
    protocol::RequestStamp stamp;
    base::Digest digest{};
    protocol::SyncReply reply;
};

Result<Exchange> readExchange(Context &context, const std::string &body)
{
    const http::Request &http = context.request();
    const auto stamp = protocol::readStamp({.device = http.fields[protocol::kDeviceField],
                                            .boot = http.fields[protocol::kBootField],
                                            .counter = http.fields[protocol::kCounterField],
                                            .signature = http.fields[protocol::kSignatureField]});
    if (!stamp)
        return stamp.error();
    Exchange exchange;
    exchange.stamp = stamp->stamp;
    const std::string &sent = http.rawBody.empty() ? http.body : http.rawBody;
    exchange.digest = protocol::requestDigest(
        {.method = http::word(http.method), .target = http.target, .body = base::bytesOf(sent)}, exchange.stamp);
    auto request = protocol::decodeSyncRequest(base::bytesOf(body));
    if (!request)
        return Error{request.error().code, request.error().message, "This message cannot be read.", "invalid_input"};
    exchange.request = std::move(*request);
    if (exchange.request.device.text != base::toText(context.actor().id))
        return Error{ErrorCode::Invalid, "another device's message", "The message is another device's.",
                     "invalid_input"};
    return exchange;
}

Task<Result<std::map<domain::DeviceId, Maker>>> makersOf(Context &context, Scanning &scanning,
                                                         const protocol::SyncRequest &request)
{
    std::set<domain::DeviceId> devices;
    for (const auto *chains : {&request.own, &request.carried}) {
        for (const protocol::Chain &chain : *chains)
            devices.insert(chain.head.row.device);
    }
    std::map<domain::DeviceId, Maker> makers;
    for (const domain::DeviceId &device : devices) {
        const auto key = co_await scanning.devices.keyOf(context.organization(), device.text);
        if (!key)
            co_return key.error();
        if (*key)
            makers.emplace(device, Maker{(*key)->key, (*key)->isRevoked});
    }
    co_return makers;
}

/// Where the device was put, whatever it says; zeros: nowhere.
base::Uuid homeOf(const Context &context)
{
    return base::uuidFrom(context.actor().device->event).value_or(base::Uuid{});
}

/// The rows by the event that they are of; those of none that could be are set aside under the device's own.
std::map<base::Uuid, Delivery> deliveriesOf(Context &context, const Exchange &exchange,
                                            const std::map<domain::DeviceId, Maker> &makers)
{
    const protocol::SyncRequest &request = exchange.request;
    const Anchor anchor{
        .device = request.device, .epoch = request.epoch, .sinceBoot = request.sinceBoot, .now = context.now()};
    const FindMaker find = [&](const domain::DeviceId &device) -> std::optional<Maker> {
        const auto found = makers.find(device);
        return found == makers.end() ? std::nullopt : std::optional(found->second);
    };
    const base::Uuid home = homeOf(context);
    std::map<base::Uuid, Delivery> deliveries;
    const auto deliveryOf = [&](const base::Uuid &event) -> Delivery & {
        Delivery &delivery = deliveries[event];
        delivery.organization = context.organization();
        delivery.event = event;
        delivery.broughtBy = request.device.text;
        delivery.queued = request.health.queued;
        delivery.receivedAt = context.now();
        return delivery;
    };
    // A chain of somebody else's under one's own name vouches for nothing.
    std::vector<protocol::Chain> own, carried = request.carried;
    for (const protocol::Chain &chain : request.own)
        (chain.head.row.device == request.device ? own : carried).push_back(chain);
    for (const auto &[chains, source] : {std::pair(&own, Source::Live), std::pair(&carried, Source::Carried)}) {
        Read read = readChains(*chains, source, anchor, find);
        for (Brought &brought : read.rows) {
            const auto event = base::uuidFrom(brought.row.event.text);
            if (event)
                deliveryOf(*event).rows.push_back(std::move(brought));
            else
                deliveryOf(home).unusable.push_back({std::move(brought.bytes), brought.row.key, "no_such_event"});
        }
        for (Unusable &unusable : read.unusable)
            deliveryOf(home).unusable.push_back(std::move(unusable));
    }
    for (const protocol::ShiftNote &shift : request.shifts) {
        if (const auto event = base::uuidFrom(shift.event.text))
            deliveryOf(*event).shifts.push_back(storable(shift));
    }
    return deliveries;
}

/// Rows of an event that is not this organization's are nobody's: told so, and set aside.
Task<Result<void>> takeRows(Context &context, Scanning &scanning, Exchange &exchange)
{
    const auto makers = co_await makersOf(context, scanning, exchange.request);
    if (!makers)
        co_return makers.error();
    std::map<domain::RowKey, Settled> settled;
    std::vector<Unusable> strays;
    for (auto &[event, delivery] : deliveriesOf(context, exchange, *makers)) {
        const std::vector<Brought> rows = delivery.rows;
        const std::vector<Unusable> unusable = delivery.unusable;
        const auto began = std::chrono::steady_clock::now();
        auto taken = co_await scanning.lanes.take(std::move(delivery));
        if (taken && !rows.empty())
            scanning.brought.observe(std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count());
        if (!taken && taken.error().code == ErrorCode::NotFound) {
            for (const Brought &brought : rows)
                strays.push_back({brought.bytes, brought.row.key, "no_such_event"});
            strays.insert(strays.end(), unusable.begin(), unusable.end());
            continue;
        }
        if (!taken)
            co_return taken.error();
        for (const Settled &row : taken->settled)
            settled[row.row] = row;
    }
    if (!strays.empty()) {
        const auto kept = co_await setAside(scanning, {.organization = context.organization(),
                                                       .event = homeOf(context),
                                                       .broughtBy = exchange.request.device.text,
                                                       .rows = strays,
                                                       .receivedAt = context.now()});
        if (!kept)
            co_return kept.error();
        for (const Unusable &row : strays)
            settled[row.key] = {row.key, protocol::RowOutcome::Quarantined, row.reason};
    }
    std::map<std::pair<domain::DeviceId, domain::Epoch>, domain::Sequence> through;
    for (const auto &[key, row] : settled) {
        protocol::addOutcome(exchange.reply.outcomes, key, row.outcome, row.reason);
        auto &last = through[{key.device, key.epoch}];
        last = std::max(last, key.sequence);
    }
    for (const auto &[of, last] : through)
        exchange.reply.acknowledged.push_back({of.first, of.second, last});
    co_return Result<void>();
}

Task<Result<void>> addCommands(Context &context, Scanning &scanning, Exchange &exchange)
{
    std::vector<contracts::DeviceCommandResult> results;
    for (const protocol::CommandResult &result : exchange.request.commands) {
        const auto id = base::uuidFrom(result.id);
        constexpr const char *kWords[] = {"done", "refused", "unsupported"};
        if (id)
            results.push_back({*id, kWords[static_cast<std::size_t>(result.outcome)], storable(result.note)});
    }
    if (!results.empty()) {
        const auto done =
            co_await scanning.devices.settle(context.organization(), context.actor().id, std::move(results));
        if (!done)
            co_return done.error();
    }
    const auto commands = co_await scanning.devices.commandsFor(context.organization(), context.actor().id);
    if (!commands)
        co_return commands.error();
    exchange.reply.commands.clear();
    for (const contracts::DeviceCommand &command : *commands) {
        if (exchange.reply.commands.size() == protocol::kCommandsMax)
            break;
        protocol::Command out{.id = base::toText(command.id), .what = {}};
        switch (command.order) {
        case contracts::DeviceOrder::Assign:
            out.what = protocol::AssignCommand{.event = {command.event},
                                               .gate = {command.gate},
                                               .checkpoint = {command.checkpoint},
                                               .direction =
                                                   command.isExit ? domain::Direction::Exit : domain::Direction::Entry};
            break;
        case contracts::DeviceOrder::Message:
            out.what = protocol::MessageCommand{command.text};
            break;
        case contracts::DeviceOrder::Lock:
            out.what = protocol::LockCommand{command.text};
            break;
        case contracts::DeviceOrder::Unlock:
            out.what = protocol::UnlockCommand{};
            break;
        case contracts::DeviceOrder::Wipe:
            out.what = protocol::WipeCommand{};
            break;
        }
        exchange.reply.commands.push_back(std::move(out));
    }
    co_return Result<void>();
}

Task<Result<void>> addFeed(Context &context, Scanning &scanning, Exchange &exchange, base::Uuid event)
{
    auto followed = co_await followFeed(scanning, context.actor(), event, *exchange.request.position);
    if (!followed)
        co_return followed.error();
    exchange.reply.feed = std::move(followed->feed);
    exchange.reply.snapshot = std::move(followed->snapshot);
    co_return Result<void>();
}

bool hasNothingToTell(const protocol::SyncReply &reply)
{
    return reply.outcomes.empty() && reply.commands.empty() && !reply.snapshot &&
           (!reply.feed || reply.feed->changes.empty());
}

RawAnswer answerOf(Context &context, Scanning &scanning, Exchange &exchange)
{
    exchange.reply.at = scanning.kernel.clock.now().wall;
    base::Bytes body = protocol::encode(exchange.reply);
    RawAnswer answer{
        .contentType = std::string(protocol::kExchangeType), .fileName = {}, .bytes = {}, .source = {}, .file = {}};
    if (body.size() > kPackAbove &&
        context.request().fields["Accept-Encoding"].find("zstd") != std::string_view::npos) {
        body = protocol::pack(body);
        context.answerField("Content-Encoding", "zstd");
    }
    const auto signature = protocol::signReply(exchange.digest, 200, body, scanning.kernel.identity);
    context.answerField(std::string(protocol::kSignatureField), base::toBase64(signature));
    answer.bytes = base::textOf(body);
    return answer;
}

/// What became of its rows, and nothing else.
RawAnswer answerToRevoked(Context &context, Scanning &scanning, Exchange &exchange)
{
    exchange.reply.standing = protocol::Standing::Revoked;
    exchange.reply.feed.reset();
    exchange.reply.snapshot.reset();
    exchange.reply.commands.clear();
    return answerOf(context, scanning, exchange);
}

void tellSeen(Context &context, Scanning &scanning, const protocol::SyncRequest &request)
{
    const protocol::Health &health = request.health;
    const boost::json::object facts{{"storage", static_cast<int>(health.storage)},
                                    {"clock", static_cast<int>(health.clock)},
                                    {"clock_offset_ms", health.clockOffset.count()},
                                    {"queued", health.queued},
                                    {"in_doubt", health.inDoubt},
                                    {"network", base::printable(health.network, kShownMax)},
                                    {"not_accepted", health.notAccepted}};
    std::optional<std::int16_t> battery;
    if (health.batteryPercent)
        battery = *health.batteryPercent;
    scanning.devices.seen({.organization = context.organization(),
                           .device = context.actor().id,
                           .at = context.now(),
                           .battery = battery,
                           .software = base::printable(health.software, kShownMax),
                           .health = base::toText(facts)});
}

} // namespace

Task<Result<RawAnswer>> exchange(Context &context, Scanning &scanning, SyncBody in)
{
    auto read = readExchange(context, in.body.bytes);
    if (!read)
        co_return read.error();
    Exchange &exchange = *read;
    const access::DevicePost post = *context.actor().device;
    tellSeen(context, scanning, exchange.request);
    if (const auto taken = co_await takeRows(context, scanning, exchange); !taken)
        co_return taken.error();
    if (post.isRevoked)
        co_return answerToRevoked(context, scanning, exchange);
    // A device reads the event that it was put at, and no other.
    const auto event = base::uuidFrom(post.event);
    const bool follows = event && exchange.request.position && exchange.request.event.text == post.event;
    const auto until = scanning.kernel.clock.now().sinceBoot + std::min(exchange.request.wait, protocol::kWaitMax);
    for (;;) {
        if (const auto commands = co_await addCommands(context, scanning, exchange); !commands)
            co_return commands.error();
        exchange.request.commands.clear();
        if (follows) {
            if (const auto feed = co_await addFeed(context, scanning, exchange, *event); !feed)
                co_return feed.error();
        }
        const auto left = until - scanning.kernel.clock.now().sinceBoot;
        if (!hasNothingToTell(exchange.reply) || left <= base::Milliseconds(0) || scanning.kernel.isStopping)
            break;
        static_cast<void>(co_await scanning.waiting.waitFor(
            event.value_or(base::Uuid{}), std::min<base::Milliseconds>(left, std::chrono::seconds(1))));
        // It may have lost its place while it waited.
        const auto still = co_await scanning.devices.keyOf(context.organization(), exchange.request.device.text);
        if (!still)
            co_return still.error();
        if (!*still || (*still)->isRevoked)
            co_return answerToRevoked(context, scanning, exchange);
    }
    co_return answerOf(context, scanning, exchange);
}

Task<Result<RawAnswer>> giveSnapshot(Context &context, Scanning &scanning, OneSnapshot in)
{
    if (context.actor().device->event != base::toText(in.event))
        co_return actions::notFound("event");
    const auto file = co_await scanning.snapshots.get(context.organization(), in.event);
    if (!file)
        co_return file.error();
    co_return RawAnswer{.contentType = "application/vnd.voelgoed.bundle.v1",
                        .fileName = {},
                        .bytes = {},
                        .source = {},
                        .file = http::FileBody{file->path, file->entityTag}};
}

void addSyncActions(Scanning &scanning)
{
    using access::Policy;
    using http::Method;
    auto &actions = scanning.kernel.actions;
    actions.add({.name = "scanning.sync",
                 .method = Method::Post,
                 .route = "/v1/sync",
                 .summary = "One exchange with a device: its rows up, the event's changes down",
                 .policy = Policy::deviceEvenRevoked(),
                 .effect = actions::Effect::Commits,
                 .load = actions::LoadClass::Critical,
                 .bodyMax = protocol::kExchangeMax},
                scanning, &exchange);
    actions.add({.name = "scanning.snapshot",
                 .method = Method::Get,
                 .route = "/v1/events/{event}/snapshot",
                 .summary = "The event's list in one signed file, for a device's first download",
                 .policy = Policy::device(),
                 .load = actions::LoadClass::Critical},
                scanning, &giveSnapshot);
}

} // namespace voelgoed::scanning
