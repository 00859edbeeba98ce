// How a vault comes to be open: everything is read and verified before anything is written.
#include "device/core/storage/settings.h"
#include "device/core/vault/swap.h"
#include "device/core/vault/vault.h"

#include <algorithm>

namespace voelgoed::vault {

using base::Result;
using journal::StoredRow;

namespace {

constexpr std::uint64_t kHeaderSize = 100; ///< of a database file: https://sqlite.org/fileformat2.html, 1.3

bool isStorageTrouble(const base::Error &error)
{
    return error.code == base::ErrorCode::Unavailable;
}

} // namespace

Result<std::unique_ptr<Vault>> Vault::open(const VaultOptions &options, base::Random &random)
{
    std::unique_ptr<Vault> vault(new Vault(options, random));
    if (auto taken = vault->take(); !taken)
        return taken.error();
    vault->database().foundSound();
    auto settled = vault->settleIn();
    if (!settled && !isStorageTrouble(settled.error()))
        return settled.error();
    // A disk that is full when a gate starts is as good as one that fills up later: rows go on where they went.
    if (!settled)
        vault->m_state = vault->keepTail() ? StorageState::Rescue : StorageState::Failed;
    return vault;
}

Result<void> Vault::keepTail()
{
    // What an earlier program wrote last may be in the system's memory only, and the next row names it as the one
    // before. Ahead of that row in the rescue journal, it is there when that row is.
    if (!m_tail || !m_rescue->rows().empty())
        return {};
    const auto row = journal().find(m_tail->sequence);
    if (!row)
        return row.error();
    return *row ? m_rescue->append((*row)->bytes) : Result<void>();
}

Result<void> Vault::settleIn()
{
    std::vector<StoredRow> rescued;
    for (const base::Bytes &bytes : rescuedRows()) {
        auto row = journal::storedRow(bytes);
        if (!row)
            return row.error().at("rescue journal");
        rescued.push_back(std::move(*row));
    }
    if (auto fits = continuesJournal(rescued); !fits)
        return fits;
    journal::Journal &journal = this->journal();
    m_tail = journal.tail();
    m_shown = journal.shownThrough();
    m_numberedThrough = journal.numberedThrough();
    if (!rescued.empty()) {
        // A row is made only after the one before it was shown: of the rescued ones too, only the last can be in doubt.
        const StoredRow &last = rescued.back();
        m_tail = journal::Tail{last.row.key.sequence, last.row.key.epoch, last.hash};
        m_shown = {last.row.key.sequence.value - 1};
        m_doubted = {last.row.key.sequence};
    }
    for (domain::Sequence next{m_shown.value + 1}; m_tail && rescued.empty() && next <= m_tail->sequence; ++next.value)
        m_doubted.push_back(next);
    const std::uint32_t lastEpoch = m_tail ? m_tail->epoch.value : 0;
    m_epoch = {std::max(lastEpoch, journal.epochsThrough().value) + 1};
    if (auto moved = moveLog(); !moved)
        return moved;
    if (auto brought = bringInRescued(); !brought)
        return brought;
    if (auto settled = journal.settleTail(); !settled)
        return settled;
    m_doubted.clear();
    m_tail = journal.tail();
    m_shown = journal.shownThrough();
    return {};
}

Result<void> Vault::check(const VaultOptions &options, base::Random &random)
{
    return Vault(options, random).take();
}

Result<void> Vault::take()
{
    const auto swapping = storage::File::exists(swapFileOf(m_options.path), m_options.vfs);
    if (!swapping)
        return swapping.error();
    if (*swapping)
        return base::corrupt(m_options.path + ": a repair was cut off");
    auto rescue = journal::Rescue::open(m_options.rescue, m_options.vfs);
    if (!rescue)
        return rescue.error();
    m_rescue.emplace(std::move(*rescue));
    auto mark = HighWater::open(m_options.path, m_options.vfs);
    if (!mark)
        return mark.error();
    m_mark = std::move(*mark);
    auto sound = audit();
    if (sound)
        return {};
    base::Error error = sound.error().at(m_options.path);
    // Tables that are other ones than this device made, and pages that say they are not to be written.
    if (error.code == base::ErrorCode::Internal || claimsToBeReadOnly())
        error.code = base::ErrorCode::Corrupt;
    return error;
}

bool Vault::claimsToBeReadOnly()
{
    m_opened.reset();
    const auto there = storage::File::exists(m_options.path, m_options.vfs);
    if (!there || !*there)
        return false;
    auto file = storage::File::open(m_options.path, m_options.vfs);
    const auto head = file ? (*file)->read(0, kHeaderSize) : Result<base::Bytes>(file.error());
    // Versions above 2 are of a future format (section 1.3.3).
    return head && ((*head)[18] > std::byte{2} || (*head)[19] > std::byte{2});
}

Result<void> Vault::audit()
{
    // SQLite would make a new file where one is gone, and throw the old one's log away.
    const auto file = storage::File::exists(m_options.path, m_options.vfs);
    if (!file)
        return file.error();
    const auto log = storage::File::exists(m_options.path + "-wal", m_options.vfs);
    if (!log)
        return log.error();
    if (!*file && (*log || m_mark.last()))
        return base::corrupt("the file is gone or empty, and it was not before");
    if (*file && m_mark.last()) {
        if (auto head = auditHead(); !head)
            return head;
    }
    if (auto opened = reopen(); !opened)
        return opened;
    if (auto pages = database().checkPages(); !pages)
        return pages;
    if (auto rows = journal().verify(); !rows)
        return rows;
    if (auto list = replica().verify(); !list)
        return list;
    return auditEnd();
}

Result<void> Vault::auditHead()
{
    // What is too short to hold anything would be overwritten as if it were empty.
    auto file = storage::File::open(m_options.path, m_options.vfs);
    const auto size = file ? (*file)->size() : Result<std::uint64_t>(file.error());
    if (!size)
        return size.error();
    return *size < kHeaderSize ? base::corrupt("the file is cut off") : Result<void>();
}

Result<void> Vault::auditEnd()
{
    const auto &mark = m_mark.last();
    if (!mark || mark->sequence <= journal().numberedThrough())
        return {};
    for (const base::Bytes &bytes : rescuedRows()) {
        const auto row = journal::storedRow(bytes);
        if (row && row->row.key.sequence == mark->sequence && row->hash == mark->hash)
            return {};
    }
    const auto &tail = journal().tail();
    if (!tail || tail->sequence < mark->sequence)
        return base::corrupt("rows up to " + std::to_string(mark->sequence.value) + " were written, rows up to " +
                             std::to_string(tail ? tail->sequence.value : 0) + " are there");
    const auto row = journal().find(mark->sequence);
    if (!row)
        return row.error();
    if (!*row || (*row)->hash != mark->hash)
        return base::corrupt("row " + std::to_string(mark->sequence.value) + " is not the one that was written");
    return {};
}

Result<void> Vault::reopen()
{
    if (m_opened) {
        m_held.emplace(Held{.tail = journal().tail(), .list = {}});
        if (const auto &head = replica().head())
            m_held->list.emplace(head->cursor, head->checksum);
    }
    m_opened.reset();
    ++m_openings;
    using Access = storage::OpenOptions::Access;
    auto database = storage::Database::open(
        {m_options.path, m_options.vfs, m_options.synchronous, m_held ? Access::Existing : Access::ReadWrite});
    if (!database)
        return database.error();
    const storage::Tables tables = m_held ? storage::Tables::Expect : storage::Tables::Make;
    if (auto made = m_held ? Result<void>() : storage::makeSettings(**database); !made)
        return made;
    auto replica = replica::Replica::open(**database, tables);
    if (!replica)
        return replica.error();
    auto journal = journal::Journal::open(**database, m_options.device, tables);
    if (!journal)
        return journal.error();
    m_opened.emplace(Opened{std::move(*database), std::move(*replica), std::move(*journal)});
    auto same = m_held ? holdsTheSame() : Result<void>();
    if (!same)
        m_opened.reset();
    return same;
}

Result<void> Vault::holdsTheSame()
{
    auto rows = holdsTheRows();
    return rows ? holdsTheList() : rows;
}

Result<void> Vault::holdsTheRows()
{
    const auto &tail = m_held->tail;
    if (tail) {
        const auto last = journal().find(tail->sequence);
        if (!last)
            return last.error();
        if (!*last || (*last)->hash != tail->hash)
            return base::corrupt("row " + std::to_string(tail->sequence.value) +
                                 " was in the file, and is not any more");
    }
    // The one that was being written when the handle failed.
    const auto behind = journal().rowsAfter(tail ? tail->sequence : domain::Sequence{}, 2);
    if (!behind)
        return behind.error();
    const auto &rescued = rescuedRows();
    const auto isOurs = [&](const StoredRow &row) {
        return row.row.key.epoch == m_epoch || std::find(rescued.begin(), rescued.end(), row.bytes) != rescued.end();
    };
    const bool follows = behind->empty() || (behind->size() == 1 && isOurs(behind->front()) &&
                                             (!tail || behind->front().row.previous == tail->hash));
    return follows ? Result<void>() : base::corrupt("there are rows in the file that this gate has not written");
}

Result<void> Vault::holdsTheList()
{
    const auto &head = replica().head();
    if (!m_held->list && !head)
        return {};
    if (m_held->list && head && head->cursor == m_held->list->first && head->checksum == m_held->list->second)
        return {};
    // A load was coming into force when the handle failed.
    const bool newer = head && (!m_held->list || (head->cursor.event == m_held->list->first.event &&
                                                  head->cursor.sequence >= m_held->list->first.sequence));
    return newer ? replica().verify() : base::corrupt("the list in the file is not the one that was there");
}

Result<void> Vault::continuesJournal(const std::vector<StoredRow> &rescued)
{
    std::optional<journal::Tail> before = journal().tail();
    for (const StoredRow &row : rescued) {
        if (row.row.key.device != m_options.device)
            return base::Error{base::ErrorCode::Conflict,
                               m_options.rescue + ": this rescue journal holds another device's scans",
                               "Start that device with it, or name another file with --rescue."};
        const auto there = journal().find(row.row.key.sequence);
        if (!there)
            return there.error();
        if (*there && (*there)->bytes == row.bytes)
            continue;
        const std::uint64_t next = std::max(before ? before->sequence.value : 0, journal().numberedThrough().value) + 1;
        const bool follows = !before || before->sequence.value + 1 != next || row.row.previous == before->hash;
        if (*there || row.row.key.sequence.value != next || !follows)
            return base::Error{base::ErrorCode::Conflict,
                               m_options.rescue + ": scan " + std::to_string(row.row.key.sequence.value) +
                                   " in it does not continue this device's journal: it was given up before",
                               "Keep that file. Go on with another one: voelgoed-gate run --rescue FILE"};
        before = journal::Tail{row.row.key.sequence, row.row.key.epoch, row.hash};
    }
    return {};
}

Result<void> Vault::bringInRescued()
{
    // A row that is there already is on the disk: the log was moved into the file before.
    for (const base::Bytes &bytes : m_rescue->rows()) {
        auto row = journal::storedRow(bytes);
        if (!row)
            return row.error().at("rescue journal");
        if (auto appended = journal().append({*row}, m_shown); !appended)
            return appended;
    }
    return m_rescue->clear();
}

} // namespace voelgoed::vault
