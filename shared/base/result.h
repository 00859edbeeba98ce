#pragma once

#include "shared/base/ensure.h"
#include "shared/base/error.h"

#include <optional>
#include <utility>
#include <variant>

namespace voelgoed::base {

/// Either a value or an Error. The usual shape of a caller:
///
///     auto page = store.read(cursor);
///     if (!page)
///         return page.error();
///     use(*page);
///
/// Asking for the side that is not there is a bug, and ends the program.
template <class T>
class [[nodiscard]] Result
{
public:
    using Value = T;

    Result(T value) : m_side(std::in_place_index<0>, std::move(value)) {}
    Result(Error error) : m_side(std::in_place_index<1>, std::move(error)) {}

    explicit operator bool() const { return m_side.index() == 0; }

    T &operator*() &
    {
        ensure(m_side.index() == 0, "value of a failed result");
        return *std::get_if<0>(&m_side);
    }
    const T &operator*() const &
    {
        ensure(m_side.index() == 0, "value of a failed result");
        return *std::get_if<0>(&m_side);
    }
    T &&operator*() && { return std::move(**this); }
    T *operator->() { return &**this; }
    const T *operator->() const { return &**this; }

    const Error &error() const
    {
        ensure(m_side.index() == 1, "error of a successful result");
        return *std::get_if<1>(&m_side);
    }

    T valueOr(T fallback) const & { return *this ? **this : std::move(fallback); }

private:
    std::variant<T, Error> m_side;
};

/// Success without a value, or an Error.
template <>
class [[nodiscard]] Result<void>
{
public:
    using Value = void;

    Result() = default;
    Result(Error error) : m_error(std::move(error)) {}

    explicit operator bool() const { return !m_error; }

    const Error &error() const
    {
        ensure(m_error.has_value(), "error of a successful result");
        return *m_error;
    }

private:
    std::optional<Error> m_error;
};

} // namespace voelgoed::base
