#include "server/slices/ticketing/import/code_book.h"

#include <cstring>

namespace voelgoed::ticketing::import {

std::size_t CodeBook::Key::operator()(const domain::CodeHash &hash) const
{
    std::size_t key = 0;
    std::memcpy(&key, hash.data(), sizeof key);
    return key;
}

std::optional<std::size_t> CodeBook::firstWith(const domain::CodeHash &hash, std::size_t guest)
{
    const auto [place, fresh] = m_first.emplace(hash, guest);
    return fresh ? std::nullopt : std::optional(place->second);
}

Meeting meetingOf(const CodeInRow &first, const CodeInRow &second)
{
    if (first.code != second.code)
        return Meeting::HashClash;
    return first.row == second.row ? Meeting::SameRow : Meeting::SameCode;
}

} // namespace voelgoed::ticketing::import
