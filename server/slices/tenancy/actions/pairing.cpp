#include "server/slices/tenancy/actions/pairing.h"

#include "server/slices/tenancy/device_authenticator.h"
#include "shared/base/text.h"
#include "shared/protocol/pairing.h"

#include <algorithm>

namespace voelgoed::tenancy {

using actions::Context;
using actions::RawAnswer;
using async::Task;
using base::Result;
using namespace std::chrono_literals;

namespace {

constexpr auto kCodeLife = 5min;
constexpr auto kWaitMax = 20s;
constexpr auto kLookEvery = 300ms;

constexpr pg::Sql kInvite{R"(
INSERT INTO tenancy.device_codes
    (organization_id, id, code_hash, name, event_id, gate_id, checkpoint_id, direction, created_by, expires_at)
VALUES (app.org(), $1, $2, $3, $4, $5, $6, $7, $8, $9))"};
constexpr pg::Sql kUseCode{R"(
SELECT organization_id, name, event_id, gate_id, checkpoint_id, direction FROM tenancy.use_device_code($1))"};
constexpr pg::Sql kClaimId{"SELECT tenancy.claim_device_id($1)"};
constexpr pg::Sql kPut{R"(
INSERT INTO tenancy.devices AS d (organization_id, id, name, model, software, public_key, digits, event_id, gate_id,
                                  checkpoint_id, direction)
VALUES (app.org(), $1, $2, $3, $4, $5, $6, $7, $8, $9, coalesce($10, 'entry'))
ON CONFLICT (organization_id, id) DO UPDATE
SET name = excluded.name, model = excluded.model, software = excluded.software, digits = excluded.digits,
    event_id = excluded.event_id, gate_id = excluded.gate_id, checkpoint_id = excluded.checkpoint_id,
    direction = excluded.direction, status = 'pending', version = d.version + 1, updated_at = now()
WHERE d.public_key = excluded.public_key AND d.status IN ('pending', 'active'))"};
constexpr pg::Sql kOrganization{"SELECT name FROM tenancy.organizations WHERE organization_id = app.org()"};
constexpr pg::Sql kFind{R"(
SELECT organization_id, public_key, status, event_id, gate_id, checkpoint_id, direction FROM tenancy.find_device($1))"};

base::Digest hashOf(const protocol::OneTimeCode &code)
{
    return base::sha256({base::bytesOf("voelgoed pairing code"), base::ByteView(code)});
}

RawAnswer signedJson(Context &context, Tenancy &tenancy, const ProvenRequest &request, std::string json)
{
    RawAnswer answer{
        .contentType = "application/json", .fileName = {}, .bytes = std::move(json), .source = {}, .file = {}};
    const auto signature =
        protocol::signReply(request.digest, 200, base::bytesOf(answer.bytes), tenancy.kernel.identity);
    context.answerField(std::string(protocol::kSignatureField), base::toBase64(signature));
    context.answerField("Cache-Control", "no-store, no-transform");
    context.answerField("Content-Encoding", "identity"); // what was signed is what is sent
    return answer;
}

template <std::size_t Max>
std::optional<std::string> textOf(const std::optional<actions::Text<Max>> &text)
{
    return text ? std::optional(text->value) : std::nullopt;
}

protocol::PairStatus statusOf(const pg::Rows::Row &row, const platform::Kernel &kernel)
{
    protocol::PairStatus status;
    const std::string word = row.get<std::string>(2);
    if (word == "pending")
        return status;
    if (word != "active" && word != "locked") {
        status.state = protocol::PairState::Refused;
        return status;
    }
    const auto text = [&](std::size_t column) { return row.get<std::optional<std::string>>(column).value_or(""); };
    status.state = protocol::PairState::Approved;
    protocol::Assignment assignment{.organization = {base::toText(row.get<base::Uuid>(0))},
                                    .organizationName = {},
                                    .events = {},
                                    .gate = {text(4)},
                                    .checkpoint = {text(5)},
                                    .direction = row.get<std::string>(6) == "exit" ? domain::Direction::Exit
                                                                                   : domain::Direction::Entry,
                                    .sealTo = kernel.seal.open,
                                    .server = kernel.identity.publicKey()};
    if (!text(3).empty())
        assignment.events.push_back({text(3)});
    status.assignment = std::move(assignment);
    return status;
}

} // namespace

Task<Result<DeviceInvitation>> inviteDevice(Context &context, Tenancy &tenancy, InviteDevice in)
{
    protocol::PairingCode code{
        .server = tenancy.kernel.publicUrl, .pin = tenancy.kernel.identity.publicKey(), .code = {}};
    context.random().fill(code.code);
    const base::Instant until = context.now() + kCodeLife;
    std::optional<std::string> direction;
    if (in.direction)
        direction = *in.direction == Way::Exit ? "exit" : "entry";
    const auto by = context.actor().kind == access::ActorKind::User ? std::optional(context.actor().id) : std::nullopt;
    const auto invited = co_await context.run(
        kInvite, pg::Params::of(context.newId(), base::ByteView(hashOf(code.code)), textOf(in.name).value_or(""),
                                textOf(in.event), textOf(in.gate), textOf(in.checkpoint), direction, by, until));
    if (!invited)
        co_return invited.error();
    context.audit({.action = {},
                   .subjectType = "device_code",
                   .subject = {},
                   .before = {},
                   .after = {{"event", textOf(in.event).value_or("")}, {"gate", textOf(in.gate).value_or("")}},
                   .reason = {}});
    context.answerOnce();
    co_return DeviceInvitation{.code = base::toHex(code.code),
                               .server = code.server,
                               .pin = base::toHex(code.pin),
                               .qr = protocol::textOf(code),
                               .expiresAt = until};
}

/// A code is used up by whoever brings it first; what comes of it needs a person's approval.
Task<Result<RawAnswer>> pairDevice(Context &context, Tenancy &tenancy, PairBody in)
{
    const auto asked = protocol::parsePairRequest(in.body.bytes);
    if (!asked)
        co_return base::Error{base::ErrorCode::Invalid, asked.error().message, "This is no request to pair.",
                              "invalid_input"};
    const auto key = base::VerifyingKey::fromRaw(asked->key);
    const auto id = base::uuidFrom(asked->device.text);
    if (!key || !id)
        co_return base::Error{base::ErrorCode::Invalid, "key or id", "This is no device's key or id.", "invalid_input"};
    const auto request = proven(context.request(), *key);
    if (!request || request->stamp.device != asked->device)
        co_return base::Error{base::ErrorCode::Unauthorized, "unsigned", "The request is not signed by its key.",
                              "device_unknown"};
    const auto used = co_await context.run(kUseCode, pg::Params::of(base::ByteView(hashOf(asked->code))));
    if (!used)
        co_return used.error();
    if (used->empty())
        co_return base::Error{base::ErrorCode::NotFound, "no such code",
                              "This code was used, or is too old. Make a new one.", "code_not_valid"};
    const auto row = used->front();
    if (const auto entered = co_await context.unit().enterAsInvited(row.get<base::Uuid>(0)); !entered)
        co_return entered.error();
    const auto claimed = co_await context.run(kClaimId, pg::Params::of(*id));
    if (!claimed)
        co_return claimed.error();
    if (!claimed->front().get<bool>(0))
        co_return actions::conflict("device_of_others", "This device belongs to another organization.");
    const std::string digits = protocol::pairingDigits(tenancy.kernel.identity.publicKey(), asked->key, asked->code);
    std::string name = row.get<std::string>(1);
    if (name.empty())
        name = asked->name.empty() ? "Gate " + asked->device.text.substr(0, 8)
                                   : std::string(base::cutTo(asked->name, 100));
    const auto text = [&](std::size_t column) { return row.get<std::optional<std::string>>(column); };
    const auto put =
        co_await context.run(kPut, pg::Params::of(*id, name, asked->model, asked->version, base::ByteView(asked->key),
                                                  digits, text(2), text(3), text(4), text(5)));
    if (!put)
        co_return put.error();
    if (put->touched() == 0)
        co_return actions::conflict("device_known", "A device of this id is known with another key, or was revoked.");
    const auto organization = co_await context.run(kOrganization);
    if (!organization)
        co_return organization.error();
    context.audit({.action = {},
                   .subjectType = "device",
                   .subject = asked->device.text,
                   .before = {},
                   .after = {{"name", name}},
                   .reason = {}});
    co_return signedJson(context, tenancy, *request,
                         protocol::toJson(protocol::PairReply{.pairing = asked->device.text,
                                                              .organization = organization->front().get<std::string>(0),
                                                              .digits = digits}));
}

/// Waits while nothing changes.
Task<Result<RawAnswer>> showPairing(Context &context, Tenancy &tenancy, OnePairing in)
{
    const auto until =
        tenancy.kernel.clock.now().sinceBoot +
        std::clamp<base::Milliseconds>(std::chrono::seconds(in.wait.value_or(kWaitMax.count())), 0s, kWaitMax);
    std::optional<ProvenRequest> request;
    for (;;) {
        const auto rows = co_await context.run(kFind, pg::Params::of(in.pairing));
        if (!rows)
            co_return rows.error();
        if (rows->empty())
            co_return actions::notFound("pairing");
        if (!request) {
            const auto key = base::VerifyingKey::fromRaw(rows->front().get<base::Bytes>(1));
            const auto holds = key ? proven(context.request(), *key) : Result<ProvenRequest>(key.error());
            if (!holds || holds->stamp.device.text != base::toText(in.pairing))
                co_return actions::notFound("pairing");
            request = *holds;
        }
        auto status = statusOf(rows->front(), tenancy.kernel);
        if (status.state != protocol::PairState::Pending || tenancy.kernel.clock.now().sinceBoot >= until ||
            tenancy.kernel.isStopping)
            co_return signedJson(context, tenancy, *request, protocol::toJson(status));
        co_await async::sleepFor(kLookEvery);
    }
}

void addPairingActions(Tenancy &tenancy)
{
    using access::Permission;
    using access::Policy;
    using http::Method;
    auto &actions = tenancy.kernel.actions;
    actions.add({.name = "tenancy.invite_device",
                 .method = Method::Post,
                 .route = "/v1/devices/codes",
                 .summary = "Makes a one-time code that lets a device in",
                 .policy = Policy::may(Permission::ManageDevices),
                 .effect = actions::Effect::Writes,
                 .idempotency = actions::Idempotency::Optional,
                 .audited = actions::Audited::Yes,
                 .load = actions::LoadClass::Write,
                 .status = 201},
                tenancy, &inviteDevice);
    actions.add({.name = "tenancy.pair_device",
                 .method = Method::Post,
                 .route = "/v1/devices/pair",
                 .summary = "A device brings a one-time code and its key",
                 .policy = Policy::anyone(),
                 .effect = actions::Effect::Writes,
                 .audited = actions::Audited::Yes,
                 .load = actions::LoadClass::Write,
                 .bodyMax = 4096,
                 .limit = "pairing"},
                tenancy, &pairDevice);
    actions.add({.name = "tenancy.show_pairing",
                 .method = Method::Get,
                 .route = "/v1/devices/pair/{pairing}",
                 .summary = "A device asks whether it was approved",
                 .policy = Policy::anyone(),
                 .load = actions::LoadClass::Critical,
                 .limit = "pairing.wait"},
                tenancy, &showPairing);
}

} // namespace voelgoed::tenancy
