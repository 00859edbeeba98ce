#pragma once

#include "server/platform/redis/keys.h"

/// What scanning keeps in Redis of an event. All of it lies under the name of an epoch: kEpoch says which one is whole,
/// and as far as which batch. When that key is gone everything is made anew under another name, and the old keys lapse.
namespace voelgoed::scanning {

inline constexpr std::chrono::hours kEpochKept{72}; ///< since the event's last batch
inline constexpr std::chrono::hours kWarmKept{96};  ///< longer, so that no epoch outlives what it stands for
inline constexpr std::chrono::seconds kRebuildMax{60};
inline constexpr std::chrono::seconds kHeldMax{10}; ///< a claim whose row never came to the database

inline constexpr redis::Key kEpoch{"vg:{org.event}:scan:epoch", redis::KeyType::Hash, kEpochKept,
                                   "scanning: rebuilt from the rows in Postgres"};
inline constexpr redis::Key kRebuilding{"vg:{org.event}:scan:rebuilding", redis::KeyType::String, kRebuildMax,
                                        "scanning: who rebuilds; two at once do no harm"};
/// ordinal -> "entries exits at epoch seq device", the last four of who came in first
inline constexpr redis::Key kClaims{"vg:{org.event}:scan:{epoch}:claims:{checkpoint}", redis::KeyType::Hash, kWarmKept,
                                    "scanning: rebuilt from the rows in Postgres"};
/// a bit for each ordinal: somebody came in
inline constexpr redis::Key kEntered{"vg:{org.event}:scan:{epoch}:entered:{checkpoint}", redis::KeyType::String,
                                     kWarmKept, "scanning: rebuilt from the rows in Postgres"};
/// ["checkpoint","gate"] -> "entries exits refused", and where something has closed " since entries exits" behind it
inline constexpr redis::Key kOccupancy{"vg:{org.event}:scan:{epoch}:occupancy", redis::KeyType::Hash, kWarmKept,
                                       "scanning: rebuilt from the rows in Postgres"};
/// session -> scans
inline constexpr redis::Key kSessions{"vg:{org.event}:scan:{epoch}:sessions", redis::KeyType::Hash, kWarmKept,
                                      "scanning: rebuilt from the rows in Postgres"};
/// ordinal -> "until epoch seq device": claimed, and not yet in the database
inline constexpr redis::Key kHeld{"vg:{org.event}:scan:{epoch}:held:{checkpoint}", redis::KeyType::Hash, kHeldMax,
                                  "scanning: who claims asks again, and the database decides"};

/// "<second>a" and "<second>d" -> scans of that second that let somebody in, or did not; `told`: the last second that
/// was told of
inline constexpr redis::Key kRate{"vg:{org.event}:scan:rate", redis::KeyType::Hash, std::chrono::minutes(2),
                                  "scanning: counts on from nothing"};

inline void addLiveKeys(redis::KeyRegistry &registry)
{
    for (const redis::Key *key : {&kEpoch, &kRebuilding, &kClaims, &kEntered, &kOccupancy, &kSessions, &kHeld, &kRate})
        registry.add(*key);
}

} // namespace voelgoed::scanning
