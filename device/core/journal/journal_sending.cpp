// The journal's way to the server: what still has to go there, and what became of it.
#include "device/core/journal/journal.h"
#include "device/core/storage/settings.h"
#include "shared/protocol/row.h"

#include <algorithm>
#include <limits>

namespace voelgoed::journal {

using base::Result;
using domain::Sequence;

namespace {

constexpr const char *kOutgoing = "SELECT seq, epoch, body FROM journal WHERE seq > ?1 ORDER BY seq LIMIT ?2";
constexpr const char *kFate = "INSERT INTO fate (seq, outcome, reason) VALUES (?1, ?2, ?3) "
                              "ON CONFLICT (seq) DO UPDATE SET outcome = excluded.outcome, reason = excluded.reason";
constexpr const char *kFates = "SELECT seq, outcome, reason FROM fate ORDER BY seq DESC LIMIT ?1";
constexpr const char *kUndone = "SELECT body FROM journal WHERE kind = 1";

constexpr std::string_view kAcknowledged = "acknowledged";

} // namespace

Result<std::vector<OutgoingRow>> Journal::outgoing(Sequence after, const OutgoingLimits &limits)
{
    auto select = m_database->prepare(kOutgoing);
    if (!select)
        return select.error();
    select->bind(1, static_cast<std::int64_t>(after.value)).bind(2, static_cast<std::int64_t>(limits.rows));
    std::vector<OutgoingRow> rows;
    std::size_t bytes = 0;
    for (;;) {
        const auto more = select->step();
        if (!more)
            return more.error();
        if (!*more)
            return rows;
        const base::ByteView body = select->bytes(2);
        bytes += body.size();
        if (bytes > limits.bytes && !rows.empty()) {
            select->reset();
            return rows;
        }
        rows.push_back({{static_cast<std::uint64_t>(select->integer(0))},
                        {static_cast<std::uint32_t>(select->integer(1))},
                        {body.begin(), body.end()}});
    }
}

Result<Sequence> Journal::acknowledgedThrough()
{
    const auto through = storage::numberSetting(*m_database, kAcknowledged);
    if (!through)
        return through.error();
    return Sequence{std::min<std::uint64_t>(through->value_or(0), std::numeric_limits<std::int64_t>::max())};
}

Result<void> Journal::acknowledge(Sequence through, const std::vector<RowFate> &fates)
{
    const auto before = acknowledgedThrough();
    if (!before)
        return before.error();
    if (through <= *before && fates.empty())
        return {};
    auto transaction = storage::Transaction::begin(*m_database);
    if (!transaction)
        return transaction.error();
    auto insert = m_database->prepare(kFate);
    if (!insert)
        return insert.error();
    for (const RowFate &fate : fates) {
        insert->bind(1, static_cast<std::int64_t>(fate.sequence.value))
            .bind(2, std::string_view(fate.outcome))
            .bind(3, std::string_view(fate.reason));
        if (auto inserted = insert->run(); !inserted)
            return inserted;
    }
    if (auto set = storage::setSetting(*m_database, kAcknowledged, std::to_string(std::max(through, *before).value));
        !set)
        return set;
    return transaction->commit();
}

Result<std::vector<RowFate>> Journal::fates(std::size_t limit)
{
    auto select = m_database->prepare(kFates);
    if (!select)
        return select.error();
    select->bind(1, static_cast<std::int64_t>(limit));
    std::vector<RowFate> fates;
    for (;;) {
        const auto more = select->step();
        if (!more)
            return more.error();
        if (!*more)
            return fates;
        fates.push_back({{static_cast<std::uint64_t>(select->integer(0))},
                         std::string(select->text(1)),
                         std::string(select->text(2))});
    }
}

Result<std::uint64_t> Journal::fateCount()
{
    auto select = m_database->prepare("SELECT count(*) FROM fate");
    if (!select)
        return select.error();
    if (const auto counted = select->step(); !counted)
        return counted.error();
    return static_cast<std::uint64_t>(select->integer(0));
}

Result<std::set<domain::RowKey>> Journal::undone()
{
    auto undos = m_database->prepare(kUndone);
    if (!undos)
        return undos.error();
    std::set<domain::RowKey> undone;
    for (;;) {
        const auto more = undos->step();
        if (!more)
            return more.error();
        if (!*more)
            return undone;
        const auto row = protocol::decodeRow(undos->bytes(0));
        if (const auto *undo = row ? std::get_if<domain::UndoRecord>(&row->what) : nullptr)
            undone.insert(undo->row);
    }
}

} // namespace voelgoed::journal
