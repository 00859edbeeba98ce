#pragma once

#include "server/platform/redis/client.h"
#include "server/slices/scanning/event_key.h"
#include "server/slices/scanning/store.h"
#include "shared/base/random.h"

#include <map>

namespace voelgoed::scanning {

/// How far an event's figures in Redis are.
struct WarmPoint
{
    std::string epoch; ///< empty: they are not there, or not whole
    std::int64_t batch = 0, head = 0;
};

/// From the figures behind one batch to those behind a later one. All values are absolute, so that what is said twice
/// does no harm.
struct WarmChange
{
    std::int64_t from = 0, batch = 0, head = 0;
    std::vector<Claim> claims;
    std::vector<GateCount> gates;
    std::vector<SessionCount> sessions;
};

enum class Applied {
    Done,
    Already, ///< they were that far before
    Gap,     ///< a batch before this one has not come
    Cold     ///< there is nothing whole to change
};

/// Who wants to come in, asked before anything is written down.
struct ClaimQuestion
{
    std::string checkpoint;
    domain::Ordinal ordinal;
    domain::RowKey row; ///< of the scan that asks
};
enum class ClaimAnswer {
    Cold,  ///< ask the database
    First, ///< nobody yet; held for this scan for a while
    Again, ///< somebody: `holder`
    Same   ///< this very scan, which asked before
};
struct Claimed
{
    ClaimAnswer answer = ClaimAnswer::Cold;
    std::int64_t entries = 0, exits = 0;
    std::optional<domain::RowKey> holder;
};

/// An event's figures in Redis: one script call a batch, one a claim. Redis answers fast and may be flushed at any
/// moment: what it says is a hint, and Postgres decides. The server's thread.
class Warm
{
public:
    explicit Warm(redis::Client &redis) : m_redis(redis) {}

    async::Task<base::Result<WarmPoint>> where(EventKey event);
    async::Task<base::Result<Applied>> apply(EventKey event, WarmChange change);
    async::Task<base::Result<Claimed>> claim(EventKey event, ClaimQuestion question);

    /// Figures by gate of one epoch; nothing when they are not there any more.
    async::Task<base::Result<std::vector<GateCount>>> gates(EventKey event, std::string epoch);

    /// Whether this caller, by a word of its own, may rebuild the event now.
    async::Task<base::Result<bool>> beginRebuild(EventKey event, std::string token);
    /// Into an epoch that does not stand yet.
    async::Task<base::Result<void>> put(EventKey event, std::string epoch, WarmChange change);
    async::Task<base::Result<void>> putEntered(EventKey event, std::string epoch, std::string checkpoint,
                                               std::string bits);
    /// From here on the epoch stands. False when somebody else rebuilds by now.
    async::Task<base::Result<bool>> endRebuild(EventKey event, std::string token, WarmPoint point);
    /// The epoch does not stand any more, if it is the one that does: what lies there was found to be wrong.
    async::Task<base::Result<void>> drop(EventKey event, std::string epoch);

private:
    redis::Client &m_redis;
    std::map<EventKey, std::string> m_epochs; ///< as they were last
};

/// As it lies in Redis, for tests and for put().
std::string textOf(const Claim &claim);
std::string fieldOf(const GateKey &gate);
std::string textOf(const GateCount &count);
std::string keyTextOf(const std::string &checkpoint); ///< of a checkpoint, in a key

} // namespace voelgoed::scanning
