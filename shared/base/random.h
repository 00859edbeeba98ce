#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace voelgoed::base {

/// The door to randomness. Implemented by the operating system (for keys and identifiers), and by seeded generators for
/// practice events, tests and the simulated world. Calls do not fail: an operating system that has no random numbers
/// ends the program.
class Random
{
public:
    virtual ~Random() = default;

    virtual void fill(std::span<std::byte> out) = 0;

    /// A number from 0 up to and excluding `limit`, each as likely as the other. `limit` is at least 1.
    std::uint64_t below(std::uint64_t limit);
};

/// A generator that gives the same bytes for the same seed on every machine (SplitMix64, Steele et al. 2014). Never for
/// keys that protect anything.
class SeededRandom final : public Random
{
public:
    explicit SeededRandom(std::uint64_t seed) : m_state(seed) {}

    void fill(std::span<std::byte> out) override;

private:
    std::uint64_t next();

    std::uint64_t m_state;
};

/// Another's bytes, fetched many at a time, for who needs a few again and again: identifiers. Not for keys: what is to
/// be given out next lies in memory. One thread.
class BufferedRandom final : public Random
{
public:
    explicit BufferedRandom(Random &source) : m_source(source) {}

    void fill(std::span<std::byte> out) override;

private:
    Random &m_source;
    std::array<std::byte, 1024> m_ahead{};
    std::size_t m_used = sizeof m_ahead;
};

} // namespace voelgoed::base
