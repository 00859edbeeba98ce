#pragma once

#include "server/platform/redis/client.h"
#include "server/platform/redis/keys.h"
#include "shared/protocol/request_signature.h"

#include <map>

namespace voelgoed::tenancy {

/// Which of a device's signed requests were taken: by this server, and, through Redis, by those beside it and before
/// it. Without Redis each knows its own since it was started.
class RequestMemory
{
public:
    explicit RequestMemory(redis::Client &redis) : m_redis(redis) {}

    /// Whether the stamp is new; it is then taken. The device has proved that it is its own.
    async::Task<bool> take(const base::Uuid &organization, const protocol::RequestStamp &stamp);

private:
    redis::Client &m_redis;
    std::map<domain::DeviceId, protocol::ReplayWindow> m_windows;
};

inline constexpr redis::Key kRequests{"vg:{org}:device:{device}:requests", redis::KeyType::Hash, std::chrono::days(30),
                                      "tenancy: each server remembers its own"};

} // namespace voelgoed::tenancy
