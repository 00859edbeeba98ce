#include "device/core/scan/engine.h"

#include "shared/admission/decide.h"
#include "shared/admission/history.h"
#include "shared/admission/wording.h"

#include <algorithm>

namespace voelgoed::scan {

using base::Result;
using domain::Ordinal;
using domain::Reason;

Engine::Engine(const EngineOptions &options, const profile::Identity &identity, base::Clock &clock,
               base::Random &random)
    : m_options(options), m_systemClock(clock), m_random(random), m_device(identity.device), m_identifier(options.aim)
{}

Result<std::unique_ptr<Engine>> Engine::open(const EngineOptions &options, const profile::Identity &identity,
                                             base::Clock &clock, base::Random &random)
{
    std::unique_ptr<Engine> engine(new Engine(options, identity, clock, random));
    const vault::VaultOptions vault{.path = options.path,
                                    .rescue = options.rescue,
                                    .vfs = options.vfs,
                                    .synchronous = options.synchronous,
                                    .device = identity.device};
    auto opened = vault::Vault::open(vault, random);
    if (!opened)
        return opened.error();
    engine->m_vault = std::move(*opened);
    if (auto read = engine->readList(); !read)
        return read.error();
    if (auto rebuilt = engine->rebuild(); !rebuilt)
        return rebuilt.error();
    return engine;
}

Result<void> Engine::readList()
{
    const auto &head = m_vault->replica().head();
    std::optional<ListInForce> taken;
    if (head) {
        auto list = ListInForce::make(*head);
        if (!list)
            return list.error().at("the list on this device");
        if (auto sealed = m_vault->sealTo(list->definition.keys.sealTo); !sealed)
            return sealed.error().at("the event's sealing key");
        taken.emplace(std::move(*list));
    }
    auto written = m_vault->journal().lastTimes();
    if (!written)
        return written.error();
    clock::Floors floors{.built = m_options.built, .list = {}, .journal = written->last, .sure = written->sure};
    if (head)
        floors.list = head->madeAt;
    if (!m_clock)
        m_clock.emplace(m_systemClock, floors);
    else if (floors.list)
        m_clock->raiseList(*floors.list);
    if (taken)
        m_list.emplace(std::move(*taken));
    return {};
}

Result<index::TicketIndex> Engine::readTickets()
{
    index::TicketIndex tickets;
    replica::Replica &replica = m_vault->replica();
    if (!replica.head())
        return tickets;
    tickets.reserve(replica.head()->tickets);
    auto read = replica.eachIndexed(replica.slot(), [&](const replica::IndexedTicket &ticket) {
        return tickets.add(ticket.ordinal, ticket.codes, ticket.addonOf);
    });
    if (!read)
        return read.error();
    return tickets;
}

bool Engine::hasListOfTheFile() const
{
    const auto &head = m_vault->replica().head();
    if (!head || !m_list)
        return !head && !m_list;
    return head->cursor == m_list->head.cursor && head->checksum == m_list->head.checksum;
}

Result<void> Engine::refresh()
{
    takeIn(m_vault->renew());
    if (!m_vault->isOpen())
        return base::Error{base::ErrorCode::Unavailable, "the device's file cannot be opened",
                           "Make room on the disk, or have it looked at; scans that were shown are safe."};
    if (hasListOfTheFile())
        return {};
    // A load or a part of the feed failed at its end, and came into force all the same.
    auto tickets = readTickets();
    if (!tickets)
        return tickets.error();
    return adoptList(std::move(*tickets));
}

void Engine::takeIn(std::vector<domain::Row> cameToLight)
{
    // They were answered with a fault: nobody passed on them, and a second try is shown green once.
    for (domain::Row &row : cameToLight) {
        remember(row);
        if (admission::passageIn(row))
            m_doubts.push_back(std::move(row));
    }
}

Result<void> Engine::rebuild()
{
    auto tickets = readTickets();
    if (!tickets)
        return tickets.error();
    m_index = std::move(*tickets);
    if (auto read = readPassages(); !read)
        return read;
    return readDoubts();
}

Result<void> Engine::readPassages()
{
    m_passages = {};
    m_lastSteps.clear();
    auto undone = m_vault->journal().undone();
    if (!undone)
        return undone.error();
    m_undone = std::move(*undone);
    auto gaps = m_vault->journal().gaps();
    if (!gaps)
        return gaps.error();
    m_gaps = std::move(*gaps);
    auto read = m_vault->journal().eachMark([this](const journal::Mark &mark) {
        m_passages.add(mark);
        rememberStep(mark);
    });
    if (!read)
        return read;
    if (auto logged = readFeedLog(); !logged)
        return logged;
    if (m_list)
        m_occupancy.rebuild(m_list->rulebook, m_passages, m_clock->now().at);
    // There are some where the disk was full when this gate started: else they are in the journal by now. It may have
    // taken the first of them before it was full.
    for (const base::Bytes &bytes : m_vault->rescuedRows()) {
        const auto row = journal::storedRow(bytes);
        if (!row)
            return row.error().at("rescue journal");
        const auto there = m_vault->journal().find(row->row.key.sequence);
        if (!there)
            return there.error();
        if (!*there)
            remember(row->row);
    }
    return {};
}

Result<void> Engine::readDoubts()
{
    m_doubts.clear();
    auto doubted = m_vault->journal().inDoubt();
    if (!doubted)
        return doubted.error();
    for (domain::Row &row : *doubted) {
        if (admission::passageIn(row))
            m_doubts.push_back(std::move(row));
    }
    for (const domain::Sequence sequence : m_vault->doubted()) {
        const auto row = m_vault->find(sequence);
        if (!row)
            return row.error();
        if (*row && admission::passageIn((*row)->row))
            m_doubts.push_back((*row)->row);
    }
    return {};
}

Result<void> Engine::adoptList(index::TicketIndex tickets)
{
    if (auto read = readList(); !read)
        return read;
    m_index = std::move(tickets);
    return readPassages();
}

void Engine::rememberStep(const journal::Mark &mark)
{
    if (mark.rotatingStep == 0)
        return;
    std::uint64_t &last = m_lastSteps[mark.ordinal];
    last = std::max(last, mark.rotatingStep);
}

void Engine::remember(const domain::Row &row)
{
    const base::Instant now = m_clock->now().at;
    if (const auto mark = journal::markOf(row)) {
        m_passages.add(*mark);
        m_occupancy.update(*mark, index::OccupancyBook::Change::Added, now);
        rememberStep(*mark);
    }
    const auto *undo = std::get_if<domain::UndoRecord>(&row.what);
    if (undo)
        m_undone.insert(undo->row);
    if (const auto taken = undo ? passageOf(undo->row) : std::nullopt) {
        m_passages.remove(taken->row, taken->ordinal);
        m_occupancy.update(*taken, index::OccupancyBook::Change::Removed, now);
    }
}

std::optional<journal::Mark> Engine::passageOf(const domain::RowKey &row) const
{
    std::optional<journal::Mark> found;
    m_passages.each([&](const journal::Mark &mark) {
        if (mark.row == row)
            found = mark;
    });
    return found;
}

Result<domain::Row> Engine::writeDown(domain::RowContent what, base::Bytes code, const clock::Moment &moment)
{
    auto recorded = m_vault->record({.event = m_list ? m_list->head.cursor.event : domain::EventId(),
                                     .at = moment.at,
                                     .wall = moment.wall,
                                     .sinceBoot = moment.sinceBoot,
                                     .clock = moment.state,
                                     .what = std::move(what),
                                     .code = std::move(code)});
    if (!recorded)
        return recorded.error();
    m_lastRescued = recorded->rescued;
    m_clock->wrote(recorded->row.at);
    remember(recorded->row);
    return std::move(recorded->row);
}

Result<void> Engine::takePost(const Post &post)
{
    if (!m_list)
        return base::Error{base::ErrorCode::NotFound, "no event is loaded",
                           "Load one first: voelgoed-gate load --data DIR BUNDLE"};
    if (auto can = canStandAt(post.gate, post.checkpoint, post.direction, *m_list); !can)
        return can;
    m_post = post;
    const auto open = m_vault->journal().openShift();
    if (!open)
        return open.error();
    const domain::EventId &event = m_list->head.cursor.event;
    if (*open && (*open)->event == event && (*open)->gate == post.gate && (*open)->operatedBy == post.operatedBy) {
        m_session = (*open)->session;
        return {};
    }
    m_session = {profile::makeUuid(m_random)};
    m_unopened = journal::Shift{.session = m_session,
                                .event = event,
                                .gate = post.gate,
                                .operatedBy = post.operatedBy,
                                .openedAt = m_clock->now().at};
    const auto begun = beginShift();
    // On a full disk a shift begins all the same: its rows carry it, and it is written down when there is room.
    return begun || begun.error().code == base::ErrorCode::Unavailable ? Result<void>() : begun;
}

Result<void> Engine::beginShift()
{
    if (!m_unopened)
        return {};
    auto begun = m_vault->journal().beginShift(*m_unopened);
    if (begun)
        m_unopened.reset();
    return begun;
}

Result<void> Engine::leavePost()
{
    if (m_session.empty() || !m_vault->isOpen())
        return {};
    return m_vault->journal().endShift(std::exchange(m_session, {}), m_clock->now().at);
}

Result<void> Engine::undo(const domain::UndoRecord &undo)
{
    (void)refresh(); // where it fails, the row goes to the rescue journal
    if (!passageOf(undo.row))
        return base::Error{base::ErrorCode::NotFound, "there is no such admission to take back", {}};
    auto written = writeDown(undo, {}, m_clock->now());
    if (!written)
        return written.error();
    m_vault->shown();
    return {};
}

void Engine::shown()
{
    m_vault->shown();
    m_vault->tidy();
}

void Engine::idle()
{
    takeIn(m_vault->mend());
    if (m_vault->state() == vault::StorageState::Good)
        (void)beginShift();
    (void)m_vault->flush();
}

std::uint64_t Engine::lastStepOf(Ordinal ordinal, base::Instant now) const
{
    const auto last = m_lastSteps.find(ordinal);
    if (last == m_lastSteps.end())
        return 0;
    // The code of a scan in doubt may come once more.
    for (const domain::Row &row : m_doubts) {
        const auto &scan = std::get<domain::ScanRecord>(row.what);
        if (scan.ordinal == ordinal && now - row.at <= m_options.grace && scan.rotatingStep == last->second)
            return last->second - 1;
    }
    return last->second;
}

} // namespace voelgoed::scan
