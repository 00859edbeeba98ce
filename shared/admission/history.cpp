#include "shared/admission/history.h"

#include "shared/domain/verdict.h"

#include <algorithm>

namespace voelgoed::admission {

using namespace domain;

const ScanRecord *passageIn(const Row &row)
{
    const auto *scan = std::get_if<ScanRecord>(&row.what);
    const bool passed =
        scan && !scan->test && scan->ordinal.value != 0 && outcomeFromWord(scan->outcome) == Outcome::Admit;
    return passed ? scan : nullptr;
}

std::string nonceOf(Epoch epoch, Sequence sequence)
{
    return std::to_string(epoch.value) + "." + std::to_string(sequence.value);
}

base::Result<void> History::add(const Row &row)
{
    if (row.event != m_event)
        return {};
    if (const auto [known, isNew] = m_rows.emplace(row.key, row); !isNew) {
        if (known->second == row)
            return {};
        return base::Error{.code = base::ErrorCode::Conflict,
                           .message = "row " + row.key.device.text + "/" + std::to_string(row.key.epoch.value) + "/" +
                                      std::to_string(row.key.sequence.value) + ": is there with other contents",
                           .hint = {}};
    }
    if (const auto *undo = std::get_if<UndoRecord>(&row.what)) {
        m_takenBack.insert(undo->row);
        return {};
    }
    const ScanRecord *scan = passageIn(row);
    if (!scan)
        return {};
    m_passages[{scan->checkpoint, scan->ordinal}][row.key] = {.at = row.at,
                                                              .nonce = scan->nonce,
                                                              .gate = scan->gate,
                                                              .direction = scan->direction,
                                                              .count = scan->count,
                                                              .overridden = !scan->overridden.empty()};
    return {};
}

std::vector<Recorded> History::passagesOf(const Count &count) const
{
    std::vector<Recorded> passages;
    const auto found = m_passages.find(count);
    if (found == m_passages.end())
        return passages;
    for (const auto &[key, kept] : found->second) {
        if (m_takenBack.contains(key))
            continue;
        passages.push_back({.passage = {.at = kept.at,
                                        .device = key.device.view(),
                                        .sequence = key.sequence,
                                        .nonce = kept.nonce,
                                        .gate = kept.gate.view(),
                                        .direction = kept.direction,
                                        .count = kept.count,
                                        .overridden = kept.overridden},
                            .row = key});
    }
    // Equal in the total order are only rows of one device's sequence in two epochs: a journal that was cut. Stable,
    // so that their epochs decide.
    std::stable_sort(passages.begin(), passages.end(),
                     [](const Recorded &a, const Recorded &b) { return earlier(a.passage, b.passage); });
    return passages;
}

std::vector<Count> History::counts() const
{
    std::vector<Count> all;
    for (const auto &[count, passages] : m_passages)
        all.push_back(count);
    return all;
}

std::vector<Double> doublesOf(const std::vector<Recorded> &passages, const Allowance &allowance)
{
    std::vector<Double> doubles;
    std::vector<Passage> before;
    const Recorded *rightful = nullptr; // the newest entry that the ticket allowed
    for (const Recorded &recorded : passages) {
        const Passage &passage = recorded.passage;
        if (passage.direction == Direction::Entry) {
            const bool beyond = !isWithin(before, allowance, {.at = passage.at, .count = passage.count});
            if (beyond && !passage.overridden && rightful)
                doubles.push_back({.later = recorded, .earlier = *rightful});
            else
                rightful = &recorded;
        }
        before.push_back(passage);
    }
    return doubles;
}

} // namespace voelgoed::admission
