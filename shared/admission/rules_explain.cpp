#include "shared/admission/rule_worlds.h"
#include "shared/admission/rulebook.h"

namespace voelgoed::admission {

namespace {

using domain::Explanation;
using domain::Phrase;
using Op = RuleEvaluation::Op;
using World = RuleWorlds::World;

/// A wait that is told in minutes; a longer one is told as a time.
constexpr std::int64_t kWaitMinutesMax = 60;

class WayFinder
{
public:
    WayFinder(const Rules &rules, const RuleFacts &facts, const RuleAlternatives &others)
        : m_worlds(rules, facts), m_facts(facts), m_others(others)
    {}

    Explanation find()
    {
        if (m_worlds.isWornOut())
            return noWay();
        const World asGiven{.facts = m_facts};
        if (const auto when = m_worlds.firstMoment(asGiven, m_others.until))
            return waiting(asGiven, *when);
        if (const auto way = leaving())
            return *way;
        if (const auto way = fewerEntries())
            return *way;
        if (const auto way = otherTicket())
            return *way;
        if (const auto way = otherGate())
            return *way;
        if (const auto way = otherTicketAndGate())
            return *way;
        if (!m_facts.history.empty() && bestGate(Guest::Fresh))
            return tooMany(firstCount());
        return noWay();
    }

private:
    using Way = std::optional<Explanation>;

    Explanation waiting(const World &world, const RuleMoment &when)
    {
        const base::Milliseconds wait = when.at - m_facts.now;
        const auto whole = std::chrono::ceil<std::chrono::minutes>(wait);
        if (when.minutes && whole.count() <= kWaitMinutesMax && m_worlds.holdsAt(world, m_facts.now + whole))
            return {.phrase = Phrase::WaitMinutes, .facts = {std::int64_t{whole.count()}}};
        return {.phrase = Phrase::ComeBackAt, .facts = {shown(world, when)}};
    }

    /// People are told whole minutes, as long as those are not too late.
    base::Instant shown(const World &world, const RuleMoment &when)
    {
        constexpr base::Milliseconds strictly{1};
        const base::Instant minute = std::chrono::ceil<std::chrono::minutes>(when.at - strictly);
        return m_worlds.holdsAt(world, minute + strictly) ? minute : when.at;
    }

    /// Nothing when the tree is true at once, and the moment where it becomes so.
    struct Found
    {
        domain::Fact when;
        base::Instant at;
    };
    std::optional<Found> found(const World &world, const std::optional<base::Instant> &until)
    {
        if (m_worlds.holdsAt(world, m_facts.now))
            return Found{{}, m_facts.now};
        if (const auto when = m_worlds.firstMoment(world, until))
            return Found{shown(world, *when), when->at};
        return std::nullopt;
    }

    bool canLeave() const { return m_worlds.asks(Op::EntryStatus) && m_worlds.given().entryStatus() == "present"; }

    Way leaving()
    {
        if (!canLeave())
            return {};
        const World left{.facts = m_facts, .left = true};
        const auto way = found(left, m_others.until);
        return way ? Way(Explanation{.phrase = Phrase::LeaveFirst, .facts = {way->when}}) : Way();
    }

    Way fewerEntries()
    {
        for (std::uint32_t i = 0; i < m_worlds.given().size(); ++i) {
            const double value = countAt(i);
            if (value > 0 && wouldDoWithFewer(i, value))
                return tooMany(i);
        }
        const World never{.facts = m_facts, .fresh = true};
        if (m_facts.history.empty() || !found(never, m_others.until))
            return {};
        return tooMany(firstCount());
    }

    /// What a count comes to; nothing for anything else.
    double countAt(std::uint32_t index) const
    {
        const bool counts = RuleEvaluation::isCount(m_worlds.given().node(index).op);
        return counts ? m_worlds.given().number(index).value_or(0) : 0;
    }

    /// The first count that is more than nothing.
    std::uint32_t firstCount() const
    {
        for (std::uint32_t i = 0; i < m_worlds.given().size(); ++i) {
            if (countAt(i) > 0)
                return i;
        }
        return UINT32_MAX;
    }

