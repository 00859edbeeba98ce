#include "server/platform/topics/session.h"

#include "shared/base/text.h"

#include <algorithm>

namespace voelgoed::topics {

using async::Task;

namespace {

constexpr std::string_view kDetailOfDown = "It cannot be looked up right now: try again later.";

bool isWildcard(std::string_view topic)
{
    return topic.ends_with(":*");
}

} // namespace

Session::Session(Parts parts, access::Actor actor, http::Socket &socket)
    : m_parts(parts), m_actor(std::move(actor)), m_socket(socket)
{}

Session::~Session()
{
    for (auto &[topic, joined] : m_joined)
        leave(topic, joined);
}

Task<void> Session::run()
{
    for (;;) {
        const auto text = co_await m_socket.receive();
        if (!text)
            co_return;
        if (isTooMany()) {
            close(kTooManyFrames, "too many frames");
            co_return;
        }
        auto frame = readFrame(*text);
        if (!frame)
            m_socket.send(errorFrame({}, "bad_frame", base::printable(frame.error().message)));
        else
            co_await handle(*std::move(frame));
    }
}

bool Session::isTooMany()
{
    const base::Milliseconds now = m_parts.clock.now().sinceBoot;
    if (now - m_countingSince >= kFramesWithin) {
        m_countingSince = now;
        m_frames = 0;
    }
    return ++m_frames > kFramesMax;
}

Task<void> Session::handle(ClientFrame frame)
{
    if (auto *sub = std::get_if<SubFrame>(&frame))
        co_await subscribe(std::move(*sub));
    else if (const auto *unsub = std::get_if<UnsubFrame>(&frame))
        unsubscribe(unsub->topic);
    else if (const auto *ack = std::get_if<AckFrame>(&frame))
        acknowledge(*ack);
    else if (const auto *ping = std::get_if<PingFrame>(&frame))
        m_socket.send(pongFrame(ping->id));
}

Task<void> Session::subscribe(SubFrame frame)
{
    // Twice the same begins anew, and does not count twice.
    const auto before = m_joined.find(frame.topic);
    if (before == m_joined.end() && m_joined.size() >= kSubscriptionsMax) {
        m_socket.send(errorFrame(frame.topic, "too_many_subscriptions", "A socket hears at most 20 topics."));
        co_return;
    }
    if (before == m_joined.end() && isWildcard(frame.topic) && wildcards() >= kWildcardsMax) {
        m_socket.send(errorFrame(frame.topic, "too_many_wildcards", "A socket has at most 3 topics with a star."));
        co_return;
    }
    const auto place = co_await m_parts.families.admit(m_actor, frame.topic);
    if (!place) {
        refuse(frame.topic, place.error());
        co_return;
    }
    if (const auto old = m_joined.find(frame.topic); old != m_joined.end()) {
        leave(old->first, old->second);
        m_joined.erase(old);
    }
    Joined &joined = m_joined[frame.topic];
    joined.subscription = std::make_unique<Subscription>(frame.topic, m_socket);
    joined.place = *place;
    m_parts.hub.join(*joined.subscription, *place, std::move(frame.since));
    if (!place->isWildcard)
        enter(joined, frame);
}

void Session::refuse(std::string_view topic, const base::Error &error)
{
    if (error.code == base::ErrorCode::NotFound)
        m_socket.send(errorFrame(topic, error.word, error.hint));
    else
        m_socket.send(errorFrame(topic, "unavailable", kDetailOfDown));
}

void Session::unsubscribe(const std::string &topic)
{
    const auto found = m_joined.find(topic);
    if (found == m_joined.end()) {
        m_socket.send(errorFrame(topic, "not_subscribed", "This socket does not hear this topic."));
        return;
    }
    leave(topic, found->second);
    m_joined.erase(found);
    m_socket.send(leftFrame(topic));
}

std::vector<std::string> Session::ownTopics() const
{
    std::vector<std::string> topics;
    for (const auto &[topic, joined] : m_joined) {
        if (joined.place.isOwn)
            topics.push_back(topic);
    }
    return topics;
}

void Session::drop(const std::string &topic, const base::Error &why)
{
    const auto found = m_joined.find(topic);
    if (found == m_joined.end())
        return;
    leave(topic, found->second);
    m_joined.erase(found);
    refuse(topic, why);
}

void Session::acknowledge(const AckFrame &frame)
{
    if (const auto found = m_joined.find(frame.topic); found != m_joined.end())
        found->second.subscription->acknowledge(frame.seq);
}

std::string Session::memberId() const
{
    return std::string(access::word(m_actor.kind)) + ":" + base::toText(m_actor.id);
}

void Session::enter(Joined &joined, const SubFrame &frame)
{
    joined.presence = frame.presence;
    if (frame.presence == SubFrame::Presence::No)
        return;
    const Presence::Where where{joined.place.organization, frame.topic};
    if (frame.presence == SubFrame::Presence::Here) {
        Presence::Member member{.id = memberId(), .card = {}};
        if (frame.here.is_object())
            member.card = frame.here.get_object();
        // People are shown by their ids alone.
        member.card.erase("device_name");
        if (m_actor.kind == access::ActorKind::Device)
            member.card["device_name"] = base::printable(m_actor.name, 100);
        member.card["online_at"] = base::formatInstant(m_parts.clock.now().wall);
        m_parts.presence.enter(where, std::move(member));
    }
    m_parts.presence.watch(where, m_socket);
}

void Session::leave(const std::string &topic, Joined &joined)
{
    m_parts.hub.leave(*joined.subscription, joined.place);
    if (joined.presence == SubFrame::Presence::No)
        return;
    const Presence::Where where{joined.place.organization, topic};
    m_parts.presence.unwatch(where, m_socket);
    if (joined.presence == SubFrame::Presence::Here)
        m_parts.presence.leave(where, memberId());
}

std::size_t Session::wildcards() const
{
    return static_cast<std::size_t>(std::count_if(m_joined.begin(), m_joined.end(),
                                                  [](const auto &entry) { return entry.second.place.isWildcard; }));
}

Session::Busy Session::tend()
{
    Busy busy = Busy::No;
    for (auto &[topic, joined] : m_joined) {
        Subscription &subscription = *joined.subscription;
        subscription.pump();
        if (subscription.state() == Subscription::State::Slow && subscription.hasRoom())
            m_parts.hub.catchUp(subscription, joined.place);
        if (subscription.hasPending())
            busy = Busy::Yes;
    }
    return busy;
}

} // namespace voelgoed::topics
