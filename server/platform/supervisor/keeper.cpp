#include "server/platform/supervisor/keeper.h"

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <chrono>

#include <fcntl.h>
#include <signal.h>

namespace voelgoed::supervisor {

namespace asio = boost::asio;
using base::Error;
using base::ErrorCode;
using base::Result;
using Clock = std::chrono::steady_clock;

namespace {

constexpr base::Milliseconds kLook{10};
constexpr base::Milliseconds kHardStopMax{3'000};

} // namespace

struct Keeper::State : std::enable_shared_from_this<State>
{
    State(const async::Executor &on, std::unique_ptr<Service> what, KeeperOptions with)
        : executor(on), service(std::move(what)), options(std::move(with)), stopping(on), changed(on)
    {}

    async::Task<void> live();
    async::Task<Result<void>> launch();
    async::Task<void> awaitEnd();
    void become(Health next, const std::string &text);
    base::Milliseconds backoff();

    async::Executor executor;
    std::unique_ptr<Service> service;
    KeeperOptions options;
    async::Event stopping, changed;
    enum class Wish { Run, Stop } wish = Wish::Stop;
    Health health = Health::Stopped;
    std::optional<Child> child;
    std::deque<Clock::time_point> ends; ///< within the window
    Result<void> first;                 ///< what the first start came to
};

void Keeper::State::become(Health next, const std::string &text)
{
    health = next;
    if (options.report)
        options.report({next, options.name + " " + text});
    changed.notify();
}

// Begins, and waits until it answers.
async::Task<Result<void>> Keeper::State::launch()
{
    auto begun = co_await service->begin();
    if (!begun)
        co_return begun.error();
    child = *std::move(begun);
    for (const auto end = Clock::now() + options.startMax; Clock::now() < end && wish == Wish::Run;) {
        if (const auto ended = child->ended()) {
            child.reset();
            co_return Error{ErrorCode::Unavailable,
                            options.name + " ended with " + ended->text() + ": " + service->lastWords(),
                            {}};
        }
        if (co_await service->isReady(*child))
            co_return Result<void>();
        co_await stopping.waitFor(kLook);
    }
    // stop() may have come before there was anything to be signalled.
    if (child)
        child->signal(wish == Wish::Run ? options.stops.back().signal : options.stops.front().signal);
    for (const auto end = Clock::now() + options.stops.back().atMost; child && !child->ended() && Clock::now() < end;)
        co_await async::sleepFor(kLook);
    if (child && !child->ended())
        child->signal(SIGKILL);
    co_await awaitEnd();
    co_return Error{ErrorCode::Timeout, options.name + " did not answer in time: " + service->lastWords(), {}};
}

async::Task<void> Keeper::State::awaitEnd()
{
    // A keeper that goes takes the child along.
    while (child && !child->ended())
        co_await whenEnded(*child);
    child.reset();
}

base::Milliseconds Keeper::State::backoff()
{
    const auto now = Clock::now();
    ends.push_back(now);
    while (now - ends.front() > options.window)
        ends.pop_front();
    const auto shift = std::min<std::size_t>(ends.size() - 1, 20);
    return std::min(options.backoffFirst * (1 << shift), options.backoffMax);
}

// Its whole life, from the first start to the last end.
async::Task<void> Keeper::State::live()
{
    const auto self = shared_from_this();
    become(Health::Starting, "starts");
    first = co_await launch();
    Result<void> launched = first;
    while (wish == Wish::Run && (first || launched)) {
        if (launched) {
            become(Health::Up, "is up");
            while (child && !child->ended())
                co_await whenEnded(*child);
            const std::string how = child ? child->ended()->text() : "its keeper";
            child.reset();
            if (wish == Wish::Stop)
                break;
            become(Health::Starting, "ended with " + how + ", and is started again");
        } else {
            become(Health::Starting, "did not start again: " + launched.error().message);
        }
        const auto pause = backoff();
        if (ends.size() > options.restartsMax) {
            become(Health::GivenUp, "ended too often, and is given up");
            co_return;
        }
        co_await stopping.waitFor(pause);
        if (wish == Wish::Run)
            launched = co_await launch();
    }
    if (child)
        co_await awaitEnd();
    become(Health::Stopped, first ? "is stopped" : "did not start: " + first.error().message);
}

Keeper::Keeper(const async::Executor &executor, std::unique_ptr<Service> service, KeeperOptions options)
    : m_state(std::make_shared<State>(executor, std::move(service), std::move(options)))
{
    base::ensure(!m_state->options.stops.empty(), "a child that nothing stops");
}

Keeper::~Keeper()
{
    m_state->wish = State::Wish::Stop;
    m_state->options.report = {};
    m_state->stopping.notify();
    if (auto &child = m_state->child; child && !child->ended()) {
        child->signal(m_state->options.stops.back().signal);
        child->waitFor(kHardStopMax);
    }
    m_state->child.reset();
}

async::Task<Result<void>> Keeper::start()
{
    const auto state = m_state;
    base::ensure(state->health == Health::Stopped || state->health == Health::GivenUp, "a child that runs is started");
    state->wish = State::Wish::Run;
    state->ends.clear();
    state->health = Health::Starting;
    async::start(state->executor, "supervisor: " + state->options.name, state->live());
    while (state->health == Health::Starting)
        co_await state->changed.wait();
    if (state->health == Health::Up)
        co_return Result<void>();
    co_return state->first ? Result<void>(Error{ErrorCode::Unavailable, state->options.name + " was stopped", {}})
                           : state->first;
}

async::Task<void> Keeper::stop()
{
    const auto state = m_state;
    state->wish = State::Wish::Stop;
    state->stopping.notify();
    auto steps = state->options.stops;
    steps.push_back({SIGKILL, steps.back().atMost});
    for (const auto &step : steps) {
        const auto end = Clock::now() + step.atMost;
        const bool signalled = state->child.has_value();
        if (signalled)
            state->child->signal(step.signal);
        while (state->health != Health::Stopped && state->health != Health::GivenUp && Clock::now() < end)
            co_await state->changed.waitFor(std::chrono::ceil<base::Milliseconds>(end - Clock::now()));
        if (state->health == Health::Stopped || state->health == Health::GivenUp)
            co_return;
    }
}

Health Keeper::health() const
{
    return m_state->health;
}

pid_t Keeper::pid() const
{
    return m_state->child ? m_state->child->pid() : -1;
}

async::Task<void> whenEnded(const Child &child)
{
    // A duplicate: the descriptor is the child's, and asio closes what it is given.
    asio::posix::stream_descriptor watched(co_await asio::this_coro::executor,
                                           ::fcntl(child.descriptor(), F_DUPFD_CLOEXEC, 0));
    boost::system::error_code ignored;
    co_await watched.async_wait(asio::posix::descriptor_base::wait_read,
                                asio::redirect_error(asio::use_awaitable, ignored));
}

} // namespace voelgoed::supervisor