    bool wouldDoWithFewer(std::uint32_t count, double value)
    {
        constexpr int kTries = 16;
        for (int fewer = 1; fewer <= kTries && fewer <= value; ++fewer) {
            if (m_worlds.holdsAt({.facts = m_facts, .assumed = {count, value - fewer}}, m_facts.now))
                return true;
        }
        return found({.facts = m_facts, .assumed = {count, 0}}, m_others.until).has_value();
    }

    Explanation tooMany(std::uint32_t count) const
    {
        const Op op = count == UINT32_MAX ? Op::EntriesNumber : m_worlds.given().node(count).op;
        const bool days = op == Op::EntriesDays || op == Op::EntriesDaysSince || op == Op::EntriesDaysBefore;
        std::int64_t entries = 0;
        for (const domain::Passage &passage : m_facts.history)
            entries += passage.direction == domain::Direction::Entry;
        if (count != UINT32_MAX)
            entries = static_cast<std::int64_t>(*m_worlds.given().number(count));
        return {.phrase = days ? Phrase::TooManyDays : Phrase::TooManyEntries, .facts = {entries}};
    }

    /// Another ticket has a history of its own: none; this one, exchanged, would keep what it has. Those that would do
    /// in both ways are named before those that do in one.
    Way otherTicket()
    {
        if (!m_worlds.asks(Op::Product) && !m_worlds.asks(Op::Variation))
            return {};
        Names names;
        for (const bool both : {true, false}) {
            forEachTicket([&](std::string_view name, World world) {
                const bool kept = m_worlds.holdsAt(world, m_facts.now);
                world.fresh = true;
                const bool fresh = m_worlds.holdsAt(world, m_facts.now);
                if (both ? kept && fresh : kept || fresh)
                    names.add(name);
            });
            if (names.count > 0)
                return Explanation{.phrase = Phrase::AnotherTypeNeeded, .facts = names.facts};
        }
        std::optional<Found> soonest;
        forEachTicket([&](std::string_view name, World world) {
            world.fresh = true;
            auto way = found(world, m_others.eventUntil);
            if (!way) {
                world.fresh = false;
                way = found(world, m_others.eventUntil);
            }
            if (!way || (soonest && way->at > soonest->at))
                return;
            if (!soonest || way->at < soonest->at)
                names = {};
            soonest = way;
            names.add(name);
        });
        if (!soonest)
            return {};
        names.facts[3] = soonest->when;
        return Explanation{.phrase = Phrase::AnotherTypeNeeded, .facts = names.facts};
    }

    struct Gate
    {
        std::string_view name;
        Found way;
    };
    enum class Guest { AsIs, Left, Fresh };

    /// The gate where it takes least, for a guest who has done so much already.
    std::optional<Gate> bestGate(Guest guest)
    {
        std::optional<Gate> best;
        forEachGate([&](std::string_view name, World world) {
            world.left = guest == Guest::Left;
            world.fresh = guest == Guest::Fresh;
            const auto way = found(world, m_others.until);
            if (way && (!best || way->at < best->way.at))
                best = Gate{name, *way};
        });
        return best;
    }

    Way otherGate()
    {
        if (const auto gate = bestGate(Guest::AsIs))
            return Explanation{.phrase = Phrase::GoToGate, .facts = {gate->name, gate->way.when}};
        if (!canLeave())
            return {};
        if (const auto gate = bestGate(Guest::Left))
            return Explanation{.phrase = Phrase::LeaveFirst, .facts = {gate->way.when, gate->name}};
        return {};
    }

    Way otherTicketAndGate()
    {
        if (!m_worlds.asks(Op::Product) && !m_worlds.asks(Op::Variation))
            return {};
        Way best;
        std::optional<base::Instant> soonest;
        forEachTicket([&](std::string_view type, const World &ticket) {
            forEachGate([&](std::string_view gate, World world) {
                world.facts.product = ticket.facts.product;
                world.facts.variation = ticket.facts.variation;
                world.fresh = true;
                const auto way = found(world, m_others.eventUntil);
                if (!way || (soonest && way->at >= *soonest))
                    return;
                soonest = way->at;
                best = Explanation{.phrase = Phrase::TypeAndGateNeeded, .facts = {type, gate, way->when}};
            });
        });
        return best;
    }

