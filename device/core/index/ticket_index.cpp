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

void TicketIndex::change(domain::Ordinal ordinal, const Known &before, const Known &after)
{
    for (const domain::CodeHash &code : before.codes) {
        if (std::find(after.codes.begin(), after.codes.end(), code) == after.codes.end())
            m_codes.remove(code, ordinal);
    }
    if (before.addonOf && before.addonOf != after.addonOf) {
        const auto [from, to] = m_addons.equal_range(*before.addonOf);
        const auto found = std::find_if(from, to, [&](const auto &pair) { return pair.second == ordinal; });
        if (found != to)
            m_addons.erase(found);
    }
    const auto added = add(ordinal, after.codes, before.addonOf == after.addonOf ? std::nullopt : after.addonOf);
    base::ensure(static_cast<bool>(added), "a code that leads to another ticket");
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
