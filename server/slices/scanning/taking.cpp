#include "server/slices/scanning/taking.h"

#include "server/slices/scanning/strays.h"

#include <algorithm>
#include <set>

namespace voelgoed::scanning {

using actions::Context;
using async::Task;
using base::ErrorCode;
using base::Result;

namespace {

const std::string kNoSuchEvent = "no_such_event";

/// PostgreSQL keeps no NUL. No gate sends one; whoever does must not hold up the rows that came along.
protocol::ShiftNote storable(protocol::ShiftNote shift)
{
    for (std::string *text : {&shift.session.text, &shift.gate.text, &shift.operatedBy.text})
        std::erase(*text, '\0');
    return shift;
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
std::map<base::Uuid, Delivery> deliveriesOf(Context &context, const protocol::SyncRequest &request,
                                            const std::map<domain::DeviceId, Maker> &makers)
{
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
        delivery.failures = request.health.failures;
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
                deliveryOf(home).unusable.push_back({std::move(brought.bytes), brought.row.key, kNoSuchEvent});
        }
        for (Unusable &unusable : read.unusable)
            deliveryOf(home).unusable.push_back(std::move(unusable));
    }
    if (request.health.failures > 0 && home != base::Uuid{})
        deliveryOf(home);
    for (const protocol::ShiftNote &shift : request.shifts) {
        const auto event = base::uuidFrom(shift.event.text);
        if (event && isStorable(shift))
            deliveryOf(*event).shifts.push_back(storable(shift));
    }
    return deliveries;
}

/// A row of an event at which its device never stood is taken as one of a revoked device is: it counts, since nothing
/// that a gate decided may be lost, and somebody is told to look at it.
Task<Result<void>> doubtStrangers(Context &context, Scanning &scanning, std::map<base::Uuid, Delivery> &deliveries)
{
    const contracts::DevicePosting present{base::toText(context.actor().id), context.actor().device->event};
    std::set<contracts::DevicePosting> asked;
    const auto postingOf = [](const Brought &brought) {
        return contracts::DevicePosting{brought.row.key.device.text, brought.row.event.text};
    };
    for (const auto &[event, delivery] : deliveries) {
        for (const Brought &brought : delivery.rows) {
            if (postingOf(brought) != present)
                asked.insert(postingOf(brought));
        }
    }
    if (asked.empty())
        co_return Result<void>();
    auto held = co_await scanning.devices.posted(context.organization(), std::move(asked));
    if (!held)
        co_return held.error();
    held->insert(present);
    for (auto &[event, delivery] : deliveries) {
        for (Brought &brought : delivery.rows) {
            brought.neverPosted = !brought.unverified && !held->contains(postingOf(brought));
            brought.unverified = brought.unverified || brought.neverPosted;
        }
    }
    co_return Result<void>();
}

} // namespace

Task<Result<void>> takeRows(Context &context, Scanning &scanning, const protocol::SyncRequest &request,
                            protocol::SyncReply &reply)
{
    const auto makers = co_await makersOf(context, scanning, request);
    if (!makers)
        co_return makers.error();
    std::map<domain::RowKey, Settled> settled;
    std::vector<Unusable> strays;
    auto deliveries = deliveriesOf(context, request, *makers);
    if (const auto doubted = co_await doubtStrangers(context, scanning, deliveries); !doubted)
        co_return doubted.error();
    for (auto &[event, delivery] : deliveries) {
        const std::vector<Brought> rows = delivery.rows;
        const std::vector<Unusable> unusable = delivery.unusable;
        const auto began = std::chrono::steady_clock::now();
        auto taken = co_await scanning.lanes.take(std::move(delivery));
        if (taken && !rows.empty())
            scanning.brought.observe(std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count());
        if (!taken && taken.error().code == ErrorCode::NotFound) {
            for (const Brought &brought : rows)
                strays.push_back({brought.bytes, brought.row.key, kNoSuchEvent});
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
                                                       .broughtBy = request.device.text,
                                                       .rows = strays,
                                                       .receivedAt = context.now()});
        if (!kept)
            co_return kept.error();
        for (const Unusable &row : strays)
            settled[row.key] = {row.key, protocol::RowOutcome::Quarantined, row.reason};
    }
    std::map<std::pair<domain::DeviceId, domain::Epoch>, domain::Sequence> through;
    for (const auto &[key, row] : settled) {
        protocol::addOutcome(reply.outcomes, key, row.outcome, row.reason);
        auto &last = through[{key.device, key.epoch}];
        last = std::max(last, key.sequence);
    }
    for (const auto &[of, last] : through)
        reply.acknowledged.push_back({of.first, of.second, last});
    co_return Result<void>();
}

} // namespace voelgoed::scanning
