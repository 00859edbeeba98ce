#pragma once

#include "shared/base/instant.h"
#include "shared/base/uuid.h"

#include <cstddef>
#include <string>
#include <vector>

namespace voelgoed::actions {

inline constexpr std::size_t kTextMax = 4096; ///< bytes, of a text that says nothing else
inline constexpr std::size_t kListMax = 1000; ///< items, of a list that says nothing else

/// A text of at most so many bytes.
template <std::size_t Max>
struct Text
{
    std::string value;

    operator const std::string &() const { return value; }
    friend bool operator==(const Text &, const Text &) = default;
};

/// Why somebody does something, for the trail: says something.
struct Reason
{
    static constexpr std::size_t kMax = 500;
    std::string value;

    operator const std::string &() const { return value; }
    friend bool operator==(const Reason &, const Reason &) = default;
};

template <class T, std::size_t Max>
struct List
{
    std::vector<T> values;

    friend bool operator==(const List &, const List &) = default;
};

/// A field that has this value when it is absent.
template <class T, auto Value>
struct Defaulted
{
    T value = T(Value);

    operator const T &() const { return value; }
    friend bool operator==(const Defaulted &, const Defaulted &) = default;
};

/// An answer without contents.
struct Nothing
{
    friend bool operator==(const Nothing &, const Nothing &) = default;
};

} // namespace voelgoed::actions
