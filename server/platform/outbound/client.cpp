#include "server/platform/outbound/client.h"

#include "server/platform/async/event.h"
#include "server/platform/async/semaphore.h"
#include "server/platform/outbound/multi.h"
#include "server/platform/outbound/transfer.h"

namespace voelgoed::outbound {

class Client::State
{
public:
    State(const async::Executor &executor, base::Clock &clock, Options options)
        : m_executor(executor),
          m_clock(clock),
          m_options(std::move(options)),
          m_multi(Multi::make(executor)),
          m_turns(executor, m_options.atOnce, m_options.waiting)
    {}

    async::Task<base::Result<Reply>> send(Call call)
    {
        if (auto checked = check(call, m_options); !checked)
            co_return checked.error();
        const auto begun = std::chrono::steady_clock::now();
        const auto turn = co_await m_turns.acquire(call.within);
        if (!turn)
            co_return turn.error().at("outbound");
        const auto waited = std::chrono::duration_cast<base::Milliseconds>(std::chrono::steady_clock::now() - begun);
        const auto left = call.within - waited;
        if (m_closed || left.count() <= 0)
            co_return base::Error{m_closed ? base::ErrorCode::Unavailable : base::ErrorCode::Timeout,
                                  "outbound: no turn came in time",
                                  {}};
        co_return co_await perform(call, left);
    }

    void close()
    {
        m_closed = true;
        m_multi->abandon();
    }

    std::size_t inHand() const { return m_multi->size(); }

private:
    /// Takes a transfer back when its coroutine goes before it has finished.
    struct Hold
    {
        Multi &multi;
        CURL *transfer;
        ~Hold() { multi.remove(transfer); }
    };

    async::Task<base::Result<Reply>> perform(const Call &call, base::Milliseconds within)
    {
        Transfer transfer(call, m_options);
        curl_easy_setopt(transfer.handle(), CURLOPT_TIMEOUT_MS, static_cast<long>(within.count()));
        async::Event finished(m_executor);
        std::optional<CURLcode> code;
        const Hold hold{*m_multi, transfer.handle()};
        m_multi->add(transfer.handle(), [&](CURLcode came) {
            code = came;
            finished.notify();
        });
        while (!code)
            co_await finished.wait();
        co_return transfer.reply(*code, m_clock.now().wall);
    }

    async::Executor m_executor;
    base::Clock &m_clock;
    Options m_options;
    std::shared_ptr<Multi> m_multi;
    async::Semaphore m_turns;
    bool m_closed = false;
};

Client::Client(const async::Executor &executor, base::Clock &clock, Options options)
    : m_state(std::make_shared<State>(executor, clock, std::move(options)))
{}

Client::~Client()
{
    m_state->close();
}

async::Task<base::Result<Reply>> Client::send(Call call)
{
    const auto state = m_state;
    co_return co_await state->send(std::move(call));
}

std::size_t Client::inHand() const
{
    return m_state->inHand();
}

} // namespace voelgoed::outbound
