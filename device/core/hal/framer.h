#pragma once

#include "device/core/hal/code_source.h"

#include <cstddef>
#include <vector>

namespace voelgoed::hal {

inline constexpr std::size_t kCodeMax = 512; ///< bytes; what is longer is no ticket of anybody's

/// Cuts a stream of bytes into codes at line ends (LF, CR or both). Empty ones are no scans. One that is too long is
/// handed over once, cut, when its end comes; memory stays bounded whatever the reader sends.
class Framer
{
public:
    explicit Framer(domain::Medium medium) : m_medium(medium) {}

    std::vector<CodeRead> feed(base::ByteView bytes);
    /// The stream ended or fell silent: what has come so far is a code too.
    std::vector<CodeRead> finish();
    bool isPending() const { return !m_code.empty(); }
    /// Bytes of a code whose end has not come.
    std::size_t pending() const { return m_code.size(); }

private:
    void end(std::vector<CodeRead> &codes);

    domain::Medium m_medium;
    base::Bytes m_code;
    bool m_tooLong = false;
};

} // namespace voelgoed::hal
