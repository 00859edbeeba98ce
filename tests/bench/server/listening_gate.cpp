#include "tests/bench/server/listening_gate.h"

#include "device/gate/exchange.h"
#include "device/hal/os/system_clock.h"
#include "shared/base/crypto/system_random.h"

#include <unistd.h>

namespace voelgoed::bench {

ListeningGate::ListeningGate(const PairedDevice &device)
{
    base::ensure(::pipe(m_wake) == 0, "a pipe");
    m_thread = std::thread([this, folder = device.folder] { work(folder); });
    std::unique_lock lock(m_mutex);
    const bool up = m_changed.wait_for(lock, std::chrono::minutes(1), [this] { return !m_known.empty(); });
    base::ensure(up, "a gate's list");
}

ListeningGate::~ListeningGate()
{
    m_stopping = true;
    const char byte = 0;
    (void)!::write(m_wake[1], &byte, 1);
    m_thread.join();
    ::close(m_wake[0]);
    ::close(m_wake[1]);
}

void ListeningGate::work(const std::string &path)
{
    hal::SystemClock clock;
    base::SystemRandom random;
    const gate::Machine machine{clock, random};
    const auto folder = gate::DataFolder::take(path, gate::DataFolder::Missing::Refuse);
    base::ensure(bool(folder), "a gate's folder");
    auto open = gate::openGate(*folder, {}, machine);
    base::ensure(bool(open), "a gate's engine");
    auto exchange = gate::Exchange::open(*folder, *open, machine, {.version = "bench"});
    base::ensure(exchange && *exchange, "a gate's exchange");
    const auto look = [&] {
        if (const scan::ListInForce *list = open->engine->list())
            note(list->head.cursor.sequence);
    };
    (void)(*exchange)->work([this] { return m_stopping.load(); }, look, m_wake[0], std::nullopt);
}

void ListeningGate::note(std::uint64_t sequence)
{
    const std::lock_guard lock(m_mutex);
    if (m_known.try_emplace(sequence, std::chrono::steady_clock::now()).second)
        m_changed.notify_all();
}

std::uint64_t ListeningGate::sequence()
{
    const std::lock_guard lock(m_mutex);
    return m_known.rbegin()->first;
}

std::optional<ListeningGate::Moment> ListeningGate::knownAt(std::uint64_t sequence)
{
    std::unique_lock lock(m_mutex);
    m_changed.wait_for(lock, std::chrono::seconds(10), [&] { return m_known.rbegin()->first >= sequence; });
    const auto found = m_known.lower_bound(sequence);
    return found == m_known.end() ? std::nullopt : std::optional(found->second);
}

} // namespace voelgoed::bench
