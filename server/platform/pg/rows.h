#pragma once

#include "server/platform/pg/values.h"

#include <memory>

namespace voelgoed::pg {

/// What a statement answered: rows in binary format, and how many rows it touched. A value that can be moved; cells
/// borrow from it. Asking for a column or type that the statement does not have is a bug, and ends the program with the
/// column's name.
class Rows
{
public:
    /// Owns a libpq result.
    explicit Rows(std::shared_ptr<void> result);
    Rows() = default;

    std::size_t size() const { return m_rows; }
    bool empty() const { return m_rows == 0; }
    /// Of INSERT, UPDATE, DELETE: rows written.
    std::size_t touched() const { return m_touched; }

    bool isNull(std::size_t row, std::size_t column) const;

    /// T is one of the C++ types of Params (std::string or std::string_view for text, base::Bytes or ByteView for
    /// bytea), std::optional of one where null is possible, std::vector of one (or of std::optional) for an array. Text
    /// is also what char, name, json and the types of the database's own (enums, citext) are read as; int64_t is also
    /// for xid8. Moments are cut to milliseconds; infinity is the last that an Instant can be, -infinity the first.
    template <class T>
    T get(std::size_t row, std::size_t column) const;

    /// One row, as most readers want it.
    class Row
    {
    public:
        Row(const Rows &rows, std::size_t row) : m_rows(rows), m_row(row) {}

        template <class T>
        T get(std::size_t column) const
        {
            return m_rows.get<T>(m_row, column);
        }
        bool isNull(std::size_t column) const { return m_rows.isNull(m_row, column); }

    private:
        const Rows &m_rows;
        std::size_t m_row;
    };
    Row operator[](std::size_t row) const { return {*this, row}; }
    Row front() const { return {*this, 0}; }

    /// for (const auto row : rows)
    class Iterator
    {
    public:
        Iterator(const Rows &rows, std::size_t row) : m_rows(&rows), m_row(row) {}
        Row operator*() const { return {*m_rows, m_row}; }
        Iterator &operator++()
        {
            ++m_row;
            return *this;
        }
        friend bool operator==(const Iterator &, const Iterator &) = default;

    private:
        const Rows *m_rows;
        std::size_t m_row;
    };
    Iterator begin() const { return {*this, 0}; }
    Iterator end() const { return {*this, m_rows}; }

private:
    std::shared_ptr<void> m_result;
    std::size_t m_rows = 0;
    std::size_t m_touched = 0;
};

} // namespace voelgoed::pg
