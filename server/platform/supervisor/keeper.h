#pragma once

#include "server/platform/async/event.h"
#include "server/platform/supervisor/child.h"

#include <deque>
#include <functional>
#include <memory>
#include <vector>

namespace voelgoed::supervisor {

/// What a keeper keeps: how it is begun, and when it answers.
class Service
{
public:
    virtual ~Service() = default;

    /// Puts everything into order, whatever a crash left, and starts the program. Called for each start.
    virtual async::Task<base::Result<Child>> begin() = 0;
    /// Asked every few milliseconds until it is.
    virtual async::Task<bool> isReady(const Child &child) = 0;
    /// What it said last, for the error that says why it did not start.
    virtual std::string lastWords() const = 0;
};

enum class Health {
    Stopped,
    Starting, ///< also again, behind a crash
    Up,
    GivenUp ///< it ended too often: for the caller to decide
};

struct Notice
{
    Health health = Health::Stopped;
    std::string text; ///< for the log
};

struct KeeperOptions
{
    std::string name;
    base::Milliseconds startMax{60'000};
    /// Before it is started again: doubled with each time that it ended within the window.
    base::Milliseconds backoffFirst{50};
    base::Milliseconds backoffMax{5'000};
    /// It may end so often within the window before it is given up.
    std::size_t restartsMax = 10;
    base::Milliseconds window{300'000};
    /// How it is stopped: one signal after the other, each with the time it is given. The last is followed by a kill.
    struct Step
    {
        int signal;
        base::Milliseconds atMost;
    };
    std::vector<Step> stops;
    std::function<void(const Notice &)> report; ///< of each change; may be empty
};

/// Keeps one child of the server alive: starts it, waits until it answers, starts it again when it ends, stops it in
/// order. The server's thread, which is to live as long as the child does.
class Keeper
{
public:
    Keeper(const async::Executor &executor, std::unique_ptr<Service> service, KeeperOptions options);
    /// Stops it the hard way if it still runs; call stop() before.
    ~Keeper();

    Keeper(const Keeper &) = delete;
    Keeper &operator=(const Keeper &) = delete;

    /// Returns when it answers, or with the reason why it does not: then it is stopped, and may be started again.
    async::Task<base::Result<void>> start();
    /// Returns when it has ended. Nothing happens when it does not run.
    async::Task<void> stop();

    Health health() const;
    /// Of the running child; -1 without one.
    pid_t pid() const;

private:
    struct State;
    std::shared_ptr<State> m_state;
};

/// Waits until the child has ended.
async::Task<void> whenEnded(const Child &child);

} // namespace voelgoed::supervisor
