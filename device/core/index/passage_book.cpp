#include "device/core/index/passage_book.h"

#include "shared/admission/history.h"

#include <algorithm>

namespace voelgoed::index {

using domain::Ordinal;

std::uint16_t PassageBook::numberOf(const std::string &name)
{
    if (const auto found = m_numbers.find(name); found != m_numbers.end())
        return found->second;
    base::ensure(m_names.size() < 65'535, "more devices, gates and checkpoints than an event has");
    const auto number = static_cast<std::uint16_t>(m_names.size());
    m_names.push_back(name);
    m_numbers.emplace(name, number);
    return number;
}

void PassageBook::add(const journal::Mark &mark)
{
    if (mark.ordinal.value >= m_first.size())
        m_first.resize(std::max<std::size_t>(mark.ordinal.value + 1, m_first.size() * 2));
    std::uint32_t &first = m_first[mark.ordinal.value];
    const Entry entry{.atMs = base::millisOf(mark.at),
                      .sequence = mark.row.sequence.value,
                      .ordinal = mark.ordinal.value,
                      .next = first,
                      .epoch = mark.row.epoch.value,
                      .checkpoint = numberOf(mark.checkpoint.text),
                      .gate = numberOf(mark.gate.text),
                      .device = numberOf(mark.row.device.text),
                      .count = mark.count,
                      .direction = static_cast<std::uint8_t>(mark.direction),
                      .overridden = static_cast<std::uint8_t>(mark.overridden)};
    ++m_size;
    if (!m_free.empty()) {
        first = m_free.back();
        m_free.pop_back();
        m_entries[first - 1] = entry;
        return;
    }
    m_entries.push_back(entry);
    first = static_cast<std::uint32_t>(m_entries.size());
}

void PassageBook::remove(const domain::RowKey &row, Ordinal ordinal)
{
    if (!hasAny(ordinal))
        return;
    for (std::uint32_t *link = &m_first[ordinal.value]; *link != 0; link = &m_entries[*link - 1].next) {
        const Entry &entry = m_entries[*link - 1];
        if (!isOf(entry, row))
            continue;
        m_free.push_back(*link);
        *link = entry.next;
        --m_size;
        return;
    }
}

bool PassageBook::isOf(const Entry &entry, const domain::RowKey &row) const
{
    return entry.sequence == row.sequence.value && entry.epoch == row.epoch.value &&
           m_names[entry.device] == row.device.text;
}

journal::Mark PassageBook::markOf(const Entry &entry) const
{
    return {.row = {{m_names[entry.device]}, {entry.epoch}, {entry.sequence}},
            .ordinal = {entry.ordinal},
            .checkpoint = {m_names[entry.checkpoint]},
            .gate = {m_names[entry.gate]},
            .direction = static_cast<domain::Direction>(entry.direction),
            .count = entry.count,
            .overridden = entry.overridden != 0,
            .at = base::instantFromMillis(entry.atMs)};
}

std::optional<journal::Mark> PassageBook::find(const domain::RowKey &row, Ordinal ordinal) const
{
    if (!hasAny(ordinal))
        return std::nullopt;
    for (std::uint32_t at = m_first[ordinal.value]; at != 0; at = m_entries[at - 1].next) {
        if (isOf(m_entries[at - 1], row))
            return markOf(m_entries[at - 1]);
    }
    return std::nullopt;
}

domain::Passage PassageBook::passageOf(const Entry &entry, std::deque<std::string> &nonces) const
{
    return {.at = base::instantFromMillis(entry.atMs),
            .device = m_names[entry.device],
            .sequence = {entry.sequence},
            .nonce = nonces.emplace_back(admission::nonceOf({entry.epoch}, {entry.sequence})),
            .gate = m_names[entry.gate],
            .direction = static_cast<domain::Direction>(entry.direction),
            .count = entry.count,
            .overridden = entry.overridden != 0};
}

template <class Wanted>
History PassageBook::collect(Ordinal ordinal, Wanted wanted) const
{
    History history;
    if (!hasAny(ordinal))
        return history;
    for (std::uint32_t at = m_first[ordinal.value]; at != 0; at = m_entries[at - 1].next) {
        if (wanted(m_names[m_entries[at - 1].checkpoint]))
            history.passages.push_back(passageOf(m_entries[at - 1], history.nonces));
    }
    std::sort(history.passages.begin(), history.passages.end(), domain::earlier);
    return history;
}

History PassageBook::historyOf(Ordinal ordinal, const domain::CheckpointId &checkpoint) const
{
    return collect(ordinal, [&](const std::string &name) { return checkpoint.empty() || name == checkpoint.text; });
}

History PassageBook::historyOf(Ordinal ordinal, const std::vector<domain::CheckpointId> &checkpoints) const
{
    return collect(ordinal, [&](const std::string &name) {
        return std::any_of(checkpoints.begin(), checkpoints.end(),
                           [&](const domain::CheckpointId &checkpoint) { return checkpoint.text == name; });
    });
}

void PassageBook::each(const std::function<void(const journal::Mark &)> &use) const
{
    for (const std::uint32_t first : m_first) {
        for (std::uint32_t at = first; at != 0; at = m_entries[at - 1].next)
            use(markOf(m_entries[at - 1]));
    }
}

} // namespace voelgoed::index
