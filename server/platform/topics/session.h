#pragma once

#include "server/platform/topics/hub.h"
#include "server/platform/topics/presence.h"
#include "shared/base/clock.h"

namespace voelgoed::topics {

inline constexpr std::size_t kSubscriptionsMax = 20; ///< of a socket
inline constexpr std::size_t kWildcardsMax = 3;      ///< among them
inline constexpr std::size_t kFramesMax = 100;       ///< of a client in kFramesWithin
inline constexpr base::Milliseconds kFramesWithin{5'000};

/// Closes that are ours (RFC 6455 leaves 4000 on to the application).
enum CloseCode : std::uint16_t {
    kTooManyFrames = 1008,
    kTryAgainLater = 1013,
    kNoLongerAllowed = 4403, ///< who it was for may not any more, or has another role: sign in again
};

/// One socket from its first frame to its end.
class Session
{
public:
    struct Parts
    {
        Hub &hub;
        const Families &families;
        Presence &presence;
        base::Clock &clock;
    };
    Session(Parts parts, access::Actor actor, http::Socket &socket);
    ~Session();

    Session(const Session &) = delete;
    Session &operator=(const Session &) = delete;

    /// Until the socket is closed, by either side.
    async::Task<void> run();

    const access::Actor &actor() const { return m_actor; }
    void close(CloseCode code, const char *why) { m_socket.close(code, why); }

    /// What this socket hears because it is the actor's own, which may be taken back.
    std::vector<std::string> ownTopics() const;
    /// It may be heard no more.
    void drop(const std::string &topic, const base::Error &why);

    enum class Busy { No, Yes };
    /// Sends what waits for room. Whether more does.
    Busy tend();

private:
    struct Joined
    {
        std::unique_ptr<Subscription> subscription;
        Families::Place place;
        SubFrame::Presence presence = SubFrame::Presence::No;
    };

    bool isTooMany();
    async::Task<void> handle(ClientFrame frame);
    async::Task<void> subscribe(SubFrame frame);
    void unsubscribe(const std::string &topic);
    void acknowledge(const AckFrame &frame);
    void enter(Joined &joined, const SubFrame &frame);
    void leave(const std::string &topic, Joined &joined);
    void refuse(std::string_view topic, const base::Error &error);
    std::size_t wildcards() const;
    std::string memberId() const;

    Parts m_parts;
    access::Actor m_actor;
    http::Socket &m_socket;
    std::map<std::string, Joined> m_joined;
    base::Milliseconds m_countingSince{};
    std::size_t m_frames = 0;
};

} // namespace voelgoed::topics
