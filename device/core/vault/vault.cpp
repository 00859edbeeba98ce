#include "device/core/vault/vault.h"

#include "device/core/storage/settings.h"
#include "shared/protocol/row.h"

namespace voelgoed::vault {

using base::Result;
using journal::StoredRow;

namespace {

constexpr int kLogPagesMax = 1'000; ///< 4 MB of write-ahead log before it is moved into the file

} // namespace

Vault::Vault(const VaultOptions &options, base::Random &random) : m_options(options), m_random(random) {}

Vault::~Vault() = default;

Result<std::unique_ptr<Vault>> Vault::open(const VaultOptions &options, base::Random &random)
{
    std::unique_ptr<Vault> vault(new Vault(options, random));
    auto rescue = journal::Rescue::open(options.rescue, options.vfs);
    if (!rescue)
        return rescue.error();
    vault->m_rescue.emplace(std::move(*rescue));
    if (auto opened = vault->reopen(); !opened)
        return opened.error();
    journal::Journal &journal = vault->journal();
    // A row is made only after the one before it was shown: of the rescued ones too, only the last can be in doubt.
    const auto &rescued = vault->rescuedRows();
    if (rescued.size() > 1) {
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
    vault->m_epoch = {vault->m_tail ? vault->m_tail->epoch.value + 1 : 1};
    return vault;
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
    domain::Row row{.key = {m_options.device, m_epoch, {m_tail ? m_tail->sequence.value + 1 : 1}},
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
    return journal().append({row}, m_shown);
}

Result<void> Vault::writeAgain(const StoredRow &row)
{
    if (auto opened = reopen(); !opened) {
        // Without a file there is nothing to look tickets up in either.
        return opened;
    }
    if (auto moved = database().checkpoint(); !moved)
        return moved;
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
