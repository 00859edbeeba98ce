#pragma once

#include "shared/base/result.h"
#include "shared/domain/ids.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace voelgoed::index {

/// Which ticket a code's hash leads to: open addressing over one flat array of 20 bytes a place, five of eight places
/// in use at most: 32 bytes a code, and a lookup mostly stays within one line of the cache. One thread.
class CodeTable
{
public:
    /// Room for this many codes without growing.
    void reserve(std::size_t codes);

    /// Conflict when the hash leads to another ticket already.
    base::Result<void> add(const domain::CodeHash &hash, domain::Ordinal ordinal);

    /// Forgets a code, if it leads to this ticket.
    void remove(const domain::CodeHash &hash, domain::Ordinal ordinal);

    std::optional<domain::Ordinal> find(const domain::CodeHash &hash) const;

    std::size_t size() const { return m_size; }
    std::size_t bytes() const { return m_places.capacity() * sizeof(Place); }

private:
    struct Place
    {
        domain::CodeHash hash{};
        std::uint32_t ordinal = 0; ///< 0: free
    };
    static_assert(sizeof(Place) == 20);

    /// Where this hash would be if no other one were in its way.
    std::size_t homeOf(const domain::CodeHash &hash) const;
    /// The place of this hash, or the free one where it would go.
    std::size_t placeOf(const domain::CodeHash &hash) const;
    void rehash(std::size_t places);

    std::vector<Place> m_places;
    std::size_t m_size = 0;
};

} // namespace voelgoed::index
