// What comes from the event's feed while the gate works.
#include "device/core/scan/engine.h"
#include "shared/protocol/passage.h"

#include <algorithm>

namespace voelgoed::scan {

using base::Result;

namespace {

journal::Mark markOf(const protocol::PassageRecord &passage)
{
    return {.row = passage.row,
            .ordinal = passage.ordinal,
            .checkpoint = passage.checkpoint,
            .gate = passage.gate,
            .direction = passage.direction,
            .count = passage.count,
            .overridden = passage.overridden,
            .at = passage.at,
            .rotatingStep = passage.rotatingStep};
}

template <class Value>
Result<void> readable(const Result<Value> &read)
{
    return read ? Result<void>() : Result<void>(read.error());
}

/// Same passage, as far as the book keeps it.
bool isKnown(const std::optional<journal::Mark> &known, journal::Mark mark)
{
    mark.rotatingStep = 0;
    return known == mark;
}

} // namespace

Result<void> Engine::readFeedLog()
{
    return m_vault->replica().eachLogged(
        [this](replica::Logged kind, base::ByteView bytes) { return takeLogged(kind, bytes, nullptr); });
}

Result<void> Engine::takeLogged(replica::Logged kind, base::ByteView bytes, index::OccupancyBook *occupancy)
{
    if (kind == replica::Logged::Passage) {
        const auto passage = protocol::decodePassage(bytes);
        if (!passage)
            return passage.error();
        if (passage->withdrawn)
            withdraw(passage->row, passage->ordinal, occupancy);
        else
            takePassing(markOf(*passage), occupancy);
        return {};
    }
    const auto row = journal::storedRow({bytes.begin(), bytes.end()});
    if (!row)
        return row.error();
    if (const auto mark = journal::markOf(row->row))
        takePassing(*mark, occupancy);
    const auto *undo = std::get_if<domain::UndoRecord>(&row->row.what);
    if (const auto taken = undo ? passageOf(undo->row) : std::nullopt)
        withdraw(taken->row, taken->ordinal, occupancy);
    return {};
}

void Engine::takePassing(const journal::Mark &mark, index::OccupancyBook *occupancy)
{
    // What this device wrote itself it knows better, unless it has lost it.
    const auto isLost = [&] {
        return std::any_of(m_gaps.begin(), m_gaps.end(), [&](const journal::Gap &gap) {
            return gap.first <= mark.row.sequence && mark.row.sequence <= gap.last;
        });
    };
    if (m_undone.contains(mark.row) || (mark.row.device == m_device && !isLost()))
        return;
    const auto known = m_passages.find(mark.row, mark.ordinal);
    if (!isKnown(known, mark)) {
        if (known)
            withdraw(mark.row, mark.ordinal, occupancy);
        m_passages.add(mark);
        if (occupancy)
            occupancy->update(mark, index::OccupancyBook::Change::Added, m_clock->now().at);
    }
    rememberStep(mark);
}

void Engine::withdraw(const domain::RowKey &row, domain::Ordinal ordinal, index::OccupancyBook *occupancy)
{
    const auto known = m_passages.find(row, ordinal);
    if (!known)
        return;
    m_passages.remove(row, ordinal);
    if (occupancy)
        occupancy->update(*known, index::OccupancyBook::Change::Removed, m_clock->now().at);
}

Result<void> Engine::usable(const replica::FeedPart &part) const
{
    for (const protocol::Change &change : part.changes) {
        const auto *definition = std::get_if<protocol::DefinitionChange>(&change.what);
        if (!definition)
            continue;
        // A list that could not be used must never come into force.
        const auto list = ListInForce::make({.definition = definition->definition});
        if (!list)
            return list.error().at("feed: the event's definition");
        if (list->definition.keys.event != m_list->definition.keys.event)
            return base::Error{base::ErrorCode::Conflict, "feed: the definition of another event", {}};
    }
    return {};
}

Result<void> Engine::applyFeed(const replica::FeedPart &part, const replica::SealName &sealName)
{
    base::ensure(m_list.has_value(), "a feed before an event was loaded");
    if (auto refreshed = refresh(); !refreshed)
        return refreshed;
    if (auto good = usable(part); !good)
        return good;
    const auto leadsToOne = [this](const replica::FeedEffects &effects) -> Result<void> {
        std::map<domain::CodeHash, domain::Ordinal> given;
        for (const replica::TicketEffect &effect : effects.tickets) {
            for (const domain::CodeHash &code : effect.after.codes) {
                const auto known = m_index.find(code).value_or(effect.after.ordinal);
                if (known != effect.after.ordinal || given.emplace(code, known).first->second != known)
                    return base::Error{base::ErrorCode::Conflict,
                                       "a code of ticket " + std::to_string(effect.after.ordinal.value) +
                                           " leads to another ticket already",
                                       {}};
            }
        }
        for (const replica::FeedEffects::Passing &passing : effects.passings) {
            const auto read = passing.kind == replica::Logged::Passage
                                  ? readable(protocol::decodePassage(passing.bytes))
                                  : readable(journal::storedRow({passing.bytes.begin(), passing.bytes.end()}));
            if (!read)
                return read;
        }
        return {};
    };
    vault::Vault &vault = *m_vault;
    const auto effects = replica::applyFeed(vault.database(), vault.replica(), part, sealName, leadsToOne);
    if (!effects)
        return effects.error();
    const std::vector<domain::CodeHash> none;
    for (const auto &[before, after] : effects->tickets)
        m_index.change(after.ordinal, {before ? before->codes : none, before ? before->addonOf : std::nullopt},
                       {after.codes, after.addonOf});
    const base::Instant confirmed = m_list->head.madeAt;
    if (!effects->definition)
        m_list->head = *vault.replica().head();
    else if (auto read = readList(); !read)
        return read;
    m_list->head.madeAt = std::max(m_list->head.madeAt, confirmed);
    m_clock->raiseList(m_list->head.madeAt);
    for (const replica::FeedEffects::Passing &passing : effects->passings) {
        const auto taken = takeLogged(passing.kind, passing.bytes, effects->definition ? nullptr : &m_occupancy);
        base::ensure(static_cast<bool>(taken), "a passage that was read before");
    }
    if (effects->definition)
        m_occupancy.rebuild(m_list->rulebook, m_passages, m_clock->now().at);
    return {};
}

void Engine::confirmList(base::Instant asOf)
{
    if (m_list && asOf > m_list->head.madeAt) {
        m_list->head.madeAt = asOf;
        m_clock->raiseList(asOf);
    }
}

} // namespace voelgoed::scan
