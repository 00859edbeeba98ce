#pragma once

#include "shared/domain/ids.h"

#include <optional>
#include <string_view>
#include <unordered_map>

namespace voelgoed::ticketing::import {

/// All codes of a list, by what gates know them by.
class CodeBook
{
public:
    /// The guest who had the code first. Nobody: this one has it first, and is kept.
    std::optional<std::size_t> firstWith(const domain::CodeHash &hash, std::size_t guest);

private:
    struct Key
    {
        std::size_t operator()(const domain::CodeHash &hash) const;
    };

    std::unordered_map<domain::CodeHash, std::size_t, Key> m_first;
};

/// A code, and all of its row as written.
struct CodeInRow
{
    std::string_view code;
    std::string_view row;
};

/// What it means that two rows have one hash.
enum class Meeting {
    SameRow,   ///< the row says the same once more
    SameCode,  ///< two rows with one code
    HashClash, ///< two codes that gates cannot tell apart
};

Meeting meetingOf(const CodeInRow &first, const CodeInRow &second);

} // namespace voelgoed::ticketing::import
