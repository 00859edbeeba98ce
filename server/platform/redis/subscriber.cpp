#include "server/platform/redis/subscriber.h"

#include "server/platform/redis/command.h"
#include "server/platform/redis/node.h"
#include "shared/base/crypto/system_random.h"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <utility>

namespace voelgoed::redis {

using async::Task;

std::string patternFor(std::string_view prefix)
{
    std::string pattern;
    for (const char c : prefix) {
        if (std::string_view("*?[]\\^-").find(c) != std::string_view::npos)
            pattern += '\\';
        pattern += c;
    }
    return pattern + "*";
}

Subscriber::Subscriber(const async::Executor &executor, LinkOptions options, std::function<Address()> where)
    : m_executor(executor), m_options(std::move(options)), m_where(std::move(where)), m_pause(executor)
{}

void Subscriber::add(std::string prefix, std::function<void(std::string, std::string)> received,
                     std::function<void()> lost)
{
    const auto subscription = std::make_shared<Subscription>(
        Subscription{.pattern = patternFor(prefix), .received = std::move(received), .lost = std::move(lost)});
    base::ensure(!find(subscription->pattern), "a prefix that is subscribed to already");
    m_subscriptions.push_back(subscription);
    if (!std::exchange(m_running, true))
        async::start(m_executor, "redis: subscriptions", run(shared_from_this()));
    else if (m_listening)
        ask(*subscription);
}

void Subscriber::close()
{
    m_closed = true;
    m_pause.cancel();
    if (m_link)
        m_link->close("closed");
}

Task<void> Subscriber::run(std::shared_ptr<Subscriber>)
{
    while (!m_closed) {
        m_options.address = m_where();
        const auto link = std::make_shared<Link>(m_executor, m_options);
        m_link = link;
        const auto opened = co_await link->open();
        if (opened && !m_closed) {
            link->listen([weak = weak_from_this()](Answer answer) {
                if (const auto self = weak.lock(); self && !self->m_closed)
                    self->hear(std::move(answer));
            });
            m_listening = true;
            for (const auto &subscription : m_subscriptions)
                ask(*subscription);
            co_await link->ended();
            m_listening = false;
            ++m_breaks;
            if (!m_closed)
                fell();
        }
        link->close("not used");
        if (m_closed)
            break;
        base::SystemRandom random;
        m_pause.expires_after(backoff(m_failed++, random));
        boost::system::error_code ignored;
        co_await m_pause.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, ignored));
    }
}

void Subscriber::ask(const Subscription &subscription)
{
    std::string text;
    append(text, Command{"PSUBSCRIBE", subscription.pattern});
    m_link->tell(text);
}

void Subscriber::hear(Answer answer)
{
    if (const auto *refusal = std::get_if<Refusal>(&answer))
        return m_link->close(refusal->text);
    if (auto *list = std::get_if<std::vector<Reply>>(&std::get<Reply>(answer).value))
        hearList(*list);
}

/// ["pmessage", pattern, channel, message], ["psubscribe", pattern, count], and ["pong", ""].
void Subscriber::hearList(std::vector<Reply> &list)
{
    const auto text = [&](std::size_t at) -> std::string * {
        return at < list.size() ? std::get_if<std::string>(&list[at].value) : nullptr;
    };
    const std::string *kind = text(0), *pattern = text(1);
    const auto subscription = kind && pattern ? find(*pattern) : nullptr;
    if (!subscription)
        return;
    if (*kind == "psubscribe") {
        m_failed = 0;
        subscription->stands = true;
        subscription->lost();
    } else if (*kind == "pmessage" && text(2) && text(3)) {
        subscription->received(std::move(*text(2)), std::move(*text(3)));
    }
}

void Subscriber::fell()
{
    const auto subscriptions = m_subscriptions; // whom we tell may subscribe to more
    for (const auto &subscription : subscriptions) {
        if (std::exchange(subscription->stands, false) && !m_closed)
            subscription->lost();
    }
}

std::shared_ptr<Subscriber::Subscription> Subscriber::find(const std::string &pattern) const
{
    const auto found = std::find_if(m_subscriptions.begin(), m_subscriptions.end(),
                                    [&](const auto &subscription) { return subscription->pattern == pattern; });
    return found == m_subscriptions.end() ? nullptr : *found;
}

} // namespace voelgoed::redis
