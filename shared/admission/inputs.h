#pragma once

#include "shared/base/instant.h"
#include "shared/domain/scan.h"
#include "shared/domain/ticket.h"
#include "shared/domain/verdict.h"

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace voelgoed::admission {

/// A ticket that the code may stand for.
struct Candidate
{
    domain::Ticket ticket;
    std::uint8_t presentedGeneration = 0; ///< of the code that was read
    bool codeWithdrawn = false;
    bool listed = true; ///< false: known from its signature alone

    friend bool operator==(const Candidate &, const Candidate &) = default;
};

/// What a code led to: tickets, the code's own first and its add-ons behind it; or why to none.
struct Candidates
{
    std::vector<Candidate> tickets;
    /// With no tickets: unknown, forged, wrong_event, revoked, stale_code, or fault where the time would have to tell.
    domain::Reason problem = domain::Reason::Unknown;
};

/// What is known besides the tickets. Borrows.
struct State
{
    /// For each candidate: its passages at the scan's checkpoint, in the total order.
    std::span<const std::span<const domain::Passage>> histories;
    std::uint32_t insideHere = 0;              ///< persons inside the checkpoint's area
    std::uint32_t throughGate = 0;             ///< persons in through this gate less those out through it
    std::optional<base::Milliseconds> listAge; ///< absent: not known to be old
    bool storageTrusted = true;
    domain::TimeTrust time = domain::TimeTrust::Full;
};

} // namespace voelgoed::admission
