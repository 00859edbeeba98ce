#pragma once

#include "server/platform/topics/family.h"
#include "server/platform/topics/log.h"
#include "server/platform/topics/subscription.h"

namespace voelgoed::topics {

/// One topic of one organization, as it is listened to here. Brings each subscription from where it is to where the
/// topic is: those who wait are looked up together, with one question to Redis for all of them. The server's thread.
class Feed : public std::enable_shared_from_this<Feed>
{
public:
    struct Parts
    {
        async::Executor executor;
        Log &log;
        const Snapshot *snapshot = nullptr; ///< or none
        std::string hereEpoch;              ///< of what is only said on this server
    };
    Feed(Parts parts, const base::Uuid &organization, std::string topic);

    /// Both borrow it until leave().
    void join(Subscription &subscription, std::optional<Cursor> since);
    void leave(Subscription &subscription);
    /// A slow one has room again.
    void catchUp(Subscription &subscription);

    void hear(const SharedMessage &message);
    /// Redis is away: this server's own listeners hear it all the same.
    void hearHere(const std::string &event);
    /// Messages may have been missed.
    void lost();
    /// Redis goes away or the server stops: nothing more is asked.
    void close() { m_isClosed = true; }

    bool isEmpty() const { return m_subscriptions.empty(); }

private:
    static async::Task<void> settle(std::shared_ptr<Feed> self);
    void beginSettling();
    bool hasWaiting() const;
    std::optional<std::uint64_t> earliestOfWaiting();
    bool canResume(const Subscription &subscription, const Log::Page &page) const;
    async::Task<std::optional<base::Json>> snapshot(const Log::Page &page) const;
    void place(const Log::Page &page, const std::optional<base::Json> &data);
    void standAlone();
    void tell(const SharedMessage &message);

    Parts m_parts;
    base::Uuid m_organization;
    std::string m_topic;
    std::vector<Subscription *> m_subscriptions;
    std::vector<SharedMessage> m_during; ///< heard while a question was out
    std::uint64_t m_hereSeq = 0;
    bool m_isSettling = false;
    bool m_hasOverflowed = false; ///< not all that was heard meanwhile was kept
    bool m_isClosed = false;
};

} // namespace voelgoed::topics
