#include "server/slices/scanning/incidents.h"

#include "shared/domain/verdict.h"

namespace voelgoed::scanning {

const domain::ScanRecord *countedScan(const domain::Row &row)
{
    const auto *scan = std::get_if<domain::ScanRecord>(&row.what);
    return scan && !scan->test ? scan : nullptr;
}

bool isRepeat(const domain::ScanRecord &scan)
{
    return scan.ordinal.value > 0 && scan.outcome == domain::word(domain::Outcome::Refuse) &&
           (scan.reason == domain::word(domain::Reason::AlreadyUsed) ||
            scan.reason == domain::word(domain::Reason::NoEntriesLeft));
}

std::vector<TallyKey> tallyKeysOf(const domain::Row &row, base::Instant at)
{
    using Kind = TallyKey::Kind;
    const domain::ScanRecord *scan = countedScan(row);
    if (!scan)
        return {};
    const auto minute = std::chrono::floor<std::chrono::minutes>(at);
    std::vector<TallyKey> keys{{Kind::DeviceHour, row.key.device.text, std::chrono::floor<std::chrono::hours>(at)}};
    if (!scan->gate.empty())
        keys.push_back({Kind::GateMinute, scan->gate.text, minute});
    if (scan->outcome == domain::word(domain::Outcome::Admit))
        keys.push_back({Kind::EventMinute, {}, minute});
    return keys;
}

std::map<TallyKey, Tally> talliesOf(const Facts &facts, const Plan &plan)
{
    std::map<TallyKey, Tally> sums;
    std::map<domain::RowKey, base::Instant> times;
    for (const NewRow &made : plan.rows) {
        const domain::Row &row = made.brought->row;
        if (!plan.doubles.empty())
            times.emplace(row.key, made.brought->at);
        for (const TallyKey &key : tallyKeysOf(row, made.brought->at)) {
            Tally &sum = sums[key];
            ++sum.total;
            const auto &scan = std::get<domain::ScanRecord>(row.what);
            if (key.kind == TallyKey::Kind::DeviceHour && scan.outcome == domain::word(domain::Outcome::Undecided))
                ++sum.marked;
        }
    }
    // Of a conflict the later row counts, or the one that made it known: of that minute the sum was read.
    for (const DoubleMark &mark : plan.doubles) {
        if (facts.watch.doubled.contains(mark.later.row))
            continue;
        const auto later = times.find(mark.later.row),
                   known = later == times.end() ? times.find(mark.earlier.row) : later;
        if (known != times.end())
            ++sums[{TallyKey::Kind::EventMinute, {}, std::chrono::floor<std::chrono::minutes>(known->second)}].marked;
    }
    return sums;
}

} // namespace voelgoed::scanning
