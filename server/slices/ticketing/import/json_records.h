#pragma once

#include "server/slices/ticketing/import/record.h"

#include "shared/base/json.h"

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace voelgoed::ticketing::import {

/// Objects as the rows of a table: Ticket Tailor's issued tickets, and lists of their shape.
struct JsonTable
{
    std::vector<std::string> headers; ///< fields in order of appearance, then the questions of custom_questions
    /// Of each object the fields that it has, with their columns: what the others have takes no room in it.
    std::vector<std::vector<std::pair<std::size_t, std::string>>> rows;
    std::vector<std::string> raw; ///< each object, as one line of JSON
};

/// An array of objects, or an object whose field "data" is one (as Ticket Tailor's API answers). Texts, numbers, true
/// and false are cells, null is an empty one; lists and objects are left out, but for custom_questions: [{"question",
/// "answer"}]. Invalid: no such text, more than a thousand columns or a million objects, or more than parseJson()
/// takes.
base::Result<JsonTable> jsonTable(std::string_view text);

/// The header, and the objects counted from 1 where files have lines; what an object does not have is empty. The table
/// must outlive it.
class JsonRecords final : public Records
{
public:
    explicit JsonRecords(const JsonTable &table) : m_table(table) {}

    JsonRecords(const JsonRecords &) = delete;
    JsonRecords &operator=(const JsonRecords &) = delete;

    base::Result<std::optional<Record>> next() override;

private:
    const JsonTable &m_table;
    std::size_t m_next = 0; ///< 0: the header
    std::vector<Field> m_fields;
};

} // namespace voelgoed::ticketing::import
