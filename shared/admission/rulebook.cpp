#include "shared/admission/rulebook.h"

#include <algorithm>

namespace voelgoed::admission {

using base::Result;

namespace {

template <class Item>
std::vector<std::size_t> sortedById(const std::vector<Item> &items)
{
    std::vector<std::size_t> order(items.size());
    for (std::size_t i = 0; i < order.size(); ++i)
        order[i] = i;
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return items[a].id < items[b].id; });
    return order;
}

template <class Item>
const Item *found(const std::vector<Item> &items, const std::vector<std::size_t> &order, std::string_view id)
{
    const auto at = std::lower_bound(order.begin(), order.end(), id, [&](std::size_t i, std::string_view wanted) {
        return items[i].id.view() < wanted;
    });
    return at != order.end() && items[*at].id.view() == id ? &items[*at] : nullptr;
}

template <class Item>
Result<void> uniqueIds(const std::vector<Item> &items, const std::string &place)
{
    const auto order = sortedById(items);
    for (std::size_t i = 0; i < order.size(); ++i) {
        const std::string at = place + "[" + std::to_string(order[i]) + "].id";
        if (items[order[i]].id.empty())
            return base::invalid(at + ": is empty");
        if (i > 0 && items[order[i]].id == items[order[i - 1]].id)
            return base::invalid(at + ": \"" + items[order[i]].id.text + "\" is there twice");
    }
    return {};
}

template <class Id, class Find>
Result<void> allThere(const std::vector<Id> &ids, const std::string &place, const char *what, Find find)
{
    for (std::size_t i = 0; i < ids.size(); ++i) {
        if (!find(ids[i].view()))
            return base::invalid(place + "[" + std::to_string(i) + "]: no " + what + " \"" + ids[i].text + "\"");
    }
    return {};
}

} // namespace

bool CompiledCheckpoint::takes(const domain::TicketTypeId &type) const
{
    return allTypes || std::binary_search(types.begin(), types.end(), type.view(), std::less<>());
}

bool letsIn(const domain::Gate &gate, std::string_view checkpoint)
{
    const auto is = [&](const domain::CheckpointId &id) { return id.view() == checkpoint; };
    return gate.state == domain::GateState::Open && gate.servesEntry &&
           (gate.checkpoints.empty() || std::any_of(gate.checkpoints.begin(), gate.checkpoints.end(), is));
}

Result<Rulebook> Rulebook::compile(domain::EventDefinition definition, References references)
{
    Rulebook book(std::move(definition));
    book.m_types = sortedById(book.m_definition.types);
    book.m_gates = sortedById(book.m_definition.gates);
    book.m_dates = sortedById(book.m_definition.dates);
    if (auto sound = book.checkIds(); !sound)
        return sound.error();
    if (references == References::MustBeThere) {
        if (auto sound = book.checkReferences(); !sound)
            return sound.error();
    }
    if (auto compiled = book.compileCheckpoints(); !compiled)
        return compiled.error();
    return book;
}

Result<void> Rulebook::checkIds() const
{
    const domain::EventDefinition &d = m_definition;
    for (const Result<void> &unique :
         {uniqueIds(d.types, "ticket_types"), uniqueIds(d.gates, "gates"), uniqueIds(d.dates, "dates"),
          uniqueIds(d.checkpoints, "checkpoints"), uniqueIds(d.questions, "questions")}) {
        if (!unique)
            return unique;
    }
    if (d.questions.size() > kQuestionsMax)
        return base::invalid("questions: more than " + std::to_string(kQuestionsMax));
    return {};
}

