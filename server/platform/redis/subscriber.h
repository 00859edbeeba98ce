#pragma once

#include "server/platform/redis/link.h"

namespace voelgoed::redis {

/// One connection that listens for channels by the beginning of their names, and comes back by itself.
class Subscriber : public std::enable_shared_from_this<Subscriber>
{
public:
    struct Subscription
    {
        std::string pattern;
        std::function<void(std::string channel, std::string message)> received;
        std::function<void()> lost;
        bool stands = false;
    };

    /// `where` is asked before each attempt to connect.
    Subscriber(const async::Executor &executor, LinkOptions options, std::function<Address()> where);

    void add(std::string prefix, std::function<void(std::string, std::string)> received, std::function<void()> lost);
    void close();

    std::uint64_t breaks() const { return m_breaks; }

private:
    async::Task<void> run(std::shared_ptr<Subscriber> self);
    void ask(const Subscription &subscription);
    void hear(Answer answer);
    void hearList(std::vector<Reply> &list);
    void fell();
    std::shared_ptr<Subscription> find(const std::string &pattern) const;

    async::Executor m_executor;
    LinkOptions m_options;
    std::function<Address()> m_where;
    std::vector<std::shared_ptr<Subscription>> m_subscriptions;
    std::shared_ptr<Link> m_link;
    boost::asio::steady_timer m_pause;
    unsigned m_failed = 0;
    std::uint64_t m_breaks = 0;
    bool m_running = false;
    bool m_listening = false;
    bool m_closed = false;
};

/// A pattern of PSUBSCRIBE for what begins with the prefix, whatever characters that has.
std::string patternFor(std::string_view prefix);

} // namespace voelgoed::redis
