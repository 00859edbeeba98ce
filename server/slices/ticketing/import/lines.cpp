#include "server/slices/ticketing/import/lines.h"

#include <algorithm>
#include <iterator>

namespace voelgoed::ticketing::import {

void Lines::add(std::size_t line)
{
    // Lines come in their order, but for a row that is judged by a later one.
    auto next = m_ranges.end();
    if (!m_ranges.empty() && line <= m_ranges.back().second)
        next = std::lower_bound(m_ranges.begin(), m_ranges.end(), line,
                                [](const auto &range, std::size_t wanted) { return range.second < wanted; });
    if (next != m_ranges.end() && next->first <= line)
        return;
    const bool endsBefore = next != m_ranges.begin() && std::prev(next)->second + 1 == line;
    const bool beginsBehind = next != m_ranges.end() && next->first == line + 1;
    if (endsBefore && beginsBehind) {
        std::prev(next)->second = next->second;
        m_ranges.erase(next);
    } else if (endsBefore) {
        std::prev(next)->second = line;
    } else if (beginsBehind) {
        next->first = line;
    } else {
        m_ranges.insert(next, {line, line});
    }
}

void Lines::add(const Lines &others)
{
    // Both are sorted: one by one the ranges would move all those behind them each time.
    std::vector<std::pair<std::size_t, std::size_t>> both;
    both.reserve(m_ranges.size() + others.m_ranges.size());
    std::merge(m_ranges.begin(), m_ranges.end(), others.m_ranges.begin(), others.m_ranges.end(),
               std::back_inserter(both));
    m_ranges.clear();
    for (const auto &[first, last] : both) {
        if (!m_ranges.empty() && first <= m_ranges.back().second + 1)
            m_ranges.back().second = std::max(m_ranges.back().second, last);
        else
            m_ranges.emplace_back(first, last);
    }
}

std::size_t Lines::size() const
{
    std::size_t sum = 0;
    for (const auto &[first, last] : m_ranges)
        sum += last - first + 1;
    return sum;
}

std::string Lines::text() const
{
    std::string text;
    for (const auto &[first, last] : m_ranges) {
        text += (text.empty() ? "" : ", ") + std::to_string(first);
        if (last != first)
            text += "-" + std::to_string(last);
    }
    return text;
}

} // namespace voelgoed::ticketing::import
