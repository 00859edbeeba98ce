#include "shared/admission/scenario.h"

#include "shared/admission/decide.h"
#include "shared/admission/wording.h"

#include <algorithm>
#include <map>

namespace voelgoed::admission {

using namespace domain;

namespace {

/// An admitted scan. The passage borrows from the scenario.
struct Kept
{
    Passage passage;
    std::string_view checkpoint;
};

std::string differs(std::string_view what, std::string_view got, std::string_view expected)
{
    return std::string(what) + ": " + std::string(got) + " instead of " + std::string(expected);
}

std::string joined(const std::vector<std::string> &ids)
{
    std::string all;
    for (const std::string &id : ids)
        all += (all.empty() ? "" : ", ") + id;
    return "[" + all + "]";
}

std::vector<std::string> differences(const Expectation &expected, const ScanResult &result)
{
    std::vector<std::string> all;
    if (expected.outcome && *expected.outcome != result.outcome())
        all.push_back(differs("outcome", word(result.outcome()), word(*expected.outcome)));
    if (expected.reason && *expected.reason != result.reason)
        all.push_back(differs("reason", word(result.reason), word(*expected.reason)));
    if (expected.explanation && *expected.explanation != result.explanation)
        all.push_back(differs("explanation", result.explanation, *expected.explanation));
    if (expected.remaining && *expected.remaining != result.remaining)
        all.push_back(differs("remaining", std::to_string(result.remaining), std::to_string(*expected.remaining)));
    if (expected.questions && *expected.questions != result.questions)
        all.push_back(differs("questions", joined(result.questions), joined(*expected.questions)));
    if (expected.overridden && expected.overridden != result.overridden)
        all.push_back(differs("overridden", result.overridden ? word(*result.overridden) : "nothing",
                              word(*expected.overridden)));
    return all;
}

class Runner
{
public:
    Runner(const Scenario &scenario, const ScenarioTools &tools) : m_scenario(scenario), m_tools(tools)
    {
        for (std::size_t i = 0; i < scenario.tickets.size(); ++i) {
            const Ticket &ticket = scenario.tickets[i];
            if (!ticket.code.empty())
                m_byCode.emplace(ticket.code, i);
            m_byOrdinal.emplace(ticket.ordinal, i);
            if (ticket.addonOf && *ticket.addonOf != ticket.ordinal)
                m_addons[*ticket.addonOf].push_back(i);
        }
    }

    /// `arrival` is the scan's place in the order of arrival: it settles the order of scans of one moment and device.
    ScanResult judge(const ScenarioScan &item, std::uint64_t arrival)
    {
        const Scan &scan = item.scan;
        const Resolved resolved = resolve(scan);
        const Candidates candidates = found(resolved);
        std::vector<std::vector<Passage>> histories;
        for (const Candidate &candidate : candidates.tickets)
            histories.push_back(historyOf(candidate.ticket.ordinal, {&scan.checkpoint, 1}));
        const std::vector<std::span<const Passage>> spans(histories.begin(), histories.end());
        const State state{.histories = spans,
                          .insideHere = insideAreaOf(scan),
                          .throughGate = throughGateOf(scan),
                          .listAge = std::nullopt};
        const Verdict verdict = decide(m_scenario.rulebook, candidates, state, scan);
        const bool recorded = verdict.admits() && verdict.reason != Reason::OkRepeat && !scan.test;
        if (recorded) {
            keep(candidates.tickets[verdict.candidate].ticket.ordinal, scan, verdict, arrival);
            const auto &ticket = std::get<ResolvedTicket>(resolved);
            m_lastStep[ticket.ordinal] = std::max(m_lastStep[ticket.ordinal], ticket.rotatingStep);
        }
        ScanResult result = told(verdict, scan);
        result.differences = differences(item.expected, result);
        return result;
    }

private:
    Candidates found(const Resolved &led) const
    {
        if (const auto *problem = std::get_if<Reason>(&led))
            return {.tickets = {}, .problem = *problem};
        const auto &resolved = std::get<ResolvedTicket>(led);
        const auto index = m_byOrdinal.find(resolved.ordinal);
        Candidates candidates;
        if (index == m_byOrdinal.end()) {
            if (resolved.fromCode)
                candidates.tickets.push_back(
                    {.ticket = *resolved.fromCode, .presentedGeneration = resolved.generation, .listed = false});
            return candidates;
        }
        candidates.tickets.push_back(
            {.ticket = m_scenario.tickets[index->second], .presentedGeneration = resolved.generation});
        const auto addons = m_addons.find(resolved.ordinal);
        if (addons == m_addons.end())
            return candidates;
        for (const std::size_t addon : addons->second) {
            const Ticket &ticket = m_scenario.tickets[addon];
            candidates.tickets.push_back({.ticket = ticket, .presentedGeneration = ticket.generation});
        }
        return candidates;
    }

