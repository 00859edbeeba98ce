#include "server/slices/ticketing/import/code_book.h"

#include <cstring>

namespace voelgoed::ticketing::import {

std::size_t CodeBook::Key::operator()(const domain::CodeHash &hash) const
{
    std::size_t key = 0;
    std::memcpy(&key, hash.data(), sizeof key);
    return key;
}

std::optional<Meeting> CodeBook::meet(const SeenCode &seen)
{
    const auto [place, fresh] = m_seen.emplace(seen.hash, seen);
    if (fresh)
        return std::nullopt;
    const SeenCode &first = place->second;
    if (first.code != seen.code)
        return Meeting{.kind = Meeting::Kind::HashClash, .index = first.index};
    const auto kind = first.row == seen.row ? Meeting::Kind::SameRow : Meeting::Kind::SameCode;
    return Meeting{.kind = kind, .index = first.index};
}

} // namespace voelgoed::ticketing::import
