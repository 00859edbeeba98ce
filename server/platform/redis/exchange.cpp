#include "server/platform/redis/exchange.h"

#include "server/platform/redis/command.h"
#include "server/platform/redis/slot.h"

#include <algorithm>
#include <numeric>

namespace voelgoed::redis {

using async::Task;
using base::Result;

namespace {

constexpr unsigned kRedirectsMax = 5;
constexpr unsigned kTriesMax = 6; // 5, 10, … 160 ms: a third of a second in all

} // namespace

Exchange::Exchange(std::shared_ptr<Nodes> nodes, const std::vector<Command> &commands)
    : m_nodes(std::move(nodes)), m_commands(commands), m_answers(commands.size())
{}

Result<std::optional<std::uint16_t>> Exchange::slot() const
{
    std::optional<std::uint16_t> slot;
    for (const Command &command : m_commands) {
        if (const auto sound = check(command); !sound)
            return sound.error();
        const auto key = keyOf(command);
        if (!key)
            continue;
        if (slot && *slot != slotOf(*key))
            return base::invalid("redis: the keys of one call lie in different slots");
        slot = slotOf(*key);
    }
    return slot;
}

Task<Result<std::vector<Answer>>> Exchange::run(Deadline deadline)
{
    const auto slot = this->slot();
    if (!slot)
        co_return slot.error();
    if (!m_nodes->isReady())
        co_await m_nodes->ready(deadline);
    const auto node = m_nodes->nodeFor(*slot);
    for (std::size_t at = 0; at < m_commands.size(); ++at)
        m_steps.push_back(Step{.at = at, .node = node});
    while (!m_steps.empty()) {
        if (const auto done = co_await round(deadline); !done) {
            m_nodes->refreshSoon();
            co_return done.error();
        }
    }
    co_return std::move(m_answers);
}

Task<Result<void>> Exchange::round(Deadline deadline)
{
    if (m_pause.count() > 0)
        co_await async::sleepFor(std::exchange(m_pause, base::Milliseconds(0)));
    auto steps = takeTogether();
    const auto node = steps.front().node;
    const bool asking = steps.front().asking;
    auto link = node->linkIfUp();
    if (!link) {
        const auto connected = co_await node->link(deadline);
        if (!connected)
            co_return connected.error();
        link = *connected;
    }
    std::string text;
    for (const Step &step : steps) {
        if (asking)
            append(text, Command{"ASKING"});
        append(text, m_commands[step.at]);
    }
    const std::size_t each = asking ? 2 : 1;
    auto answers = co_await link->ask(std::move(text), steps.size() * each, deadline);
    if (!answers)
        co_return answers.error();
    for (std::size_t i = 0; i < steps.size(); ++i)
        settle(std::move(steps[i]), std::move((*answers)[i * each + each - 1]), link);
    std::sort(m_steps.begin(), m_steps.end(), [](const Step &a, const Step &b) { return a.at < b.at; });
    co_return Result<void>();
}

/// The first steps that go the same way.
std::vector<Exchange::Step> Exchange::takeTogether()
{
    const auto &first = m_steps.front();
    const auto end = std::find_if(m_steps.begin(), m_steps.end(), [&](const Step &step) {
        return step.node != first.node || step.asking != first.asking;
    });
    std::vector<Step> together(std::make_move_iterator(m_steps.begin()), std::make_move_iterator(end));
    m_steps.erase(m_steps.begin(), end);
    return together;
}

void Exchange::settle(Step step, Answer answer, const std::shared_ptr<Link> &link)
{
    const auto *refusal = std::get_if<Refusal>(&answer);
    if (refusal && goesOn(step, refusal->text, link))
        m_steps.push_back(std::move(step));
    else
        m_answers[step.at] = std::move(answer);
}

/// Whether the command is to be sent once more. If not, the refusal is its answer.
bool Exchange::goesOn(Step &step, std::string_view refusal, const std::shared_ptr<Link> &link)
{
    const Meaning meaning = meaningOf(refusal);
    switch (meaning) {
    case Meaning::Moved:
    case Meaning::Ask: {
        const auto redirection = redirectionFrom(refusal, link->endpoint());
        if (!redirection || step.redirects++ == kRedirectsMax)
            return false;
        ++m_redirects;
        step.node = m_nodes->follow(*redirection, meaning);
        step.asking = meaning == Meaning::Ask;
        return true;
    }
    case Meaning::TryAgain:
        m_pause = std::max(m_pause, base::Milliseconds(5 << step.tries));
        return step.tries++ < kTriesMax;
    case Meaning::ReadOnly:
        link->close("it is a replica now");
        m_nodes->refreshSoon();
        return false;
    case Meaning::Away:
        m_nodes->refreshSoon();
        return false;
    case Meaning::NoScript:
    case Meaning::Failed:
        return false;
    }
    return false;
}

} // namespace voelgoed::redis
