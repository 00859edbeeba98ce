#pragma once

#include "device/core/client/transport.h"

#include <deque>
#include <functional>
#include <map>
#include <memory>

namespace voelgoed::support {

/// A network that a test holds in its hand: nothing moves before it says so, and whatever it wants is lost, late, in
/// another order, or twice. One thread.
class ScriptTransport final : public client::Transport
{
public:
    /// The server's side: what it answers.
    using Server = std::function<base::Result<client::Response>(const client::Request &)>;

    explicit ScriptTransport(Server server) : m_server(std::move(server)) {}

    client::CallId start(client::Call call) override
    {
        base::ensure(m_open.size() < client::kCallsMax, "more calls than may be under way");
        auto request = call.make();
        m_open.emplace(++m_last, Open{std::move(call), std::move(request)});
        return m_last;
    }
    void cancel(client::CallId call) override
    {
        m_open.erase(call);
        std::erase_if(m_ended, [&](const Ended &ended) { return ended.call == call; });
    }
    int descriptor() const override { return -1; }
    std::vector<Ended> take() override { return std::exchange(m_ended, {}); }

    /// The calls that are under way, oldest first.
    std::vector<client::CallId> open() const
    {
        std::vector<client::CallId> calls;
        for (const auto &[call, what] : m_open)
            calls.push_back(call);
        return calls;
    }

    enum class Fate {
        Delivered,
        RequestLost,
        AnswerLost,    ///< the server has acted on it
        Twice,         ///< the server gets it two times, the device gets the second answer
        AnswerGarbled, ///< one bit of it
    };
    /// Lets one go. `took`: there and back.
    void deliver(client::CallId call, Fate fate = Fate::Delivered, base::Milliseconds took = {})
    {
        auto open = m_open.extract(call);
        base::ensure(!open.empty(), "a call that is under way");
        open.mapped().call.read(travelled(open.mapped().request, fate, took));
        m_ended.push_back({call, {}});
    }
    /// And all of them, but for questions that the server does not answer yet.
    void deliverAll(Fate fate = Fate::Delivered, base::Milliseconds took = {})
    {
        for (const client::CallId call : open()) {
            const Open &what = m_open.at(call);
            if (!what.request || !holds || !holds(*what.request))
                deliver(call, fate, took);
        }
    }

    std::function<bool(const client::Request &)> holds;

    std::uint64_t requests = 0; ///< that reached the server

private:
    struct Open
    {
        client::Call call;
        base::Result<client::Request> request;
    };

    base::Result<client::Response> travelled(const base::Result<client::Request> &request, Fate fate,
                                             base::Milliseconds took)
    {
        const base::Error lost{base::ErrorCode::Unavailable, "lost on the way", {}};
        if (!request)
            return request.error();
        if (fate == Fate::RequestLost)
            return lost;
        requests += fate == Fate::Twice ? 2 : 1;
        if (fate == Fate::Twice)
            (void)m_server(*request);
        auto answer = m_server(*request);
        if (fate == Fate::AnswerLost)
            return lost;
        if (answer)
            answer->took = took;
        if (fate == Fate::AnswerGarbled && answer && !answer->body.empty())
            answer->body[answer->body.size() / 2] ^= std::byte{1};
        return answer;
    }

    Server m_server;
    client::CallId m_last = 0;
    std::map<client::CallId, Open> m_open;
    std::vector<Ended> m_ended;
};

} // namespace voelgoed::support
