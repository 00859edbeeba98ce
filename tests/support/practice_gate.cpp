#include "tests/support/practice_gate.h"

namespace voelgoed::support {

PracticeGate::PracticeGate(const CrashDisk &disk, std::uint32_t tickets) : ListGate(disk.name())
{
    for (std::uint32_t n = 1; n <= tickets; ++n) {
        const auto ticket = addSigned(n);
        m_signed.push_back(ticket.code);
        m_typed.push_back(ticket.typed);
    }
    for (std::uint32_t n = 1; n <= tickets; ++n) {
        const auto ticket = event.foreignTicket({tickets + n});
        list.push_back(ticket.listed);
        m_foreign.push_back(ticket.code);
    }
}

} // namespace voelgoed::support
