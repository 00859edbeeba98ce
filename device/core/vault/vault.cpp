#include "device/core/vault/vault.h"

#include "device/core/storage/settings.h"
#include "device/core/vault/swap.h"
#include "shared/protocol/row.h"

#include <algorithm>

namespace voelgoed::vault {

using base::Result;
using journal::StoredRow;

namespace {

constexpr int kLogPagesMax = 1'000;        ///< 4 MB of write-ahead log before it is moved into the file
constexpr std::uint64_t kHeaderSize = 100; ///< of a database file: https://sqlite.org/fileformat2.html, 1.3

} // namespace

Vault::Vault(const VaultOptions &options, base::Random &random) : m_options(options), m_random(random) {}

Vault::~Vault() = default;

Result<std::unique_ptr<Vault>> Vault::open(const VaultOptions &options, base::Random &random)
{
    std::unique_ptr<Vault> vault(new Vault(options, random));
    if (auto taken = vault->take(); !taken)
        return taken.error();
    vault->database().foundSound();
    journal::Journal &journal = vault->journal();
    // A row is made only after the one before it was shown: of the rescued ones too, only the last can be in doubt.
    const auto &rescued = vault->rescuedRows();
    if (!rescued.empty()) {
        const auto last = journal::storedRow(rescued.back());
        if (last)
            vault->m_shown = {last->row.key.sequence.value - 1};
    }
    if (auto brought = vault->bringInRescued(); !brought)
        return brought.error();
    if (auto settled = journal.settleTail(); !settled)
        return settled.error();
    vault->m_tail = journal.tail();
    vault->m_shown = journal.shownThrough();
    vault->m_numberedThrough = journal.numberedThrough();
    const std::uint32_t lastEpoch = vault->m_tail ? vault->m_tail->epoch.value : 0;
    vault->m_epoch = {std::max(lastEpoch, journal.epochsThrough().value) + 1};
    return vault;
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
    const auto &tail = journal().tail();
    if (!mark || mark->sequence <= journal().numberedThrough())
        return {};
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
    m_opened.reset();
    ++m_openings;
    auto database = storage::Database::open({m_options.path, m_options.vfs, m_options.synchronous});
    if (!database)
        return database.error();
    if (auto made = storage::makeSettings(**database); !made)
        return made;
    auto replica = replica::Replica::open(**database);
    if (!replica)
        return replica.error();
    auto journal = journal::Journal::open(**database, m_options.device);
    if (!journal)
        return journal.error();
    m_opened.emplace(Opened{std::move(*database), std::move(*replica), std::move(*journal)});
    return {};
}

Result<void> Vault::bringInRescued()
{
    for (const base::Bytes &bytes : m_rescue->rows()) {
        auto row = journal::storedRow(bytes);
        if (!row)
            return row.error().at("rescue journal");
        if (row->row.key.device != m_options.device)
            return base::Error{base::ErrorCode::Conflict,
                               m_options.rescue + ": this rescue journal holds another device's scans",
                               "Start that device with it, or name another file with --rescue."};
        auto appended = journal().append({*row}, m_shown);
        // A row of that number with other contents: this one was never answered for (its write failed), the other was.
        if (!appended && appended.error().code != base::ErrorCode::Conflict)
            return appended;
    }
    return m_rescue->clear();
}

Result<void> Vault::sealTo(const base::ExchangeKey &server)
{
    auto sealer = base::Sealer::to(server, m_random);
    if (!sealer)
        return sealer.error();
    m_sealer.emplace(std::move(*sealer));
    return {};
}

StoredRow Vault::numbered(RowDraft draft)
{
    const std::uint64_t last = m_tail ? m_tail->sequence.value : 0;
    domain::Row row{.key = {m_options.device, m_epoch, {std::max(last, m_numberedThrough.value) + 1}},
                    .event = std::move(draft.event),
                    .at = draft.at,
                    .wall = draft.wall,
                    .sinceBoot = draft.sinceBoot,
                    .clock = draft.clock,
                    .what = std::move(draft.what)};
    if (m_tail)
        row.previous = m_tail->hash;
    if (auto *scan = std::get_if<domain::ScanRecord>(&row.what); scan && m_sealer) {
        scan->sealNumber = m_sealer->nextNumber();
        if (scan->sealNumber == 0)
            row.sealEphemeral = m_sealer->ephemeral();
        scan->sealedCode = m_sealer->seal(draft.code, scan->codeHash);
    }
    base::Bytes bytes = protocol::encode(row);
    const domain::RowHash hash = protocol::hashOf(bytes);
    return {std::move(bytes), hash, std::move(row)};
}

Result<Vault::Recorded> Vault::record(RowDraft draft)
{
    StoredRow row = numbered(std::move(draft));
    bool rescued = false;
    if (m_state != StorageState::Good || !write(row)) {
        if (m_state == StorageState::Good && writeAgain(row)) {
            // The second handle took it.
        } else if (auto kept = m_rescue->append(row.bytes); kept) {
            m_state = StorageState::Rescue;
            rescued = true;
        } else {
            m_state = StorageState::Failed;
            return kept.error();
        }
    }
    m_tail = journal::Tail{row.row.key.sequence, row.row.key.epoch, row.hash};
    return Recorded{std::move(row.row), rescued};
}

Result<void> Vault::write(const StoredRow &row)
{
    if (auto appended = journal().append({row}, m_shown); !appended)
        return appended;
    m_mark.raise({row.row.key.sequence, row.row.key.epoch, row.hash});
    return {};
}

Result<void> Vault::writeAgain(const StoredRow &row)
{
    if (auto opened = reopen(); !opened) {
        // Without a file there is nothing to look tickets up in either.
        return opened;
    }
    if (auto moved = database().checkpoint(); !moved)
        return moved;
    database().foundSound();
    return write(row);
}

void Vault::shown()
{
    if (m_tail)
        m_shown = m_tail->sequence;
}

Result<bool> Vault::wasShown(domain::Sequence sequence)
{
    if (sequence > journal().shownThrough() && sequence <= m_shown)
        return true;
    return journal().wasShown(sequence);
}

Result<void> Vault::flush()
{
    if (m_state != StorageState::Good)
        return {};
    return journal().markShown(m_shown);
}

Result<std::vector<domain::Row>> Vault::adoptStrays()
{
    std::vector<domain::Row> strays;
    const domain::Sequence known = m_tail ? m_tail->sequence : domain::Sequence{};
    auto rows = journal().rowsAfter(known, 16);
    if (!rows)
        return rows.error();
    for (StoredRow &row : *rows) {
        m_tail = journal::Tail{row.row.key.sequence, row.row.key.epoch, row.hash};
        strays.push_back(std::move(row.row));
    }
    if (!strays.empty()) {
        if (auto shown = journal().markShown(m_shown); !shown)
            return shown.error();
        if (auto settled = journal().settleTail(); !settled)
            return settled.error();
        m_shown = journal().shownThrough();
    }
    return strays;
}

std::vector<domain::Row> Vault::mend()
{
    if (m_state == StorageState::Good && m_opened)
        return {};
    if (!reopen())
        return {};
    if (!database().checkpoint() || !bringInRescued())
        return {};
    database().foundSound();
    auto strays = adoptStrays();
    if (!strays)
        return {};
    m_state = StorageState::Good;
    return std::move(*strays);
}

void Vault::tidy()
{
    if (m_state == StorageState::Good && database().logPages() > kLogPagesMax) {
        if (!database().checkpoint())
            m_state = StorageState::Rescue;
    }
}

} // namespace voelgoed::vault
