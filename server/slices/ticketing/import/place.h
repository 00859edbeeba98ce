#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace voelgoed::ticketing::import {

/// Where something stands in a file. Lines are counted as an editor counts them (LF, CRLF and a lone CR each end one),
/// columns are those of the table; both from 1, 0 where there is none.
struct Place
{
    std::size_t line = 0;
    std::size_t column = 0;

    friend bool operator==(const Place &, const Place &) = default;
};

/// "line 3, column 2".
std::string textOf(const Place &place);

/// Line ends in the text, each kind counted once.
std::size_t lineEndsIn(std::string_view text);

/// 12,345: how the messages write a number.
std::string grouped(std::size_t number);

} // namespace voelgoed::ticketing::import
