// The journal's readings: for the index, for export and for status.
#include "device/core/journal/gap_text.h"
#include "device/core/journal/journal.h"

namespace voelgoed::journal {

using base::Result;
using domain::Sequence;

namespace {

constexpr const char *kMarks = "SELECT passage.device, device.id, epoch, seq, ordinal, checkpoint, gate, direction, "
                               "persons, overridden, at, rotating "
                               "FROM passage LEFT JOIN device ON device.no = passage.device";
constexpr const char *kCounts =
    "SELECT (SELECT count(*) FROM journal), (SELECT count(*) FROM journal WHERE kind = 0), "
    "(SELECT count(*) FROM passage WHERE direction = 0), (SELECT count(*) FROM doubt JOIN passage USING (seq) "
    "WHERE settled = 0 AND passage.device = 0)";

Result<StoredRow> rowIn(const storage::Statement &statement)
{
    const base::ByteView body = statement.bytes(0);
    auto row = storedRow({body.begin(), body.end()});
    if (!row)
        return base::corrupt("journal: a row cannot be read: " + row.error().message);
    return row;
}

} // namespace

Result<void> Journal::eachMark(const std::function<void(const Mark &)> &use)
{
    auto select = m_database->prepare(kMarks);
    if (!select)
        return select.error();
    for (;;) {
        const auto more = select->step();
        if (!more)
            return more.error();
        if (!*more)
            return {};
        use(markIn(*select, m_device));
    }
}

Result<LastTimes> Journal::lastTimes()
{
    auto select = m_database->prepare("SELECT body FROM journal ORDER BY seq DESC");
    if (!select)
        return select.error();
    LastTimes times;
    while (!times.sure) {
        const auto more = select->step();
        if (!more)
            return more.error();
        if (!*more)
            break;
        const auto row = rowIn(*select);
        if (!row)
            return row.error();
        if (!times.last)
            times.last = row->row.at;
        if (row->row.clock != domain::ClockState::Bracketed)
            times.sure = row->row.at;
    }
    select->reset();
    return times;
}

Result<std::vector<StoredRow>> Journal::rowsAfter(Sequence after, std::size_t limit)
{
    auto select = m_database->prepare("SELECT body FROM journal WHERE seq > ?1 ORDER BY seq LIMIT ?2");
    if (!select)
        return select.error();
    select->bind(1, static_cast<std::int64_t>(after.value)).bind(2, static_cast<std::int64_t>(limit));
    std::vector<StoredRow> rows;
    for (;;) {
        const auto more = select->step();
        if (!more)
            return more.error();
        if (!*more)
            return rows;
        auto row = rowIn(*select);
        if (!row)
            return row.error();
        rows.push_back(std::move(*row));
    }
}

Result<std::optional<StoredRow>> Journal::find(Sequence sequence)
{
    m_findRow->bind(1, static_cast<std::int64_t>(sequence.value));
    const auto found = m_findRow->step();
    if (!found)
        return found.error();
    if (!*found)
        return std::optional<StoredRow>();
    auto row = rowIn(*m_findRow);
    m_findRow->reset();
    if (!row)
        return row.error();
    return std::optional(std::move(*row));
}

Result<Counts> Journal::counts()
{
    auto select = m_database->prepare(kCounts);
    if (!select)
        return select.error();
    const auto found = select->step();
    if (!found)
        return found.error();
    Counts counts{.rows = static_cast<std::uint64_t>(select->integer(0)),
                  .scans = static_cast<std::uint64_t>(select->integer(1)),
                  .admitted = static_cast<std::uint64_t>(select->integer(2)),
                  .inDoubt = static_cast<std::uint64_t>(select->integer(3))};
    const auto acknowledged = acknowledgedThrough();
    if (!acknowledged)
        return acknowledged.error();
    auto open = m_database->prepare("SELECT count(*) FROM journal WHERE seq > ?1");
    if (!open)
        return open.error();
    if (const auto counted = open->bind(1, static_cast<std::int64_t>(acknowledged->value)).step(); !counted)
        return counted.error();
    counts.unacknowledged = static_cast<std::uint64_t>(open->integer(0));
    auto fates = m_database->prepare("SELECT outcome, count(*) FROM fate GROUP BY outcome");
    if (!fates)
        return fates.error();
    for (;;) {
        const auto more = fates->step();
        if (!more)
            return more.error();
        if (!*more)
            break;
        counts.notAccepted[std::string(fates->text(0))] = static_cast<std::uint64_t>(fates->integer(1));
    }
    return counts;
}

} // namespace voelgoed::journal
