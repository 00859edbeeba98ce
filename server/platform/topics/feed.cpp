#include "server/platform/topics/feed.h"

#include <algorithm>

namespace voelgoed::topics {

using async::Task;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t kDuringMax = 2'000;
constexpr base::Milliseconds kAskAgainAfter = 500ms;

} // namespace

Feed::Feed(Parts parts, const base::Uuid &organization, std::string topic)
    : m_parts(std::move(parts)), m_organization(organization), m_topic(std::move(topic))
{}

void Feed::join(Subscription &subscription, std::optional<Cursor> since)
{
    m_subscriptions.push_back(&subscription);
    subscription.wait(since ? SnapReason::Gap : SnapReason::Join, std::move(since));
    beginSettling();
}

void Feed::leave(Subscription &subscription)
{
    std::erase(m_subscriptions, &subscription);
}

void Feed::catchUp(Subscription &subscription)
{
    subscription.wait(SnapReason::Slow, {});
    beginSettling();
}

void Feed::hear(const SharedMessage &message)
{
    if (m_isSettling) {
        if (m_during.size() < kDuringMax)
            m_during.push_back(message);
        else
            m_hasOverflowed = true;
    }
    tell(message);
}

void Feed::tell(const SharedMessage &message)
{
    bool gap = false;
    for (Subscription *subscription : m_subscriptions) {
        if (subscription->state() != Subscription::State::Live ||
            (!subscription->heardHere() && subscription->take(message) == Subscription::Taken::Yes))
            continue;
        subscription->wait(SnapReason::Gap, subscription->at());
        gap = true;
    }
    if (gap)
        beginSettling();
}

void Feed::hearHere(const std::string &event)
{
    const auto message = std::make_shared<const Message>(m_topic, Cursor{m_parts.hereEpoch, ++m_hereSeq}, event);
    for (Subscription *subscription : m_subscriptions)
        subscription->passHere(message);
}

void Feed::lost()
{
    for (Subscription *subscription : m_subscriptions) {
        if (subscription->state() == Subscription::State::Live)
            subscription->wait(SnapReason::Gap, subscription->at());
        else if (subscription->isAsked()) // what is being read for it may have been read before
            subscription->wait(subscription->reason(), subscription->since());
    }
    beginSettling();
}

bool Feed::hasWaiting() const
{
    return std::any_of(m_subscriptions.begin(), m_subscriptions.end(), [](const Subscription *subscription) {
        return subscription->state() == Subscription::State::Waiting;
    });
}

void Feed::beginSettling()
{
    if (!m_isSettling && !m_isClosed && hasWaiting()) {
        m_isSettling = true;
        async::start(m_parts.executor, "topics: catching up", settle(shared_from_this()));
    }
}

/// Behind which event the first of those who wait has to be told.
std::optional<std::uint64_t> Feed::earliestOfWaiting()
{
    std::optional<std::uint64_t> first;
    for (Subscription *subscription : m_subscriptions) {
        if (subscription->state() != Subscription::State::Waiting)
            continue;
        subscription->setAsked();
        if (subscription->since() && (!first || subscription->since()->seq < *first))
            first = subscription->since()->seq;
    }
    return first;
}

Task<void> Feed::settle(std::shared_ptr<Feed> self)
{
    while (!self->m_isClosed && self->hasWaiting()) {
        self->m_during.clear();
        const auto behind = self->earliestOfWaiting();
        const auto page = co_await self->m_parts.log.read(self->m_organization, self->m_topic, behind);
        if (self->m_isClosed)
            break;
        if (!page) {
            self->standAlone();
            co_await async::sleepFor(kAskAgainAfter);
            continue;
        }
        const std::optional<base::Json> data = co_await self->snapshot(*page);
        if (self->m_isClosed)
            break;
        self->place(*page, data);
        for (const SharedMessage &message : std::exchange(self->m_during, {}))
            self->tell(message);
        if (std::exchange(self->m_hasOverflowed, false))
            self->lost();
    }
    self->m_during.clear();
    self->m_isSettling = false;
}

bool Feed::canResume(const Subscription &subscription, const Log::Page &page) const
{
    const auto &since = subscription.since();
    if (!since || subscription.heardHere() || since->epoch != page.at.epoch || since->seq > page.at.seq)
        return false;
    const auto missed = static_cast<std::size_t>(page.at.seq - since->seq);
    const auto first = std::find_if(page.entries.begin(), page.entries.end(),
                                    [&](const Log::Entry &entry) { return entry.seq > since->seq; });
    return static_cast<std::size_t>(page.entries.end() - first) == missed &&
           (missed == 0 || first->seq == since->seq + 1);
}

Task<std::optional<base::Json>> Feed::snapshot(const Log::Page &page) const
{
    const bool isNeeded = std::any_of(m_subscriptions.begin(), m_subscriptions.end(), [&](const auto *subscription) {
        return subscription->isAsked() && !canResume(*subscription, page);
    });
    if (!isNeeded || !m_parts.snapshot)
        co_return std::nullopt;
    auto made = co_await (*m_parts.snapshot)(m_organization, m_topic);
    // Without one the client asks for the state as it otherwise would.
    if (!made || base::toText(*made).size() > kSnapshotMax)
        co_return std::nullopt;
    co_return std::move(*made);
}

void Feed::place(const Log::Page &page, const std::optional<base::Json> &data)
{
    std::vector<SharedMessage> messages;
    for (const Log::Entry &entry : page.entries)
        messages.push_back(std::make_shared<const Message>(m_topic, Cursor{page.at.epoch, entry.seq}, entry.event));
    for (Subscription *subscription : m_subscriptions) {
        if (!subscription->isAsked())
            continue;
        if (canResume(*subscription, page)) {
            const auto first = std::find_if(messages.begin(), messages.end(), [&](const SharedMessage &message) {
                return message->at.seq > subscription->since()->seq;
            });
            subscription->resume({page.at.epoch, subscription->since()->seq}, {first, messages.end()});
            continue;
        }
        SnapReason reason = subscription->reason();
        const auto &since = subscription->since();
        if (subscription->heardHere() || (since && since->epoch != page.at.epoch))
            reason = SnapReason::Reset;
        subscription->reload({.topic = m_topic, .reason = reason, .at = page.at, .data = data ? &*data : nullptr});
    }
}

/// Redis does not answer: who has just come is let in, and hears what is said here, until it does.
void Feed::standAlone()
{
    for (Subscription *subscription : m_subscriptions) {
        if (subscription->state() == Subscription::State::Waiting)
            subscription->admitAlone({m_parts.hereEpoch, m_hereSeq});
    }
}

} // namespace voelgoed::topics
