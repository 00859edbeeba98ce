#pragma once

#include "server/platform/redis/client.h"
#include "server/platform/redis/keys.h"
#include "server/platform/tiers/cached.h"

namespace voelgoed::tiers {

/// A text that was made of a version of something.
struct WarmText
{
    std::int64_t version = 0;
    std::string text;

    friend bool operator==(const WarmText &, const WarmText &) = default;
};

/// The warm tier: texts in Redis that all processes share, below the hot tier and above Postgres. A hint as well: who
/// must not be late asks Postgres for the version and takes the text only if it is of that one. The server's thread;
/// outlives its coroutines.
class Warm
{
public:
    struct Parts
    {
        redis::Client &client;
        base::Random &random;
        const redis::Key &key;   ///< a hash; its lifetime is the longest that a text is kept (±10 % below it)
        CacheObserver observe{}; ///< each look-up, for metrics; may be empty
    };
    explicit Warm(Parts parts);

    /// Nothing when there is none. Fails when Redis is away.
    async::Task<base::Result<std::optional<WarmText>>> get(redis::Tag tag, std::vector<std::string> values);

    /// Never in place of a newer version. What Redis does not take is made again.
    async::Task<void> put(redis::Tag tag, std::vector<std::string> values, WarmText text);

private:
    std::string keyOf(const redis::Tag &tag, const std::vector<std::string> &values) const;

    Parts m_parts;
};

} // namespace voelgoed::tiers
