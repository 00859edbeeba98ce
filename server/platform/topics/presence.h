#pragma once

#include "server/platform/redis/client.h"
#include "server/platform/topics/family.h"
#include "server/platform/topics/subscription.h"
#include "shared/base/random.h"

#include <map>

namespace voelgoed::topics {

struct PresenceTimes
{
    base::Milliseconds beat{15'000};
    base::Milliseconds downAfter{28'000}; ///< without a beat; those who watch are told within kLook after it
    base::Milliseconds look{1'500};
};

inline constexpr std::size_t kPresentMax = 1'000; ///< of one topic

/// Who is there, at one topic each, over all servers: each server says again and again that its own are, and looks who
/// else is where somebody here wants to know. While Redis is away, nobody is seen to go. The server's thread.
class Presence
{
public:
    struct Parts
    {
        async::Executor executor;
        redis::Client &redis;
        base::Random &random;
        PresenceTimes times{};
    };
    explicit Presence(Parts parts);
    ~Presence();

    Presence(const Presence &) = delete;
    Presence &operator=(const Presence &) = delete;

    struct Where
    {
        base::Uuid organization{};
        std::string topic;

        friend auto operator<=>(const Where &, const Where &) = default;
    };
    struct Member
    {
        std::string id;           ///< "device:…", "user:…": no names of people
        boost::json::object card; ///< flat, at most 1,024 bytes
    };
    /// Until as many leave() of this id. The last card counts.
    void enter(const Where &where, Member member);
    void leave(const Where &where, const std::string &id);

    /// Told everybody who is there, then who comes and goes. Borrowed until unwatch().
    void watch(const Where &where, http::Socket &watcher);
    void unwatch(const Where &where, http::Socket &watcher);

private:
    using Cards = std::map<std::string, std::string>; ///< by id; JSON
    struct Mine
    {
        std::string card;
        int count = 0;
    };
    struct Watched
    {
        Cards known;
        std::map<http::Socket *, bool> watchers; ///< whether it was told all
    };
    struct State;

    static async::Task<void> beatAll(std::shared_ptr<State> state);
    static async::Task<void> lookAll(std::shared_ptr<State> state);
    static async::Task<void> beat(std::shared_ptr<State> state, Where where, std::vector<std::string> ids);
    static async::Task<void> forget(std::shared_ptr<State> state, Where where, std::string id);
    static async::Task<void> look(std::shared_ptr<State> state, Where where);

    std::shared_ptr<State> m_state;
};

} // namespace voelgoed::topics
