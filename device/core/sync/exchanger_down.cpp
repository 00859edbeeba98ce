// What the server's answers do.
#include "device/core/replica/holder_names.h"
#include "device/core/sync/exchanger.h"
#include "shared/base/text.h"

#include <algorithm>

namespace voelgoed::sync {

using namespace std::chrono_literals;
using base::Result;

namespace {

constexpr std::size_t kChangesATurn = 200;
constexpr base::Milliseconds kClockSlack = 250ms; ///< a clock that is off by less is left alone
constexpr base::Milliseconds kListKeptEvery = 60s;
constexpr base::Milliseconds kReorderedMax = 60s; ///< by so much the answers of two exchanges overtake each other
constexpr std::size_t kRememberedCommands = 64;

/// A path's segment with everything escaped that has a meaning there (RFC 3986, section 2.3).
std::string escaped(std::string_view text)
{
    std::string out;
    for (const char c : text) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                           c == '.' || c == '_' || c == '~';
        out += plain ? std::string(1, c) : "%" + base::toHex(base::bytesOf({&c, 1}));
    }
    return out;
}

bool isSettled(const protocol::SyncReply &reply, const domain::RowKey &row)
{
    const auto inRun = [&](const protocol::OutcomeRun &run) {
        return run.first.device == row.device && run.first.epoch == row.epoch && run.first.sequence <= row.sequence &&
               row.sequence.value - run.first.sequence.value < run.count;
    };
    const auto through = [&](const domain::RowKey &key) {
        return key.device == row.device && key.epoch == row.epoch && key.sequence >= row.sequence;
    };
    return std::any_of(reply.outcomes.begin(), reply.outcomes.end(), inRun) ||
           std::any_of(reply.acknowledged.begin(), reply.acknowledged.end(), through);
}

/// How a run's rows are kept; nothing for rows that were simply taken.
bool isRemarkable(protocol::RowOutcome outcome)
{
    switch (outcome) {
    case protocol::RowOutcome::Accepted:
    case protocol::RowOutcome::Repeat:
        return false;
    case protocol::RowOutcome::Double:
    case protocol::RowOutcome::Unverified:
    case protocol::RowOutcome::Quarantined:
        return true;
    }
    return true;
}

} // namespace

void Exchanger::takeTime(const protocol::SyncReply &reply, const Heard &heard, base::Milliseconds ago,
                         base::Milliseconds waited)
{
    // Only what did not wait at the server says how long the way is.
    if (waited == 0ms)
        m_leastWay = std::min(heard.took, m_leastWay.value_or(heard.took));
    const base::Milliseconds half = m_leastWay.value_or(0ms) / 2;
    const base::Instant server = reply.at + ago + half;
    const clock::Moment moment = m_engine.now();
    const bool off = std::chrono::abs(server - moment.at) > kClockSlack + half;
    if (moment.state != domain::ClockState::Anchored || off)
        m_engine.anchor(server);
    const clock::Moment corrected = m_engine.now();
    m_report.lastExchange = corrected.at;
    m_report.clockOffset = corrected.at - corrected.wall;
}

Result<void> Exchanger::takeOutcomes(const protocol::SyncReply &reply, const Flight &flight)
{
    if (flight.rows.empty())
        return {};
    const auto keyOf = [&](const auto &row) { return domain::RowKey{m_parties->device, row.first, row.second}; };
    const auto open = std::find_if(flight.rows.begin(), flight.rows.end(),
                                   [&](const auto &row) { return !isSettled(reply, keyOf(row)); });
    if (open == flight.rows.begin())
        return base::Error{base::ErrorCode::Unavailable, "the server took none of the rows, and does not say why", {}};
    m_acknowledged = std::max(*m_acknowledged, std::prev(open)->second);
    for (const protocol::OutcomeRun &run : reply.outcomes) {
        if (!isRemarkable(run.outcome) || run.first.device != m_parties->device)
            continue;
        for (const auto &[epoch, sequence] : flight.rows) {
            const bool inRun = epoch == run.first.epoch && sequence >= run.first.sequence &&
                               sequence.value - run.first.sequence.value < run.count;
            m_notAccepted += inRun;
            if (inRun)
                m_fates.push_back({sequence, std::string(protocol::word(run.outcome)), run.reason});
        }
    }
    return {};
}

