#pragma once

#include "tests/bench/server/stage.h"

#include <atomic>
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>

namespace voelgoed::bench {

/// A gate's core at work in this process, as the program runs it, so that the moment can be told at which it knows of
/// something: its exchange listens, and applies what comes. Stands in a thread of its own.
class ListeningGate
{
public:
    using Moment = std::chrono::steady_clock::time_point;

    /// Returns once it has its list and has heard of the feed's head.
    explicit ListeningGate(const PairedDevice &device);
    ~ListeningGate();
    ListeningGate(const ListeningGate &) = delete;
    ListeningGate &operator=(const ListeningGate &) = delete;

    /// The number of the last change that it knows.
    std::uint64_t sequence();
    /// When it knew of that change, or of a later one; nothing when it does not within ten seconds.
    std::optional<Moment> knownAt(std::uint64_t sequence);

private:
    void work(const std::string &folder);
    void note(std::uint64_t sequence);

    std::atomic<bool> m_stopping = false;
    int m_wake[2] = {-1, -1};
    std::mutex m_mutex;
    std::condition_variable m_changed;
    std::map<std::uint64_t, Moment> m_known;
    std::thread m_thread; ///< last: it uses the others
};

} // namespace voelgoed::bench
