#include "device/core/vault/vault.h"

#include "shared/protocol/row.h"

#include <algorithm>

namespace voelgoed::vault {

using base::Result;
using journal::StoredRow;

namespace {

constexpr std::size_t kStraysMax = 16; ///< there is one at most: holdsTheRows() has looked
constexpr int kLogPagesMax = 1'000;    ///< 4 MB of write-ahead log before it is moved into the file

} // namespace

Vault::Vault(const VaultOptions &options, base::Random &random) : m_options(options), m_random(random) {}

Vault::~Vault() = default;

Result<void> Vault::sealTo(const base::ExchangeKey &server)
{
    if (m_sealer && server == m_sealedTo)
        return {};
    auto sealer = base::Sealer::to(server, m_random);
    if (!sealer)
        return sealer.error();
    m_sealer.emplace(std::move(*sealer));
    m_sealedTo = server;
    m_ephemeralKept = false;
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
        // With every row until one of them is sure to be there: without it nothing of this boot could be opened.
        if (!m_ephemeralKept)
            row.sealEphemeral = m_sealer->ephemeral();
        scan->sealedCode = m_sealer->seal(draft.code, scan->codeHash);
    }
    base::Bytes bytes = protocol::encode(row);
    const domain::RowHash hash = protocol::hashOf(bytes);
    return {std::move(bytes), hash, std::move(row)};
}

Result<Vault::Recorded> Vault::record(RowDraft draft)
{
    if (m_state == StorageState::Failed)
        return base::Error{base::ErrorCode::Unavailable, "neither the file nor the rescue journal can be written", {}};
    StoredRow row = numbered(std::move(draft));
    bool rescued = false;
    // Something else failed on this handle since: a mark, say, that nobody waited for.
    const bool broken = m_opened && database().isBroken();
    if (m_state != StorageState::Good || broken || !write(row)) {
        if (m_state == StorageState::Good && writeAgain(row)) {
            // The second handle took it.
        } else if (auto kept = m_rescue->append(row.bytes); kept) {
            m_state = StorageState::Rescue;
            rescued = true;
            m_mark.raise({row.row.key.sequence, row.row.key.epoch, row.hash});
        } else {
            m_state = StorageState::Failed;
            return kept.error();
        }
    }
    m_tail = journal::Tail{row.row.key.sequence, row.row.key.epoch, row.hash};
    m_ephemeralKept = m_ephemeralKept || row.row.sealEphemeral;
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
    if (auto moved = moveLog(); !moved)
        return moved;
    database().foundSound();
    return write(row);
}

Result<void> Vault::moveLog()
{
    // What was written before this handle was opened, and could not be synced, is perhaps in the system's memory only.
    // The log has to be on the disk whole before pages of it go into the file, or a cut would leave some of them there
    // alone.
    const std::string log = m_options.path + "-wal";
    const auto there = storage::File::exists(log, m_options.vfs);
    if (!there)
        return there.error();
    if (*there) {
        auto file = storage::File::open(log, m_options.vfs);
        if (!file)
            return file.error();
        if (auto renewed = (*file)->renew(); !renewed)
            return renewed;
    }
    return database().checkpoint();
}

void Vault::shown()
{
    if (m_tail)
        m_shown = m_tail->sequence;
}

Result<bool> Vault::wasShown(domain::Sequence sequence)
{
    if (std::find(m_doubted.begin(), m_doubted.end(), sequence) != m_doubted.end())
        return false;
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
    auto rows = journal().rowsAfter(m_tail ? m_tail->sequence : domain::Sequence{}, kStraysMax);
    if (!rows)
        return rows.error();
    std::vector<domain::Row> strays;
    if (rows->empty())
        return strays;
    if (auto shown = journal().markShown(m_shown); !shown)
        return shown.error();
    if (auto settled = journal().settleTail(); !settled)
        return settled.error();
    m_shown = journal().shownThrough();
    for (StoredRow &row : *rows) {
        // Until here they are found again by the next attempt.
        m_tail = journal::Tail{row.row.key.sequence, row.row.key.epoch, row.hash};
        strays.push_back(std::move(row.row));
    }
    return strays;
}

std::vector<domain::Row> Vault::renew()
{
    const bool works = m_opened && !database().isBroken() && m_state != StorageState::Failed;
    return works ? std::vector<domain::Row>() : mend();
}

std::vector<domain::Row> Vault::mend()
{
    if (m_state == StorageState::Good && m_opened && !database().isBroken())
        return {};
    m_state = std::max(m_state, StorageState::Rescue);
    std::vector<domain::Row> cameToLight;
    if (mendInto(cameToLight))
        m_state = StorageState::Good;
    else if (m_opened && database().isBroken())
        (void)reopen(); // for looking up, while rows go elsewhere
    return cameToLight;
}

Result<void> Vault::mendInto(std::vector<domain::Row> &cameToLight)
{
    if (auto opened = reopen(); !opened)
        return opened;
    if (auto moved = moveLog(); !moved)
        return moved;
    auto strays = adoptStrays();
    if (!strays)
        return strays.error();
    cameToLight = std::move(*strays);
    if (auto brought = bringInRescued(); !brought)
        return brought;
    database().foundSound();
    for (const domain::Sequence sequence : m_doubted) {
        if (auto doubted = journal().doubt(sequence); !doubted)
            return doubted;
    }
    m_doubted.clear();
    return {};
}

Result<std::optional<StoredRow>> Vault::find(domain::Sequence sequence)
{
    for (const base::Bytes &bytes : rescuedRows()) {
        auto row = journal::storedRow(bytes);
        if (!row)
            return row.error().at("rescue journal");
        if (row->row.key.sequence == sequence)
            return std::optional(std::move(*row));
    }
    return journal().find(sequence);
}

void Vault::tidy()
{
    if (m_state == StorageState::Good && database().logPages() > kLogPagesMax) {
        if (!database().checkpoint())
            m_state = StorageState::Rescue;
    }
}

} // namespace voelgoed::vault
