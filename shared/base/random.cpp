#include "shared/base/random.h"

#include "shared/base/ensure.h"

#include <algorithm>
#include <cstring>

namespace voelgoed::base {

std::uint64_t Random::below(std::uint64_t limit)
{
    ensure(limit > 0, "a random number below nothing");
    // The lowest 2^64 mod limit numbers would make some results likelier: they are drawn again.
    const std::uint64_t skipped = (0 - limit) % limit;
    for (;;) {
        std::uint64_t number = 0;
        fill(std::as_writable_bytes(std::span(&number, 1)));
        if (number >= skipped)
            return number % limit;
    }
}

std::uint64_t SeededRandom::next()
{
    m_state += 0x9e3779b97f4a7c15U;
    std::uint64_t z = m_state;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31);
}

void SeededRandom::fill(std::span<std::byte> out)
{
    while (!out.empty()) {
        const std::uint64_t number = next();
        const std::size_t count = std::min(out.size(), sizeof number);
        std::memcpy(out.data(), &number, count);
        out = out.subspan(count);
    }
}

void BufferedRandom::fill(std::span<std::byte> out)
{
    if (out.size() > m_ahead.size() / 8)
        return m_source.fill(out);
    if (out.size() > m_ahead.size() - m_used) {
        m_source.fill(m_ahead);
        m_used = 0;
    }
    const auto given = m_ahead.begin() + static_cast<std::ptrdiff_t>(m_used);
    std::copy_n(given, out.size(), out.begin());
    std::fill_n(given, out.size(), std::byte{});
    m_used += out.size();
}

} // namespace voelgoed::base
