#include "server/slices/scanning/judging.h"

#include "shared/admission/decide.h"
#include "shared/admission/wording.h"

#include <algorithm>

namespace voelgoed::scanning {

using domain::Reason;

JudgedScan judgeScan(const EventBook &book, const ScanFacts &facts, const domain::Scan &scan)
{
    std::vector<std::vector<domain::Passage>> histories;
    for (const std::vector<NamedPassage> &history : facts.histories) {
        std::vector<domain::Passage> &passages = histories.emplace_back();
        for (const auto &[record, nonce] : history) {
            passages.push_back({.at = record.at,
                                .device = record.row.device.text,
                                .sequence = record.row.sequence,
                                .nonce = nonce,
                                .gate = record.gate.text,
                                .direction = record.direction,
                                .count = record.count,
                                .overridden = record.overridden});
        }
    }
    const std::vector<std::span<const domain::Passage>> spans(histories.begin(), histories.end());
    const admission::State state{
        .histories = spans, .insideHere = facts.insideHere, .throughGate = facts.throughGate, .listAge = std::nullopt};
    const domain::Verdict verdict = admission::decide(book.rulebook, facts.candidates, state, scan);
    JudgedScan judged{.reason = verdict.reason,
                      .explanation = admission::sentence(verdict.explanation, book.rulebook.zone(), scan.at),
                      .remaining = verdict.remaining,
                      .questions = {},
                      .overridden = verdict.overridden,
                      .flagged = verdict.flagged,
                      .ticket = {},
                      .last = {},
                      .generation = 0,
                      .unlistedAdmits = 0};
    const auto &questions = book.rulebook.definition().questions;
    for (std::size_t i = 0; i < questions.size(); ++i) {
        if ((verdict.questions >> i & 1) != 0)
            judged.questions.push_back(questions[i].id.text);
    }
    if (verdict.candidate < facts.candidates.tickets.size()) {
        const admission::Candidate &candidate = facts.candidates.tickets[verdict.candidate];
        judged.ticket = candidate.ticket;
        judged.generation = candidate.presentedGeneration;
        if (!candidate.listed)
            judged.unlistedAdmits = static_cast<std::uint16_t>(book.rulebook.admitsOf(candidate.ticket));
        if (verdict.candidate < facts.histories.size() && !facts.histories[verdict.candidate].empty())
            judged.last = facts.histories[verdict.candidate].back();
    }
    return judged;
}

domain::ScanRecord recordOf(const JudgedScan &judged, const ScanFacts &facts, const domain::Scan &scan)
{
    return {.checkpoint = scan.checkpoint,
            .gate = scan.gate,
            .direction = scan.direction,
            .ordinal = judged.ticket ? judged.ticket->ordinal : domain::Ordinal{},
            .generation = judged.generation,
            .medium = domain::Medium::Network,
            .form = facts.form,
            .codeHash = facts.hash,
            .nonce = scan.nonce,
            .count = scan.count,
            .confirmPending = scan.confirmPending,
            .answers = scan.answers,
            .override = scan.override,
            .session = scan.session,
            .operatedBy = scan.operatedBy,
            .test = scan.test,
            .outcome = std::string(domain::word(domain::outcomeOf(judged.reason))),
            .reason = std::string(domain::word(judged.reason)),
            .overridden = judged.overridden ? std::string(domain::word(*judged.overridden)) : std::string(),
            .flagged = judged.flagged,
            .explanation = judged.explanation,
            .rotatingStep = facts.rotatingStep,
            .unlistedAdmits = judged.unlistedAdmits};
}

} // namespace voelgoed::scanning
