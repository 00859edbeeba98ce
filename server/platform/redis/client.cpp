#include "server/platform/redis/client.h"

#include "server/platform/redis/command.h"
#include "server/platform/redis/exchange.h"
#include "server/platform/redis/nodes.h"
#include "server/platform/redis/sha1.h"
#include "server/platform/redis/slot.h"
#include "server/platform/redis/subscriber.h"

#include <unordered_map>

namespace voelgoed::redis {

using async::Task;
using base::ErrorCode;
using base::Result;

namespace {

Result<std::vector<Reply>> repliesOf(Result<std::vector<Answer>> answers)
{
    if (!answers)
        return answers.error();
    std::vector<Reply> replies;
    replies.reserve(answers->size());
    for (Answer &answer : *answers) {
        if (const auto *refusal = std::get_if<Refusal>(&answer))
            return errorOf(refusal->text);
        replies.push_back(std::move(std::get<Reply>(answer)));
    }
    return replies;
}

Result<Reply> only(Result<std::vector<Reply>> replies)
{
    if (!replies)
        return replies.error();
    return std::move(replies->front());
}

bool isUnknownScript(const Answer &answer)
{
    const auto *refusal = std::get_if<Refusal>(&answer);
    return refusal && meaningOf(refusal->text) == Meaning::NoScript;
}

} // namespace

struct Client::State
{
    Options options;
    std::optional<base::Error> wrong; ///< the URL is none
    std::shared_ptr<Nodes> nodes;
    std::shared_ptr<Subscriber> subscriber;
    Figures figures;
    std::unordered_map<const char *, std::string> hashes; ///< of scripts, by their texts' places

    /// Counts a call from its beginning to its end.
    class Call
    {
    public:
        Call(State &state, std::string operation, std::size_t commands)
            : m_state(state), m_operation(std::move(operation))
        {
            ++m_state.figures.pending;
            m_state.figures.commands += commands;
        }
        ~Call() { --m_state.figures.pending; }
        Call(const Call &) = delete;
        Call &operator=(const Call &) = delete;

        Result<std::vector<Reply>> ended(Result<std::vector<Reply>> result)
        {
            const base::Error *failure = result ? nullptr : &result.error();
            m_state.figures.failures += failure != nullptr;
            if (m_state.options.observe)
                m_state.options.observe({m_operation, std::chrono::steady_clock::now() - m_began, failure});
            return result;
        }

    private:
        State &m_state;
        std::string m_operation;
        std::chrono::steady_clock::time_point m_began = std::chrono::steady_clock::now();
    };

    static Task<Result<std::vector<Reply>>> callAll(std::shared_ptr<State> self, std::vector<Command> commands)
    {
        Call call(*self, commands.empty() ? std::string() : nameOf(commands.front()), commands.size());
        auto answers = co_await self->ask(commands, self->deadline());
        co_return call.ended(repliesOf(std::move(answers)));
    }

    static Task<Result<Reply>> call(std::shared_ptr<State> self, Command command)
    {
        std::vector<Command> commands(1);
        commands.front() = std::move(command);
        co_return only(co_await callAll(std::move(self), std::move(commands)));
    }

    static Task<Result<Reply>> run(std::shared_ptr<State> self, const Script *script, std::vector<std::string> keys,
                                   std::vector<std::string> arguments)
    {
        Call call(*self, script->name, 1);
        for (const std::string &key : keys) {
            if (slotOf(key) != slotOf(keys.front()))
                co_return only(call.ended(base::invalid("redis: the keys of one script lie in different slots")));
        }
        std::vector<Command> commands(1);
        Command &command = commands.front();
        command = {"EVALSHA", self->hashOf(*script), std::to_string(keys.size())};
        std::move(keys.begin(), keys.end(), std::back_inserter(command));
        std::move(arguments.begin(), arguments.end(), std::back_inserter(command));
        const Deadline deadline = self->deadline();
        auto answers = co_await self->ask(commands, deadline);
        if (answers && isUnknownScript(answers->front())) {
            ++self->figures.loads;
            command[0] = "EVAL"; // knows it from then on
            command[1] = script->text;
            answers = co_await self->ask(commands, deadline);
        }
        co_return only(call.ended(repliesOf(std::move(answers))));
    }

    Task<Result<std::vector<Answer>>> ask(const std::vector<Command> &commands, Deadline deadline)
    {
        if (wrong)
            co_return *wrong;
        if (figures.pending > options.pendingMax)
            co_return base::Error{ErrorCode::Unavailable, "redis: too many calls wait already", {}};
        Exchange exchange(nodes, commands);
        auto answers = co_await exchange.run(deadline);
        figures.redirects += exchange.redirects();
        co_return answers;
    }

    const std::string &hashOf(const Script &script)
    {
        std::string &hash = hashes[script.text];
        if (hash.empty())
            hash = sha1Hex(script.text);
        return hash;
    }

    Deadline deadline() const { return std::chrono::steady_clock::now() + options.commandMax; }
};

Client::Client(const async::Executor &executor, Options options) : m_state(std::make_shared<State>())
{
    m_state->options = std::move(options);
    LinkOptions seed{
        .address = {}, .connectMax = m_state->options.connectMax, .silenceMax = m_state->options.commandMax};
    auto address = parseUrl(m_state->options.url);
    if (!address) {
        m_state->wrong = address.error();
        return;
    }
    seed.address = std::move(*address);
    m_state->nodes = std::make_shared<Nodes>(executor, seed);
    m_state->nodes->start();
    m_state->subscriber = std::make_shared<Subscriber>(
        executor, seed, [nodes = m_state->nodes] { return nodes->addressForSubscriptions(); });
}

Client::~Client()
{
    if (m_state->wrong)
        return;
    m_state->subscriber->close();
    m_state->nodes->close();
}

Task<Result<Reply>> Client::call(Command command)
{
    return State::call(m_state, std::move(command));
}

Task<Result<std::vector<Reply>>> Client::callAll(std::vector<Command> commands)
{
    return State::callAll(m_state, std::move(commands));
}

Task<Result<Reply>> Client::run(const Script &script, std::vector<std::string> keys, std::vector<std::string> arguments)
{
    return State::run(m_state, &script, std::move(keys), std::move(arguments));
}

bool Client::isAway() const
{
    return m_state->wrong || m_state->nodes->isAway();
}

bool Client::isCluster() const
{
    return !m_state->wrong && m_state->nodes->isCluster();
}

void Client::subscribe(std::string prefix, std::function<void(std::string, std::string)> received,
                       std::function<void()> lost)
{
    if (!m_state->wrong)
        m_state->subscriber->add(std::move(prefix), std::move(received), std::move(lost));
}

Client::Figures Client::figures() const
{
    Figures figures = m_state->figures;
    if (!m_state->wrong)
        figures.reconnects = m_state->nodes->breaks() + m_state->subscriber->breaks();
    return figures;
}

} // namespace voelgoed::redis
