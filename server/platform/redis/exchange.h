#pragma once

#include "server/platform/redis/client.h"
#include "server/platform/redis/nodes.h"

namespace voelgoed::redis {

/// One call on its way: goes to the node of its key, and wherever that one sends it, a few times at most. Lives as long
/// as its run().
class Exchange
{
public:
    /// `commands` outlive it.
    Exchange(std::shared_ptr<Nodes> nodes, const std::vector<Command> &commands);

    /// An answer for each command, in order. Invalid when their keys lie in different slots.
    async::Task<base::Result<std::vector<Answer>>> run(Deadline deadline);

    std::uint64_t redirects() const { return m_redirects; }

private:
    /// A command that is to be sent.
    struct Step
    {
        std::size_t at = 0; ///< which command
        std::shared_ptr<Node> node;
        bool asking = false;
        unsigned redirects = 0, tries = 0;
    };

    base::Result<std::optional<std::uint16_t>> slot() const;
    async::Task<base::Result<void>> round(Deadline deadline);
    std::vector<Step> takeTogether();
    void settle(Step step, Answer answer, const std::shared_ptr<Link> &link);
    bool goesOn(Step &step, std::string_view refusal, const std::shared_ptr<Link> &link);

    std::shared_ptr<Nodes> m_nodes;
    const std::vector<Command> &m_commands;
    std::vector<Answer> m_answers;
    std::vector<Step> m_steps; ///< in order of their commands
    std::uint64_t m_redirects = 0;
    base::Milliseconds m_pause{};
};

} // namespace voelgoed::redis
