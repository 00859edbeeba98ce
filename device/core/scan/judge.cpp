// The three steps of a judgement: load what is known, decide, store durably.
#include "device/core/scan/engine.h"

#include "shared/admission/decide.h"
#include "shared/admission/history.h"
#include "shared/admission/wording.h"
#include "shared/ticket/event_ring.h"

#include <algorithm>

namespace voelgoed::scan {

using base::Result;
using domain::Reason;

/// What a judgement is based on. The spans borrow from the histories.
struct Engine::Facts
{
    admission::Candidates candidates;
    std::vector<index::History> histories;
    std::vector<std::span<const domain::Passage>> spans;
    admission::State state;
    bool readable = true; ///< false: what is known could not be read
};

domain::Scan Engine::scanOf(const Presentation &presentation, const clock::Moment &moment) const
{
    return {.at = moment.at,
            .checkpoint = m_post.checkpoint,
            .gate = m_post.gate,
            .device = m_device,
            .direction = m_post.direction,
            .count = presentation.count,
            .confirmPending = presentation.confirmPending,
            .answers = presentation.answers,
            .override = presentation.override,
            .session = m_session,
            .operatedBy = m_post.operatedBy,
            .test = presentation.test};
}

Result<void> Engine::loadCandidate(domain::Ordinal ordinal, const Identified *presented, Facts &facts)
{
    auto listed = m_vault->replica().find(ordinal);
    if (!listed)
        return listed.error();
    admission::Candidate candidate;
    if (*listed) {
        candidate.ticket = std::move((*listed)->ticket);
        candidate.presentedGeneration = candidate.ticket.generation;
        if (presented && presented->claims)
            candidate.presentedGeneration = presented->claims->generation;
        const bool byCode = presented && !presented->claims;
        bool named = !byCode;
        for (const protocol::CodeEntry &code : (*listed)->codes) {
            if (!byCode || code.hash != presented->listedAs)
                continue;
            named = true;
            candidate.presentedGeneration = code.generation;
            candidate.codeWithdrawn = code.withdrawn;
        }
        // What the index was made from and what was signed must agree.
        if (!named)
            return base::corrupt("ticket " + std::to_string(ordinal.value) + " does not have the code that led to it");
    } else if (presented && presented->claims && !m_index.isListed(ordinal)) {
        candidate.ticket = ticket::ticketOf(*presented->claims, m_list->definition.keys, m_list->ring);
        candidate.presentedGeneration = presented->claims->generation;
        candidate.listed = false;
    } else {
        return base::corrupt("the index names ticket " + std::to_string(ordinal.value) + ", the list does not");
    }
    facts.candidates.tickets.push_back(std::move(candidate));
    facts.histories.push_back(m_passages.historyOf(ordinal, m_post.checkpoint));
    return {};
}

Engine::Facts Engine::load(const Identified &identified, const clock::Moment &moment)
{
    Facts facts;
    if (!m_vault->isOpen() || !hasListOfTheFile()) {
        facts.readable = false;
    } else if (identified.problem) {
        facts.candidates.problem = *identified.problem;
    } else {
        facts.readable = static_cast<bool>(loadCandidate(*identified.ordinal, &identified, facts));
        const auto *checkpoint = m_list->rulebook.checkpoint(m_post.checkpoint.view());
        if (facts.readable && checkpoint && checkpoint->definition.matchAddons) {
            for (const domain::Ordinal addon : m_index.addonsOf(*identified.ordinal))
                facts.readable = facts.readable && loadCandidate(addon, nullptr, facts);
        }
    }
    if (!facts.readable)
        facts = {.readable = false};
    for (const index::History &history : facts.histories)
        facts.spans.push_back(history.passages);
    facts.state = {.histories = facts.spans,
                   .insideHere = m_occupancy.inside(m_post.checkpoint, moment.at),
                   .throughGate = m_occupancy.throughGate(m_post.gate),
                   .listAge = std::max(moment.at - m_list->head.madeAt, base::Milliseconds(0)),
                   .storageTrusted = facts.readable,
                   .time = moment.trust};
    return facts;
}

const domain::Row *Engine::doubtOf(const Identified &identified, const domain::Scan &presented,
                                   domain::TimeTrust trust) const
{
    // That the grace window is not over has to be known.
    if (presented.test || trust != domain::TimeTrust::Full)
        return nullptr;
    const base::Instant now = presented.at;
    for (const domain::Row &row : m_doubts) {
        const auto &scan = std::get<domain::ScanRecord>(row.what);
        // A rotating code reads otherwise every few seconds.
        const bool rotated = identified.form == domain::CodeForm::SignedRotating && scan.form == identified.form &&
                             identified.ordinal == scan.ordinal && identified.claims &&
                             identified.claims->generation == scan.generation;
        // As many persons as then: others come on their own account.
        const bool same = (identified.hash == scan.codeHash || rotated) && scan.checkpoint == presented.checkpoint &&
                          scan.direction == presented.direction && scan.count == presented.count;
        if (same && now >= row.at && now - row.at <= m_options.grace && isNewest(row))
            return &row;
    }
    return nullptr;
}

/// Whoever went in or out with the ticket since has seen what the scan in doubt said.
bool Engine::isNewest(const domain::Row &row) const
{
    const auto &scan = std::get<domain::ScanRecord>(row.what);
    const index::History history = m_passages.historyOf(scan.ordinal, scan.checkpoint);
    return !history.passages.empty() && history.passages.back().device == row.key.device.view() &&
           history.passages.back().nonce == admission::nonceOf(row.key.epoch, row.key.sequence);
}

Judged Engine::answered(const domain::Verdict &verdict, const Facts &facts, const domain::Scan &scan) const
{
    Judged judged{.reason = verdict.reason,
                  .told = Told::from(verdict.explanation),
                  .explanation = admission::sentence(verdict.explanation, m_list->rulebook.zone(), scan.at),
                  .at = scan.at,
                  .checkpoint = scan.checkpoint,
                  .direction = scan.direction,
                  .test = scan.test,
                  .flagged = verdict.flagged,
                  .count = scan.count,
                  .remaining = verdict.remaining,
                  .overridden = verdict.overridden};
    const auto &questions = m_list->definition.event.questions;
    for (std::size_t i = 0; i < questions.size(); ++i) {
        if ((verdict.questions >> i & 1) != 0)
            judged.questions.push_back(questions[i].text);
    }
    if (verdict.candidate >= facts.candidates.tickets.size())
        return judged;
    const admission::Candidate &candidate = facts.candidates.tickets[verdict.candidate];
    const domain::Ticket &ticket = candidate.ticket;
    judged.ordinal = ticket.ordinal;
    judged.generation = candidate.presentedGeneration;
    if (!candidate.listed)
        judged.unlistedAdmits = static_cast<std::uint16_t>(m_list->rulebook.admitsOf(ticket));
    judged.seat = ticket.seat;
    judged.attention = ticket.attention;
    if (const domain::TicketType *type = m_list->rulebook.type(ticket.type.view())) {
        judged.ticketType = type->name;
        judged.attention = judged.attention || type->attention;
        judged.notes = type->notes;
    }
    judged.notes.insert(judged.notes.end(), ticket.notes.begin(), ticket.notes.end());
    return judged;
}

Judged Engine::faulty(const domain::Scan &scan, domain::Phrase phrase) const
{
    domain::Verdict fault;
    fault.explanation.phrase = phrase;
    return answered(fault, {}, scan);
}

domain::ScanRecord Engine::recordOf(const Judged &judged, const Identified &identified,
                                    const Presentation &presentation, const domain::Scan &scan) const
{
    return {.checkpoint = scan.checkpoint,
            .gate = scan.gate,
            .direction = scan.direction,
            .ordinal = judged.ordinal,
            .generation = judged.generation,
            .medium = presentation.read.medium,
            .form = identified.form,
            .codeHash = identified.hash,
            .count = scan.count,
            .confirmPending = scan.confirmPending,
            .answers = scan.answers,
            .override = scan.override,
            .session = scan.session,
            .operatedBy = scan.operatedBy,
            .test = scan.test,
            .outcome = std::string(domain::word(judged.outcome())),
            .reason = std::string(domain::word(judged.reason)),
            .overridden = judged.overridden ? std::string(domain::word(*judged.overridden)) : std::string(),
            .flagged = judged.flagged,
            .listSequence = m_list->head.cursor.sequence,
            .explanation = judged.explanation,
            .rotatingStep = identified.rotatingStep,
            .unlistedAdmits = judged.unlistedAdmits};
}

domain::Verdict Engine::verdictOn(const Identified &identified, const Facts &facts, const domain::Scan &scan) const
{
    domain::Verdict verdict = admission::decide(m_list->rulebook, facts.candidates, facts.state, scan);
    // Nobody has looked whether there is such a ticket.
    if (identified.mustWait && verdict.reason == Reason::Unknown)
        verdict.explanation.phrase = domain::Phrase::WaitToType;
    return verdict;
}

Judged Engine::judge(const Presentation &presentation)
{
    const auto started = std::chrono::steady_clock::now();
    const auto timed = [&](Judged judged) {
        judged.took = std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - started);
        return judged;
    };
    base::ensure(m_list.has_value(), "a scan before an event was loaded");
    (void)refresh(); // where it fails, tickets cannot be looked up: a fault
    const clock::Moment moment = m_clock->now();
    domain::Scan scan = scanOf(presentation, moment);
    const Identified identified =
        m_identifier.identify(presentation.read, {m_list->ring, m_list->pretixKeys, m_index}, {moment.at, moment.trust},
                              [&](domain::Ordinal ordinal) { return lastStepOf(ordinal, moment.at); });
    // The nonce of a scan in doubt makes this the same presentation: decide() knows it again in the history.
    const domain::Row *doubt = doubtOf(identified, scan, moment.trust);
    scan.nonce = doubt ? admission::nonceOf(doubt->key.epoch, doubt->key.sequence) : std::string();
    const Facts facts = load(identified, moment);
    const domain::Verdict verdict = verdictOn(identified, facts, scan);
    const bool locked = m_lock == Lock::Locked;
    Judged judged = locked ? faulty(scan, domain::Phrase::DeviceLocked) : answered(verdict, facts, scan);
    if (verdict.reason == Reason::OkRepeat && !locked) {
        if (settle(*doubt, judged))
            return timed(std::move(judged));
        judged = faulty(scan);
    }
    auto row = writeDown(recordOf(judged, identified, presentation, scan), presentation.read.code, moment);
    if (!row)
        return timed(faulty(scan));
    judged.row = row->key;
    judged.durable = true;
    judged.rescued = m_lastRescued;
    return timed(std::move(judged));
}

