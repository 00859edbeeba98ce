#include "server/platform/jobs/registry.h"

#include "shared/base/ensure.h"

#include <algorithm>

namespace voelgoed::jobs {

using namespace std::chrono_literals;

base::Milliseconds usualBackoff(int attempt)
{
    constexpr base::Milliseconds kMost = 1h;
    constexpr int kDoublingsMax = 12; // 2^12 s is more than an hour already
    return std::min<base::Milliseconds>(kMost,
                                        15s + std::chrono::seconds(1LL << std::clamp(attempt, 0, kDoublingsMax)));
}

void Registry::addQueue(Queue queue)
{
    base::ensure(!findQueue(queue.name), "two queues of one name");
    base::ensure(queue.limit > 0 && queue.timeout > 0ms, "a queue that does nothing");
    m_queues.push_back(std::move(queue));
}

void Registry::add(Kind kind, Handler handler)
{
    put({.kind = std::move(kind), .timeout = {}, .handler = std::move(handler), .change = {}});
}

void Registry::addTransactional(Kind kind, Change change)
{
    put({.kind = std::move(kind), .timeout = {}, .handler = {}, .change = std::move(change)});
}

void Registry::put(Entry entry)
{
    const Queue *queue = findQueue(entry.kind.queue);
    base::ensure(!find(entry.kind.name), ("two kinds of jobs of one name: " + entry.kind.name).c_str());
    base::ensure(queue, ("a kind of jobs without its queue: " + entry.kind.name).c_str());
    base::ensure(entry.kind.maxAttempts > 0, "a job that is never tried");
    entry.timeout = entry.kind.timeout > 0ms ? entry.kind.timeout : queue->timeout;
    m_kinds.push_back(std::move(entry));
}

work::Job Registry::make(std::string_view kind, base::Json args) const
{
    const Entry *entry = find(kind);
    base::ensure(entry, ("no such kind of jobs: " + std::string(kind)).c_str());
    work::Job job;
    job.queue = entry->kind.queue;
    job.kind = entry->kind.name;
    job.maxAttempts = entry->kind.maxAttempts;
    if (entry->kind.uniqueKey)
        job.uniqueKey = entry->kind.name + ":" + entry->kind.uniqueKey(args);
    job.args = std::move(args);
    return job;
}

const Registry::Entry *Registry::find(std::string_view kind) const
{
    const auto found =
        std::find_if(m_kinds.begin(), m_kinds.end(), [&](const Entry &entry) { return entry.kind.name == kind; });
    return found == m_kinds.end() ? nullptr : &*found;
}

const Queue *Registry::findQueue(std::string_view name) const
{
    const auto found =
        std::find_if(m_queues.begin(), m_queues.end(), [&](const Queue &queue) { return queue.name == name; });
    return found == m_queues.end() ? nullptr : &*found;
}

} // namespace voelgoed::jobs
