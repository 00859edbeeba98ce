#pragma once

#include "device/core/sync/exchanger.h"
#include "device/gate/open_gate.h"
#include "device/gate/pair.h"

#include <chrono>
#include <memory>
#include <optional>

namespace voelgoed::gate {

/// A paired gate's exchange with its server, with everything that it needs.
class Exchange
{
public:
    struct Options
    {
        std::string version;
        MakeTransport makeTransport = client::makeCurlTransport;
    };

    /// Nothing when the folder's device is not paired.
    static base::Result<std::unique_ptr<Exchange>> open(const DataFolder &folder, OpenGate &gate,
                                                        const Machine &machine, const Options &options);

    sync::Exchanger &exchanger() { return *m_exchanger; }
    const profile::Enrolment &enrolment() const { return m_exchanger->enrolment(); }

    enum class Woken { Done, Stopped, TimedOut };
    /// Exchanges and does nothing else until `done` says so, `wake` becomes readable, or the time is over.
    template <class Done, class Each>
    Woken work(const Done &done, const Each &each, int wake, std::optional<base::Milliseconds> within)
    {
        const auto until = within ? deadlineIn(*within) : std::nullopt;
        for (;;) {
            m_exchanger->turn();
            each();
            if (done())
                return Woken::Done;
            if (until && isOver(*until))
                return Woken::TimedOut;
            if (isWoken(wake, until))
                return Woken::Stopped;
        }
    }

private:
    using Deadline = std::chrono::steady_clock::time_point;

    Exchange() = default;
    static std::optional<Deadline> deadlineIn(base::Milliseconds time);
    static bool isOver(Deadline deadline);
    /// Waits for the network, the next turn or `wake`; whether that woke it.
    bool isWoken(int wake, const std::optional<Deadline> &deadline);

    std::unique_ptr<client::Transport> m_transport;
    std::unique_ptr<sync::Exchanger> m_exchanger;
};

} // namespace voelgoed::gate
