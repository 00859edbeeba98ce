#include "device/core/index/ticket_index.h"

#include <algorithm>

namespace voelgoed::index {

void TicketIndex::reserve(std::size_t tickets)
{
    m_codes.reserve(tickets);
}

base::Result<void> TicketIndex::add(domain::Ordinal ordinal, const std::vector<domain::CodeHash> &codes,
                                    std::optional<domain::Ordinal> addonOf)
{
    m_listed.set(ordinal);
    for (const domain::CodeHash &code : codes) {
        if (auto added = m_codes.add(code, ordinal); !added)
            return added;
    }
    if (addonOf)
        m_addons.emplace(*addonOf, ordinal);
    return {};
}

std::vector<domain::Ordinal> TicketIndex::addonsOf(domain::Ordinal base) const
{
    std::vector<domain::Ordinal> addons;
    const auto [from, to] = m_addons.equal_range(base);
    for (auto it = from; it != to; ++it)
        addons.push_back(it->second);
    std::sort(addons.begin(), addons.end());
    return addons;
}

std::size_t TicketIndex::bytes() const
{
    constexpr std::size_t kNode = 48; // a map's node with two ordinals, as libstdc++ allocates it
    return m_codes.bytes() + m_listed.bytes() + m_addons.size() * kNode;
}

} // namespace voelgoed::index
