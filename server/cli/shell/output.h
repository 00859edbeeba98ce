#pragma once

#include "shared/base/json.h"

#include <string>
#include <string_view>
#include <vector>

namespace voelgoed::cli {

/// A column of a table: its head, and which field of each row it shows ("event", "recognised.kind").
struct Column
{
    std::string head, field;
};

/// Rows under heads, as wide as they need to be, every text printable. Numbers stand to the right.
std::string table(const boost::json::array &rows, const std::vector<Column> &columns);

/// A row's fields under each other.
std::string card(const base::Json &row, const std::vector<Column> &columns);

/// A value as people read it: yes and no, a dash for what is not there, lists with commas.
std::string plainText(const base::Json &value);

/// JSON for people: a field a line.
std::string indented(const base::Json &value);

/// "3.4 MB".
std::string sizeText(std::uint64_t bytes);

} // namespace voelgoed::cli
