#pragma once

#include "shared/admission/occupancy.h"
#include "shared/admission/rules.h"
#include "shared/domain/event.h"
#include "shared/domain/ticket.h"

#include <string_view>
#include <vector>

namespace voelgoed::admission {

/// A checkpoint as decide() uses it.
struct CompiledCheckpoint
{
    domain::Checkpoint definition;
    Rules rules;
    std::vector<std::string> types; ///< sorted; empty with `allTypes`
    bool allTypes = true;
    std::vector<domain::CheckpointId> area;         ///< the checkpoints that share its occupancy, itself included
    std::vector<std::chrono::seconds> closingTimes; ///< of all of them

    bool takes(const domain::TicketTypeId &type) const;
};

/// Whether the gate is open and lets people in to the checkpoint.
bool letsIn(const domain::Gate &gate, std::string_view checkpoint);

/// The moments that a rule's date_from, date_to and date_admission mean for a ticket.
struct DateTimes
{
    std::optional<base::Instant> from;
    std::optional<base::Instant> to;
    std::optional<base::Instant> admission;
};

/// An event, checked and compiled: what never changes while tickets are judged. Looking things up allocates nothing.
/// Any number of threads may use one.
class Rulebook
{
public:
    static constexpr std::size_t kQuestionsMax = 64;

    /// What becomes of an id that nothing in the event has.
    enum class References {
        MustBeThere, ///< in the definitions that devices get
        AreValues,   ///< in scenarios: a type of that name, a gate or a date like any other
    };

    /// Invalid when a checkpoint's rules are malformed, when something refers to what is not there (if it must), when
    /// two things of a kind have one id, or when there are more than kQuestionsMax questions; the place is named.
    static base::Result<Rulebook> compile(domain::EventDefinition definition,
                                          References references = References::MustBeThere);

    const domain::EventDefinition &definition() const { return m_definition; }
    const domain::Event &event() const { return m_definition.event; }
    const domain::ZoneTable &zone() const { return m_definition.zone; }

    /// Null when there is none.
    const CompiledCheckpoint *checkpoint(std::string_view id) const;
    const domain::TicketType *type(std::string_view id) const;
    const domain::Gate *gate(std::string_view id) const;
    const domain::EventDate *date(std::string_view id) const;

    const std::vector<CompiledCheckpoint> &checkpoints() const { return m_checkpoints; }

    std::uint32_t admitsOf(const domain::Ticket &ticket) const;
    /// The gates that a ticket is good for: its own, or else its type's. Null: all, as with an empty list of its own.
    const std::vector<domain::GateId> *gatesOf(const domain::Ticket &ticket) const;
    DateTimes timesOf(const domain::Ticket &ticket) const;
    /// When the checkpoint's area is emptied.
    Closing closingOf(const CompiledCheckpoint &checkpoint) const { return {zone(), checkpoint.closingTimes}; }
    /// How often a ticket that admits so many persons may be used at the checkpoint.
    Allowance allowanceOf(const CompiledCheckpoint &checkpoint, std::uint32_t admits) const;

private:
    explicit Rulebook(domain::EventDefinition definition) : m_definition(std::move(definition)) {}

    base::Result<void> checkIds() const;
    base::Result<void> checkReferences() const;
    base::Result<void> compileCheckpoints();

    domain::EventDefinition m_definition;
    std::vector<CompiledCheckpoint> m_checkpoints;
    std::vector<std::size_t> m_types; ///< positions in the definition, sorted by id
    std::vector<std::size_t> m_gates;
    std::vector<std::size_t> m_dates;
};

} // namespace voelgoed::admission