Result<void> Rulebook::checkReferences() const
{
    const domain::EventDefinition &d = m_definition;
    const auto findType = [this](std::string_view id) { return type(id) != nullptr; };
    const auto findGate = [this](std::string_view id) { return gate(id) != nullptr; };
    const auto findCheckpoint = [&](std::string_view id) {
        return std::any_of(d.checkpoints.begin(), d.checkpoints.end(),
                           [&](const auto &c) { return c.id.view() == id; });
    };
    const auto at = [](const char *list, std::size_t i, const char *field) {
        return std::string(list) + "[" + std::to_string(i) + "]." + field;
    };
    for (std::size_t i = 0; i < d.types.size(); ++i) {
        if (!d.types[i].gates)
            continue;
        if (auto there = allThere(*d.types[i].gates, at("ticket_types", i, "gates"), "gate", findGate); !there)
            return there;
    }
    for (std::size_t i = 0; i < d.gates.size(); ++i) {
        const std::string place = at("gates", i, "checkpoints");
        if (auto there = allThere(d.gates[i].checkpoints, place, "checkpoint", findCheckpoint); !there)
            return there;
    }
    for (std::size_t i = 0; i < d.questions.size(); ++i) {
        if (!d.questions[i].types)
            continue;
        if (auto there = allThere(*d.questions[i].types, at("questions", i, "types"), "ticket type", findType); !there)
            return there;
    }
    for (std::size_t i = 0; i < d.checkpoints.size(); ++i) {
        const domain::Checkpoint &checkpoint = d.checkpoints[i];
        if (checkpoint.types) {
            const std::string place = at("checkpoints", i, "types");
            if (auto there = allThere(*checkpoint.types, place, "ticket type", findType); !there)
                return there;
        }
        if (checkpoint.date && !date(checkpoint.date->view()))
            return base::invalid(at("checkpoints", i, "date") + ": no date \"" + checkpoint.date->text + "\"");
    }
    return {};
}

Result<void> Rulebook::compileCheckpoints()
{
    const auto &all = m_definition.checkpoints;
    for (std::size_t i = 0; i < all.size(); ++i) {
        auto rules = Rules::compile(all[i].rules);
        if (!rules) {
            base::Error error = rules.error();
            error.message = "checkpoints[" + std::to_string(i) + "]." + error.message;
            return error;
        }
        CompiledCheckpoint compiled{.definition = all[i],
                                    .rules = std::move(*rules),
                                    .types = {},
                                    .allTypes = true,
                                    .area = {},
                                    .closingTimes = {}};
        if (all[i].types) {
            compiled.allTypes = false;
            for (const domain::TicketTypeId &type : *all[i].types)
                compiled.types.push_back(type.text);
            std::sort(compiled.types.begin(), compiled.types.end());
        }
        for (const domain::Checkpoint &other : all) {
            const bool shared = other.id == all[i].id || (all[i].zone && other.zone == all[i].zone);
            if (!shared)
                continue;
            compiled.area.push_back(other.id);
            if (other.closeAt)
                compiled.closingTimes.push_back(*other.closeAt);
        }
        m_checkpoints.push_back(std::move(compiled));
    }
    return {};
}

const CompiledCheckpoint *Rulebook::checkpoint(std::string_view id) const
{
    const auto at = std::find_if(m_checkpoints.begin(), m_checkpoints.end(),
                                 [&](const CompiledCheckpoint &c) { return c.definition.id.view() == id; });
    return at == m_checkpoints.end() ? nullptr : &*at;
}

const domain::TicketType *Rulebook::type(std::string_view id) const
{
    return found(m_definition.types, m_types, id);
}

const domain::Gate *Rulebook::gate(std::string_view id) const
{
    return found(m_definition.gates, m_gates, id);
}

const domain::EventDate *Rulebook::date(std::string_view id) const
{
    return found(m_definition.dates, m_dates, id);
}

std::uint32_t Rulebook::admitsOf(const domain::Ticket &ticket) const
{
    if (ticket.admits)
        return *ticket.admits;
    const domain::TicketType *known = type(ticket.type.view());
    return known ? known->admits : 1;
}

Allowance Rulebook::allowanceOf(const CompiledCheckpoint &checkpoint, std::uint32_t admits) const
{
    const auto &closeAt = checkpoint.definition.closeAt;
    using Times = std::span<const std::chrono::seconds>;
    return {.admits = admits,
            .reentry = checkpoint.definition.reentry,
            .closing = {zone(), closeAt ? Times(&*closeAt, 1) : Times()}};
}

const std::vector<domain::GateId> *Rulebook::gatesOf(const domain::Ticket &ticket) const
{
    if (ticket.gates)
        return ticket.gates->empty() ? nullptr : &*ticket.gates;
    const domain::TicketType *known = type(ticket.type.view());
    return known && known->gates ? &*known->gates : nullptr;
}

DateTimes Rulebook::timesOf(const domain::Ticket &ticket) const
{
    const domain::EventDate *bound = ticket.date ? date(ticket.date->view()) : nullptr;
    if (bound)
        return {bound->startsAt, bound->endsAt, bound->doorsAt};
    return {event().startsAt, event().endsAt, event().doorsAt};
}

} // namespace voelgoed::admission
