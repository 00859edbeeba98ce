#pragma once

#include "shared/admission/decide.h"

#include <array>

/// The checks of the admission specification, section 3, one function each; internal to this folder. A check returns a
/// verdict when it applies.
namespace voelgoed::admission {

using Check = std::optional<domain::Verdict>;

/// What the checks of one ticket look at. Borrows.
struct Case
{
    const Rulebook &rulebook;
    const State &state;
    const domain::Scan &scan;
    const CompiledCheckpoint &checkpoint;
    const Candidate &candidate;
    std::span<const domain::Passage> history;

    const domain::Ticket &ticket() const { return candidate.ticket; }
    bool isEntry() const { return scan.direction == domain::Direction::Entry; }
    /// A test before the event begins: it is taken for open, whatever the time.
    bool isRehearsal() const
    {
        const domain::EventStatus status = rulebook.event().status;
        return scan.test && (status == domain::EventStatus::Draft || status == domain::EventStatus::Published);
    }
};

inline domain::Verdict verdict(domain::Reason reason, domain::Phrase phrase, const domain::Facts &facts = {})
{
    return {.reason = reason, .explanation = {.phrase = phrase, .facts = facts}};
}

// 3. an older code of the ticket, or one that was withdrawn
Check withdrawn(const Candidate &presented);
// 5-7. the ticket's own state
Check ownState(const domain::Ticket &ticket);
// 8. the event and the gate
Check eventOpen(const Case &c);
// 9. the ticket's window
Check window(const Case &c);
bool isValidAt(const domain::Ticket &ticket, base::Instant at);
/// Whether it can be said that the ticket is valid, or not, when it is `at` or later.
bool isWindowSure(const domain::Ticket &ticket, base::Instant at);
// 10. type, date, zone, gate
Check place(const Case &c);
// 11. payment
Check payment(const Case &c);
// 12. the checkpoint's rules
Check rules(const Case &c);
// 13. questions for the door
Check questions(const Case &c);
// 14. the ticket's allowance
Check allowance(const Case &c);
// 15. room
Check room(const Case &c);

} // namespace voelgoed::admission
