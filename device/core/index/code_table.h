#pragma once

#include "shared/base/result.h"
#include "shared/domain/ids.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace voelgoed::index {

/// Which ticket a code's hash leads to: open addressing over a flat array, about 26 bytes a code. One thread.
class CodeTable
{
public:
    /// Room for this many codes without growing.
    void reserve(std::size_t codes);

    /// Conflict when the hash leads to another ticket already.
    base::Result<void> add(const domain::CodeHash &hash, domain::Ordinal ordinal);

    std::optional<domain::Ordinal> find(const domain::CodeHash &hash) const;

    std::size_t size() const { return m_entries.size(); }
    std::size_t bytes() const;

private:
    struct Entry
    {
        domain::CodeHash hash;
        std::uint32_t ordinal;
    };
    static_assert(sizeof(Entry) == 20);

    std::size_t slotOf(const domain::CodeHash &hash) const;
    void rehash(std::size_t slots);

    std::vector<Entry> m_entries;
    std::vector<std::uint32_t> m_slots; ///< 1 + position in m_entries; 0: free
};

} // namespace voelgoed::index
