#pragma once

#include "device/core/journal/journal.h"
#include "shared/domain/scan.h"

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <vector>

namespace voelgoed::index {

/// A ticket's passages, made ready to decide on. The views in `passages` borrow from the book and from `nonces`: it can
/// be moved, and not copied.
struct History
{
    History() = default;
    History(History &&) = default;
    History &operator=(History &&) = default;
    History(const History &) = delete;
    History &operator=(const History &) = delete;

    std::vector<domain::Passage> passages; ///< in the total order
    std::deque<std::string> nonces;
};

/// Every admitted passage by ticket, in memory: about 40 bytes a passage and 4 bytes a ticket. One thread.
class PassageBook
{
public:
    void add(const journal::Mark &mark);
    /// Takes a passage out again; nothing happens if it is not there.
    void remove(const domain::RowKey &row, domain::Ordinal ordinal);

    /// The passage that this row made; without its rotating step, which is not kept here.
    std::optional<journal::Mark> find(const domain::RowKey &row, domain::Ordinal ordinal) const;

    /// The ticket's passages at one checkpoint; with an empty checkpoint, at all of them.
    History historyOf(domain::Ordinal ordinal, const domain::CheckpointId &checkpoint) const;
    /// The ticket's passages at any of these checkpoints.
    History historyOf(domain::Ordinal ordinal, const std::vector<domain::CheckpointId> &checkpoints) const;

    bool hasAny(domain::Ordinal ordinal) const { return ordinal.value < m_first.size() && m_first[ordinal.value] != 0; }
    std::size_t size() const { return m_size; }

    /// Each passage, in no particular order.
    void each(const std::function<void(const journal::Mark &)> &use) const;

private:
    /// Positions count from 1, 0 is none.
    struct Entry
    {
        std::int64_t atMs;
        std::uint64_t sequence;
        std::uint32_t ordinal;
        std::uint32_t next;
        std::uint32_t epoch;
        std::uint16_t checkpoint;
        std::uint16_t gate;
        std::uint16_t device;
        std::uint16_t count;
        std::uint8_t direction;
        std::uint8_t overridden;
    };

    std::uint16_t numberOf(const std::string &name);
    bool isOf(const Entry &entry, const domain::RowKey &row) const;
    journal::Mark markOf(const Entry &entry) const;
    domain::Passage passageOf(const Entry &entry, std::deque<std::string> &nonces) const;
    template <class Wanted>
    History collect(domain::Ordinal ordinal, Wanted wanted) const;

    std::vector<Entry> m_entries;
    std::vector<std::uint32_t> m_first; ///< by ordinal: the ticket's newest entry
    std::vector<std::uint32_t> m_free;  ///< entries that were taken out
    std::deque<std::string> m_names;    ///< of devices, gates and checkpoints; stable addresses
    std::map<std::string, std::uint16_t, std::less<>> m_numbers;
    std::size_t m_size = 0;
};

} // namespace voelgoed::index
