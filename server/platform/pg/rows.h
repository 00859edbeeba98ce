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
    /// bytea), std::optional of one where null is possible, std::vector of one for an array.
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

private:
    std::shared_ptr<void> m_result;
    std::size_t m_rows = 0;
    std::size_t m_touched = 0;
};

} // namespace voelgoed::pg
