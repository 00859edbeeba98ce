#pragma once

#include "server/platform/redis/node.h"
#include "server/platform/redis/words.h"

#include <array>
#include <map>
#include <optional>

namespace voelgoed::redis {

/// The nodes behind one URL: a Redis alone, or a cluster's masters and whose each slot is. The one that the URL names
/// is the seed: it tells which of the two it is, and stays known.
class Nodes : public std::enable_shared_from_this<Nodes>
{
public:
    Nodes(const async::Executor &executor, LinkOptions seed);

    void start();
    void close();

    /// Until the seed has been tried for the first time: only then it is known which node is whose.
    async::Task<void> ready(Deadline deadline);
    bool isReady() const { return m_seed->isUp() || m_seed->isAway(); }

    /// The node that a key of this slot belongs to, as far as is known; without a slot any that answers.
    std::shared_ptr<Node> nodeFor(std::optional<std::uint16_t> slot);

    /// The node that a redirection points to. After MOVED the slot is known to be its own.
    std::shared_ptr<Node> follow(const Redirection &redirection, Meaning meaning);

    /// Asks the cluster for its map, if it was not asked just now. For when a node was wrong or away.
    void refreshSoon();

    /// Where to subscribe: another node each time, of those that answer.
    Address addressForSubscriptions();

    bool isCluster() const { return m_cluster; }
    bool isAway() const;
    std::uint64_t breaks() const;

private:
    std::shared_ptr<Node> nodeAt(const Endpoint &endpoint);
    std::shared_ptr<Node> anyUp();
    async::Task<base::Result<void>> greet(std::shared_ptr<Link> link);
    async::Task<void> refresh(std::shared_ptr<Nodes> self);
    base::Result<void> learn(const Answer &answer, const Endpoint &asked);
    void learn(const std::vector<SlotRange> &ranges);

    async::Executor m_executor;
    LinkOptions m_options;
    std::shared_ptr<Node> m_seed;
    std::map<Endpoint, std::shared_ptr<Node>> m_nodes; ///< the seed is one of them
    std::array<std::shared_ptr<Node>, kSlots> m_owners;
    boost::asio::steady_timer m_pause;
    std::size_t m_turn = 0;
    std::uint64_t m_breaksBefore = 0; ///< of nodes that are gone
    bool m_cluster = false;
    bool m_refreshing = false;
    bool m_closed = false;
};

} // namespace voelgoed::redis
