#pragma once

#include "server/platform/redis/keys.h"

/// What topics keep in Redis.
namespace voelgoed::topics {

inline constexpr std::chrono::hours kKept{24}; ///< since the last event of a topic
inline constexpr std::chrono::minutes kPresenceKept{2};

inline constexpr redis::Key kHead{"vg:{org}:topic:{name}:head", redis::KeyType::Hash, kKept,
                                  "topics: a topic without one begins a new epoch, and its listeners reload"};
inline constexpr redis::Key kLog{"vg:{org}:topic:{name}:log", redis::KeyType::Stream, kKept,
                                 "topics: who finds a gap reloads"};
inline constexpr redis::Key kHere{"vg:{org}:topic:{name}:here", redis::KeyType::SortedSet, kPresenceKept,
                                  "topics: told anew with each heartbeat"};
inline constexpr redis::Key kCards{"vg:{org}:topic:{name}:cards", redis::KeyType::Hash, kPresenceKept,
                                   "topics: told anew with each heartbeat"};

/// Channels are no keys, and messages on them are kept nowhere: "vg:topics:<organization>:<topic>".
inline constexpr std::string_view kChannels = "vg:topics:";

void addKeys(redis::KeyRegistry &registry);

} // namespace voelgoed::topics
