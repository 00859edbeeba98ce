#include "server/slices/scanning/actions/scan.h"

#include "server/platform/pg/sql_state.h"
#include "server/slices/scanning/judging.h"
#include "server/slices/scanning/own.h"
#include "shared/protocol/row.h"

namespace voelgoed::scanning {

using actions::Context;
using async::Task;
using base::Result;

namespace {

constexpr domain::Epoch kEpoch{1}; ///< of all rows that are made here
constexpr int kAttemptsMax = 5;
constexpr std::size_t kAnswersMax = 64, kAnswerMax = 1000;

constexpr pg::Sql kLast{R"(
SELECT seq, hash FROM scanning.scans
WHERE organization_id = app.org() AND event_id = $1 AND device = $2 AND epoch = $3 ORDER BY seq DESC LIMIT 1)"};

constexpr pg::Sql kSession{R"(
SELECT device FROM scanning.sessions WHERE organization_id = app.org() AND event_id = $1 AND id = $2)"};

template <std::size_t Max>
std::string textOf(const std::optional<actions::Text<Max>> &text)
{
    return text ? text->value : std::string();
}

domain::DeviceId deviceOf(const Context &context, const OneScan &in)
{
    return {scannerOf(context.actor(), textOf(in.device))};
}

bool asksWhatWouldBe(const Context &context)
{
    return context.actor().kind == access::ActorKind::System;
}

bool isLate(const Context &context, const OneScan &in)
{
    return in.at && *in.at < context.now() - kLate && !asksWhatWouldBe(context);
}

Result<OneScan> atPost(const access::Actor &actor, OneScan in)
{
    if (!actor.device)
        return in;
    const access::DevicePost &post = *actor.device;
    if (post.event != base::toText(in.event))
        return actions::notFound("event");
    if (!post.gate.empty()) {
        if (in.gate.value_or(actions::Text<100>{post.gate}).value != post.gate)
            return actions::notFound("gate");
        in.gate = actions::Text<100>{post.gate};
    }
    if (!post.checkpoint.empty()) {
        if (in.checkpoint.value_or(actions::Text<100>{post.checkpoint}).value != post.checkpoint)
            return actions::notFound("checkpoint");
        in.checkpoint = actions::Text<100>{post.checkpoint};
    }
    const Way way = post.isExit ? Way::Exit : Way::Entry;
    if (!post.gate.empty() || !post.checkpoint.empty()) {
        if (in.direction.value_or(way) != way)
            return actions::notFound("direction");
        in.direction = way;
    }
    return in;
}

Result<domain::Scan> scanOf(Context &context, const OneScan &in)
{
    const std::int32_t count = in.count.value_or(1);
    if (count < 1 || count > UINT16_MAX)
        return context.reject("/count", "out_of_range", "From 1 to 65535 persons.");
    if (!in.checkpoint)
        return context.reject("/checkpoint", "required", "At which checkpoint?");
    domain::Scan scan{.at = asksWhatWouldBe(context) ? in.at.value_or(context.now()) : context.now(),
                      .checkpoint = {in.checkpoint->value},
                      .gate = {textOf(in.gate)},
                      .device = in.device ? deviceOf(context, in) : domain::DeviceId(),
                      .direction = in.direction == Way::Exit ? domain::Direction::Exit : domain::Direction::Entry,
                      .code = in.code.value,
                      .nonce = textOf(in.nonce),
                      .count = static_cast<std::uint16_t>(count),
                      .confirmPending = in.confirmPending,
                      .answers = {},
                      .override = {},
                      .session = {textOf(in.session)},
                      .operatedBy = {textOf(in.operatedBy)},
                      .test = in.test || context.actor().isTest};
    if (in.answers.size() > kAnswersMax)
        return context.reject("/answers", "too_many", "These are more answers than there can be questions.");
    for (const auto &[question, answer] : in.answers) {
        if (question.size() > kAnswerMax || answer.size() > kAnswerMax)
            return context.reject("/answers", "too_long", "An answer is too long.");
        scan.answers.emplace(domain::QuestionId{question}, answer);
    }
    return scan;
}

/// Of this scanner, or on this very device: a row is of nobody else's session. Whether it has ended does not matter.
Task<Result<void>> checkSession(Context &context, pg::Tx &tx, const OneScan &in)
{
    if (!in.session)
        co_return Result<void>();
    const auto rows = co_await tx.run(kSession, pg::Params::of(in.event, in.session->value));
    if (!rows)
        co_return rows.error();
    const std::string device = rows->empty() ? std::string() : rows->front().get<std::string>(0);
    const bool isOwn =
        device == deviceOf(context, in).text || (context.actor().device && device == base::toText(context.actor().id));
    if (rows->empty() || !isOwn)
        co_return context.reject("/session", "unknown", "This scanner has no such session.");
    co_return Result<void>();
}

/// When a scan was made: by the server, and as its scanner said.
struct Moment
{
    base::Instant at, wall;
    bool isLate = false;
};

/// The next row of the caller's own chain.
Task<Result<Brought>> rowOf(work::UnitOfWork &unit, base::Uuid event, domain::DeviceId device,
                            domain::ScanRecord record, Moment moment)
{
    const auto last =
        co_await unit.tx().run(kLast, pg::Params::of(event, device.text, static_cast<std::int64_t>(kEpoch.value)));
    if (!last)
        co_return last.error();
    domain::Row row{.key = {.device = device, .epoch = kEpoch, .sequence = {1}},
                    .event = {base::toText(event)},
                    .at = moment.at,
                    .wall = moment.wall,
                    .clock = moment.isLate ? domain::ClockState::Bracketed : domain::ClockState::Anchored,
                    .sealEphemeral = {},
                    .what = std::move(record)};
    if (!last->empty()) {
        row.key.sequence.value = static_cast<std::uint64_t>(last->front().get<std::int64_t>(0)) + 1;
        const auto hash = last->front().get<base::Bytes>(1);
        base::ensure(hash.size() == row.previous.size(), "a row's hash of another length in the database");
        std::copy(hash.begin(), hash.end(), row.previous.begin());
    }
    Brought brought{
        .bytes = protocol::encode(row), .hash = {}, .row = std::move(row), .at = moment.at, .source = Source::Json};
    brought.hash = protocol::hashOf(brought.bytes);
    co_return brought;
}

ScanVerdict verdictOf(const JudgedScan &judged, const EventBook &book, base::Instant at)
{
    ScanVerdict verdict;
    verdict.outcome = domain::word(domain::outcomeOf(judged.reason));
    verdict.reason = domain::word(judged.reason);
    verdict.explanation = judged.explanation;
    verdict.questions = judged.questions;
    verdict.flagged = judged.flagged;
    verdict.at = at;
    if (judged.reason == domain::Reason::OkGroup || judged.reason == domain::Reason::NoEntriesLeft)
        verdict.remaining = static_cast<std::int32_t>(judged.remaining);
    if (judged.overridden)
        verdict.overridden = std::string(domain::word(*judged.overridden));
    if (!judged.ticket)
        return verdict;
    const domain::Ticket &ticket = *judged.ticket;
    verdict.ordinal = static_cast<std::int32_t>(ticket.ordinal.value);
    verdict.seat = ticket.seat;
    verdict.attention = ticket.attention;
    if (const domain::TicketType *type = book.rulebook.type(ticket.type.view())) {
        verdict.ticketType = type->name;
        verdict.attention = verdict.attention || type->attention;
        verdict.notes = type->notes;
    }
    verdict.notes.insert(verdict.notes.end(), ticket.notes.begin(), ticket.notes.end());
    return verdict;
}

/// What else the owner's scanners show: how full it is now, and where the ticket was before.
void addFigures(ScanVerdict &verdict, const JudgedScan &judged, const ScanFacts &facts, const domain::Scan &scan,
                const EventBook &book)
{
    const bool isPassage = verdict.outcome == domain::word(domain::Outcome::Admit) && !scan.test &&
                           judged.reason != domain::Reason::OkRepeat;
    const std::int64_t more = !isPassage ? 0 : scan.direction == domain::Direction::Exit ? -scan.count : scan.count;
    verdict.eventOccupancy = std::max<std::int64_t>(insideEvent(facts.places, &book.rulebook, scan.at) + more, 0);
    verdict.gate = scan.gate.text;
    if (const domain::Gate *gate = book.rulebook.gate(scan.gate.view())) {
        verdict.occupancy = std::max<std::int64_t>(throughGate(facts.places, scan.gate.text) + more, 0);
        verdict.capacity = gate->capacity;
        if (gate->capacity)
            verdict.percentFull = percentFull(*verdict.occupancy, *gate->capacity);
    }
    if (!judged.last)
        return;
    const protocol::PassageRecord &last = judged.last->record;
    verdict.lastScannedAt = last.at;
    verdict.secondsSince = std::chrono::duration_cast<std::chrono::seconds>(scan.at - last.at).count();
    if (const domain::Gate *gate = book.rulebook.gate(last.gate.view()))
        verdict.lastGateName = gate->name;
}

/// In one transaction: what it is judged on, the verdict, and its row.
Task<Result<ScanVerdict>> judgeAndWrite(Context &context, Scanning &scanning, const OneScan &in,
                                        const domain::Scan &scan, Alarms alarms)
{
    auto unit = co_await context.database().begin(context.who());
    if (!unit)
        co_return unit.error();
    // Held until the commit: what is read behind it stays true.
    const auto head = co_await lockFeed(unit->tx(), in.event);
    if (!head)
        co_return head.error();
    if (const auto checked = co_await checkSession(context, unit->tx(), in); !checked)
        co_return checked.error();
    const auto book = scanning.rulebooks.of(in.event, *head);
    if (!book)
        co_return actions::notFound("event");
    if (!scan.gate.empty() && !book->rulebook.gate(scan.gate.view()) && !asksWhatWouldBe(context))
        co_return context.reject("/gate", "unknown", "The event has no such gate.");
    const auto facts = co_await loadScanFacts(
        unit->tx(), {.event = in.event, .head = head->head, .book = book, .areas = scanning.areas}, scan);
    if (!facts)
        co_return facts.error();
    const JudgedScan judged = judgeScan(*book, *facts, scan);
    if (judged.reason != domain::Reason::OkRepeat) {
        domain::ScanRecord record = recordOf(judged, *facts, scan);
        record.listSequence = static_cast<std::uint64_t>(head->head);
        auto brought = co_await rowOf(*unit, in.event, deviceOf(context, in), std::move(record),
                                      {.at = scan.at, .wall = in.at.value_or(scan.at), .isLate = isLate(context, in)});
        if (!brought)
            co_return brought.error();
        const auto committed = co_await scanning.lanes.commit(*unit, in.event, std::move(*brought), alarms);
        if (!committed)
            co_return committed.error();
    }
    ScanVerdict verdict = verdictOf(judged, *book, scan.at);
    verdict.late = isLate(context, in);
    addFigures(verdict, judged, *facts, scan, *book);
    if (alarms.eventCapacity) {
        verdict.eventCapacity = alarms.eventCapacity;
        verdict.eventPercentFull = percentFull(verdict.eventOccupancy, *alarms.eventCapacity);
    }
    co_return verdict;
}

/// Nothing of it was written, and it may go well the next time.
bool mayRetry(const base::Error &error)
{
    return pg::SqlState::isCollision(error) || pg::SqlState::isUniqueViolation(error, {});
}

} // namespace

Task<Result<ScanVerdict>> scanOnce(Context &context, Scanning &scanning, OneScan in)
{
    if (const auto unlocked = checkUnlocked(context.actor()); !unlocked)
        co_return unlocked.error();
    auto placed = atPost(context.actor(), std::move(in));
    if (!placed)
        co_return placed.error();
    in = std::move(*placed);
    auto scan = scanOf(context, in);
    if (!scan)
        co_return scan.error();
    if (in.override) {
        auto override = co_await overrideBy(context, scanning.badges, in.event, *in.override);
        if (!override)
            co_return override.error();
        scan->override = std::move(*override);
    }
    const auto held = co_await scanning.guesses.begin(context, in.code.value);
    if (!held)
        co_return held.error();
    const auto began = std::chrono::steady_clock::now();
    const Alarms alarms = co_await scanning.lanes.alarmsOf(context.organization(), in.event);
    auto verdict = co_await judgeAndWrite(context, scanning, in, *scan, alarms);
    for (int attempt = 1; !verdict && mayRetry(verdict.error()) && attempt < kAttemptsMax; ++attempt)
        verdict = co_await judgeAndWrite(context, scanning, in, *scan, alarms);
    if (!verdict)
        co_return verdict.error();
    scanning.judgedHere.observe(std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count());
    if (*held && verdict->reason == domain::word(domain::Reason::Unknown))
        co_await scanning.guesses.wrong(context.actor());
    co_return verdict;
}

void addScanActions(Scanning &scanning)
{
    scanning.kernel.actions.add({.name = "scanning.scan",
                                 .method = http::Method::Post,
                                 .route = "/v1/events/{event}/scans",
                                 .summary = "One scan, judged here: for scanners of other makers",
                                 .policy = access::Policy::may(access::Permission::Scan),
                                 .effect = actions::Effect::Commits,
                                 .load = actions::LoadClass::Critical,
                                 .testKeys = actions::TestKeys::Yes},
                                scanning, &scanOnce);
}

} // namespace voelgoed::scanning
