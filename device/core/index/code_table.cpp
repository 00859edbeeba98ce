#include "device/core/index/code_table.h"

#include <cstring>

namespace voelgoed::index {

namespace {

// Four slots for three codes: short probes, and 5.3 bytes a code beside the 20 of its entry.
constexpr std::size_t slotsFor(std::size_t codes)
{
    return codes + codes / 3 + 16;
}

} // namespace

std::size_t CodeTable::slotOf(const domain::CodeHash &hash) const
{
    // The hash is a SHA-256's: any eight bytes of it are evenly spread. Scaled to the table by a multiplication.
    std::uint64_t number = 0;
    std::memcpy(&number, hash.data(), sizeof number);
    return static_cast<std::size_t>(static_cast<unsigned __int128>(number) * m_slots.size() >> 64);
}

void CodeTable::rehash(std::size_t slots)
{
    m_slots.assign(slots, 0);
    for (std::size_t i = 0; i < m_entries.size(); ++i) {
        std::size_t slot = slotOf(m_entries[i].hash);
        while (m_slots[slot] != 0)
            slot = slot + 1 == m_slots.size() ? 0 : slot + 1;
        m_slots[slot] = static_cast<std::uint32_t>(i + 1);
    }
}

void CodeTable::reserve(std::size_t codes)
{
    m_entries.reserve(codes);
    if (slotsFor(codes) > m_slots.size())
        rehash(slotsFor(codes));
}

base::Result<void> CodeTable::add(const domain::CodeHash &hash, domain::Ordinal ordinal)
{
    if (slotsFor(m_entries.size() + 1) > m_slots.size())
        rehash(slotsFor((m_entries.size() + 1) * 2));
    std::size_t slot = slotOf(hash);
    for (; m_slots[slot] != 0; slot = slot + 1 == m_slots.size() ? 0 : slot + 1) {
        const Entry &there = m_entries[m_slots[slot] - 1];
        if (there.hash != hash)
            continue;
        if (there.ordinal == ordinal.value)
            return {};
        return base::Error{base::ErrorCode::Conflict,
                           "one code leads to tickets " + std::to_string(there.ordinal) + " and " +
                               std::to_string(ordinal.value),
                           "Two tickets of the list have the same code. Correct the list and load it again."};
    }
    m_entries.push_back({hash, ordinal.value});
    m_slots[slot] = static_cast<std::uint32_t>(m_entries.size());
    return {};
}

std::optional<domain::Ordinal> CodeTable::find(const domain::CodeHash &hash) const
{
    if (m_slots.empty())
        return std::nullopt;
    for (std::size_t slot = slotOf(hash); m_slots[slot] != 0; slot = slot + 1 == m_slots.size() ? 0 : slot + 1) {
        const Entry &there = m_entries[m_slots[slot] - 1];
        if (there.hash == hash)
            return domain::Ordinal{there.ordinal};
    }
    return std::nullopt;
}

std::size_t CodeTable::bytes() const
{
    return m_entries.capacity() * sizeof(Entry) + m_slots.capacity() * sizeof(std::uint32_t);
}

} // namespace voelgoed::index
