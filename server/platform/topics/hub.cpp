#include "server/platform/topics/hub.h"

#include "server/platform/topics/keys.h"

#include <array>

namespace voelgoed::topics {

namespace {

std::string freshHereEpoch(base::Random &random)
{
    std::array<std::byte, 8> bytes{};
    random.fill(bytes);
    return "here-" + base::toHex(bytes);
}

bool isWithin(const std::string &topic, const std::string &wildcard)
{
    return topic.starts_with(std::string_view(wildcard).substr(0, wildcard.size() - 1));
}

} // namespace

Hub::Hub(Parts parts) : m_parts(parts), m_hereEpoch(freshHereEpoch(parts.random)) {}

Hub::~Hub()
{
    *m_isAlive = false;
    for (const auto &[key, feed] : m_feeds)
        feed->close();
}

void Hub::start()
{
    m_parts.redis.subscribe(
        std::string(kChannels),
        [this, isAlive = m_isAlive](const std::string &channel, const std::string &message) {
            if (!*isAlive)
                return;
            if (auto heard = heardFrom(channel, message))
                hear(*std::move(heard));
        },
        [this, isAlive = m_isAlive] {
            if (*isAlive)
                lost();
        });
}

void Hub::join(Subscription &subscription, const Families::Place &place, std::optional<Cursor> since)
{
    if (place.isWildcard) {
        m_wildcards[place.organization].push_back(&subscription);
        subscription.reload({.topic = subscription.topic(), .reason = SnapReason::Join, .at = {}});
        return;
    }
    auto &feed = m_feeds[{place.organization, subscription.topic()}];
    if (!feed) {
        feed = std::make_shared<Feed>(Feed::Parts{.executor = m_parts.executor,
                                                  .log = m_parts.log,
                                                  .snapshot = m_parts.families.snapshotOf(subscription.topic()),
                                                  .hereEpoch = m_hereEpoch},
                                      place.organization, subscription.topic());
    }
    feed->join(subscription, std::move(since));
}

void Hub::leave(Subscription &subscription, const Families::Place &place)
{
    if (place.isWildcard) {
        const auto found = m_wildcards.find(place.organization);
        std::erase(found->second, &subscription);
        if (found->second.empty())
            m_wildcards.erase(found);
        return;
    }
    const auto found = m_feeds.find({place.organization, subscription.topic()});
    found->second->leave(subscription);
    if (found->second->isEmpty()) {
        found->second->close();
        m_feeds.erase(found);
    }
}

void Hub::catchUp(Subscription &subscription, const Families::Place &place)
{
    if (place.isWildcard)
        subscription.reload({.topic = subscription.topic(), .reason = SnapReason::Slow, .at = {}});
    else
        m_feeds.at({place.organization, subscription.topic()})->catchUp(subscription);
}

std::vector<Subscription *> Hub::wildcardsFor(const base::Uuid &organization, const std::string &topic) const
{
    std::vector<Subscription *> subscriptions;
    if (const auto found = m_wildcards.find(organization); found != m_wildcards.end()) {
        for (Subscription *subscription : found->second) {
            if (isWithin(topic, subscription->topic()))
                subscriptions.push_back(subscription);
        }
    }
    return subscriptions;
}

void Hub::tellListeners(const Heard &heard) const
{
    for (const Listener &listener : m_listeners) {
        if (heard.topic.starts_with(listener.prefix))
            listener.heard(heard);
    }
}

void Hub::hear(Heard heard)
{
    tellListeners(heard);
    const auto feed = m_feeds.find({heard.organization, heard.topic});
    const auto wildcards = wildcardsFor(heard.organization, heard.topic);
    if (feed == m_feeds.end() && wildcards.empty())
        return;
    const auto message =
        std::make_shared<const Message>(std::move(heard.topic), std::move(heard.at), std::move(heard.event));
    if (feed != m_feeds.end())
        feed->second->hear(message);
    for (Subscription *subscription : wildcards)
        subscription->pass(message);
}

void Hub::publishHere(const base::Uuid &organization, const std::string &topic, const std::string &event)
{
    tellListeners(
        {.organization = organization, .topic = topic, .at = {.epoch = m_hereEpoch, .seq = 0}, .event = event});
    if (const auto feed = m_feeds.find({organization, topic}); feed != m_feeds.end())
        feed->second->hearHere(event);
    const auto message = std::make_shared<const Message>(topic, Cursor{m_hereEpoch, 0}, event);
    for (Subscription *subscription : wildcardsFor(organization, topic))
        subscription->pass(message);
}

void Hub::lost()
{
    for (const Listener &listener : m_listeners)
        listener.lost();
    for (const auto &[key, feed] : m_feeds)
        feed->lost();
    for (const auto &[organization, subscriptions] : m_wildcards) {
        for (Subscription *subscription : subscriptions) {
            if (subscription->state() == Subscription::State::Live)
                subscription->reload({.topic = subscription->topic(), .reason = SnapReason::Reset, .at = {}});
        }
    }
}

} // namespace voelgoed::topics