void Exchanger::takeStanding(protocol::Standing standing, base::Instant at)
{
    // Of two exchanges the one that was answered first may come last, and says what was before. Not for long: a server
    // whose clock was set back is believed, too.
    if (at < m_standingAt && m_standingAt - at < kReorderedMax)
        return;
    m_standingAt = at;
    const bool revoked = standing == protocol::Standing::Revoked;
    if (revoked == m_options.enrolment.revoked)
        return;
    m_options.enrolment.revoked = revoked;
    m_messages.push_back(revoked ? "the server has revoked this device: nobody is judged here; its scans still go up"
                                 : "the server has taken this device back");
    static_cast<void>(keepEnrolment());
    applyLock();
}

void Exchanger::applyLock()
{
    m_engine.setLock(m_options.enrolment.isLocked() ? scan::Engine::Lock::Locked : scan::Engine::Lock::Open);
}

Result<void> Exchanger::keepEnrolment()
{
    auto saved = m_save(m_options.enrolment);
    if (!saved)
        m_messages.push_back(saved.error().message);
    return saved;
}

/// What cannot be kept is in force until the next start, and whoever ordered it has to know that.
protocol::CommandResult Exchanger::kept(const std::string &id)
{
    if (const auto saved = keepEnrolment(); !saved)
        return {.id = id,
                .outcome = protocol::CommandOutcome::Refused,
                .note = base::printable("done until this device starts again: " + saved.error().message, 500)};
    return {.id = id, .outcome = protocol::CommandOutcome::Done, .note = {}};
}

void Exchanger::takeFeed(protocol::FeedSlice slice, base::Instant at)
{
    const scan::ListInForce *list = m_engine.list();
    if (!list || m_pending || m_snapshot.isUnderWay())
        return; // it was asked for before that
    const protocol::Cursor &here = list->head.cursor;
    if (slice.epoch != here.epoch)
        return orderSnapshot(protocol::SnapshotReason::Epoch, {});
    if (slice.after > here.sequence || slice.through < here.sequence) {
        m_schedule.failed(Lane::Listen, now(), 0ms);
        return trouble(base::corrupt("changes behind " + std::to_string(slice.after) + " up to " +
                                     std::to_string(slice.through) + ", and the list is at " +
                                     std::to_string(here.sequence)));
    }
    m_schedule.setBehind(slice.through < slice.head);
    m_pending = Pending{.slice = std::move(slice), .applied = 0, .at = at};
}

void Exchanger::applyNext()
{
    const protocol::FeedSlice &slice = m_pending->slice;
    const auto here = m_engine.list()->head;
    const std::size_t left = slice.changes.size() - m_pending->applied;
    const bool last = left <= kChangesATurn;
    const bool atHead = last && slice.through == slice.head;
    const auto changes = std::span(slice.changes).subspan(m_pending->applied, std::min(left, kChangesATurn));
    const std::uint64_t through = last ? slice.through : changes.back().sequence;
    // Where nothing has changed, that the list is fresh is written down now and then.
    const bool news = through > here.cursor.sequence || (last && !slice.cursor.empty() && slice.cursor != here.resume);
    const bool keep = news || (atHead && (!m_listKeptAt || now() - *m_listKeptAt >= kListKeptEvery));
    if (keep) {
        const bool names = m_engine.list()->definition.event.policy.namesOnDevices;
        const auto applied =
            m_engine.applyFeed({.epoch = slice.epoch,
                                .through = through,
                                .changes = changes,
                                .resume = last ? base::ByteView(slice.cursor) : base::ByteView(),
                                .asOf = atHead ? std::optional(m_pending->at) : std::nullopt},
                               names ? replica::sealNamesWith(m_options.dataKey, m_random) : replica::SealName());
        if (!applied) {
            m_pending.reset();
            m_schedule.failed(Lane::Listen, now(), 0ms);
            return trouble(applied.error());
        }
        m_listKeptAt = atHead ? std::optional(now()) : m_listKeptAt;
    }
    m_pending->applied += changes.size();
    if (!last)
        return;
    const Pending pending = std::move(*std::exchange(m_pending, std::nullopt));
    if (atHead)
        endOfFeed(pending);
}

