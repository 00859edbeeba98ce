// The journal's shifts.
#include "device/core/journal/journal.h"

namespace voelgoed::journal {

using base::Result;

namespace {

constexpr const char *kAll =
    "SELECT session, gate, operator, opened_at, closed_at, event FROM shift ORDER BY opened_at, session";
constexpr const char *kToTell =
    "SELECT session, gate, operator, opened_at, closed_at, event FROM shift LEFT JOIN told_shift USING (session) "
    "WHERE ended IS NULL OR (ended = 0 AND closed_at IS NOT NULL) ORDER BY opened_at, session LIMIT ?1";
constexpr const char *kTold = "INSERT INTO told_shift (session, ended) VALUES (?1, ?2) "
                              "ON CONFLICT (session) DO UPDATE SET ended = max(ended, excluded.ended)";
constexpr const char *kBegin =
    "INSERT INTO shift (session, gate, operator, opened_at, event) VALUES (?1, ?2, ?3, ?4, ?5)";
constexpr const char *kEndOthers = "UPDATE shift SET closed_at = max(opened_at, ?1) WHERE closed_at IS NULL";
constexpr const char *kEnd = "UPDATE shift SET closed_at = max(opened_at, ?2) WHERE session = ?1 AND closed_at IS NULL";

Result<std::vector<Shift>> shiftsIn(storage::Statement &select)
{
    std::vector<Shift> all;
    for (;;) {
        const auto more = select.step();
        if (!more)
            return more.error();
        if (!*more)
            return all;
        all.push_back({.session = {std::string(select.text(0))},
                       .event = {std::string(select.text(5))},
                       .gate = {std::string(select.text(1))},
                       .operatedBy = {std::string(select.text(2))},
                       .openedAt = base::instantFromMillis(select.integer(3))});
        if (!select.isNull(4))
            all.back().closedAt = base::instantFromMillis(select.integer(4));
    }
}

} // namespace

Result<std::vector<Shift>> Journal::shifts()
{
    auto select = m_database->prepare(kAll);
    if (!select)
        return select.error();
    return shiftsIn(*select);
}

Result<std::vector<Shift>> Journal::shiftsToTell(std::size_t limit)
{
    auto select = m_database->prepare(kToTell);
    if (!select)
        return select.error();
    select->bind(1, static_cast<std::int64_t>(limit));
    return shiftsIn(*select);
}

Result<void> Journal::toldShifts(const std::vector<Shift> &shifts)
{
    auto transaction = storage::Transaction::begin(*m_database);
    if (!transaction)
        return transaction.error();
    auto tell = m_database->prepare(kTold);
    if (!tell)
        return tell.error();
    for (const Shift &shift : shifts) {
        tell->bind(1, shift.session.view()).bind(2, std::int64_t{shift.closedAt.has_value()});
        if (auto told = tell->run(); !told)
            return told;
    }
    return transaction->commit();
}

Result<std::optional<Shift>> Journal::openShift()
{
    auto all = shifts();
    if (!all)
        return all.error();
    for (Shift &shift : *all) {
        if (!shift.closedAt)
            return std::optional(std::move(shift));
    }
    return std::optional<Shift>();
}

Result<void> Journal::beginShift(const Shift &shift)
{
    auto transaction = storage::Transaction::begin(*m_database);
    if (!transaction)
        return transaction.error();
    auto end = m_database->prepare(kEndOthers);
    if (!end)
        return end.error();
    if (auto ended = end->bind(1, base::millisOf(shift.openedAt)).run(); !ended)
        return ended;
    auto begin = m_database->prepare(kBegin);
    if (!begin)
        return begin.error();
    begin->bind(1, shift.session.view())
        .bind(2, shift.gate.view())
        .bind(3, shift.operatedBy.view())
        .bind(4, base::millisOf(shift.openedAt))
        .bind(5, shift.event.view());
    if (auto begun = begin->run(); !begun)
        return begun;
    return transaction->commit();
}

Result<void> Journal::endShift(const domain::SessionId &session, base::Instant at)
{
    auto end = m_database->prepare(kEnd);
    if (!end)
        return end.error();
    return end->bind(1, session.view()).bind(2, base::millisOf(at)).run();
}

} // namespace voelgoed::journal