    Explanation noWay()
    {
        if (m_worlds.isWornOut())
            return {.phrase = Phrase::RulesForbid, .facts = {}};
        if (const auto last = m_worlds.lastMoment())
            return {.phrase = Phrase::CameTooLate, .facts = {*last}};
        const bool untold = m_worlds.given().answer() == RuleAnswer::CannotTell;
        return {.phrase = untold ? Phrase::RulesUnclear : Phrase::RulesForbidAlways, .facts = {}};
    }

    /// As many as a sentence names.
    struct Names
    {
        domain::Facts facts;
        std::size_t count = 0;

        void add(std::string_view name)
        {
            for (std::size_t i = 0; i < count; ++i) {
                if (facts[i] == domain::Fact(name))
                    return;
            }
            if (count < 3)
                facts[count++] = name;
        }
    };

    bool isTaken(std::string_view type) const
    {
        return !m_others.typesTaken ||
               std::binary_search(m_others.typesTaken->begin(), m_others.typesTaken->end(), type, std::less<>());
    }

    bool isGoodHere(const domain::TicketType &type) const
    {
        const auto is = [&](const domain::GateId &gate) { return gate.view() == m_facts.gate; };
        const bool anywhere = !type.gates || type.gates->empty() || m_facts.gate.empty();
        return isTaken(type.id.view()) && (anywhere || std::any_of(type.gates->begin(), type.gates->end(), is));
    }

    /// The other types and variants that the checkpoint takes: the event's, then those that the tree alone speaks of.
    template <class Visit>
    void forEachTicket(Visit visit)
    {
        for (const domain::TicketType &type : m_others.types) {
            if (!m_worlds.tellsApart(Op::Product, type.id.view(), m_facts.product) || !isGoodHere(type))
                continue;
            World world{.facts = m_facts};
            world.facts.product = type.id.view();
            visit(std::string_view(type.name), world);
        }
        const auto isKnown = [&](std::string_view id) {
            return std::any_of(m_others.types.begin(), m_others.types.end(),
                               [&](const domain::TicketType &type) { return type.id.view() == id; });
        };
        m_worlds.forEachTextBeside(Op::Product, [&](std::string_view id) {
            if (!m_worlds.spend(m_others.types.size()) || id == m_facts.product || isKnown(id) || !isTaken(id))
                return;
            World world{.facts = m_facts};
            world.facts.product = id;
            visit(id, world);
        });
        m_worlds.forEachTextBeside(Op::Variation, [&](std::string_view id) {
            if (id == m_facts.variation)
                return;
            World world{.facts = m_facts};
            world.facts.variation = id;
            visit(id, world);
        });
    }

    /// The other gates where this ticket could be shown: open, for entries, of this checkpoint, and allowed to it.
    template <class Visit>
    void forEachGate(Visit visit)
    {
        if (!m_worlds.asks(Op::Gate))
            return;
        const auto *allowed = m_others.gatesAllowed;
        const auto go = [&](std::string_view id, std::string_view name) {
            const auto is = [&](const domain::GateId &gate) { return gate.view() == id; };
            const bool mayGo = !allowed || allowed->empty() || std::any_of(allowed->begin(), allowed->end(), is);
            if (id == m_facts.gate || id.empty() || !mayGo)
                return;
            World world{.facts = m_facts};
            world.facts.gate = id;
            visit(name, world);
        };
        for (const domain::Gate &gate : m_others.gates) {
            if (letsIn(gate, m_others.checkpoint))
                go(gate.id.view(), gate.name);
        }
        m_worlds.forEachTextBeside(Op::Gate, [&](std::string_view id) {
            const bool known = std::any_of(m_others.gates.begin(), m_others.gates.end(),
                                           [&](const domain::Gate &gate) { return gate.id.view() == id; });
            if (!known)
                go(id, id);
        });
    }

    RuleWorlds m_worlds;
    const RuleFacts &m_facts;
    const RuleAlternatives &m_others;
};

} // namespace

Explanation Rules::explain(const RuleFacts &facts, const RuleAlternatives &others) const noexcept
{
    if (m_nodes.empty())
        return {.phrase = Phrase::RulesForbid, .facts = {}};
    return WayFinder(*this, facts, others).find();
}

} // namespace voelgoed::admission
