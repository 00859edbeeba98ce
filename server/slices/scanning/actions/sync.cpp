#include "server/slices/scanning/actions/sync.h"

#include "server/slices/scanning/following.h"
#include "server/slices/scanning/taking.h"
#include "shared/base/text.h"
#include "shared/protocol/packing.h"
#include "shared/protocol/request_signature.h"

#include <algorithm>

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
    if (const auto taken = co_await takeRows(context, scanning, exchange.request, exchange.reply); !taken)
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
