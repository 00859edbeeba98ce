#include "server/slices/tenancy/device_authenticator.h"

namespace voelgoed::tenancy {

using async::Task;
using base::Error;
using base::ErrorCode;
using base::Result;
using namespace std::chrono_literals;

namespace {

constexpr pg::Sql kFind{R"(
SELECT organization_id, public_key, status, name, event_id, gate_id, checkpoint_id, direction
FROM tenancy.find_device($1))"};

Error unknown(std::string why)
{
    return {ErrorCode::Unauthorized, std::move(why), "This device is not known here.", "device_unknown"};
}

std::string textOr(const pg::Rows::Row &row, std::size_t column)
{
    return row.get<std::optional<std::string>>(column).value_or("");
}

} // namespace

tiers::CacheOptions deviceCacheOptions()
{
    return {.capacity = 5'000, .fresh = 1s, .staleMax = 15min, .missing = 0ms};
}

Task<Result<DeviceCache::Shared>> loadDevice(work::Database &database, std::string id)
{
    const auto uuid = base::uuidFrom(id);
    if (!uuid)
        co_return DeviceCache::Shared();
    const auto rows = co_await database.read(work::kPlatform, kFind, pg::Params::of(*uuid));
    if (!rows)
        co_return rows.error();
    if (rows->empty())
        co_return DeviceCache::Shared();
    const auto row = rows->front();
    auto key = base::VerifyingKey::fromRaw(row.get<base::Bytes>(1));
    if (!key)
        co_return base::corrupt("a device's key in the database");
    KnownDevice device{.organization = row.get<base::Uuid>(0),
                       .key = std::move(*key),
                       .status = row.get<std::string>(2),
                       .name = row.get<std::string>(3),
                       .post = {.event = textOr(row, 4),
                                .gate = textOr(row, 5),
                                .checkpoint = textOr(row, 6),
                                .isExit = row.get<std::string>(7) == "exit",
                                .isRevoked = false,
                                .isLocked = false}};
    device.post.isRevoked = device.status == "revoked" || device.status == "replaced";
    device.post.isLocked = device.status == "locked";
    co_return std::make_shared<const KnownDevice>(std::move(device));
}

Result<ProvenRequest> proven(const http::Request &request, const base::VerifyingKey &key)
{
    const auto stamp = protocol::readStamp({.device = request.fields[protocol::kDeviceField],
                                            .boot = request.fields[protocol::kBootField],
                                            .counter = request.fields[protocol::kCounterField],
                                            .signature = request.fields[protocol::kSignatureField]});
    if (!stamp)
        return stamp.error();
    const std::string &body = request.rawBody.empty() ? request.body : request.rawBody;
    ProvenRequest proven{
        .stamp = stamp->stamp,
        .digest = protocol::requestDigest(
            {.method = http::word(request.method), .target = request.target, .body = base::bytesOf(body)},
            stamp->stamp)};
    if (!protocol::requestHolds(proven.digest, stamp->signature, key))
        return Error{ErrorCode::Unauthorized, "the signature does not hold", "This device is not known here.",
                     "device_unknown"};
    return proven;
}

Task<Result<std::optional<access::Actor>>> DeviceAuthenticator::authenticate(const http::Request &request)
{
    if (!request.fields.has(protocol::kDeviceField))
        co_return std::optional<access::Actor>();
    const std::string id(request.fields[protocol::kDeviceField]);
    auto device = co_await m_devices.get(id);
    // Somebody may have let it in at this moment, at another server.
    if (device && *device && (*device)->status == "pending") {
        m_devices.invalidate(id);
        device = co_await m_devices.get(id);
    }
    if (!device)
        co_return device.error();
    // One that still waits for its approval proves itself where it asks for that.
    if (!*device || (*device)->status == "pending")
        co_return std::optional<access::Actor>();
    const auto signature = proven(request, (*device)->key);
    if (!signature)
        co_return signature.error();
    const bool isNew = co_await m_taken.take((*device)->organization, signature->stamp);
    if (!isNew)
        co_return unknown("a request was repeated");
    access::Actor actor;
    actor.kind = access::ActorKind::Device;
    actor.id = *base::uuidFrom(id);
    actor.organization = (*device)->organization;
    actor.name = (*device)->name;
    actor.device = (*device)->post;
    co_return std::optional(std::move(actor));
}

} // namespace voelgoed::tenancy
