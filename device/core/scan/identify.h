#pragma once

#include "device/core/hal/code_source.h"
#include "device/core/index/ticket_index.h"
#include "shared/base/crypto/ed25519.h"
#include "shared/domain/verdict.h"
#include "shared/ticket/checked_code.h"
#include "shared/ticket/foreign.h"

#include <deque>
#include <optional>
#include <vector>

namespace voelgoed::scan {

/// What a text that was read is, before anything is known about its ticket.
struct Identified
{
    domain::CodeForm form = domain::CodeForm::Unknown;
    domain::CodeHash hash{};                ///< of what was read, cleaned
    domain::CodeHash listedAs{};            ///< of a code that the list holds: the hash that it is listed under
    std::optional<domain::Ordinal> ordinal; ///< the ticket it leads to
    std::optional<domain::Reason> problem;  ///< why it leads to none: unknown, forged, wrong_event, …
    std::optional<ticket::T1Claims> claims; ///< of a signed code
    std::uint64_t rotatingStep = 0;         ///< of a rotating part that holds
    bool mustWait = false;                  ///< too many typed codes led nowhere: this one was not looked up
    std::string note;                       ///< for the log and `why`: "signature fails"
};

/// Tells own signed codes, foreign ones, typed fallbacks and pretix's signed ones apart. A code that the list holds is
/// that ticket, whatever it looks like; only then it is read as a format of ours. Nothing in a code is ever interpreted
/// as anything else. One thread.
class Identifier
{
public:
    /// All borrowed.
    struct Event
    {
        const ticket::KeyRing &ring;
        const std::vector<base::VerifyingKey> &pretixKeys;
        const index::TicketIndex &index;
    };
    explicit Identifier(ticket::AimMarker aim) : m_aim(aim) {}

    Identified identify(const hal::CodeRead &read, const Event &event, const ticket::GateTime &time,
                        const ticket::LastStep &lastStep);

    /// The same without a trace: a code that is only looked up uses up no try.
    Identified peek(const hal::CodeRead &read, const Event &event, const ticket::GateTime &time,
                    const ticket::LastStep &lastStep) const
    {
        return Identifier(*this).identify(read, event, time, lastStep);
    }

private:
    Identified signedCode(const ticket::T1Code &code, Identified result, const Event &event,
                          const ticket::GateTime &time, const ticket::LastStep &lastStep) const;
    bool typedTriesLeft(base::Instant now);

    ticket::AimMarker m_aim;
    std::deque<base::Instant> m_missedTries; ///< of typed fallbacks that led nowhere, in the last minute
};

inline constexpr std::size_t kTypedTriesAMinute = 5;

} // namespace voelgoed::scan
