#pragma once

#include "server/platform/async/event.h"
#include "server/platform/http/socket.h"
#include "shared/base/ensure.h"
#include "shared/base/json.h"

#include <deque>
#include <optional>
#include <string>
#include <vector>

namespace voelgoed::test {

/// A socket whose other side is the test: says frames, and looks at what was sent. As with a real one, what the client
/// does not take waits in a queue that has an end.
class MemorySocket final : public http::Socket
{
public:
    explicit MemorySocket(const async::Executor &executor, std::size_t queueMax = 256 * 1024)
        : m_arrived(executor), m_queueMax(queueMax)
    {}

    async::Task<std::optional<std::string>> receive() override
    {
        while (m_said.empty() && !m_closed)
            co_await m_arrived.wait();
        if (m_closed)
            co_return std::nullopt;
        std::string text = std::move(m_said.front());
        m_said.pop_front();
        co_return text;
    }

    bool send(std::string text) override
    {
        if (m_closed || m_queued + text.size() > m_queueMax)
            return false;
        if (m_reads) {
            m_sent.push_back(std::move(text));
        } else {
            m_queued += text.size();
            m_waiting.push_back(std::move(text));
        }
        return true;
    }
    std::size_t queued() const override { return m_queued; }

    void close(std::uint16_t code, std::string) override
    {
        if (!m_closed)
            m_closed = code;
        m_arrived.notify();
    }

    /// The client says something, goes, stops reading, reads on.
    void say(std::string text)
    {
        m_said.push_back(std::move(text));
        m_arrived.notify();
    }
    void say(const base::Json &frame) { say(base::toText(frame)); }
    void goAway() { close(1000, {}); }
    void stopReading() { m_reads = false; }
    void readOn()
    {
        m_reads = true;
        m_queued = 0;
        for (std::string &text : m_waiting)
            m_sent.push_back(std::move(text));
        m_waiting.clear();
    }

    /// What the client got so far, as JSON.
    std::vector<base::Json> got() const
    {
        std::vector<base::Json> frames;
        for (const std::string &text : m_sent) {
            auto json = base::parseJson(text);
            base::ensure(bool(json), "a frame that is no JSON");
            frames.push_back(*std::move(json));
        }
        return frames;
    }
    /// The frames of one kind: "event", "snap", …
    std::vector<base::Json> got(std::string_view op) const
    {
        std::vector<base::Json> some;
        for (base::Json &frame : got()) {
            if (frame.at("op").as_string() == op)
                some.push_back(std::move(frame));
        }
        return some;
    }
    std::size_t count() const { return m_sent.size(); }
    void forget() { m_sent.clear(); }
    std::optional<std::uint16_t> closedWith() const { return m_closed; }

private:
    async::Event m_arrived;
    std::size_t m_queueMax;
    std::deque<std::string> m_said, m_waiting;
    std::vector<std::string> m_sent;
    std::size_t m_queued = 0;
    bool m_reads = true;
    std::optional<std::uint16_t> m_closed;
};

} // namespace voelgoed::test
