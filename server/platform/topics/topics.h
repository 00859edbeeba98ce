#pragma once

#include "server/platform/topics/session.h"
#include "server/platform/work/outgoing.h"

namespace voelgoed::topics {

/// What is told of each event that this server publishes, before anybody hears it.
struct Published
{
    const base::Uuid &organization;
    std::string_view topic;
    std::string_view event; ///< the envelope
};

/// Topics: what happens is told to whoever listens, on this server and the others, in order, with numbers that show a
/// gap. Redis carries it; without Redis each server tells its own listeners, who reload once it is back. The server's
/// thread.
///
///     kernel.topics.family({.pattern = topics::kScanningOfEvent,
///                           .policy = access::Policy::may(access::Permission::ReadScans),
///                           .check = [&](topics::Joining joining) { return isEventOf(joining); }});
class Topics
{
public:
    /// Whether each of these is still who it was: there, signed in, in the same role. At most kAskMax at once. Asked
    /// again and again of all who have sockets, and the sockets of those who do not are closed with 4403.
    using StillHold = std::function<async::Task<base::Result<std::vector<bool>>>(std::vector<access::Actor> actors)>;
    static constexpr std::size_t kAskMax = 1'000;

    struct Parts
    {
        async::Executor executor;
        redis::Client &redis;
        base::Clock &clock;
        base::Random &random;
        PresenceTimes presence{};
        base::Milliseconds askEvery{200};            ///< whether actors still hold
        base::Milliseconds believedFor{15 * 60'000}; ///< while nobody can be asked
        base::Milliseconds lookEvery{2'000};         ///< whether what is only somebody's own still is (Grant::Own)
    };
    explicit Topics(Parts parts);
    ~Topics();

    Topics(const Topics &) = delete;
    Topics &operator=(const Topics &) = delete;

    /// To be filled while slices are made.
    void family(Family family) { m_families->add(std::move(family)); }
    void snapshots(std::string prefix, Snapshot snapshot)
    {
        m_families->addSnapshot(std::move(prefix), std::move(snapshot));
    }
    /// For actors of one kind. Those of a kind that nobody answers for hold.
    void stillHold(access::ActorKind kind, StillHold ask);
    void listen(Hub::Listener listener) { m_hub.listen(std::move(listener)); }
    /// Called with every event that this server publishes: for tests that check them all.
    void watch(std::function<void(const Published &)> watcher) { m_watchers.push_back(std::move(watcher)); }

    void start();

    /// Serves a socket until it ends.
    async::Task<void> serve(access::Actor actor, http::Socket &socket);

    /// Envelopes of one organization, at most kPublishMax, in order. Unavailable while Redis is away: nothing was told,
    /// or it was and nobody knows. What has a place may be published again.
    async::Task<base::Result<std::vector<Cursor>>> publishAll(base::Uuid organization,
                                                              std::vector<Publication> publications);
    async::Task<base::Result<Cursor>> publish(base::Uuid organization, std::string topic, std::string event);
    /// Only to who listens on this server: while Redis is away.
    void publishHere(const base::Uuid &organization, const std::string &topic, const std::string &event);
    /// What happens often and is in no table (rates, counters): told everywhere, or here while Redis is away, and lost
    /// when nobody listens.
    async::Task<void> tell(base::Uuid organization, work::Event event);
    /// The same of several, at most kPublishMax, in order and together.
    async::Task<void> tellAll(base::Uuid organization, std::vector<work::Event> events);

    Presence &presence() { return m_presence; }
    const Families &families() const { return *m_families; }
    std::size_t sockets() const;

private:
    struct State;
    static async::Task<void> tendAll(std::shared_ptr<State> state);
    static async::Task<void> askAll(std::shared_ptr<State> state);
    static async::Task<void> lookAgain(std::shared_ptr<State> state, std::shared_ptr<const Families> families);
    static async::Task<void> ask(std::shared_ptr<State> state, StillHold asked, std::vector<std::uint64_t> numbers);
    void show(const base::Uuid &organization, std::string_view topic, std::string_view event) const;

    Parts m_parts;
    std::shared_ptr<Families> m_families = std::make_shared<Families>();
    Log m_log;
    Hub m_hub;
    Presence m_presence;
    std::vector<std::function<void(const Published &)>> m_watchers;
    std::shared_ptr<State> m_state;
};

} // namespace voelgoed::topics
