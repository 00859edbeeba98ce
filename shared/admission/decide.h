#pragma once

#include "shared/admission/inputs.h"
#include "shared/admission/rulebook.h"
#include "shared/domain/verdict.h"

namespace voelgoed::admission {

/// Who may pass, and why not: the checks of the admission specification, section 3, in their order; the first that
/// applies gives the verdict. Reads no clock, no disk, no network; never throws; allocates nothing; the same arguments
/// give the same verdict on every machine. The texts in the verdict's explanation borrow from the arguments.
///
/// `state.histories` has one entry for each candidate. A scan at a checkpoint that the event does not have is a fault.
domain::Verdict decide(const Rulebook &rulebook, const Candidates &candidates, const State &state,
                       const domain::Scan &scan) noexcept;

/// A scan and the ticket's history at its checkpoint. Borrows.
struct Presented
{
    const domain::Scan &scan;
    std::span<const domain::Passage> history;
};

/// What the checkpoint's rules are asked about a ticket: for showing the whole tree with the values that it saw.
RuleFacts ruleFacts(const Rulebook &rulebook, const CompiledCheckpoint &checkpoint, const domain::Ticket &ticket,
                    const Presented &presented);

} // namespace voelgoed::admission
