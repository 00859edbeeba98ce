#pragma once

#include "device/core/hal/code_source.h"
#include "device/core/scan/identify.h"
#include "shared/admission/rules.h"
#include "shared/domain/row.h"
#include "shared/domain/verdict.h"
#include "shared/protocol/ticket.h"

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace voelgoed::scan {

/// Somebody shows a code, and what the person at the gate has to say about it.
struct Presentation
{
    hal::CodeRead read;
    std::uint16_t count = 1;
    bool confirmPending = false;
    std::map<domain::QuestionId, std::string> answers;
    std::optional<domain::Override> override;
    bool test = false;
};

/// An explanation that owns what it names: it may outlive everything.
struct Told
{
    using OwnedFact = std::variant<std::monostate, base::Instant, std::int64_t, std::string>;

    domain::Phrase phrase = domain::Phrase::None;
    std::array<OwnedFact, std::tuple_size_v<domain::Facts>> facts;

    static Told from(const domain::Explanation &explanation);
    /// Borrows from this.
    domain::Explanation view() const;

    friend bool operator==(const Told &, const Told &) = default;
};

/// The answer to a presentation, durable unless it says otherwise.
struct Judged
{
    domain::Reason reason = domain::Reason::Fault;
    Told told;
    std::string explanation; ///< the same in English
    base::Instant at;
    domain::CheckpointId checkpoint;
    domain::Direction direction = domain::Direction::Entry;
    domain::Ordinal ordinal;          ///< 0: none
    std::uint8_t generation = 0;      ///< of the code that was read
    std::uint16_t unlistedAdmits = 0; ///< persons, of a ticket that is in no list; 0: it is in one
    std::optional<domain::RowKey> row;
    bool durable = false; ///< the row survives a loss of power
    bool rescued = false; ///< it is in the rescue journal only: show an amber banner
    bool test = false;
    bool flagged = false;
    std::uint16_t count = 1;
    std::uint32_t remaining = 0;
    std::optional<domain::Reason> overridden;
    std::string ticketType; ///< its name
    std::string seat;
    bool attention = false;
    std::vector<std::string> notes;     ///< of the type, then of the ticket
    std::vector<std::string> questions; ///< texts of the ones to answer
    std::chrono::microseconds took{};   ///< from the presentation to this

    domain::Outcome outcome() const { return domain::outcomeOf(reason); }
};

/// What a code is, and what a scan now would say and why.
struct Examined
{
    Identified identified;
    std::optional<protocol::ListedTicket> listed;
    Judged now;
    std::vector<admission::RuleLine> rules; ///< of the checkpoint, with the values that they saw
};

} // namespace voelgoed::scan