bool Engine::settle(const domain::Row &doubt, Judged &judged)
{
    const domain::RowKey key = doubt.key;
    // Written down before it is shown: whatever happens now, it is not shown a third time.
    if (m_vault->state() != vault::StorageState::Good || !m_vault->journal().settleDoubt(key.sequence))
        return false;
    std::erase_if(m_doubts, [&](const domain::Row &row) { return row.key == key; });
    judged.row = key;
    judged.durable = true;
    return true;
}

Result<Examined> Engine::examine(const hal::CodeRead &read, const Post &post)
{
    base::ensure(m_list.has_value(), "a question before an event was loaded");
    (void)refresh();
    if (!m_list->rulebook.checkpoint(post.checkpoint.view()))
        return noSuchCheckpoint(post.checkpoint, *m_list);
    // Asked from another post, and back at one's own before anything is judged.
    const Post own = m_post; // a copy, since `post` may be m_post itself
    m_post = post;
    Examined examined = examinedHere(read);
    m_post = own;
    return examined;
}

Examined Engine::examinedHere(const hal::CodeRead &read)
{
    const clock::Moment moment = m_clock->now();
    domain::Scan scan = scanOf({.read = read}, moment);
    Examined examined;
    examined.identified =
        m_identifier.peek(read, {m_list->ring, m_list->pretixKeys, m_index}, {moment.at, moment.trust},
                          [&](domain::Ordinal ordinal) { return lastStepOf(ordinal, moment.at); });
    if (const domain::Row *doubt = doubtOf(examined.identified, scan, moment.trust))
        scan.nonce = admission::nonceOf(doubt->key.epoch, doubt->key.sequence);
    const Facts facts = load(examined.identified, moment);
    const domain::Verdict verdict = verdictOn(examined.identified, facts, scan);
    examined.now = answered(verdict, facts, scan);
    if (examined.identified.ordinal && m_vault->isOpen()) {
        if (auto listed = m_vault->replica().find(*examined.identified.ordinal))
            examined.listed = std::move(*listed);
    }
    const auto *checkpoint = m_list->rulebook.checkpoint(m_post.checkpoint.view());
    if (checkpoint && !checkpoint->rules.empty() && verdict.candidate < facts.candidates.tickets.size())
        examined.rules = checkpoint->rules.lines(
            admission::ruleFacts(m_list->rulebook, *checkpoint, facts.candidates.tickets[verdict.candidate].ticket,
                                 {scan, facts.spans[verdict.candidate]}));
    return examined;
}

} // namespace voelgoed::scan
