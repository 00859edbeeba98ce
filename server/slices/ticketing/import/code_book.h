#pragma once

#include "shared/domain/ids.h"

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace voelgoed::ticketing::import {

/// A code that was seen, and where.
struct SeenCode
{
    std::size_t index = 0;
    domain::CodeHash hash{};
    std::string code;
    std::string_view row; ///< all of the row, as written; must outlive the book
};

/// Whether a code was seen before.
struct Meeting
{
    enum class Kind {
        SameRow,   ///< the row says the same once more
        SameCode,  ///< another row with the code
        HashClash, ///< another code that gates cannot tell from it
    };

    Kind kind = Kind::SameRow;
    std::size_t index = 0; ///< of the one that was first

    friend bool operator==(const Meeting &, const Meeting &) = default;
};

/// All codes of a list, by what gates know them by.
class CodeBook
{
public:
    /// Keeps the code if it is the first one.
    std::optional<Meeting> meet(const SeenCode &seen);

private:
    struct Key
    {
        std::size_t operator()(const domain::CodeHash &hash) const;
    };

    std::unordered_map<domain::CodeHash, SeenCode, Key> m_seen;
};

} // namespace voelgoed::ticketing::import
