#pragma once

#include "shared/admission/rulebook.h"
#include "shared/base/result.h"
#include "shared/domain/event_keys.h"
#include "shared/domain/scan.h"
#include "shared/domain/ticket.h"
#include "shared/domain/verdict.h"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

/// Scenario files: "what would happen?" (admission specification, section 5).
namespace voelgoed::admission {

/// What a scan should have come to. Absent: anything will do.
struct Expectation
{
    std::optional<domain::Outcome> outcome;
    std::optional<domain::Reason> reason;
    std::optional<std::string> explanation;
    std::optional<std::uint32_t> remaining;
    std::optional<std::vector<std::string>> questions; ///< ids, in the order of the event's questions
    std::optional<domain::Reason> overridden;
};

struct ScenarioScan
{
    domain::Scan scan;
    Expectation expected;
};

struct Scenario
{
    std::string name;
    Rulebook rulebook;
    std::optional<domain::EventKeys> keys; ///< of the event's signed codes
    std::vector<domain::Ticket> tickets;   ///< with their codes cleaned, in the order of their ordinals
    std::vector<ScenarioScan> scans;       ///< in the order of their arrival
};

/// What a code that no ticket of the scenario carries leads to: a ticket by its ordinal, or why to none.
struct ResolvedTicket
{
    domain::Ordinal ordinal;
    std::uint8_t generation = 0;
    std::optional<domain::Ticket> fromCode{}; ///< what a signed code itself says, for tickets that no list holds
    std::uint64_t rotatingStep = 0;           ///< of a rotating part that holds
};
using Resolved = std::variant<ResolvedTicket, domain::Reason>;

/// A code that nobody knows yet. Borrows.
struct CodeQuestion
{
    const Scenario &scenario;
    const domain::Scan &scan;
    std::function<std::uint64_t(domain::Ordinal)> lastStep; ///< newest rotating step accepted; 0: none
};

/// What scenarios need from outside. Called while a file is read or run, from the same thread; each may be empty.
struct ScenarioTools
{
    /// The offsets of a time zone by its IANA name. Empty: only UTC is known.
    std::function<base::Result<domain::ZoneTable>(const std::string &name)> zone;
    /// What is left of a code without what readers add. Empty: codes are taken as they are.
    std::function<base::Result<std::string>(std::string_view read)> clean;
    /// Reads codes of the platform's own formats. Empty: they are unknown.
    std::function<Resolved(const CodeQuestion &question)> resolve;
};

/// What a file holds: those that are right in their order, and what is wrong with each of the others.
struct ScenarioFile
{
    std::vector<Scenario> scenarios;
    std::vector<base::Error> mistakes; ///< one for each scenario that is left out: its first, with the place
};

/// Reads one scenario or a list of them. A mistake is an unknown field, a wrong type, malformed rules, two things of a
/// kind with one id, two tickets with one ordinal or code. What refers to something that is not there is none: it is
/// taken for a value (a type of that name, a gate like any other). Invalid for what is no JSON, or too much of it.
base::Result<ScenarioFile> readScenarios(std::string_view json, const ScenarioTools &tools);

struct ScanResult
{
    domain::Reason reason = domain::Reason::Fault;
    std::string explanation; ///< in English
    std::uint32_t remaining = 0;
    std::vector<std::string> questions; ///< ids of the ones to answer
    std::optional<domain::Reason> overridden;
    bool flagged = false;
    std::vector<std::string> differences; ///< from what was expected: "reason: ok instead of already_used"

    domain::Outcome outcome() const { return domain::outcomeOf(reason); }

    friend bool operator==(const ScanResult &, const ScanResult &) = default;
};

/// Judges the scans one after another. Those that were admitted before, and were no tests, are the history, ordered by
/// their time whatever the order of their arrival.
std::vector<ScanResult> runScenario(const Scenario &scenario, const ScenarioTools &tools);

} // namespace voelgoed::admission
