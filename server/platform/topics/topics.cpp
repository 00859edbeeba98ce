#include "server/platform/topics/topics.h"

#include "server/platform/async/event.h"
#include "server/platform/work/envelope.h"
#include "shared/base/ensure.h"

#include <algorithm>

namespace voelgoed::topics {

using async::Task;
using base::Result;
using namespace std::chrono_literals;

namespace {

constexpr base::Milliseconds kTendEvery = 100ms;
constexpr base::Milliseconds kTendWhileBusy = 20ms;

} // namespace

struct Topics::State
{
    struct Served
    {
        Session *session;
        base::Milliseconds believedSince; ///< when it was last sure that the actor holds
    };

    explicit State(const Parts &with) : parts(with), closing(with.executor) {}

    Parts parts;
    async::Event closing;
    bool isClosed = false;
    std::map<access::ActorKind, StillHold> askers;
    std::uint64_t last = 0;
    std::map<std::uint64_t, Served> served; ///< by a number that is never given twice
};

Topics::Topics(Parts parts)
    : m_parts(parts),
      m_log(parts.redis, parts.random),
      m_hub({.executor = parts.executor,
             .redis = parts.redis,
             .log = m_log,
             .families = *m_families,
             .random = parts.random}),
      m_presence({.executor = parts.executor, .redis = parts.redis, .random = parts.random, .times = parts.presence}),
      m_state(std::make_shared<State>(parts))
{}

Topics::~Topics()
{
    base::ensure(m_state->served.empty(), "topics end before their sockets");
    m_state->isClosed = true;
    m_state->closing.notify();
}

void Topics::stillHold(access::ActorKind kind, StillHold ask)
{
    base::ensure(m_state->askers.emplace(kind, std::move(ask)).second, "two who answer for actors of one kind");
}

void Topics::start()
{
    m_hub.start();
    async::start(m_parts.executor, "topics: tending sockets", tendAll(m_state));
    async::start(m_parts.executor, "topics: asking whether actors still hold", askAll(m_state));
    async::start(m_parts.executor, "topics: looking whether they may still hear", lookAgain(m_state, m_families));
}

std::size_t Topics::sockets() const
{
    return m_state->served.size();
}

Task<void> Topics::serve(access::Actor actor, http::Socket &socket)
{
    Session session({.hub = m_hub, .families = *m_families, .presence = m_presence, .clock = m_parts.clock},
                    std::move(actor), socket);
    const std::uint64_t number = ++m_state->last;
    m_state->served.emplace(number, State::Served{&session, m_parts.clock.now().sinceBoot});
    co_await session.run();
    m_state->served.erase(number);
}

Task<void> Topics::tendAll(std::shared_ptr<State> state)
{
    Session::Busy busy = Session::Busy::No;
    while (!state->isClosed) {
        co_await state->closing.waitFor(busy == Session::Busy::Yes ? kTendWhileBusy : kTendEvery);
        busy = Session::Busy::No;
        for (const auto &[number, served] : state->served) {
            if (served.session->tend() == Session::Busy::Yes)
                busy = Session::Busy::Yes;
        }
    }
}

Task<void> Topics::askAll(std::shared_ptr<State> state)
{
    while (!state->isClosed) {
        co_await state->closing.waitFor(state->parts.askEvery);
        std::map<access::ActorKind, std::vector<std::uint64_t>> numbers;
        for (const auto &[number, served] : state->served)
            numbers[served.session->actor().kind].push_back(number);
        for (const auto &[kind, some] : numbers) {
            const auto asker = state->askers.find(kind);
            for (std::size_t from = 0; asker != state->askers.end() && from < some.size(); from += kAskMax) {
                const auto first = some.begin() + static_cast<std::ptrdiff_t>(from);
                const auto count = static_cast<std::ptrdiff_t>(std::min(kAskMax, some.size() - from));
                if (!state->isClosed)
                    co_await ask(state, asker->second, std::vector<std::uint64_t>(first, first + count));
            }
        }
    }
}

// Roles and sign-ins are told by stillHold(); a badge that was taken back changes neither.
Task<void> Topics::lookAgain(std::shared_ptr<State> state, std::shared_ptr<const Families> families)
{
    while (!state->isClosed) {
        co_await state->closing.waitFor(state->parts.lookEvery);
        std::vector<std::pair<std::uint64_t, std::string>> heard;
        for (const auto &[number, served] : state->served) {
            for (std::string &topic : served.session->ownTopics())
                heard.emplace_back(number, std::move(topic));
        }
        for (const auto &[number, topic] : heard) {
            const auto before = state->served.find(number);
            if (state->isClosed || before == state->served.end())
                continue;
            const auto place = co_await families->admit(before->second.session->actor(), topic);
            const auto after = state->served.find(number);
            if (!place && place.error().code == base::ErrorCode::NotFound && after != state->served.end())
                after->second.session->drop(topic, place.error());
        }
    }
}

Task<void> Topics::ask(std::shared_ptr<State> state, StillHold asked, std::vector<std::uint64_t> numbers)
{
    std::erase_if(numbers, [&](std::uint64_t number) { return !state->served.contains(number); });
    if (numbers.empty())
        co_return;
    std::vector<access::Actor> actors;
    for (const std::uint64_t number : numbers)
        actors.push_back(state->served.at(number).session->actor());
    const auto answer = co_await asked(std::move(actors));
    base::ensure(!answer || answer->size() == numbers.size(), "as many answers as actors");
    const base::Milliseconds now = state->parts.clock.now().sinceBoot;
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        const auto found = state->served.find(numbers[i]);
        if (found == state->served.end())
            continue;
        State::Served &served = found->second;
        if (answer && !(*answer)[i])
            served.session->close(kNoLongerAllowed, "sign in again");
        else if (answer)
            served.believedSince = now;
        else if (now - served.believedSince > state->parts.believedFor)
            served.session->close(kTryAgainLater, "it is not known whether this may go on");
    }
}

