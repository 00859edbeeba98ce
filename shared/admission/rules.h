#pragma once

#include "shared/base/json.h"
#include "shared/base/result.h"
#include "shared/domain/event.h"
#include "shared/domain/scan.h"
#include "shared/domain/verdict.h"
#include "shared/domain/zone_table.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// A checkpoint's rules: a JSON-logic tree in the subset and with the names that pretix uses (admission specification,
/// section 4), compiled when it is loaded. Evaluating it allocates nothing.
namespace voelgoed::admission {

/// Everything that a rule may ask about. Borrows.
struct RuleFacts
{
    base::Instant now;
    const domain::ZoneTable &zone;
    std::string_view product;   ///< the ticket's type
    std::string_view variation; ///< its variant; empty: none
    std::string_view gate;      ///< empty: none, and a rule on it is false
    std::span<const domain::Passage> history;
    std::optional<base::Instant> dateFrom; ///< of the ticket's date, or else of the event
    std::optional<base::Instant> dateTo;
    std::optional<base::Instant> dateAdmission;
    std::optional<base::Instant> closed;              ///< the latest moment at which all inside were booked out
    std::span<const std::chrono::seconds> closings{}; ///< local times of day at which that happens
};

/// What a guest could do besides waiting. Borrows.
struct RuleAlternatives
{
    std::span<const domain::TicketType> types{};               ///< of the event
    const std::vector<std::string> *typesTaken = nullptr;      ///< at the checkpoint, sorted; null: all
    std::span<const domain::Gate> gates{};                     ///< of the event
    const std::vector<domain::GateId> *gatesAllowed = nullptr; ///< to the ticket; null: all
    std::string_view checkpoint{};
    std::optional<base::Instant> until{};      ///< the last moment for this ticket
    std::optional<base::Instant> eventUntil{}; ///< the last moment for any ticket
};

enum class RuleAnswer {
    True,
    False,
    CannotTell, ///< nobody passes on it
};

/// A line of the tree as "Why?" shows it.
struct RuleLine
{
    int depth = 0;
    std::string text;  ///< "isAfter", "entries_number", "18:00"
    std::string value; ///< what it was; empty for conditions, constants and lists
    std::optional<RuleAnswer> answer;

    friend bool operator==(const RuleLine &, const RuleLine &) = default;
};

class Rules
{
public:
    static constexpr std::size_t kDepthMax = 32;
    static constexpr std::size_t kNodesMax = 1'000;

    /// No rules: always true.
    Rules() = default;

    /// Invalid with the place named ("rules.and[1].<") for everything that section 4 refuses, and for arguments that
    /// are missing or malformed. What cannot be compared ("vip" < 3, a time with ==) compiles, and cannot be told.
    static base::Result<Rules> compile(std::string_view json);

    /// Texts and numbers are the same when they are written the same (4 and "4"); texts that are numbers are in the
    /// numbers' order, other texts in none. Of an `or` one part that is true is enough, and of an `and` one that is
    /// false, also beside parts that cannot be told.
    RuleAnswer evaluate(const RuleFacts &facts) const noexcept;

    /// Of all ways in which the whole tree would become true, the one that asks least of the guest: waiting, as short
    /// as can be; having left; fewer entries; another type of ticket; another gate. Where it takes two of them (another
    /// type, and a time) it says both, and where nothing helps it says so. Only after an answer other than True. The
    /// work is bounded, and nothing is allocated.
    domain::Explanation explain(const RuleFacts &facts, const RuleAlternatives &others = {}) const noexcept;

    /// The whole tree with the values that it saw.
    std::vector<RuleLine> lines(const RuleFacts &facts) const;

    bool empty() const { return m_nodes.empty(); }
    /// Whether the answer may be another one later, with all else as it is.
    bool askTheTime() const { return m_askTheTime; }

private:
    friend class RuleCompiler;
    friend class RuleEvaluation;

    enum class Op : std::uint8_t {
        // boolean
        And,
        Or,
        Literal, ///< `number`: 0 false, 1 true
        Less,
        LessOrEqual,
        Greater,
        GreaterOrEqual,
        Equal,
        NotEqual,
        InList,
        Before, ///< children: earlier, later; `number`: tolerance in minutes
                // numbers
        Number,
        IsoWeekday,
        EntriesNumber,
        EntriesToday,
        EntriesDays,
        MinutesSinceLast,
        MinutesSinceFirst,
        EntriesSince, ///< child: a time
        EntriesBefore,
        EntriesDaysSince,
        EntriesDaysBefore,
        // texts
        Text,
        Product,
        Variation,
        Gate,
        EntryStatus,
        // times
        Now,
        Custom,
        CustomTime,
        DateFrom,
        DateTo,
        DateAdmission,
        // lists
        ObjectList,
    };

    struct Node
    {
        Op op = Op::And;
        bool swapped = false;         ///< a Before that was written as isAfter
        std::uint32_t firstChild = 0; ///< in m_children
        std::uint32_t children = 0;
        double number = 0;           ///< Number; tolerance of Before
        base::Instant at;            ///< Custom
        std::chrono::seconds time{}; ///< CustomTime, local
        std::uint32_t text = 0;      ///< Text: in m_texts; ObjectList: in m_lists
    };

    std::vector<Node> m_nodes; ///< the root is the last one
    std::vector<std::uint32_t> m_children;
    std::vector<std::string> m_texts;
    std::vector<std::vector<std::string>> m_lists; ///< each sorted
    bool m_askTheTime = false;
};

} // namespace voelgoed::admission
