#pragma once

#include "device/core/hal/framer.h"

#include <string>

namespace voelgoed::hal {

/// Codes from a file descriptor that is open already: the standard input, a pipe. A line each.
class StreamSource final : public CodeSource
{
public:
    /// Borrows the descriptor.
    StreamSource(int descriptor, std::string name);

    int descriptor() const override { return m_ended ? -1 : m_descriptor; }
    base::Result<std::vector<CodeRead>> take() override;
    bool hasEnded() const override { return m_ended; }
    std::string name() const override { return m_name; }

private:
    int m_descriptor;
    std::string m_name;
    Framer m_framer{domain::Medium::Line};
    bool m_begun = false;
    bool m_ended = false;
};

} // namespace voelgoed::hal
