#pragma once

#include "server/platform/actions/dispatcher.h"
#include "server/platform/tiers/cached.h"
#include "server/slices/tenancy/request_memory.h"

namespace voelgoed::tenancy {

/// A device as the hot tier keeps it.
struct KnownDevice
{
    base::Uuid organization{};
    base::VerifyingKey key;
    std::string status, name;
    access::DevicePost post;
};

using DeviceCache = tiers::Cached<std::string, KnownDevice>;

tiers::CacheOptions deviceCacheOptions();
async::Task<base::Result<DeviceCache::Shared>> loadDevice(work::Database &database, std::string id);

/// The digest of a signed request, and its stamp, once the signature holds. Unauthorized otherwise.
struct ProvenRequest
{
    protocol::RequestStamp stamp;
    base::Digest digest{};
};
base::Result<ProvenRequest> proven(const http::Request &request, const base::VerifyingKey &key);

/// Requests that a device signed (shared/protocol/request_signature.h). Each counter of a boot is taken once.
class DeviceAuthenticator final : public actions::Authenticator
{
public:
    DeviceAuthenticator(DeviceCache &devices, redis::Client &redis) : m_devices(devices), m_taken(redis) {}

    bool isMeant(const http::Request &head) const override { return head.fields.has(protocol::kDeviceField); }
    async::Task<base::Result<std::optional<access::Actor>>> authenticate(const http::Request &request) override;

private:
    DeviceCache &m_devices;
    RequestMemory m_taken;
};

} // namespace voelgoed::tenancy
