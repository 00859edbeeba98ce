// The journal after a repair: what was saved, and where the numbers go on.
#include "device/core/journal/gap_text.h"
#include "device/core/journal/journal.h"
#include "device/core/storage/settings.h"

namespace voelgoed::journal {

using base::Result;

namespace {

constexpr const char *kInsertShift =
    "INSERT INTO shift (session, gate, operator, opened_at, closed_at, event) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
constexpr const char *kInsertDoubt = "INSERT INTO doubt (seq, settled) VALUES (?1, ?2)";
constexpr const char *kHasColumn = "SELECT 1 FROM pragma_table_info('journal') WHERE name = 'digest'";

} // namespace

Result<void> Journal::readNumbering()
{
    const auto sequence = storage::numberSetting(*m_database, kNumberedThrough);
    if (!sequence)
        return sequence.error();
    const auto epoch = storage::numberSetting(*m_database, kEpochsThrough);
    if (!epoch)
        return epoch.error();
    m_numberedThrough = {sequence->value_or(0)};
    m_epochsThrough = {static_cast<std::uint32_t>(epoch->value_or(0))};
    return {};
}

Result<void> Journal::addDigests()
{
    auto look = m_database->prepare(kHasColumn);
    if (!look)
        return look.error();
    const auto found = look->step();
    if (!found)
        return found.error();
    look->reset();
    return *found ? Result<void>() : m_database->execute("ALTER TABLE journal ADD COLUMN digest BLOB");
}

Result<void> Journal::insertShift(const Shift &shift)
{
    auto insert = m_database->prepare(kInsertShift);
    if (!insert)
        return insert.error();
    insert->bind(1, shift.session.view())
        .bind(2, shift.gate.view())
        .bind(3, shift.operatedBy.view())
        .bind(4, base::millisOf(shift.openedAt))
        .bind(6, shift.event.view());
    if (shift.closedAt)
        insert->bind(5, base::millisOf(*shift.closedAt));
    else
        insert->bindNull(5);
    return insert->run();
}

Result<void> Journal::restore(const Remains &remains)
{
    base::ensure(!m_tail, "a journal that is not empty");
    auto transaction = storage::Transaction::begin(*m_database);
    if (!transaction)
        return transaction.error();
    for (const StoredRow &row : remains.rows) {
        if (auto inserted = insert(row, remains.shown); !inserted)
            return inserted;
    }
    for (const Mark &mark : remains.marks) {
        if (auto inserted = insertMark(mark); !inserted)
            return inserted;
    }
    for (const Shift &shift : remains.shifts) {
        if (auto inserted = insertShift(shift); !inserted)
            return inserted;
    }
    auto doubt = m_database->prepare(kInsertDoubt);
    if (!doubt)
        return doubt.error();
    for (const auto &[sequence, settled] : remains.doubts) {
        doubt->bind(1, static_cast<std::int64_t>(sequence.value)).bind(2, std::int64_t{settled});
        if (auto inserted = doubt->run(); !inserted)
            return inserted;
    }
    const std::pair<std::string_view, std::string> settings[] = {
        {"shown", std::to_string(remains.shown.value)},
        {kGaps, textOf(remains.gaps)},
        {kNumberedThrough, std::to_string(remains.numberedThrough.value)},
        {kEpochsThrough, std::to_string(remains.epochsThrough.value)}};
    for (const auto &[name, value] : settings) {
        if (auto set = storage::setSetting(*m_database, name, value); !set)
            return set;
    }
    if (auto committed = transaction->commit(); !committed)
        return committed;
    if (!remains.rows.empty()) {
        const StoredRow &last = remains.rows.back();
        m_tail = Tail{last.row.key.sequence, last.row.key.epoch, last.hash};
    }
    m_shownThrough = remains.shown;
    return readNumbering();
}

} // namespace voelgoed::journal