    Resolved resolve(const Scan &scan) const
    {
        const auto cleaned = m_tools.clean ? m_tools.clean(scan.code) : base::Result<std::string>(scan.code);
        const auto index = cleaned ? m_byCode.find(*cleaned) : m_byCode.end();
        if (index != m_byCode.end()) {
            const Ticket &ticket = m_scenario.tickets[index->second];
            return ResolvedTicket{.ordinal = ticket.ordinal, .generation = ticket.generation};
        }
        if (!m_tools.resolve)
            return Reason::Unknown;
        return m_tools.resolve({.scenario = m_scenario, .scan = scan, .lastStep = [&](Ordinal ordinal) {
                                    const auto step = m_lastStep.find(ordinal);
                                    return step == m_lastStep.end() ? 0 : step->second;
                                }});
    }

    std::vector<Passage> historyOf(Ordinal ordinal, std::span<const CheckpointId> checkpoints) const
    {
        std::vector<Passage> history;
        const auto kept = m_kept.find(ordinal);
        if (kept == m_kept.end())
            return history;
        for (const Kept &entry : kept->second) {
            const bool wanted = std::any_of(checkpoints.begin(), checkpoints.end(),
                                            [&](const CheckpointId &id) { return id.view() == entry.checkpoint; });
            if (wanted)
                history.push_back(entry.passage);
        }
        return history;
    }

    std::uint32_t insideAreaOf(const Scan &scan) const
    {
        const CompiledCheckpoint *checkpoint = m_scenario.rulebook.checkpoint(scan.checkpoint.view());
        if (!checkpoint || !checkpoint->definition.capacity)
            return 0;
        const Closing closing = m_scenario.rulebook.closingOf(*checkpoint);
        std::uint32_t inside = 0;
        for (const auto &[ordinal, kept] : m_kept)
            inside += insideOf(historyOf(ordinal, checkpoint->area), closing, scan.at);
        return inside;
    }

    std::uint32_t throughGateOf(const Scan &scan) const
    {
        std::int64_t inside = 0;
        for (const auto &[ordinal, kept] : m_kept) {
            for (const Kept &entry : kept) {
                if (entry.passage.gate != scan.gate.view())
                    continue;
                inside += entry.passage.direction == Direction::Entry ? entry.passage.count : -entry.passage.count;
            }
        }
        return static_cast<std::uint32_t>(std::max<std::int64_t>(inside, 0));
    }

    void keep(Ordinal ordinal, const Scan &scan, const Verdict &verdict, std::uint64_t arrival)
    {
        const Kept entry{.passage = {.at = scan.at,
                                     .device = scan.device.view(),
                                     .sequence = {arrival},
                                     .nonce = scan.nonce,
                                     .gate = scan.gate.view(),
                                     .direction = scan.direction,
                                     .count = scan.count,
                                     .overridden = verdict.reason == Reason::OkOverride},
                         .checkpoint = scan.checkpoint.view()};
        std::vector<Kept> &kept = m_kept[ordinal];
        const auto place = std::upper_bound(kept.begin(), kept.end(), entry,
                                            [](const Kept &a, const Kept &b) { return earlier(a.passage, b.passage); });
        kept.insert(place, entry);
    }

    ScanResult told(const Verdict &verdict, const Scan &scan) const
    {
        ScanResult result{.reason = verdict.reason,
                          .explanation = sentence(verdict.explanation, m_scenario.rulebook.zone(), scan.at),
                          .remaining = verdict.remaining,
                          .questions = {},
                          .overridden = verdict.overridden,
                          .flagged = verdict.flagged,
                          .differences = {}};
        const auto &questions = m_scenario.rulebook.definition().questions;
        for (std::size_t i = 0; i < questions.size(); ++i) {
            if ((verdict.questions >> i & 1) != 0)
                result.questions.push_back(questions[i].id.text);
        }
        return result;
    }

    const Scenario &m_scenario;
    const ScenarioTools &m_tools;
    std::map<std::string_view, std::size_t> m_byCode;
    std::map<Ordinal, std::size_t> m_byOrdinal;
    std::map<Ordinal, std::vector<std::size_t>> m_addons;
    std::map<Ordinal, std::vector<Kept>> m_kept; ///< in the total order
    std::map<Ordinal, std::uint64_t> m_lastStep; ///< of rotating parts
};

} // namespace

std::vector<ScanResult> runScenario(const Scenario &scenario, const ScenarioTools &tools)
{
    Runner runner(scenario, tools);
    std::vector<ScanResult> results;
    for (const ScenarioScan &scan : scenario.scans)
        results.push_back(runner.judge(scan, results.size() + 1));
    return results;
}

} // namespace voelgoed::admission
