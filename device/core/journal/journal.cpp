#include "device/core/journal/journal.h"

#include "device/core/storage/settings.h"
#include "shared/admission/history.h"
#include "shared/protocol/row.h"

namespace voelgoed::journal {

using base::Result;
using domain::Sequence;

namespace {

constexpr const char *kTables = R"sql(
CREATE TABLE IF NOT EXISTS journal (
    seq INTEGER PRIMARY KEY,
    epoch INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    shown INTEGER NOT NULL,
    body BLOB NOT NULL,
    digest BLOB
) STRICT;
CREATE TABLE IF NOT EXISTS device (
    no INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE
) STRICT;
CREATE TABLE IF NOT EXISTS passage (
    device INTEGER NOT NULL,
    epoch INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    ordinal INTEGER NOT NULL,
    checkpoint TEXT NOT NULL,
    gate TEXT NOT NULL,
    direction INTEGER NOT NULL,
    persons INTEGER NOT NULL,
    overridden INTEGER NOT NULL,
    at INTEGER NOT NULL,
    rotating INTEGER NOT NULL,
    PRIMARY KEY (device, epoch, seq)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS doubt (
    seq INTEGER PRIMARY KEY,
    settled INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE IF NOT EXISTS shift (
    session TEXT PRIMARY KEY,
    gate TEXT NOT NULL,
    operator TEXT NOT NULL,
    opened_at INTEGER NOT NULL,
    closed_at INTEGER,
    event TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS fate (
    seq INTEGER PRIMARY KEY,
    outcome TEXT NOT NULL,
    reason TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS told_shift (
    session TEXT PRIMARY KEY,
    ended INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
)sql";

constexpr const char *kInsertRow =
    "INSERT INTO journal (seq, epoch, kind, shown, body, digest) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
constexpr const char *kInsertMark =
    "INSERT INTO passage (device, epoch, seq, ordinal, checkpoint, gate, direction, persons, overridden, at, "
    "rotating) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";
constexpr const char *kDeleteMark = "DELETE FROM passage WHERE device = ?1 AND epoch = ?2 AND seq = ?3";
constexpr const char *kFindRow = "SELECT body FROM journal WHERE seq = ?1";
constexpr const char *kTailRow = "SELECT body, shown FROM journal ORDER BY seq DESC LIMIT 1";

constexpr std::string_view kShown = "shown";

base::Bytes copied(base::ByteView bytes)
{
    return {bytes.begin(), bytes.end()};
}

} // namespace

std::optional<Mark> markOf(const domain::Row &row)
{
    const domain::ScanRecord *scan = admission::passageIn(row);
    if (!scan)
        return std::nullopt;
    return Mark{.row = row.key,
                .ordinal = scan->ordinal,
                .checkpoint = scan->checkpoint,
                .gate = scan->gate,
                .direction = scan->direction,
                .count = scan->count,
                .overridden = !scan->overridden.empty(),
                .at = row.at,
                .rotatingStep = scan->rotatingStep};
}

Result<StoredRow> storedRow(base::Bytes bytes)
{
    auto row = protocol::decodeRow(bytes);
    if (!row)
        return row.error();
    const domain::RowHash hash = protocol::hashOf(bytes);
    return StoredRow{std::move(bytes), hash, std::move(*row)};
}

Result<Journal> Journal::open(storage::Database &database, const domain::DeviceId &device, storage::Tables tables)
{
    Journal journal(database, device);
    const auto made = tables == storage::Tables::Make ? journal.makeTables() : Result<void>();
    if (!made)
        return made.error().at("journal");
    if (auto prepared = journal.prepare(); !prepared)
        return prepared.error().at("journal");
    return journal;
}

Result<void> Journal::makeTables()
{
    if (auto made = m_database->execute(kTables); !made)
        return made;
    return addDigests();
}

Result<void> Journal::prepare()
{
    const auto prepareInto = [this](std::optional<storage::Statement> &slot, const char *sql) -> Result<void> {
        auto statement = m_database->prepare(sql);
        if (!statement)
            return statement.error();
        slot.emplace(std::move(*statement));
        return {};
    };
    if (auto done = prepareInto(m_insertRow, kInsertRow); !done)
        return done;
    if (auto done = prepareInto(m_insertMark, kInsertMark); !done)
        return done;
    if (auto done = prepareInto(m_deleteMark, kDeleteMark); !done)
        return done;
    if (auto done = prepareInto(m_findRow, kFindRow); !done)
        return done;

    auto last = m_database->prepare(kTailRow);
    if (!last)
        return last.error();
    const auto found = last->step();
    if (!found)
        return found.error();
    if (*found) {
        const Sequence shown{static_cast<std::uint64_t>(last->integer(1))};
        auto row = storedRow(copied(last->bytes(0)));
        if (!row)
            return base::corrupt("the last row cannot be read: " + row.error().message);
        m_tail = Tail{row->row.key.sequence, row->row.key.epoch, row->hash};
        m_shownThrough = shown;
    }
    const auto marked = storage::numberSetting(*m_database, kShown);
    if (!marked)
        return marked.error();
    if (*marked)
        m_shownThrough = std::max(m_shownThrough, Sequence{**marked});
    return readNumbering();
}

Result<void> Journal::append(const std::vector<StoredRow> &rows, Sequence shown)
{
    auto transaction = storage::Transaction::begin(*m_database);
    if (!transaction)
        return transaction.error();
    std::optional<Tail> tail = m_tail;
    for (const StoredRow &row : rows) {
        const auto there = find(row.row.key.sequence);
        if (!there)
            return there.error();
        if (*there) {
            if ((*there)->bytes != row.bytes)
                return base::Error{base::ErrorCode::Conflict,
                                   "journal: row " + std::to_string(row.row.key.sequence.value) +
                                       " is there with other contents",
                                   {}};
            continue;
        }
        if (auto inserted = insert(row, shown); !inserted)
            return inserted;
        tail = Tail{row.row.key.sequence, row.row.key.epoch, row.hash};
    }
    if (auto committed = transaction->commit(); !committed)
        return committed;
    m_tail = tail;
    m_shownThrough = std::max(m_shownThrough, shown);
    return {};
}

Result<void> Journal::insert(const StoredRow &row, Sequence shown)
{
    m_insertRow->bind(1, static_cast<std::int64_t>(row.row.key.sequence.value))
        .bind(2, std::int64_t{row.row.key.epoch.value})
        .bind(3, static_cast<std::int64_t>(row.row.what.index()))
        .bind(4, static_cast<std::int64_t>(shown.value))
        .bind(5, base::ByteView(row.bytes))
        .bind(6, checkOf(row));
    if (auto inserted = m_insertRow->run(); !inserted)
        return inserted;
    if (const auto mark = markOf(row.row)) {
        if (auto inserted = insertMark(*mark); !inserted)
            return inserted;
    }
    return applyEffects(row.row);
}

Result<void> Journal::insertMark(const Mark &mark)
{
    const auto device = deviceNumber(mark.row.device);
    if (!device)
        return device.error();
    m_insertMark->bind(1, *device)
        .bind(2, std::int64_t{mark.row.epoch.value})
        .bind(3, static_cast<std::int64_t>(mark.row.sequence.value))
        .bind(4, std::int64_t{mark.ordinal.value})
        .bind(5, mark.checkpoint.view())
        .bind(6, mark.gate.view())
        .bind(7, static_cast<std::int64_t>(mark.direction))
        .bind(8, std::int64_t{mark.count})
        .bind(9, std::int64_t{mark.overridden})
        .bind(10, base::millisOf(mark.at))
        .bind(11, static_cast<std::int64_t>(mark.rotatingStep));
    return m_insertMark->run();
}

Result<void> Journal::applyEffects(const domain::Row &row)
{
    if (const auto *undo = std::get_if<domain::UndoRecord>(&row.what)) {
        const auto device = deviceNumber(undo->row.device);
        if (!device)
            return device.error();
        m_deleteMark->bind(1, *device)
            .bind(2, std::int64_t{undo->row.epoch.value})
            .bind(3, static_cast<std::int64_t>(undo->row.sequence.value));
        return m_deleteMark->run();
    }
    return {};
}

Result<std::int64_t> Journal::deviceNumber(const domain::DeviceId &device)
{
    if (device == m_device)
        return std::int64_t{0};
    auto add = m_database->prepare("INSERT INTO device (id) VALUES (?1) ON CONFLICT DO NOTHING");
    if (!add)
        return add.error();
    if (auto added = add->bind(1, device.view()).run(); !added)
        return added.error();
    auto look = m_database->prepare("SELECT no FROM device WHERE id = ?1");
    if (!look)
        return look.error();
    const auto found = look->bind(1, device.view()).step();
    if (!found)
        return found.error();
    return look->integer(0);
}

Result<void> Journal::markShown(Sequence sequence)
{
    if (sequence <= m_shownThrough)
        return {};
    if (auto set = storage::setSetting(*m_database, kShown, std::to_string(sequence.value)); !set)
        return set;
    m_shownThrough = sequence;
    return {};
}

Result<void> Journal::settleTail()
{
    if (!m_tail || m_tail->sequence <= m_shownThrough)
        return {};
    auto transaction = storage::Transaction::begin(*m_database);
    if (!transaction)
        return transaction.error();
    auto add = m_database->prepare("INSERT OR IGNORE INTO doubt (seq) SELECT seq FROM journal WHERE seq > ?1");
    if (!add)
        return add.error();
    if (auto added = add->bind(1, static_cast<std::int64_t>(m_shownThrough.value)).run(); !added)
        return added;
    if (auto set = storage::setSetting(*m_database, kShown, std::to_string(m_tail->sequence.value)); !set)
        return set;
    if (auto committed = transaction->commit(); !committed)
        return committed;
    m_shownThrough = m_tail->sequence;
    return {};
}

Result<std::vector<domain::Row>> Journal::inDoubt()
{
    auto select = m_database->prepare("SELECT body FROM journal JOIN doubt USING (seq) WHERE settled = 0 ORDER BY seq");
    if (!select)
        return select.error();
    std::vector<domain::Row> rows;
    for (;;) {
        const auto more = select->step();
        if (!more)
            return more.error();
        if (!*more)
            return rows;
        auto row = protocol::decodeRow(select->bytes(0));
        if (!row)
            return row.error();
        rows.push_back(std::move(*row));
    }
}

Result<void> Journal::doubt(Sequence sequence)
{
    auto add = m_database->prepare("INSERT OR IGNORE INTO doubt (seq) VALUES (?1)");
    if (!add)
        return add.error();
    return add->bind(1, static_cast<std::int64_t>(sequence.value)).run();
}

Result<void> Journal::settleDoubt(Sequence sequence)
{
    auto update = m_database->prepare("UPDATE doubt SET settled = 1 WHERE seq = ?1");
    if (!update)
        return update.error();
    return update->bind(1, static_cast<std::int64_t>(sequence.value)).run();
}

Result<bool> Journal::wasShown(Sequence sequence)
{
    if (sequence > m_shownThrough)
        return false;
    auto select = m_database->prepare("SELECT 1 FROM doubt WHERE seq = ?1 AND settled = 0");
    if (!select)
        return select.error();
    const auto doubted = select->bind(1, static_cast<std::int64_t>(sequence.value)).step();
    if (!doubted)
        return doubted.error();
    return !*doubted;
}

} // namespace voelgoed::journal
