#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace voelgoed::ticketing::import {

/// Numbers of lines in a file, each once: neighbours take no room of their own.
class Lines
{
public:
    void add(std::size_t line);
    void add(const Lines &others);
    /// How many different ones.
    std::size_t size() const;
    std::size_t first() const { return m_ranges.empty() ? 0 : m_ranges.front().first; }
    /// "7, 9-120, 400", in their order.
    std::string text() const;

    friend bool operator==(const Lines &, const Lines &) = default;

private:
    std::vector<std::pair<std::size_t, std::size_t>> m_ranges; ///< first and last; sorted, with gaps between them
};

} // namespace voelgoed::ticketing::import
