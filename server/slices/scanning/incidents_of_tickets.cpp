#include "server/slices/scanning/incidents.h"

#include "shared/base/text.h"

#include <algorithm>

namespace voelgoed::scanning {

using protocol::PassageRecord;

namespace {

std::string id(const std::string &text)
{
    return base::printable(text, kToldIdMax);
}

base::Json placeOf(const domain::RowKey &row, const std::string &gate, base::Instant at)
{
    return {{"device", row.device.text},
            {"gate", gate},
            {"at", base::formatInstant(at)},
            {"epoch", row.epoch.value},
            {"seq", row.sequence.value}};
}

base::Json placeOf(const Repeat &repeat)
{
    return placeOf(repeat.row, repeat.gate, repeat.at);
}

/// Looks at the tickets that were shown once more, of those that a batch tells of.
class TicketWatcher
{
public:
    TicketWatcher(const Facts &facts, const Plan &plan)
        : m_alarms(facts.watch.alarms.thresholds), m_facts(facts), m_plan(plan)
    {
        for (const Repeat &repeat : facts.watch.repeats)
            m_repeats[repeat.ordinal].push_back(repeat);
        for (const NewRow &made : plan.rows) {
            m_fresh.insert(made.brought->row.key);
            const domain::ScanRecord *scan = countedScan(made.brought->row);
            if (scan && isRepeat(*scan))
                m_repeats[scan->ordinal.value].push_back({.row = made.brought->row.key,
                                                          .ordinal = scan->ordinal.value,
                                                          .checkpoint = scan->checkpoint.text,
                                                          .gate = scan->gate.text,
                                                          .at = made.brought->at});
        }
        if (!m_repeats.empty())
            collectPassages();
    }

    std::vector<Incident> look()
    {
        for (auto &[ordinal, repeats] : m_repeats) {
            std::sort(repeats.begin(), repeats.end(),
                      [](const Repeat &a, const Repeat &b) { return std::tie(a.at, a.row) < std::tie(b.at, b.row); });
            tooOften(ordinal, repeats);
            tooFar(ordinal, repeats);
        }
        return std::move(m_found);
    }

private:
    /// Those that stand, in their order, this batch's included.
    void collectPassages()
    {
        std::map<std::uint32_t, std::vector<PassageRecord>> all;
        for (const auto &[ordinal, repeats] : m_repeats) {
            if (const auto before = m_facts.before.find(ordinal); before != m_facts.before.end())
                all[ordinal] = before->second;
        }
        for (const NewRow &made : m_plan.rows) {
            auto passage = made.feedSeq ? protocol::decodePassage(made.passage) : base::corrupt("none");
            if (passage && m_repeats.contains(passage->ordinal.value))
                all[passage->ordinal.value].push_back(std::move(*passage));
        }
        for (const auto &[ordinal, passages] : all) {
            std::vector<PassageRecord> &left = m_passages[ordinal] = standing(passages);
            std::sort(left.begin(), left.end(), [](const PassageRecord &a, const PassageRecord &b) {
                return std::tie(a.at, a.row) < std::tie(b.at, b.row);
            });
        }
    }

    /// The fullest hour that a row of this batch belongs to.
    void tooOften(std::uint32_t ordinal, const std::vector<Repeat> &repeats)
    {
        const auto isFresh = [&](std::size_t at) { return m_fresh.contains(repeats[at].row) ? 1U : 0U; };
        std::size_t most = 0, end = 0, begin = 0, fresh = 0;
        for (std::size_t last = 0; last < repeats.size(); ++last) {
            fresh += isFresh(last);
            while (repeats[last].at - repeats[begin].at > kRepeatsWithin)
                fresh -= isFresh(begin++);
            if (fresh > 0 && last - begin + 1 > most) {
                most = last - begin + 1;
                end = last;
            }
        }
        if (most <= static_cast<std::size_t>(m_alarms.repeatsPerHour))
            return;
        const Repeat &last = repeats[end], &first = repeats[end + 1 - most];
        const auto count = static_cast<std::int64_t>(most);
        m_found.push_back(
            {.kind = "repeated_attempts",
             .severity = "warning",
             .subject = std::to_string(ordinal),
             .at = last.at,
             .facts = {{"ordinal", ordinal}, {"repeats", count}, {"first", placeOf(first)}, {"last", placeOf(last)}},
             .told = {{"ordinal", ordinal},
                      {"gate_id", id(last.gate)},
                      {"device_id", id(last.row.device.text)},
                      {"at", base::formatInstant(last.at)}},
             .details = std::to_string(count) + " repeats of one ticket within an hour."});
    }

    void tooFar(std::uint32_t ordinal, const std::vector<Repeat> &repeats)
    {
        const std::vector<PassageRecord> &passages = m_passages[ordinal];
        for (const Repeat &repeat : repeats) {
            // Of those before it, who passed here last decides whether somebody is inside.
            const PassageRecord *last = nullptr;
            for (const PassageRecord &passage : passages) {
                if (passage.checkpoint.text == repeat.checkpoint && passage.at <= repeat.at)
                    last = &passage;
            }
            if (!last || last->direction == domain::Direction::Exit || last->gate.empty() || repeat.gate.empty() ||
                last->gate.text == repeat.gate || repeat.at - last->at > std::chrono::seconds(m_alarms.farGatesSeconds))
                continue;
            if (!m_fresh.contains(last->row) && !m_fresh.contains(repeat.row))
                continue;
            const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(repeat.at - last->at).count();
            m_found.push_back({.kind = "impossible_travel",
                               .severity = "warning",
                               .subject = std::to_string(ordinal),
                               .at = repeat.at,
                               .facts = {{"ordinal", ordinal},
                                         {"checkpoint", repeat.checkpoint},
                                         {"seconds", seconds},
                                         {"earlier", placeOf(last->row, last->gate.text, last->at)},
                                         {"later", placeOf(repeat)}},
                               .told = {{"ordinal", ordinal},
                                        {"checkpoint_id", id(repeat.checkpoint)},
                                        {"gate_id", id(repeat.gate)},
                                        {"device_id", id(repeat.row.device.text)},
                                        {"at", base::formatInstant(repeat.at)},
                                        {"earlier_gate_id", id(last->gate.text)},
                                        {"earlier_at", base::formatInstant(last->at)}},
                               .details = std::to_string(seconds) +
                                          " seconds after it went in, a ticket was shown at another gate."});
            return;
        }
    }

    const contracts::AlarmThresholds &m_alarms;
    const Facts &m_facts;
    const Plan &m_plan;
    std::set<domain::RowKey> m_fresh;
    std::map<std::uint32_t, std::vector<Repeat>> m_repeats;
    std::map<std::uint32_t, std::vector<PassageRecord>> m_passages;
    std::vector<Incident> m_found;
};

} // namespace

std::vector<Incident> ticketIncidents(const Facts &facts, const Plan &plan)
{
    return TicketWatcher(facts, plan).look();
}

} // namespace voelgoed::scanning
