#include "server/platform/topics/subscription.h"

#include <algorithm>

namespace voelgoed::topics {

Message::Message(std::string ofTopic, Cursor where, std::string event)
    : topic(std::move(ofTopic)), at(std::move(where)), frame(eventFrame(topic, at, event))
{}

void Subscription::wait(SnapReason reason, std::optional<Cursor> since)
{
    m_state = State::Waiting;
    m_isAsked = false;
    m_reason = reason;
    m_since = std::move(since);
}

void Subscription::reload(const Snap &snap)
{
    m_pending.clear();
    m_heardHere = false;
    m_isJoining = false;
    m_at = snap.at;
    m_sent = snap.at.seq;
    if (m_acknowledged)
        m_acknowledged = snap.at.seq;
    m_state = m_socket.send(snapFrame(snap)) ? State::Live : State::Slow;
}

void Subscription::resume(const Cursor &at, const std::vector<SharedMessage> &missed)
{
    m_state = State::Live;
    m_at = at;
    m_sent = std::max(m_sent, at.seq);
    if (std::exchange(m_isJoining, false) && !m_socket.send(resumedFrame(m_topic, at)))
        return fallBehind();
    // All of it may be more than a socket's queue takes at once.
    m_pending.insert(m_pending.end(), missed.begin(), missed.end());
    if (!missed.empty())
        m_at = missed.back()->at;
    pump();
}

void Subscription::admitAlone(const Cursor &here)
{
    if (!std::exchange(m_isJoining, false))
        return;
    m_heardHere = true;
    if (!m_socket.send(snapFrame({.topic = m_topic, .reason = m_reason, .at = here})))
        m_state = State::Slow;
}

Subscription::Taken Subscription::take(const SharedMessage &message)
{
    const bool isFirst = m_at.epoch.empty() && message->at.seq == 1;
    const bool isSame = m_at.epoch == message->at.epoch;
    if (isSame && message->at.seq <= m_at.seq)
        return Taken::Yes;
    if (!isFirst && !(isSame && message->at.seq == m_at.seq + 1))
        return Taken::Gap;
    m_at = message->at;
    deliver(message);
    return Taken::Yes;
}

void Subscription::pass(const SharedMessage &message)
{
    if (m_state == State::Live)
        deliver(message);
}

void Subscription::passHere(const SharedMessage &message)
{
    m_heardHere = true;
    if (m_state != State::Slow)
        deliver(message);
}

void Subscription::deliver(const SharedMessage &message)
{
    if (m_acknowledged && m_at.seq > *m_acknowledged + kUnackedMax)
        return fallBehind();
    if (!m_pending.empty()) {
        if (m_pending.size() >= kPendingMax)
            return fallBehind();
        m_pending.push_back(message);
        return pump();
    }
    if (m_socket.send(message->frame))
        m_sent = std::max(m_sent, message->at.seq);
    else
        fallBehind();
}

void Subscription::fallBehind()
{
    m_pending.clear();
    m_state = State::Slow;
}

void Subscription::acknowledge(std::uint64_t seq)
{
    if (!m_acknowledged || seq > *m_acknowledged)
        m_acknowledged = seq;
}

void Subscription::pump()
{
    while (!m_pending.empty() && m_socket.queued() <= kRoomBelow && m_socket.send(m_pending.front()->frame)) {
        m_sent = std::max(m_sent, m_pending.front()->at.seq);
        m_pending.pop_front();
    }
}

bool Subscription::hasRoom() const
{
    return m_socket.queued() <= kRoomBelow && (!m_acknowledged || m_acknowledged >= m_sent);
}

} // namespace voelgoed::topics
