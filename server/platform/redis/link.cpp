#include "server/platform/redis/link.h"

#include "server/platform/redis/command.h"
#include "server/platform/redis/words.h"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <utility>

namespace voelgoed::redis {

namespace asio = boost::asio;
using async::Task;
using base::ErrorCode;
using base::Result;
using boost::system::error_code;

namespace {

constexpr std::size_t kReadAtOnce = std::size_t{128} << 10;
constexpr std::size_t kUnsentMax = std::size_t{128} << 20;
constexpr std::size_t kKept = std::size_t{1} << 20; // of a buffer that was larger for once

base::Error away(const std::string &why)
{
    return {ErrorCode::Unavailable, "redis: " + why, {}};
}

} // namespace

Link::Link(const async::Executor &executor, LinkOptions options)
    : m_executor(executor), m_options(std::move(options)), m_socket(executor), m_clock(executor), m_ended(executor)
{}

Task<Result<void>> Link::open()
{
    const auto self = shared_from_this();
    auto opened = co_await connect();
    if (opened) {
        begin();
        opened = co_await signIn();
    }
    if (!opened) {
        close("not opened");
        co_return opened.error().at(endpoint().text());
    }
    co_return Result<void>();
}

Task<Result<std::vector<Link::Place>>> Link::places()
{
    const Endpoint &endpoint = m_options.address.endpoint;
    std::vector<Place> found;
    error_code failed;
    if (!endpoint.unixPath.empty()) {
        found.emplace_back(asio::local::stream_protocol::endpoint(endpoint.unixPath));
        co_return found;
    }
    if (const auto address = asio::ip::make_address(endpoint.host, failed); !failed) {
        found.emplace_back(asio::ip::tcp::endpoint(address, endpoint.port));
        co_return found;
    }
    asio::ip::tcp::resolver resolver(m_executor);
    const auto entries = co_await resolver.async_resolve(endpoint.host, std::to_string(endpoint.port),
                                                         asio::redirect_error(asio::use_awaitable, failed));
    if (failed)
        co_return away("no address: " + failed.message());
    for (const auto &entry : entries)
        found.emplace_back(entry.endpoint());
    co_return found;
}

Task<Result<void>> Link::connect()
{
    // Its own time is up when the timer fires: closing the socket ends what waits on it.
    m_clock.expires_after(m_options.connectMax);
    m_clock.async_wait([weak = weak_from_this()](error_code cancelled) {
        if (const auto self = weak.lock(); self && !cancelled && !self->m_connected)
            self->close("no connection in time");
    });
    const auto found = co_await places();
    if (!found)
        co_return found.error();
    std::string why = "no address";
    for (const Place &place : *found) {
        if (!m_open)
            break;
        error_code failed;
        m_socket.close(failed);
        co_await m_socket.async_connect(place, asio::redirect_error(asio::use_awaitable, failed));
        if (!failed && m_open) {
            if (place.protocol().family() != AF_UNIX)
                m_socket.set_option(asio::ip::tcp::no_delay(true), failed);
            m_connected = true;
            m_clock.cancel();
            co_return Result<void>();
        }
        why = failed.message();
    }
    m_clock.cancel();
    co_return away(m_open ? why : m_why);
}

Task<Result<void>> Link::signIn()
{
    const Address &address = m_options.address;
    std::vector<Command> commands;
    if (!address.password.empty()) {
        Command auth{"AUTH"};
        if (!address.user.empty())
            auth.push_back(address.user);
        auth.push_back(address.password);
        commands.push_back(std::move(auth));
    }
    if (address.database != 0)
        commands.push_back(Command{"SELECT", std::to_string(address.database)});
    commands.push_back(Command{"PING"});
    std::string text;
    for (const Command &command : commands)
        append(text, command);
    const auto answers =
        co_await ask(std::move(text), commands.size(), std::chrono::steady_clock::now() + m_options.connectMax);
    if (!answers)
        co_return answers.error();
    for (const Answer &answer : *answers) {
        if (const auto *refusal = std::get_if<Refusal>(&answer))
            co_return away(errorOf(refusal->text).message);
    }
    co_return Result<void>();
}

void Link::begin()
{
    m_lastHeard = std::chrono::steady_clock::now();
    async::start(m_executor, "redis: reading", read(shared_from_this()));
    async::start(m_executor, "redis: watching", watch(shared_from_this()));
}

Task<Result<std::vector<Answer>>> Link::ask(std::string commands, std::size_t answers, Deadline deadline)
{
    if (!m_open)
        co_return away(m_why);
    if (m_unsent.size() + m_sending.size() + commands.size() > kUnsentMax)
        co_return away("too much is still to be sent");
    const auto self = shared_from_this();
    const auto waiter = std::make_shared<Waiter>(m_executor, answers);
    m_waiters.push_back(waiter);
    send(commands);
    waiter->timer.expires_at(deadline);
    error_code ignored;
    co_await waiter->timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    switch (waiter->end) {
    case Waiter::End::Answered:
        co_return std::move(waiter->answers);
    case Waiter::End::Broken:
        co_return away(m_why);
    case Waiter::End::None:
        break;
    }
    co_return base::Error{ErrorCode::Timeout, "redis: no answer in time from " + endpoint().text(), {}};
}

void Link::listen(std::function<void(Answer)> heard)
{
    base::ensure(m_waiters.empty(), "somebody waits on a connection that is to listen");
    m_heard = std::move(heard);
}

void Link::tell(std::string_view commands)
{
    base::ensure(bool(m_heard), "only who listens tells");
    if (m_open)
        send(commands);
}

void Link::send(std::string_view commands)
{
    m_unsent += commands;
    // The writing begins behind whatever else is ready to run now, so that what is asked together is sent together.
    if (!std::exchange(m_writing, true))
        async::start(m_executor, "redis: writing", write(shared_from_this()));
}

Task<void> Link::write(std::shared_ptr<Link>)
{
    co_await async::yield();
    while (m_open && !m_unsent.empty()) {
        m_sending.swap(m_unsent);
        error_code failed;
        co_await asio::async_write(m_socket, asio::buffer(m_sending),
                                   asio::redirect_error(asio::use_awaitable, failed));
        m_sending.clear();
        if (m_sending.capacity() > kKept)
            m_sending.shrink_to_fit();
        if (failed)
            close(failed.message());
    }
    m_writing = false;
}

Task<void> Link::read(std::shared_ptr<Link>)
{
    std::vector<char> buffer(kReadAtOnce);
    while (m_open) {
        error_code failed;
        const std::size_t size =
            co_await m_socket.async_read_some(asio::buffer(buffer), asio::redirect_error(asio::use_awaitable, failed));
        if (!m_open)
            break;
        if (failed) {
            close(failed.message());
            break;
        }
        if (const auto taken = take(std::span<const char>(buffer.data(), size)); !taken)
            close(taken.error().message);
    }
}

Result<void> Link::take(std::span<const char> bytes)
{
    m_lastHeard = std::chrono::steady_clock::now();
    m_reader.feed(bytes);
    while (m_open) {
        auto answer = m_reader.next();
        if (!answer)
            return answer.error();
        if (!*answer)
            break;
        if (const auto handed = hand(std::move(**answer)); !handed)
            return handed.error();
    }
    return {};
}

Result<void> Link::hand(Answer answer)
{
    if (m_heard) {
        m_heard(std::move(answer));
        return {};
    }
    if (m_waiters.empty())
        return base::corrupt("an answer that nobody asked for");
    const auto waiter = m_waiters.front();
    waiter->answers.push_back(std::move(answer));
    if (--waiter->missing > 0)
        return {};
    m_waiters.pop_front();
    waiter->end = Waiter::End::Answered;
    waiter->timer.cancel();
    return {};
}

Task<void> Link::watch(std::shared_ptr<Link>)
{
    std::string ping;
    append(ping, Command{"PING"});
    while (m_open) {
        m_clock.expires_after(m_options.silenceMax / 2);
        error_code ignored;
        co_await m_clock.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
        if (!m_open)
            break;
        const auto now = std::chrono::steady_clock::now();
        const auto due = m_waiters.empty() ? m_lastHeard : std::max(m_lastHeard, m_waiters.front()->since);
        const bool asked = m_heard || !m_waiters.empty();
        if (asked && now - due > (m_heard ? 2 : 1) * m_options.silenceMax) {
            close("it does not answer");
        } else if (now - m_lastHeard > m_options.silenceMax / 2 && (m_heard || m_waiters.empty())) {
            if (!m_heard)
                m_waiters.push_back(std::make_shared<Waiter>(m_executor, 1));
            send(ping);
        }
    }
}

void Link::close(std::string why)
{
    if (!std::exchange(m_open, false))
        return;
    m_why = std::move(why);
    error_code ignored;
    m_socket.close(ignored);
    m_clock.cancel();
    for (const auto &waiter : std::exchange(m_waiters, {})) {
        waiter->end = Waiter::End::Broken;
        waiter->timer.cancel();
    }
    m_ended.notify();
}

Task<void> Link::ended()
{
    const auto self = shared_from_this();
    if (m_open)
        co_await m_ended.wait();
}

} // namespace voelgoed::redis
