#pragma once

#include "device/core/index/code_table.h"
#include "shared/bitmap/bitmap.h"
#include "shared/domain/ids.h"

#include <map>
#include <vector>

namespace voelgoed::index {

/// What of the list is kept in memory: which ordinals there are, which code leads where, which tickets are add-ons of
/// which. A cache of the replica, made anew at each start and beside each load. One thread.
class TicketIndex
{
public:
    void reserve(std::size_t tickets);

    /// Conflict when one of its codes leads to another ticket.
    base::Result<void> add(domain::Ordinal ordinal, const std::vector<domain::CodeHash> &codes,
                           std::optional<domain::Ordinal> addonOf);

    /// What a ticket is known by.
    struct Known
    {
        const std::vector<domain::CodeHash> &codes;
        std::optional<domain::Ordinal> addonOf;
    };
    /// The ticket is known by something else from now on. None of its codes may lead to another ticket.
    void change(domain::Ordinal ordinal, const Known &before, const Known &after);

    std::optional<domain::Ordinal> find(const domain::CodeHash &hash) const { return m_codes.find(hash); }
    bool isListed(domain::Ordinal ordinal) const { return m_listed.test(ordinal); }
    /// In ascending order.
    std::vector<domain::Ordinal> addonsOf(domain::Ordinal base) const;

    std::size_t codes() const { return m_codes.size(); }
    /// Memory that it holds, in bytes.
    std::size_t bytes() const;

private:
    CodeTable m_codes;
    bitmap::Bitmap m_listed;
    std::multimap<domain::Ordinal, domain::Ordinal> m_addons; ///< base -> add-on
};

} // namespace voelgoed::index
