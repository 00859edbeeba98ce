#include "device/core/vault/vault.h"

#include "shared/protocol/row.h"

#include <algorithm>

namespace voelgoed::vault {

using base::Result;
using journal::StoredRow;

namespace {

constexpr int kLogPagesMax = 1'000; ///< 4 MB of write-ahead log before it is moved into the file

} // namespace

Vault::Vault(const VaultOptions &options, base::Random &random) : m_options(options), m_random(random) {}

Vault::~Vault() = default;

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
            m_mark.raise({row.row.key.sequence, row.row.key.epoch, row.hash});
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
    if (m_doubted == sequence)
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
    if (m_doubted && !journal().doubt(*m_doubted))
        return {};
    m_doubted.reset();
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