void Topics::show(const base::Uuid &organization, std::string_view topic, std::string_view event) const
{
    for (const auto &watcher : m_watchers)
        watcher({organization, topic, event});
}

Task<Result<std::vector<Cursor>>> Topics::publishAll(base::Uuid organization, std::vector<Publication> publications)
{
    for (const Publication &publication : publications)
        show(organization, publication.topic, publication.event);
    co_return co_await m_log.publish(organization, std::move(publications));
}

Task<Result<Cursor>> Topics::publish(base::Uuid organization, std::string topic, std::string event)
{
    std::vector<Publication> one;
    one.push_back({.topic = std::move(topic), .event = std::move(event)});
    const auto cursors = co_await publishAll(organization, std::move(one));
    if (!cursors)
        co_return cursors.error();
    co_return cursors->front();
}

void Topics::publishHere(const base::Uuid &organization, const std::string &topic, const std::string &event)
{
    m_hub.publishHere(organization, topic, event);
}

Task<void> Topics::tell(base::Uuid organization, work::Event event)
{
    std::vector<work::Event> one;
    one.push_back(std::move(event));
    co_await tellAll(organization, std::move(one));
}

Task<void> Topics::tellAll(base::Uuid organization, std::vector<work::Event> events)
{
    const base::Instant now = m_parts.clock.now().wall;
    std::vector<Publication> publications;
    for (const work::Event &event : events) {
        publications.push_back({.topic = event.topic,
                                .event = work::envelope(event, {.id = base::makeUuid(now, m_parts.random),
                                                                .organization = organization,
                                                                .at = now,
                                                                .requestId = {}})});
    }
    if (co_await publishAll(organization, publications))
        co_return;
    for (const Publication &publication : publications)
        publishHere(organization, publication.topic, publication.event);
}

} // namespace voelgoed::topics
