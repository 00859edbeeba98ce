#pragma once

#include "server/platform/topics/feed.h"

#include <map>

namespace voelgoed::topics {

/// All that is listened to on this server. Hears every message that any server publishes, over one subscription, and
/// hands it to whoever asked for it here. The server's thread.
class Hub
{
public:
    struct Parts
    {
        async::Executor executor;
        redis::Client &redis;
        Log &log;
        const Families &families;
        base::Random &random;
    };
    explicit Hub(Parts parts);
    ~Hub();

    Hub(const Hub &) = delete;
    Hub &operator=(const Hub &) = delete;

    void start();

    /// Borrowed until leave(). `since` is passed over for a wildcard: it always begins anew.
    void join(Subscription &subscription, const Families::Place &place, std::optional<Cursor> since);
    void leave(Subscription &subscription, const Families::Place &place);
    /// One that was Slow has room again.
    void catchUp(Subscription &subscription, const Families::Place &place);

    /// Only this server's own listeners hear it: Redis is away.
    void publishHere(const base::Uuid &organization, const std::string &topic, const std::string &event);

    /// For what this server keeps in its own memory: called with each event of all servers whose topic begins so.
    /// `lost` when some may have been missed.
    struct Listener
    {
        std::string prefix;
        std::function<void(const Heard &)> heard;
        std::function<void()> lost;
    };
    void listen(Listener listener) { m_listeners.push_back(std::move(listener)); }

private:
    using Key = std::pair<base::Uuid, std::string>;

    void hear(Heard heard);
    void lost();
    void tellListeners(const Heard &heard) const;
    std::vector<Subscription *> wildcardsFor(const base::Uuid &organization, const std::string &topic) const;

    Parts m_parts;
    std::string m_hereEpoch;
    std::map<Key, std::shared_ptr<Feed>> m_feeds;
    std::map<base::Uuid, std::vector<Subscription *>> m_wildcards;
    std::vector<Listener> m_listeners;
    std::shared_ptr<bool> m_isAlive = std::make_shared<bool>(true);
};

} // namespace voelgoed::topics
