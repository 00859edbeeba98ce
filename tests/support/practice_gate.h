#pragma once

#include "tests/support/crash_disk.h"
#include "tests/support/list_gate.h"

#include <string>
#include <vector>

namespace voelgoed::support {

/// A device with the practice event on a crash disk: what a test needs to scan tickets, lose power, and start again.
class PracticeGate : public ListGate
{
public:
    /// `tickets` signed ones with the ordinals from 1, as many foreign ones behind them.
    PracticeGate(const CrashDisk &disk, std::uint32_t tickets);

    const std::string &signedCode(std::uint32_t ordinal) const { return m_signed.at(ordinal - 1); }
    const std::string &typedCode(std::uint32_t ordinal) const { return m_typed.at(ordinal - 1); }
    const std::string &foreignCode(std::uint32_t number) const { return m_foreign.at(number - 1); }

private:
    std::vector<std::string> m_signed, m_typed, m_foreign;
};

} // namespace voelgoed::support
