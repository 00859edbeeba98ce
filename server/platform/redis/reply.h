#pragma once

#include "shared/base/result.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace voelgoed::redis {

/// What Redis answered (RESP2). An error reply is not in here: it is an Error of the call.
struct Reply
{
    struct Nil
    {
        friend bool operator==(const Nil &, const Nil &) = default;
    };
    std::variant<Nil, std::int64_t, std::string, std::vector<Reply>> value;

    bool isNil() const { return std::holds_alternative<Nil>(value); }
    /// Corrupt when the reply is of another kind. A text that is a number counts as one.
    base::Result<std::int64_t> integer() const;
    base::Result<std::string> text() const;
    const std::vector<Reply> *list() const { return std::get_if<std::vector<Reply>>(&value); }

    friend bool operator==(const Reply &, const Reply &) = default;
};

} // namespace voelgoed::redis
