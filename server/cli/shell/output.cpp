#include "server/cli/shell/output.h"

#include "shared/base/text.h"

#include <algorithm>
#include <array>
#include <cstdio>

namespace voelgoed::cli {

namespace {

constexpr std::size_t kCellMax = 60;

/// Columns on a terminal, of what is written left to right in Latin letters: one for each character.
std::size_t widthOf(std::string_view text)
{
    return static_cast<std::size_t>(
        std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

const base::Json *fieldOf(const base::Json &row, std::string_view path)
{
    const base::Json *at = &row;
    while (!path.empty()) {
        const auto dot = path.find('.');
        const auto *object = at->if_object();
        at = object ? object->if_contains(path.substr(0, dot)) : nullptr;
        if (!at)
            return nullptr;
        path = dot == std::string_view::npos ? std::string_view() : path.substr(dot + 1);
    }
    return at;
}

std::string cell(const base::Json &row, const Column &column)
{
    const base::Json *value = fieldOf(row, column.field);
    return value ? plainText(*value) : "-";
}

void write(std::string &out, const base::Json &value, std::size_t depth)
{
    const std::string pad(2 * depth + 2, ' '), end(2 * depth, ' ');
    if (const auto *object = value.if_object(); object && !object->empty()) {
        const char *before = "{\n";
        for (const auto &field : *object) {
            out += before + pad + base::toText(boost::json::string(field.key())) + ": ";
            write(out, field.value(), depth + 1);
            before = ",\n";
        }
        out += "\n" + end + "}";
    } else if (const auto *array = value.if_array(); array && !array->empty()) {
        const char *before = "[\n";
        for (const auto &item : *array) {
            out += before + pad;
            write(out, item, depth + 1);
            before = ",\n";
        }
        out += "\n" + end + "]";
    } else {
        out += base::toText(value);
    }
}

} // namespace

std::string plainText(const base::Json &value)
{
    if (value.is_null())
        return "-";
    if (value.is_bool())
        return value.as_bool() ? "yes" : "no";
    if (value.is_string())
        return value.as_string().empty() ? "-" : base::printable(std::string(value.as_string()), kCellMax);
    if (const auto *list = value.if_array()) {
        std::string text;
        for (const auto &item : *list)
            text += (text.empty() ? "" : ", ") + plainText(item);
        return text.empty() ? "-" : base::printable(text, kCellMax);
    }
    return base::printable(base::toText(value), kCellMax);
}

std::string table(const boost::json::array &rows, const std::vector<Column> &columns)
{
    std::vector<std::size_t> widths;
    std::vector<bool> numbers;
    for (const Column &column : columns) {
        std::size_t width = widthOf(column.head);
        bool isNumber = !rows.empty();
        for (const auto &row : rows) {
            width = std::max(width, widthOf(cell(row, column)));
            const base::Json *value = fieldOf(row, column.field);
            isNumber = isNumber && value && value->is_number();
        }
        widths.push_back(width);
        numbers.push_back(isNumber);
    }
    std::string out;
    const auto line = [&](auto textOf) {
        std::string text;
        for (std::size_t i = 0; i < columns.size(); ++i) {
            const std::string each = textOf(columns[i]);
            const std::string pad(widths[i] - std::min(widths[i], widthOf(each)), ' ');
            text += (i == 0 ? "" : "  ") + (numbers[i] ? pad + each : each + pad);
        }
        text.erase(text.find_last_not_of(' ') + 1);
        out += text + "\n";
    };
    line([](const Column &column) { return column.head; });
    for (const auto &row : rows)
        line([&](const Column &column) { return cell(row, column); });
    return out;
}

std::string card(const base::Json &row, const std::vector<Column> &columns)
{
    std::size_t width = 0;
    for (const Column &column : columns)
        width = std::max(width, widthOf(column.head));
    std::string out;
    for (const Column &column : columns)
        out += column.head + std::string(width - widthOf(column.head) + 2, ' ') + cell(row, column) + "\n";
    return out;
}

std::string indented(const base::Json &value)
{
    std::string out;
    write(out, value, 0);
    return out + "\n";
}

std::string sizeText(std::uint64_t bytes)
{
    static constexpr std::array kUnits{"B", "kB", "MB", "GB"};
    auto amount = static_cast<double>(bytes);
    std::size_t unit = 0;
    for (; amount >= 1000 && unit + 1 < kUnits.size(); ++unit)
        amount /= 1000;
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), unit == 0 ? "%.0f %s" : "%.1f %s", amount, kUnits[unit]);
    return text.data();
}

} // namespace voelgoed::cli
