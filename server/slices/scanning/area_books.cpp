#include "server/slices/scanning/area_books.h"

#include <algorithm>
#include <utility>

namespace voelgoed::scanning {

using async::Task;
using base::Result;
using protocol::PassageRecord;

namespace {

// What takes a passage back stands under no checkpoint.
constexpr pg::Sql kAll{R"(
SELECT passage FROM scanning.scans
WHERE organization_id = app.org() AND event_id = $1 AND (checkpoint = ANY ($2) OR checkpoint = '')
    AND feed_seq IS NOT NULL)"};

// Ticket by ticket, each in its index: see store_facts.cpp.
constexpr pg::Sql kSince{R"(
SELECT s.passage FROM (
    SELECT DISTINCT ordinal FROM scanning.scans
    WHERE organization_id = app.org() AND event_id = $1 AND feed_seq > $2 AND feed_seq > 0) AS used
CROSS JOIN LATERAL (
    SELECT passage FROM scanning.scans
    WHERE organization_id = app.org() AND event_id = $1 AND ordinal = used.ordinal AND feed_seq IS NOT NULL OFFSET 0) s)"};

constexpr pg::Sql kOfTickets{R"(
SELECT s.passage FROM unnest($2::int[]) AS asked (number)
CROSS JOIN LATERAL (
    SELECT passage FROM scanning.scans
    WHERE organization_id = app.org() AND event_id = $1 AND ordinal = asked.number AND feed_seq IS NOT NULL OFFSET 0) s)"};

/// Counts each ticket that the rows name anew. `rows` hold all of its passages in the area.
Result<void> countTickets(const pg::Rows &rows, const AreaQuestion &question, admission::AreaCount &persons)
{
    const std::vector<domain::CheckpointId> &area = question.checkpoint->area;
    std::map<domain::Ordinal, std::vector<PassageRecord>> byTicket;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        auto passage = protocol::decodePassage(rows[i].get<base::Bytes>(0));
        if (!passage)
            return base::corrupt("a passage in the database: " + passage.error().message);
        if (std::find(area.begin(), area.end(), passage->checkpoint) != area.end())
            byTicket[passage->ordinal].push_back(std::move(*passage));
    }
    for (const auto &[ordinal, records] : byTicket) {
        std::vector<PassageRecord> left = standing(records);
        std::sort(left.begin(), left.end(), isEarlier);
        std::vector<domain::Passage> history;
        for (const PassageRecord &record : left)
            history.push_back({.at = record.at, .nonce = {}, .direction = record.direction, .count = record.count});
        persons.count(ordinal, history, question.book->rulebook.zone(), question.now);
    }
    return {};
}

} // namespace

AreaBooks::Area &AreaBooks::areaOf(const Key &key)
{
    if (!m_areas.contains(key) && m_areas.size() >= kKept) {
        m_areas.erase(std::min_element(m_areas.begin(), m_areas.end(),
                                       [](const auto &a, const auto &b) { return a.second.asked < b.second.asked; }));
    }
    return m_areas[key];
}

Task<Result<std::uint32_t>> AreaBooks::inside(pg::Tx &tx, AreaQuestion question)
{
    const Key key{question.event, question.checkpoint->area.front().text};
    // Taken out: a question that fails leaves nothing half counted, and the next one begins anew.
    Area area = std::exchange(areaOf(key), Area());
    const domain::ZoneTable &zone = question.book->rulebook.zone();
    const bool goesOn = area.book == question.book && area.head <= question.head &&
                        (!area.persons.emptied() || *area.persons.emptied() <= question.now);
    if (!goesOn) {
        std::vector<std::string> checkpoints;
        for (const domain::CheckpointId &checkpoint : question.checkpoint->area)
            checkpoints.push_back(checkpoint.text);
        area.persons = admission::AreaCount(question.checkpoint->closingTimes);
        area.persons.begin(zone, question.now);
        const auto rows = co_await tx.run(kAll, pg::Params::of(question.event, checkpoints));
        if (!rows)
            co_return rows.error();
        if (auto counted = countTickets(*rows, question, area.persons); !counted)
            co_return counted.error();
    } else {
        std::vector<std::int32_t> again;
        for (const domain::Ordinal ordinal : area.persons.close(zone, question.now))
            again.push_back(static_cast<std::int32_t>(ordinal.value));
        std::vector<pg::Query> queries;
        if (!again.empty())
            queries.push_back({kOfTickets, pg::Params::of(question.event, again)});
        if (area.head < question.head)
            queries.push_back({kSince, pg::Params::of(question.event, area.head)});
        if (!queries.empty()) {
            const auto read = co_await tx.run(std::move(queries));
            if (!read)
                co_return read.error();
            for (const pg::Rows &rows : *read) {
                if (auto counted = countTickets(rows, question, area.persons); !counted)
                    co_return counted.error();
            }
        }
    }
    area.book = question.book;
    area.head = question.head;
    const std::uint64_t persons = area.persons.inside();
    area.asked = ++m_asked;
    m_areas[key] = std::move(area);
    co_return static_cast<std::uint32_t>(std::min<std::uint64_t>(persons, UINT32_MAX));
}

} // namespace voelgoed::scanning