void Exchanger::endOfFeed(const Pending &pending)
{
    m_engine.confirmList(pending.at);
    const replica::ListHead &head = m_engine.list()->head;
    if (!pending.slice.checksum)
        return;
    const bool agrees =
        head.checksum == *pending.slice.checksum && (!pending.slice.history || head.history == *pending.slice.history);
    m_report.checksumAgrees = agrees;
    if (agrees)
        return;
    m_messages.emplace_back("the list on this device is not the one that the server sent: it is fetched anew");
    orderSnapshot(protocol::SnapshotReason::Checksum, {});
}

void Exchanger::orderSnapshot(protocol::SnapshotReason reason, const std::string &path)
{
    if (event().empty())
        return;
    const std::string usual = "/v1/events/" + escaped(event().view()) + "/snapshot";
    m_snapshot.order(reason, path.starts_with('/') ? path : usual, event());
}

void Exchanger::stepSnapshot()
{
    if (!m_snapshot.isUnderWay() || m_options.enrolment.revoked || m_draining)
        return;
    const auto stamp = [this] {
        return protocol::RequestStamp{.device = m_parties->device, .boot = m_options.boot, .counter = ++m_counter};
    };
    const auto done = m_snapshot.step(now(), stamp);
    if (!done)
        return trouble(done.error());
    if (*done) {
        m_report.trouble.clear();
        m_schedule.setBehind(true);
    }
}

void Exchanger::takeCommands(const std::vector<protocol::Command> &commands)
{
    for (const protocol::Command &command : commands) {
        const bool isQueued = std::any_of(m_results.begin(), m_results.end(),
                                          [&](const auto &result) { return result.id == command.id; });
        if (isQueued)
            continue;
        auto done = m_doneResults.find(command.id);
        if (done == m_doneResults.end()) {
            done = m_doneResults.emplace(command.id, carryOut(command)).first;
            m_done.push_back(command.id);
        }
        m_results.push_back(done->second);
    }
    while (m_done.size() > kRememberedCommands) {
        m_doneResults.erase(m_done.front());
        m_done.pop_front();
    }
}

protocol::CommandResult Exchanger::carryOut(const protocol::Command &command)
{
    using protocol::CommandOutcome;
    protocol::CommandResult result{.id = command.id, .outcome = CommandOutcome::Done, .note = {}};
    if (const auto *assignment = std::get_if<protocol::AssignCommand>(&command.what))
        return assign(command.id, *assignment);
    if (const auto *message = std::get_if<protocol::MessageCommand>(&command.what)) {
        m_messages.push_back(message->text);
        return result;
    }
    if (const auto *lock = std::get_if<protocol::LockCommand>(&command.what)) {
        m_options.enrolment.lock = lock->text;
        m_messages.push_back("locked: " + lock->text);
    } else if (std::holds_alternative<protocol::UnlockCommand>(command.what)) {
        m_options.enrolment.lock.reset();
        m_messages.emplace_back("unlocked");
    } else {
        result.outcome = CommandOutcome::Unsupported;
        return result;
    }
    applyLock();
    return kept(command.id);
}

protocol::CommandResult Exchanger::assign(const std::string &id, const protocol::AssignCommand &command)
{
    using protocol::CommandOutcome;
    if (!command.event.empty() && command.event != event())
        return {.id = id, .outcome = CommandOutcome::Refused, .note = "this device serves another event"};
    scan::Post post = m_engine.post();
    post.gate = command.gate;
    post.checkpoint = command.checkpoint;
    post.direction = command.direction;
    if (m_engine.list()) {
        if (auto taken = m_engine.takePost(post); !taken)
            return {.id = id, .outcome = CommandOutcome::Refused, .note = base::printable(taken.error().message, 500)};
        m_shiftsToTell = true;
    }
    protocol::Assignment &assignment = m_options.enrolment.assignment;
    assignment.gate = command.gate;
    assignment.checkpoint = command.checkpoint;
    assignment.direction = command.direction;
    m_messages.push_back("assigned to gate " + base::printable(command.gate.text) + ", checkpoint " +
                         base::printable(command.checkpoint.text));
    return kept(id);
}

} // namespace voelgoed::sync
