#include "device/core/sync/exchanger.h"

#include <algorithm>

namespace voelgoed::sync {

using namespace std::chrono_literals;
using base::Result;

namespace {

constexpr base::Milliseconds kKeepEvery = 2s; ///< acknowledgements and the report, which may lag behind
constexpr base::Milliseconds kIdle = 5s;
constexpr base::Milliseconds kHasty = 1s;

} // namespace

Exchanger::Exchanger(ExchangerOptions options, std::shared_ptr<const Parties> parties, scan::Engine &engine,
                     client::Transport &transport, base::Clock &clock, base::Random &random, Save save)
    : m_options(std::move(options)),
      m_parties(std::move(parties)),
      m_engine(engine),
      m_transport(transport),
      m_clock(clock),
      m_random(random),
      m_save(std::move(save)),
      m_schedule(random),
      m_snapshot({.folder = m_options.folder, .dataKey = m_options.dataKey}, m_parties, engine, transport, random)
{
    applyLock();
    if (auto kept = m_engine.vault().isOpen() ? keptReport(m_engine.vault().database()) : Result<Report>(Report()))
        m_report = std::move(*kept);
    if (!m_engine.list() && !event().empty() && !m_options.enrolment.revoked)
        orderSnapshot(protocol::SnapshotReason::First, {});
}

Exchanger::~Exchanger()
{
    for (const auto &[lane, flight] : m_flights)
        m_transport.cancel(flight.call);
}

domain::EventId Exchanger::event() const
{
    if (const scan::ListInForce *list = m_engine.list())
        return list->head.cursor.event;
    const auto &events = m_options.enrolment.assignment.events;
    return events.empty() ? domain::EventId() : events.front();
}

void Exchanger::turn()
{
    for (const client::Transport::Ended &ended : m_transport.take())
        take(ended);
    (void)m_engine.refresh();
    if (!m_engine.vault().isOpen())
        return; // nothing can be looked up: the gate mends it
    lookForWork();
    if (m_pending)
        applyNext();
    else
        stepSnapshot();
    for (const Lane lane : {Lane::Up, Lane::Listen}) {
        const auto at = m_schedule.next(lane);
        if (at && *at <= now())
            start(lane);
    }
    keepAcknowledged(false);
}

int Exchanger::waitMs()
{
    if (!m_engine.vault().isOpen())
        return static_cast<int>(kIdle.count());
    lookForWork();
    std::optional<Schedule::Time> soonest;
    const bool reads = !m_options.enrolment.revoked && !m_draining;
    for (const auto &at : {m_schedule.next(Lane::Up), m_schedule.next(Lane::Listen),
                           reads ? m_snapshot.due() : std::optional<Schedule::Time>()}) {
        if (at)
            soonest = std::min(*at, soonest.value_or(*at));
    }
    if (m_pending)
        return 0;
    const base::Milliseconds left = soonest ? std::max(*soonest - now(), 0ms) : kIdle;
    return static_cast<int>(std::min(left, kIdle).count());
}

void Exchanger::take(const client::Transport::Ended &ended)
{
    if (m_snapshot.take(ended.call))
        return;
    for (const auto &[lane, flight] : m_flights) {
        if (flight.call != ended.call)
            continue;
        auto landed = m_flights.extract(lane);
        land(landed.key(), std::move(landed.mapped()), ended.ago);
        return;
    }
}

void Exchanger::land(Lane lane, Flight flight, base::Milliseconds ago)
{
    Heard &heard = *flight.heard;
    if (!heard.reply) {
        m_shiftsToTell = m_shiftsToTell || !flight.shifts.empty();
        m_schedule.failed(lane, now(), heard.retryAfter);
        return trouble(heard.reply.error());
    }
    protocol::SyncReply &reply = *heard.reply;
    takeTime(reply, heard, ago, flight.wait);
    if (auto settled = takeOutcomes(reply, flight); !settled) {
        m_schedule.failed(lane, now(), 0ms);
        return trouble(settled.error());
    }
    std::erase_if(m_results, [&](const protocol::CommandResult &result) {
        return std::find(flight.results.begin(), flight.results.end(), result.id) != flight.results.end();
    });
    if (!flight.shifts.empty() && m_engine.vault().isOpen())
        (void)m_engine.vault().journal().toldShifts(flight.shifts); // where it fails, they are told once more
    m_schedule.answered(lane, now(), reply.pause);
    if (lane == Lane::Listen && isHasty(reply, flight))
        m_schedule.holdQuestions(now() + kHasty);
    m_report.trouble.clear();
    takeStanding(reply.standing, reply.at);
    if (reply.standing == protocol::Standing::Revoked || m_draining)
        return;
    takeCommands(reply.commands);
    if (reply.snapshot)
        orderSnapshot(reply.snapshot->reason, reply.snapshot->path);
    else if (reply.feed)
        takeFeed(std::move(*reply.feed), reply.at);
}

/// A server that answers a question at once, and has nothing to say, is not asked again at once.
bool Exchanger::isHasty(const protocol::SyncReply &reply, const Flight &flight) const
{
    const bool news = reply.snapshot || !reply.commands.empty() || (reply.feed && !reply.feed->changes.empty());
    return !news && flight.heard->took < kHasty && (flight.wait > 0ms || !reply.feed);
}

void Exchanger::readAcknowledged()
{
    journal::Journal &journal = m_engine.vault().journal();
    const auto through = journal.acknowledgedThrough();
    const auto fates = journal.fateCount();
    if (!through || !fates)
        return;
    m_openings = m_engine.vault().openings();
    m_kept = *through;
    m_acknowledged = std::max(m_acknowledged.value_or(*through), *through);
    m_notAccepted = *fates + m_fates.size();
}

bool Exchanger::owesRows()
{
    const auto &tail = m_engine.vault().journal().tail();
    return tail && tail->sequence > m_acknowledged.value_or(domain::Sequence{});
}

void Exchanger::lookForWork()
{
    vault::Vault &vault = m_engine.vault();
    if (!m_acknowledged || m_openings != vault.openings())
        readAcknowledged();
    if (!m_acknowledged)
        return;
    m_shiftsToTell = m_shiftsToTell || m_session != m_engine.session();
    m_session = m_engine.session();
    const bool results = !m_results.empty();
    m_schedule.setPending((owesRows() || results || m_shiftsToTell) && !m_schedule.isUnderWay(Lane::Up), now());
    m_schedule.setListening(!m_options.enrolment.revoked && !m_draining && !m_pending && !m_snapshot.isUnderWay() &&
                            m_engine.list() != nullptr);
}

void Exchanger::start(Lane lane)
{
    Flight flight{.heard = std::make_shared<Heard>()};
    Draft draft = draftFor(lane, flight);
    const bool empty = draft.rows.empty() && draft.request.shifts.empty() && draft.request.commands.empty();
    m_schedule.began(lane);
    const bool heartbeat = m_options.enrolment.revoked || !m_engine.list() || m_snapshot.isUnderWay();
    if (lane == Lane::Up && empty && owesRows())
        return m_schedule.failed(lane, now(), 0ms); // they cannot be read
    if (lane == Lane::Up && empty && (m_draining || !heartbeat))
        return m_schedule.skipped(lane);
    flight.wait = draft.request.wait;
    flight.call = m_transport.start(
        exchangeCall(m_parties, {.device = m_parties->device, .boot = m_options.boot, .counter = ++m_counter},
                     std::move(draft), flight.heard));
    m_flights.emplace(lane, std::move(flight));
}

Draft Exchanger::draftFor(Lane lane, Flight &flight)
{
    const clock::Moment moment = m_engine.now();
    Draft draft{.request = {.device = m_parties->device,
                            .event = event(),
                            .health = health(),
                            .at = moment.at,
                            .wall = moment.wall,
                            .sinceBoot = moment.sinceBoot,
                            .epoch = m_engine.vault().epoch()},
                .rows = {}};
    for (const protocol::CommandResult &result : m_results) {
        if (draft.request.commands.size() == protocol::kCommandsMax)
            break;
        draft.request.commands.push_back(result);
        flight.results.push_back(result.id);
    }
    journal::Journal &journal = m_engine.vault().journal();
    if (lane == Lane::Listen) {
        const replica::ListHead &head = m_engine.list()->head;
        draft.request.position = protocol::Position{.epoch = head.cursor.epoch,
                                                    .sequence = head.cursor.sequence,
                                                    .cursor = head.resume,
                                                    .checksum = head.checksum,
                                                    .history = head.history};
        draft.request.wait = m_schedule.wait();
        return draft;
    }
    if (auto rows = journal.outgoing(*m_acknowledged,
                                     {.rows = protocol::kExchangeRowsMax, .bytes = protocol::kExchangeRowBytesMax});
        rows)
        draft.rows = std::move(*rows);
    for (const journal::OutgoingRow &row : draft.rows)
        flight.rows.emplace_back(row.epoch, row.sequence);
    if (auto shifts = journal.shiftsToTell(protocol::kShiftsMax)) {
        m_shiftsToTell = shifts->size() == protocol::kShiftsMax;
        flight.shifts = std::move(*shifts);
    }
    for (const journal::Shift &shift : flight.shifts)
        draft.request.shifts.push_back({.session = shift.session,
                                        .event = shift.event,
                                        .gate = shift.gate,
                                        .operatedBy = shift.operatedBy,
                                        .openedAt = shift.openedAt,
                                        .closedAt = shift.closedAt});
    return draft;
}

std::uint64_t Exchanger::queued()
{
    const auto &tail = m_engine.vault().journal().tail();
    const std::uint64_t last = tail ? tail->sequence.value : 0;
    const std::uint64_t first = m_acknowledged.value_or(domain::Sequence{}).value;
    std::uint64_t rows = last > first ? last - first : 0;
    const auto gaps = m_engine.vault().journal().gaps();
    for (std::size_t i = 0; gaps && i < gaps->size(); ++i) {
        const std::uint64_t from = std::max((*gaps)[i].first.value, first + 1);
        const std::uint64_t to = std::min((*gaps)[i].last.value, last);
        rows -= from <= to ? to - from + 1 : 0;
    }
    return rows + m_engine.vault().rescuedRows().size();
}

protocol::Health Exchanger::health()
{
    vault::Vault &vault = m_engine.vault();
    const clock::Moment moment = m_engine.now();
    protocol::Health health{.clock = moment.state,
                            .clockOffset = moment.at - moment.wall,
                            .software = m_options.software,
                            .queued = queued(),
                            .inDoubt = vault.doubted().size(),
                            .network = m_options.network,
                            .notAccepted = m_notAccepted,
                            .failures = static_cast<std::uint32_t>(m_schedule.failures())};
    health.storage = vault.state() == vault::StorageState::Good     ? protocol::StorageHealth::Good
                     : vault.state() == vault::StorageState::Rescue ? protocol::StorageHealth::Rescue
                                                                    : protocol::StorageHealth::Failed;
    if (const scan::ListInForce *list = m_engine.list())
        health.listMadeAt = list->head.madeAt;
    return health;
}

void Exchanger::trouble(const base::Error &error)
{
    m_report.trouble = error.message;
}

void Exchanger::beginDrain()
{
    m_draining = true;
    m_shiftsToTell = true;
    m_schedule.hurry();
    if (const auto listening = m_flights.find(Lane::Listen); listening != m_flights.end()) {
        m_transport.cancel(listening->second.call);
        m_flights.erase(listening);
        m_schedule.answered(Lane::Listen, now(), 0ms);
    }
}

bool Exchanger::isDrained()
{
    if (!m_engine.vault().isOpen())
        return false;
    lookForWork();
    return !owesRows() && !m_shiftsToTell && m_results.empty() && !m_schedule.isUnderWay(Lane::Up) &&
           m_engine.vault().rescuedRows().empty();
}

void Exchanger::flush()
{
    keepAcknowledged(true);
}

void Exchanger::keepAcknowledged(bool atOnce)
{
    if (!m_engine.vault().isOpen() || !m_acknowledged)
        return;
    const bool changed = m_acknowledged != m_kept || !m_fates.empty();
    const Schedule::Time at = now();
    const bool due = m_keptAt && at - *m_keptAt < kKeepEvery ? !m_fates.empty() || atOnce : changed || atOnce;
    if (!due)
        return;
    storage::Database &database = m_engine.vault().database();
    if (changed) {
        if (auto kept = m_engine.vault().journal().acknowledge(*m_acknowledged, m_fates); !kept)
            return trouble(kept.error());
        m_kept = m_acknowledged;
        m_fates.clear();
    }
    (void)keepReport(database, m_report);
    m_keptAt = at;
}

Report Exchanger::report()
{
    Report report = m_report;
    report.downloaded = m_snapshot.downloaded();
    report.loaded = m_snapshot.loaded();
    return report;
}

} // namespace voelgoed::sync
