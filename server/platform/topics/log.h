#pragma once

#include "server/platform/redis/client.h"
#include "server/platform/topics/frames.h"
#include "shared/base/random.h"
#include "shared/base/uuid.h"

namespace voelgoed::topics {

inline constexpr std::size_t kLogMax = 1'000; ///< events that a topic keeps in Redis, about
inline constexpr std::size_t kPublishMax = 100;

struct Publication
{
    std::string topic;
    std::string event; ///< the envelope, as JSON
    /// Where the event stands in something that is read in order, so that a repeat says nothing again: outboxPlace().
    /// Empty: it has no place, and is said each time.
    std::string place{};
};

/// The place of a row of the outbox, as a text that sorts as rows do.
std::string outboxPlace(std::int64_t xid, std::int64_t id);

/// Topics in Redis: numbers, the latest events, and everybody is told.
class Log
{
public:
    Log(redis::Client &redis, base::Random &random) : m_redis(redis), m_random(random) {}

    /// All of one organization, in their order, at most kPublishMax: numbered, kept and told, each with what went
    /// before it. One that was said before keeps its topic's latest number.
    async::Task<base::Result<std::vector<Cursor>>> publish(base::Uuid organization,
                                                           std::vector<Publication> publications);

    struct Entry
    {
        std::uint64_t seq = 0;
        std::string event;
    };
    struct Page
    {
        Cursor at;                  ///< how far the topic is
        std::vector<Entry> entries; ///< behind what was asked for, as far as they are kept
    };
    /// `behind`: nothing: no entries are wanted.
    async::Task<base::Result<Page>> read(base::Uuid organization, std::string topic,
                                         std::optional<std::uint64_t> behind);

private:
    redis::Client &m_redis;
    base::Random &m_random;
};

/// "vg:topics:<organization>:<topic>"
std::string channelOf(const base::Uuid &organization, std::string_view topic);

struct Heard
{
    base::Uuid organization{};
    std::string topic;
    Cursor at;
    std::string event;
};
/// What came over a channel; nothing when it is none of ours.
std::optional<Heard> heardFrom(std::string_view channel, std::string_view message);

} // namespace voelgoed::topics
