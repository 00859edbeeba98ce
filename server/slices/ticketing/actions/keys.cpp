#include "server/slices/ticketing/actions/keys.h"

#include "server/slices/ticketing/changing.h"

namespace voelgoed::ticketing {

using actions::Context;
using async::Task;
using base::Result;

namespace {

constexpr std::int64_t kForeignMax =
    8; ///< of an event: gates try each code of pretix that is on no list with all of them

constexpr pg::Sql kCountForeign{R"(
SELECT count(*) FROM ticketing.foreign_keys
WHERE organization_id = app.org() AND event_id = $1 AND (system, public_key) <> ($2, $3))"};
constexpr pg::Sql kAddForeign{R"(
INSERT INTO ticketing.foreign_keys (organization_id, event_id, system, public_key) VALUES (app.org(), $1, $2, $3)
ON CONFLICT DO NOTHING)"};
constexpr pg::Sql kRemoveForeign{R"(
DELETE FROM ticketing.foreign_keys WHERE organization_id = app.org() AND event_id = $1 AND public_key = $2
RETURNING system)"};

KeyList listOf(const domain::EventKeys &keys)
{
    KeyList list{.shortId = keys.shortId, .data = {}, .foreign = {}};
    for (const domain::KeySlot &key : keys.keySlots)
        list.data.push_back({.slot = key.slot, .publicKey = base::toHex(key.publicKey), .retired = key.retired});
    for (const domain::ForeignKey &key : keys.foreign)
        list.foreign.push_back({.system = key.system, .publicKey = base::toHex(key.publicKey)});
    return list;
}

Task<Result<KeyList>> read(Ticketing &ticketing, pg::Tx &tx, base::Uuid event)
{
    const auto keys = co_await ticketing.signer.keysOf(tx, event, {});
    if (!keys)
        co_return keys.error();
    co_return listOf(*keys);
}

Result<base::Bytes> keyOf(Context &context, const actions::Text<64> &text)
{
    auto bytes = base::fromHex(text.value);
    if (!bytes || !base::VerifyingKey::fromRaw(*bytes))
        return context.reject("/public_key", "not_a_key", "An Ed25519 public key has 64 hexadecimal digits.");
    return *std::move(bytes);
}

struct KeyChange
{
    base::Uuid event{};
    base::Json before, after;
    std::string reason;
};

/// What has changed reaches the gates with the event's definition.
Task<Result<KeyList>> published(Context &context, Ticketing &ticketing, KeyChange change)
{
    const base::Uuid event = change.event;
    if (const auto told = co_await ticketing.events.publish(context.tx(), event); !told)
        co_return told.error();
    context.unit().afterCommit([&feed = ticketing.feed, event] { feed.wake(event); });
    context.audit({.action = {},
                   .subjectType = "event",
                   .subject = base::toText(event),
                   .before = std::move(change.before),
                   .after = std::move(change.after),
                   .reason = std::move(change.reason)});
    announce(context, event, "ticketing.keys_changed.v1", {});
    co_return co_await read(ticketing, context.tx(), event);
}

} // namespace

Task<Result<KeyList>> listKeys(Context &context, Ticketing &ticketing, OneEvent in)
{
    auto reading = co_await readEvent(context, ticketing, in.event);
    if (!reading)
        co_return reading.error();
    co_return co_await read(ticketing, reading->tx, in.event);
}

Task<Result<KeyList>> addKey(Context &context, Ticketing &ticketing, OneEvent in)
{
    const auto known = co_await holdEvent(context, ticketing, in.event);
    if (!known)
        co_return known.error();
    const auto slot = co_await ticketing.signer.addKey(context.tx(), in.event);
    if (!slot)
        co_return slot.error();
    const boost::json::object after{{"added_slot", *slot}};
    co_return co_await published(context, ticketing, {.event = in.event, .before = {}, .after = after, .reason = {}});
}

Task<Result<KeyList>> retireKey(Context &context, Ticketing &ticketing, OneKey in)
{
    const auto known = co_await holdEvent(context, ticketing, in.event);
    if (!known)
        co_return known.error();
    if (const auto done = co_await ticketing.signer.retire(context.tx(), in.event, in.slot, context.now()); !done)
        co_return done.error();
    const boost::json::object after{{"retired_slot", in.slot}};
    co_return co_await published(context, ticketing,
                                 {.event = in.event, .before = {}, .after = after, .reason = in.reason.value});
}

Task<Result<KeyList>> addForeignKey(Context &context, Ticketing &ticketing, NewForeignKey in)
{
    if (in.system.value != "pretix")
        co_return context.reject("/system", "unknown", "Signed codes of pretix can be taken, and of no other system.");
    const auto key = keyOf(context, in.publicKey);
    if (!key)
        co_return key.error();
    const auto known = co_await holdEvent(context, ticketing, in.event);
    if (!known)
        co_return known.error();
    const auto others = co_await context.run(kCountForeign, pg::Params::of(in.event, in.system.value, *key));
    if (!others)
        co_return others.error();
    if (others->front().get<std::int64_t>(0) >= kForeignMax) {
        co_return actions::conflict("foreign_keys_full", "An event takes codes of at most " +
                                                             std::to_string(kForeignMax) +
                                                             " keys of other systems: take one back first.");
    }
    const auto added = co_await context.run(kAddForeign, pg::Params::of(in.event, in.system.value, *key));
    if (!added)
        co_return added.error();
    const boost::json::object after{{"foreign_key", base::toHex(*key)}, {"system", in.system.value}};
    co_return co_await published(context, ticketing, {.event = in.event, .before = {}, .after = after, .reason = {}});
}

Task<Result<KeyList>> removeForeignKey(Context &context, Ticketing &ticketing, OneForeignKey in)
{
    const auto key = keyOf(context, in.publicKey);
    if (!key)
        co_return key.error();
    const auto known = co_await holdEvent(context, ticketing, in.event);
    if (!known)
        co_return known.error();
    const auto removed = co_await context.run(kRemoveForeign, pg::Params::of(in.event, *key));
    if (!removed)
        co_return removed.error();
    if (removed->empty())
        co_return actions::notFound("key");
    const boost::json::object before{{"foreign_key", base::toHex(*key)},
                                     {"system", removed->front().get<std::string>(0)}};
    co_return co_await published(context, ticketing,
                                 {.event = in.event,
                                  .before = before,
                                  .after = boost::json::object{},
                                  .reason = in.reason ? in.reason->value : std::string()});
}

void addKeyActions(Ticketing &ticketing)
{
    using access::Permission;
    using access::Policy;
    const auto writing = [](std::string_view name, std::string_view route, std::string_view summary, int status) {
        return actions::Declaration{.name = name,
                                    .method = http::Method::Post,
                                    .route = route,
                                    .summary = summary,
                                    .policy = Policy::may(Permission::ManageKeys),
                                    .effect = actions::Effect::Writes,
                                    .idempotency = actions::Idempotency::Optional,
                                    .audited = actions::Audited::Yes,
                                    .load = actions::LoadClass::Write,
                                    .status = status};
    };
    auto &all = ticketing.kernel.actions;
    all.add({.name = "ticketing.list_keys",
             .method = http::Method::Get,
             .route = "/v1/events/{event}/keys",
             .summary = "The public halves of the keys that an event's codes are signed with",
             .policy = Policy::may(Permission::ManageTickets)},
            ticketing, &listKeys);
    all.add(writing("ticketing.add_key", "/v1/events/{event}/keys", "Adds a key for an event's codes", 201), ticketing,
            &addKey);
    auto retire = writing("ticketing.retire_key", "/v1/events/{event}/keys/{slot}/retire",
                          "Retires a key: every code that was signed with it is refused from then on", 200);
    retire.consent = actions::Consent::Needed;
    all.add(retire, ticketing, &retireKey);
    all.add(writing("ticketing.add_foreign_key", "/v1/events/{event}/foreign-keys",
                    "Takes signed codes of another system, given its public key", 201),
            ticketing, &addForeignKey);
    all.add({.name = "ticketing.remove_foreign_key",
             .method = http::Method::Delete,
             .route = "/v1/events/{event}/foreign-keys/{public_key}",
             .summary = "Takes another system's public key back; codes that are on the list stay good",
             .policy = Policy::may(Permission::ManageKeys),
             .effect = actions::Effect::Writes,
             .audited = actions::Audited::Yes,
             .load = actions::LoadClass::Write,
             .consent = actions::Consent::Needed},
            ticketing, &removeForeignKey);
}

} // namespace voelgoed::ticketing
