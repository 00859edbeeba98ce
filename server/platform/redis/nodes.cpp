#include "server/platform/redis/nodes.h"

#include "server/platform/redis/command.h"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <set>
#include <utility>

namespace voelgoed::redis {

using async::Task;
using base::Result;

namespace {

constexpr std::size_t kNodesMax = 1'000;
constexpr base::Milliseconds kRefreshPause{50};

Task<Result<Answer>> askSlots(std::shared_ptr<Link> link, base::Milliseconds within)
{
    std::string text;
    append(text, Command{"CLUSTER", "SLOTS"});
    auto answers = co_await link->ask(std::move(text), 1, std::chrono::steady_clock::now() + within);
    if (!answers)
        co_return answers.error();
    co_return std::move(answers->front());
}

} // namespace

Nodes::Nodes(const async::Executor &executor, LinkOptions seed)
    : m_executor(executor), m_options(std::move(seed)), m_pause(executor)
{}

void Nodes::start()
{
    m_seed = nodeAt(m_options.address.endpoint);
}

void Nodes::close()
{
    m_closed = true;
    m_pause.cancel();
    for (const auto &[endpoint, node] : m_nodes)
        node->close();
}

Task<void> Nodes::ready(Deadline deadline)
{
    const auto ignored = co_await m_seed->link(deadline); // what it says is asked again by who uses it
}

std::shared_ptr<Node> Nodes::nodeAt(const Endpoint &endpoint)
{
    if (const auto known = m_nodes.find(endpoint); known != m_nodes.end())
        return known->second;
    if (m_closed || m_nodes.size() >= kNodesMax)
        return m_seed;
    LinkOptions options = m_options;
    options.address.endpoint = endpoint;
    const auto node = std::make_shared<Node>(
        m_executor, std::move(options), [weak = weak_from_this()](std::shared_ptr<Link> link) -> Task<Result<void>> {
            const auto self = weak.lock();
            if (!self)
                co_return base::Error{base::ErrorCode::Unavailable, "redis: closed", {}};
            co_return co_await self->greet(std::move(link));
        });
    m_nodes.emplace(endpoint, node);
    node->start();
    return node;
}

/// A Redis alone refuses the question; a cluster's node answers it with its map.
Task<Result<void>> Nodes::greet(std::shared_ptr<Link> link)
{
    const auto answer = co_await askSlots(link, m_options.connectMax);
    if (!answer)
        co_return answer.error();
    co_return learn(*answer, link->endpoint());
}

Result<void> Nodes::learn(const Answer &answer, const Endpoint &asked)
{
    if (const auto *refusal = std::get_if<Refusal>(&answer)) {
        if (meaningOf(refusal->text) == Meaning::Away)
            return errorOf(refusal->text);
        m_cluster = m_cluster && asked != m_seed->endpoint();
        return {};
    }
    if (m_options.address.database != 0)
        return base::invalid("redis: a cluster has database 0 alone");
    const auto ranges = slotRangesFrom(std::get<Reply>(answer), asked);
    if (!ranges)
        return ranges.error();
    m_cluster = true;
    learn(*ranges);
    return {};
}

void Nodes::learn(const std::vector<SlotRange> &ranges)
{
    if (ranges.empty())
        return; // a node that has just begun knows nobody: what was known before says more
    std::set<Endpoint> named{m_seed->endpoint()};
    m_owners.fill(nullptr);
    for (const SlotRange &range : ranges) {
        named.insert(range.master);
        const auto node = nodeAt(range.master);
        std::fill(m_owners.begin() + range.first, m_owners.begin() + range.last + 1, node);
    }
    // One that answers may be newer than this map, so that only who is away and not named is forgotten.
    for (auto it = m_nodes.begin(); it != m_nodes.end();) {
        if (named.contains(it->first) || !it->second->isAway()) {
            ++it;
            continue;
        }
        m_breaksBefore += it->second->breaks();
        it->second->close();
        it = m_nodes.erase(it);
    }
}

std::shared_ptr<Node> Nodes::nodeFor(std::optional<std::uint16_t> slot)
{
    if (!m_cluster)
        return m_seed;
    if (slot && m_owners[*slot])
        return m_owners[*slot];
    return anyUp();
}

std::shared_ptr<Node> Nodes::anyUp()
{
    if (m_seed->isUp())
        return m_seed;
    for (const auto &[endpoint, node] : m_nodes) {
        if (node->isUp())
            return node;
    }
    return m_seed;
}

std::shared_ptr<Node> Nodes::follow(const Redirection &redirection, Meaning meaning)
{
    const auto node = nodeAt(redirection.to);
    if (meaning == Meaning::Moved) {
        m_cluster = true;
        m_owners[redirection.slot] = node;
        refreshSoon();
    }
    return node;
}

void Nodes::refreshSoon()
{
    if (m_cluster && !m_closed && !std::exchange(m_refreshing, true))
        async::start(m_executor, "redis: a cluster's map", refresh(shared_from_this()));
}

Task<void> Nodes::refresh(std::shared_ptr<Nodes>)
{
    std::vector<std::shared_ptr<Link>> links;
    for (const auto &[endpoint, node] : m_nodes) {
        if (const auto link = node->linkIfUp())
            links.push_back(link);
    }
    // Another one first each time, so that one that is wrong does not keep the others from saying so.
    const std::size_t first = m_turn++;
    for (std::size_t i = 0; i < links.size() && !m_closed; ++i) {
        const auto link = links[(first + i) % links.size()];
        const auto answer = co_await askSlots(link, m_options.connectMax);
        if (m_closed || (answer && learn(*answer, link->endpoint())))
            break;
    }
    if (!m_closed) {
        m_pause.expires_after(kRefreshPause);
        boost::system::error_code ignored;
        co_await m_pause.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, ignored));
    }
    m_refreshing = false;
}

Address Nodes::addressForSubscriptions()
{
    std::vector<Endpoint> up;
    for (const auto &[endpoint, node] : m_nodes) {
        if (node->isUp())
            up.push_back(endpoint);
    }
    Address address = m_options.address;
    if (!up.empty())
        address.endpoint = up[m_turn++ % up.size()];
    return address;
}

bool Nodes::isAway() const
{
    for (const auto &[endpoint, node] : m_nodes) {
        if (node->isUp())
            return false;
    }
    return true;
}

std::uint64_t Nodes::breaks() const
{
    std::uint64_t sum = m_breaksBefore;
    for (const auto &[endpoint, node] : m_nodes)
        sum += node->breaks();
    return sum;
}

} // namespace voelgoed::redis
