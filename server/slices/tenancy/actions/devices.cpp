#include "server/slices/tenancy/actions/devices.h"

#include <algorithm>

namespace voelgoed::tenancy {

using actions::Context;
using async::Task;
using base::Result;

namespace {

constexpr std::int32_t kPageMax = 100;

constexpr pg::Sql kList{R"(
SELECT id, name, kind, model, software, status, digits, event_id, gate_id, checkpoint_id, direction, last_seen_at, battery,
       health, created_at, version
FROM tenancy.devices
WHERE organization_id = app.org() AND ($1::uuid IS NULL OR id > $1) AND ($2::text IS NULL OR event_id = $2)
  AND ($3::text IS NULL OR status = $3)
ORDER BY id LIMIT $4)"};
constexpr pg::Sql kShow{R"(
SELECT id, name, kind, model, software, status, digits, event_id, gate_id, checkpoint_id, direction, last_seen_at, battery,
       health, created_at, version
FROM tenancy.devices WHERE organization_id = app.org() AND id = $1)"};
constexpr pg::Sql kLock{"SELECT FROM tenancy.devices WHERE organization_id = app.org() AND id = $1 FOR UPDATE"};
constexpr pg::Sql kMove{R"(
UPDATE tenancy.devices
SET status = $2, approved_at = CASE WHEN $2 = 'active' THEN coalesce(approved_at, now()) ELSE approved_at END,
    revoked_at = CASE WHEN $2 = 'revoked' THEN now() END, version = version + 1, updated_at = now()
WHERE organization_id = app.org() AND id = $1 AND status = ANY ($3))"};
constexpr pg::Sql kAssign{R"(
UPDATE tenancy.devices
SET event_id = $2, gate_id = coalesce($3, gate_id), checkpoint_id = coalesce($4, checkpoint_id),
    direction = coalesce($5, direction), version = version + 1, updated_at = now()
WHERE organization_id = app.org() AND id = $1 AND status <> 'revoked'
RETURNING gate_id, checkpoint_id, direction)"};
constexpr pg::Sql kTell{R"(
INSERT INTO tenancy.device_commands (organization_id, id, device_id, kind, args, created_by)
VALUES (app.org(), $1, $2, $3, $4, $5))"};

Device deviceOf(const pg::Rows::Row &row)
{
    const auto health = base::parseJson(row.get<pg::Jsonb>(13).text);
    return {.id = row.get<base::Uuid>(0),
            .name = row.get<std::string>(1),
            .kind = row.get<std::string>(2),
            .model = row.get<std::string>(3),
            .software = row.get<std::string>(4),
            .status = row.get<std::string>(5),
            .digits = row.get<std::string>(6),
            .event = row.get<std::optional<std::string>>(7),
            .gate = row.get<std::optional<std::string>>(8),
            .checkpoint = row.get<std::optional<std::string>>(9),
            .direction = row.get<std::string>(10),
            .lastSeenAt = row.get<std::optional<base::Instant>>(11),
            .battery = row.get<std::optional<std::int16_t>>(12),
            .health = health ? *health : base::Json(),
            .createdAt = row.get<base::Instant>(14),
            .version = row.get<std::int32_t>(15)};
}

Task<Result<Device>> find(Context &context, const base::Uuid &id)
{
    const auto rows = co_await context.run(kShow, pg::Params::of(id));
    if (!rows)
        co_return rows.error();
    if (rows->empty())
        co_return actions::notFound("device");
    co_return deviceOf(rows->front());
}

/// Locked, and of the version that If-Match names.
Task<Result<Device>> findToChange(Context &context, const base::Uuid &id)
{
    if (const auto locked = co_await context.run(kLock, pg::Params::of(id)); !locked)
        co_return locked.error();
    auto device = co_await find(context, id);
    if (!device)
        co_return device;
    if (const auto expected = context.expectedVersion(); expected && *expected != device->version)
        co_return actions::preconditionFailed();
    co_return device;
}

Task<Result<void>> tell(Context &context, const base::Uuid &device, const char *kind, boost::json::object args)
{
    const auto by = context.actor().kind == access::ActorKind::User ? std::optional(context.actor().id) : std::nullopt;
    const auto told =
        co_await context.run(kTell, pg::Params::of(context.newId(), device, kind, pg::Jsonb{base::toText(args)}, by));
    if (!told)
        co_return told.error();
    co_return Result<void>();
}

/// From one of these states into another; Conflict from any other.
Task<Result<void>> move(Context &context, Tenancy &tenancy, const base::Uuid &device, const char *into,
                        std::vector<std::string> from)
{
    const auto moved = co_await context.run(kMove, pg::Params::of(device, into, from));
    if (!moved)
        co_return moved.error();
    if (moved->touched() == 0)
        co_return actions::conflict("wrong_state", "The device is not in a state for this.");
    context.unit().afterCommit([&tenancy, id = base::toText(device)] { tenancy.devices.invalidate(id); });
    co_return Result<void>();
}

void leaveTrail(Context &context, const Device &before, boost::json::object after, std::string reason)
{
    context.audit({.action = {},
                   .subjectType = "device",
                   .subject = base::toText(before.id),
                   .before = {{"status", before.status},
                              {"event", before.event.value_or("")},
                              {"gate", before.gate.value_or("")}},
                   .after = std::move(after),
                   .reason = std::move(reason)});
}

template <std::size_t Max>
std::optional<std::string> textOf(const std::optional<actions::Text<Max>> &text)
{
    return text ? std::optional(text->value) : std::nullopt;
}

} // namespace

Task<Result<Devices>> listDevices(Context &context, Tenancy &, ListDevices in)
{
    const std::int32_t limit = std::clamp(in.limit.value, 1, kPageMax);
    const auto rows =
        co_await context.run(kList, pg::Params::of(in.after, textOf(in.event), textOf(in.status), limit + 1));
    if (!rows)
        co_return rows.error();
    Devices devices;
    for (std::size_t i = 0; i < rows->size() && i < static_cast<std::size_t>(limit); ++i)
        devices.data.push_back(deviceOf((*rows)[i]));
    devices.hasMore = rows->size() > devices.data.size();
    if (devices.hasMore)
        devices.next = devices.data.back().id;
    co_return devices;
}

Task<Result<Device>> showDevice(Context &context, Tenancy &, OneDevice in)
{
    co_return co_await find(context, in.device);
}

/// Only by who has seen both screens: the digits have to be said.
Task<Result<Device>> approveDevice(Context &context, Tenancy &tenancy, ApproveDevice in)
{
    const auto before = co_await findToChange(context, in.device);
    if (!before)
        co_return before.error();
    if (before->digits != in.digits.value)
        co_return context.reject("/digits", "wrong",
                                 "These are not the digits that the device shows. Do not approve it.");
    if (const auto moved = co_await move(context, tenancy, in.device, "active", {"pending"}); !moved)
        co_return moved.error();
    leaveTrail(context, *before, {{"status", "active"}}, textOf(in.reason).value_or(""));
    const std::string organization = base::toText(context.organization());
    context.emit({.topic = "tenancy:org:" + organization,
                  .type = "tenancy.device_enrolled.v1",
                  .subject = base::toText(in.device),
                  .data = {{"device_id", base::toText(in.device)}, {"device_name", before->name}}});
    co_return co_await find(context, in.device);
}

Task<Result<Device>> assignDevice(Context &context, Tenancy &tenancy, AssignDevice in)
{
    const auto before = co_await findToChange(context, in.device);
    if (!before)
        co_return before.error();
    std::optional<std::string> direction;
    if (in.direction)
        direction = *in.direction == Way::Exit ? "exit" : "entry";
    const auto rows = co_await context.run(
        kAssign, pg::Params::of(in.device, in.event.value, textOf(in.gate), textOf(in.checkpoint), direction));
    if (!rows)
        co_return rows.error();
    if (rows->empty())
        co_return actions::conflict("wrong_state", "The device was revoked.");
    const auto text = [&](std::size_t column) {
        return rows->front().get<std::optional<std::string>>(column).value_or("");
    };
    boost::json::object args{
        {"event", in.event.value}, {"gate", text(0)}, {"checkpoint", text(1)}, {"direction", text(2)}};
    if (const auto told = co_await tell(context, in.device, "assign", args); !told)
        co_return told.error();
    leaveTrail(context, *before, std::move(args), textOf(in.reason).value_or(""));
    context.unit().afterCommit([&tenancy, id = base::toText(in.device)] { tenancy.devices.invalidate(id); });
    co_return co_await find(context, in.device);
}

Task<Result<Device>> tellDevice(Context &context, Tenancy &tenancy, TellDevice in)
{
    const auto before = co_await findToChange(context, in.device);
    if (!before)
        co_return before.error();
    const std::string order = actions::written(in.order).as_string().c_str();
    const std::string text = in.text ? in.text->value : "";
    if (in.order == Order::Message && text.empty())
        co_return context.reject("/text", "required", "What is the device to show?");
    Result<void> moved;
    if (in.order == Order::Lock)
        moved = co_await move(context, tenancy, in.device, "locked", {"active", "locked"});
    else if (in.order == Order::Unlock)
        moved = co_await move(context, tenancy, in.device, "active", {"active", "locked"});
    if (!moved)
        co_return moved.error();
    if (const auto told = co_await tell(context, in.device, order.c_str(), {{"text", text}}); !told)
        co_return told.error();
    leaveTrail(context, *before, {{"order", order}}, textOf(in.reason).value_or(""));
    co_return co_await find(context, in.device);
}

Task<Result<Device>> revokeDevice(Context &context, Tenancy &tenancy, RevokeDevice in)
{
    const auto before = co_await findToChange(context, in.device);
    if (!before)
        co_return before.error();
    if (const auto moved = co_await move(context, tenancy, in.device, "revoked", {"pending", "active", "locked"});
        !moved)
        co_return moved.error();
    leaveTrail(context, *before, {{"status", "revoked"}}, in.reason);
    const std::string organization = base::toText(context.organization());
    context.emit({.topic = "tenancy:org:" + organization,
                  .type = "tenancy.device_revoked.v1",
                  .subject = base::toText(in.device),
                  .data = {{"device_id", base::toText(in.device)}, {"device_name", before->name}}});
    co_return co_await find(context, in.device);
}

void addDeviceActions(Tenancy &tenancy)
{
    using access::Permission;
    using access::Policy;
    using http::Method;
    auto &actions = tenancy.kernel.actions;
    const auto change = [](const char *name, const char *route, const char *summary) {
        return actions::Declaration{.name = name,
                                    .method = Method::Post,
                                    .route = route,
                                    .summary = summary,
                                    .policy = Policy::may(Permission::ManageDevices),
                                    .effect = actions::Effect::Writes,
                                    .idempotency = actions::Idempotency::Optional,
                                    .audited = actions::Audited::Yes,
                                    .load = actions::LoadClass::Write,
                                    .ifMatch = actions::IfMatch::Heeded};
    };
    actions.add({.name = "tenancy.list_devices",
                 .method = Method::Get,
                 .route = "/v1/devices",
                 .summary = "The organization's devices",
                 .policy = Policy::may(Permission::ManageDevices)},
                tenancy, &listDevices);
    actions.add({.name = "tenancy.show_device",
                 .method = Method::Get,
                 .route = "/v1/devices/{device}",
                 .summary = "One device",
                 .policy = Policy::may(Permission::ManageDevices)},
                tenancy, &showDevice);
    actions.add(change("tenancy.approve_device", "/v1/devices/{device}/approve",
                       "Lets a device in, after its six digits were compared"),
                tenancy, &approveDevice);
    actions.add(change("tenancy.assign_device", "/v1/devices/{device}/assign",
                       "Puts a device at an event, gate and checkpoint"),
                tenancy, &assignDevice);
    actions.add(
        change("tenancy.tell_device", "/v1/devices/{device}/orders", "Messages, locks, unlocks or wipes a device"),
        tenancy, &tellDevice);
    actions.add(change("tenancy.revoke_device", "/v1/devices/{device}/revoke",
                       "Takes a device's access away; what it recorded before is still taken"),
                tenancy, &revokeDevice);
}

} // namespace voelgoed::tenancy
