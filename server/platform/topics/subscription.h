#pragma once

#include "server/platform/http/socket.h"
#include "server/platform/topics/frames.h"

#include <deque>
#include <memory>

namespace voelgoed::topics {

/// An event on its way to whoever listens here.
struct Message
{
    Message(std::string ofTopic, Cursor where, std::string event);

    std::string topic;
    Cursor at;
    std::string frame;
};
using SharedMessage = std::shared_ptr<const Message>;

/// What a socket may fall behind, in events of a topic, when it says how far it has come (ack).
inline constexpr std::uint64_t kUnackedMax = 500;
/// Events that wait for room in a socket's queue while it is told what it missed.
inline constexpr std::size_t kPendingMax = 1'500;
/// Bytes in a socket's queue up to which more of them are sent.
inline constexpr std::size_t kRoomBelow = 128 * 1024;

/// One topic of one socket: how far it was told. Must not outlive the socket.
class Subscription
{
public:
    Subscription(std::string topic, http::Socket &socket) : m_topic(std::move(topic)), m_socket(socket) {}

    Subscription(const Subscription &) = delete;
    Subscription &operator=(const Subscription &) = delete;

    const std::string &topic() const { return m_topic; }

    enum class State {
        Waiting, ///< for its place to be found: see Feed
        Live,
        Slow ///< was told that it has to reload, once it has room
    };
    State state() const { return m_state; }

    /// Waits from here on. `since`: what it knows already.
    void wait(SnapReason reason, std::optional<Cursor> since);
    /// Its place is being asked for. Whoever begins to wait later is asked for the next time.
    void setAsked() { m_isAsked = true; }
    bool isAsked() const { return m_state == State::Waiting && m_isAsked; }
    SnapReason reason() const { return m_reason; }
    const std::optional<Cursor> &since() const { return m_since; }
    const Cursor &at() const { return m_at; }

    /// Ends the waiting: with a new beginning, or with what it missed.
    void reload(const Snap &snap);
    void resume(const Cursor &at, const std::vector<SharedMessage> &missed);
    /// Goes on waiting. If it has just come it is told to load what there is, and has to again once it has its place.
    void admitAlone(const Cursor &here);

    enum class Taken { Yes, Gap };
    /// The next event, while it is live. One that it has is passed over.
    Taken take(const SharedMessage &message);
    /// One of no count that it could follow: sent as it is.
    void pass(const SharedMessage &message);
    /// Heard while servers could not hear each other: it has to reload later.
    bool heardHere() const { return m_heardHere; }
    void passHere(const SharedMessage &message);

    void acknowledge(std::uint64_t seq);
    /// Sends what waits, as far as there is room.
    void pump();
    bool hasPending() const { return !m_pending.empty(); }
    /// Whether it is Slow no longer, and may be told its place again.
    bool hasRoom() const;

private:
    void deliver(const SharedMessage &message);
    void fallBehind();

    std::string m_topic;
    http::Socket &m_socket;
    State m_state = State::Waiting;
    SnapReason m_reason = SnapReason::Join;
    std::optional<Cursor> m_since;
    Cursor m_at;
    std::uint64_t m_sent = 0; ///< the last event that really went out: nobody can have come further
    std::optional<std::uint64_t> m_acknowledged;
    std::deque<SharedMessage> m_pending;
    bool m_isAsked = false;
    bool m_heardHere = false;
    bool m_isJoining = true; ///< nothing was answered to its sub frame yet
};

} // namespace voelgoed::topics
