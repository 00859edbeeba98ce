#pragma once

#include "server/platform/async/event.h"
#include "shared/base/clock.h"
#include "shared/base/random.h"

#include <algorithm>
#include <functional>
#include <list>
#include <memory>
#include <unordered_map>

/// The hot tier: what was read lately, as immutable values in the process. A hint, never a grant: what is admitted,
/// sold or charged is decided below it.
namespace voelgoed::tiers {

/// How a look-up ended. Joined: with the answer that somebody else was already waiting for.
enum class CacheResult { Hit, Miss, Joined, Stale, Failed };
using CacheObserver = std::function<void(CacheResult)>;

struct CacheOptions
{
    std::size_t capacity = 10'000;
    base::Milliseconds fresh{30'000};  ///< served without asking; ±10 %, so that values do not lapse together
    base::Milliseconds staleMax{0};    ///< served this much longer while the source is away
    base::Milliseconds missing{5'000}; ///< how long "there is none" is believed
    bool refreshAhead = false;         ///< asks anew at 80 % of `fresh`, and serves the old value meanwhile
};

struct CacheFigures
{
    std::uint64_t hits = 0, misses = 0, stale = 0, failures = 0, joined = 0;
    std::size_t size = 0;
};

/// One load a key at a time: who asks meanwhile waits for it and gets the same answer. A value that was invalidated
/// while it was being loaded is handed out to those who asked before, and not kept: who asks afterwards loads anew. The
/// server's thread; must outlive its loads. Values are handed out as shared and never change.
template <class Key, class Value, class Hash = std::hash<Key>>
class Cached
{
public:
    using Shared = std::shared_ptr<const Value>; ///< null: there is none
    using Load = std::function<async::Task<base::Result<Shared>>(Key)>;

    struct Parts
    {
        async::Executor executor;
        base::Clock &clock;
        base::Random &random;
        CacheObserver observe{}; ///< each look-up, for metrics; may be empty
    };
    Cached(Parts parts, CacheOptions options, Load load)
        : m_parts(std::move(parts)), m_options(options), m_load(std::move(load))
    {}

    Cached(const Cached &) = delete;
    Cached &operator=(const Cached &) = delete;

    async::Task<base::Result<Shared>> get(Key key)
    {
        if (const Entry *entry = freshAt(key))
            co_return entry->value;
        const auto got = m_loading.contains(key) ? CacheResult::Joined : CacheResult::Miss;
        auto loaded = co_await loadOnce(key);
        if (const Entry *old = settle(key, loaded, got))
            co_return old->value;
        co_return loaded;
    }

    struct Aged
    {
        Shared value;
        base::Milliseconds staleBy{}; ///< how long ago it should have been asked for anew; zero while it is fresh
    };
    /// The same, for who says how old an answer is.
    async::Task<base::Result<Aged>> getAged(Key key)
    {
        if (const Entry *entry = freshAt(key))
            co_return Aged{entry->value};
        const auto got = m_loading.contains(key) ? CacheResult::Joined : CacheResult::Miss;
        auto loaded = co_await loadOnce(key);
        if (const Entry *old = settle(key, loaded, got)) {
            const auto by = m_parts.clock.now().sinceBoot - old->freshUntil;
            co_return Aged{old->value, std::max(by, base::Milliseconds(1))};
        }
        if (!loaded)
            co_return loaded.error();
        co_return Aged{*std::move(loaded)};
    }

    /// What is there, however old, without a load.
    Shared peek(const Key &key) const
    {
        const auto found = m_entries.find(key);
        return found == m_entries.end() ? nullptr : found->second.value;
    }

    void put(const Key &key, Shared value) { keep(key, std::move(value)); }

    void invalidate(const Key &key)
    {
        ++m_generation;
        m_loading.erase(key); // what runs knows where its own callers wait
        if (const auto found = m_entries.find(key); found != m_entries.end())
            erase(found);
    }

    void invalidateIf(const std::function<bool(const Key &, const Value &)> &which)
    {
        ++m_generation;
        m_loading.clear();
        for (auto it = m_entries.begin(); it != m_entries.end();) {
            const auto next = std::next(it);
            if (it->second.value && which(it->first, *it->second.value))
                erase(it);
            it = next;
        }
    }

    void clear()
    {
        ++m_generation;
        m_loading.clear();
        m_entries.clear();
        m_order.clear();
    }

    CacheFigures figures() const
    {
        CacheFigures figures = m_figures;
        figures.size = m_entries.size();
        return figures;
    }

private:
    struct Entry
    {
        Shared value;
        base::Milliseconds freshUntil{}, refreshAt{};
        typename std::list<Key>::iterator place; ///< in m_order, latest first
    };
    struct Loading
    {
        explicit Loading(const async::Executor &executor) : done(executor) {}
        async::Event done;
        std::optional<base::Result<Shared>> result;
    };
    using Entries = std::unordered_map<Key, Entry, Hash>;

    /// What may be served without asking; nothing when there is none.
    const Entry *freshAt(const Key &key)
    {
        const auto now = m_parts.clock.now().sinceBoot;
        const auto found = m_entries.find(key);
        if (found == m_entries.end() || now >= found->second.freshUntil)
            return nullptr;
        ++m_figures.hits;
        tell(CacheResult::Hit);
        touch(found->second);
        if (m_options.refreshAhead && now >= found->second.refreshAt && !m_loading.contains(key)) {
            found->second.refreshAt = found->second.freshUntil;
            async::start(m_parts.executor, "refresh", refresh(key));
        }
        return &found->second;
    }

    /// Counts how a load ended: as `got` where it went well. Gives what is served in its place where it failed and
    /// there is something that still may be served.
    const Entry *settle(const Key &key, const base::Result<Shared> &loaded, CacheResult got)
    {
        if (loaded) {
            tell(got);
            return nullptr;
        }
        const auto old = m_entries.find(key);
        const bool serves =
            old != m_entries.end() && m_parts.clock.now().sinceBoot < old->second.freshUntil + m_options.staleMax;
        if (serves)
            ++m_figures.stale;
        tell(serves ? CacheResult::Stale : CacheResult::Failed);
        return serves ? &old->second : nullptr;
    }

    async::Task<base::Result<Shared>> loadOnce(Key key)
    {
        if (const auto running = m_loading.find(key); running != m_loading.end()) {
            ++m_figures.joined;
            const auto loading = running->second;
            co_await loading->done.wait();
            co_return *loading->result;
        }
        ++m_figures.misses;
        const auto loading = std::make_shared<Loading>(m_parts.executor);
        m_loading.emplace(key, loading);
        const auto generation = m_generation;
        loading->result = co_await m_load(key);
        if (const auto own = m_loading.find(key); own != m_loading.end() && own->second == loading)
            m_loading.erase(own);
        if (!*loading->result)
            ++m_figures.failures;
        else if (generation == m_generation)
            keep(key, **loading->result);
        loading->done.notify();
        co_return *loading->result;
    }

    void tell(CacheResult result) const
    {
        if (m_parts.observe)
            m_parts.observe(result);
    }

    async::Task<void> refresh(Key key) { static_cast<void>(co_await loadOnce(std::move(key))); }

    void keep(const Key &key, Shared value)
    {
        if (const auto found = m_entries.find(key); found != m_entries.end())
            erase(found);
        m_order.push_front(key);
        const auto now = m_parts.clock.now().sinceBoot;
        const auto life = value ? jittered(m_options.fresh) : m_options.missing;
        m_entries.emplace(key, Entry{std::move(value), now + life, now + life * 8 / 10, m_order.begin()});
        while (m_entries.size() > m_options.capacity)
            erase(m_entries.find(m_order.back()));
    }

    base::Milliseconds jittered(base::Milliseconds life)
    {
        const auto tenth = life.count() / 10;
        return tenth == 0 ? life
                          : base::Milliseconds(life.count() - tenth +
                                               static_cast<std::int64_t>(m_parts.random.below(2 * tenth + 1)));
    }

    void touch(Entry &entry) { m_order.splice(m_order.begin(), m_order, entry.place); }

    void erase(typename Entries::iterator entry)
    {
        m_order.erase(entry->second.place);
        m_entries.erase(entry);
    }

    Parts m_parts;
    CacheOptions m_options;
    Load m_load;
    Entries m_entries;
    std::list<Key> m_order;
    std::unordered_map<Key, std::shared_ptr<Loading>, Hash> m_loading;
    std::uint64_t m_generation = 0;
    CacheFigures m_figures;
};

} // namespace voelgoed::tiers
