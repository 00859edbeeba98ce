#include "device/core/journal/salvage.h"

#include "device/core/journal/gap_text.h"
#include "shared/protocol/row.h"

#include <algorithm>
#include <charconv>

namespace voelgoed::journal {

using domain::Sequence;

namespace {

// What no device reaches, and leaves room for every repair to come.
constexpr std::int64_t kNumberMax = std::int64_t{1} << 53;
constexpr std::int64_t kEpochMax = std::int64_t{1} << 31;
constexpr std::size_t kUuidSize = 36;
constexpr std::size_t kKeySize = 64; ///< in hex

/// 0 for what is no number, and for one that no device has reached: it is damage itself.
std::uint64_t numberIn(std::string_view text, std::int64_t most)
{
    std::uint64_t number = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
    const bool whole = read.ec == std::errc() && read.ptr == text.data() + text.size();
    return whole && number <= static_cast<std::uint64_t>(most) ? number : 0;
}

bool isWithin(const std::optional<std::int64_t> &value, std::int64_t low, std::int64_t high)
{
    return value && *value >= low && *value <= high;
}

bool holds(const std::vector<Gap> &gaps, std::uint64_t number)
{
    return std::any_of(gaps.begin(), gaps.end(),
                       [&](const Gap &gap) { return gap.first.value <= number && number <= gap.last.value; });
}

} // namespace

void Salvage::add(const storage::Record &record)
{
    const std::size_t columns = record.values.size();
    if (record.rowId && (columns == 5 || columns == 6) && record.bytes(4))
        return addRow(record);
    if (record.rowId && columns == 2 && record.isNull(0) && isWithin(record.integer(1), 0, 1)) {
        bool &settled = m_doubts[static_cast<std::uint64_t>(*record.rowId)];
        settled = settled || *record.integer(1) == 1;
        return;
    }
    if (record.rowId)
        return;
    if (columns == 11)
        return addMarkRecord(record);
    if (columns == 6 && record.text(0))
        return addShift(record);
    if (columns == 2 && record.text(0) && record.text(1))
        addSetting(*record.text(0), *record.text(1));
}

void Salvage::addRow(const storage::Record &record)
{
    if (!record.isNull(0) || !record.integer(1) || !isWithin(record.integer(2), 0, 1) || !record.integer(3))
        return;
    const auto number = static_cast<std::uint64_t>(*record.rowId);
    const base::ByteView body = *record.bytes(4);
    const auto check = record.bytes(5);
    const domain::RowHash now = protocol::hashOf(body);
    if (check && !std::equal(check->begin(), check->end(), now.begin(), now.begin() + kCheckSize)) {
        m_doubtful.insert(number);
        return;
    }
    auto row = storedRow({body.begin(), body.end()});
    if (!row || row->row.key.sequence.value != number) {
        m_doubtful.insert(number);
        return;
    }
    if (row->row.key.device != m_device)
        return; // another device's, in a log that is not ours
    const domain::RowHash hash = row->hash;
    Found &found = m_rows[number].try_emplace(hash, Found{std::move(*row)}).first->second;
    found.checked = found.checked || check.has_value();
}

void Salvage::addRescued(const base::Bytes &bytes)
{
    auto row = storedRow(bytes);
    if (row && row->row.key.device == m_device)
        m_rescued.insert_or_assign(row->row.key.sequence.value, std::move(*row));
}

void Salvage::addMark(const Tail &tail)
{
    if (!m_tail || m_tail->sequence < tail.sequence)
        m_tail = tail;
}

void Salvage::addMarkRecord(const storage::Record &record)
{
    const bool plausible = isWithin(record.integer(0), 0, 0) && isWithin(record.integer(1), 1, kEpochMax) &&
                           isWithin(record.integer(2), 1, kNumberMax) &&
                           isWithin(record.integer(3), 1, domain::kOrdinalMax) && record.text(4) && record.text(5) &&
                           isWithin(record.integer(6), 0, 1) && isWithin(record.integer(7), 1, UINT16_MAX) &&
                           isWithin(record.integer(8), 0, 1) && record.integer(9) && record.integer(10);
    if (!plausible)
        return;
    Mark mark{.row = {m_device,
                      {static_cast<std::uint32_t>(*record.integer(1))},
                      {static_cast<std::uint64_t>(*record.integer(2))}},
              .ordinal = {static_cast<std::uint32_t>(*record.integer(3))},
              .checkpoint = {std::string(*record.text(4))},
              .gate = {std::string(*record.text(5))},
              .direction = *record.integer(6) == 0 ? domain::Direction::Entry : domain::Direction::Exit,
              .count = static_cast<std::uint16_t>(*record.integer(7)),
              .overridden = *record.integer(8) != 0,
              .at = base::instantFromMillis(*record.integer(9)),
              .rotatingStep = static_cast<std::uint64_t>(*record.integer(10))};
    m_marks.emplace(mark.row, std::move(mark));
}

void Salvage::addShift(const storage::Record &record)
{
    const bool plausible = record.text(0)->size() == kUuidSize && record.text(1) && record.text(2) &&
                           record.integer(3) && (record.isNull(4) || record.integer(4)) && record.text(5);
    if (!plausible)
        return;
    const domain::SessionId session{std::string(*record.text(0))};
    Shift &shift = m_shifts
                       .try_emplace(session, Shift{.session = session,
                                                   .event = {std::string(*record.text(5))},
                                                   .gate = {std::string(*record.text(1))},
                                                   .operatedBy = {std::string(*record.text(2))},
                                                   .openedAt = base::instantFromMillis(*record.integer(3))})
                       .first->second;
    if (const auto closed = record.integer(4))
        shift.closedAt = base::instantFromMillis(*closed);
}

void Salvage::addSetting(std::string_view name, std::string_view value)
{
    if (name == kNumberedThrough)
        m_numbered = std::max(m_numbered, numberIn(value, kNumberMax));
    else if (name == kEpochsThrough)
        m_epochs = std::max(m_epochs, static_cast<std::uint32_t>(numberIn(value, kEpochMax)));
    else if (name == "trusted_signer" && value.size() == kKeySize)
        m_signers.emplace(value);
    else if (name == kGaps) {
        auto gaps = parseGaps(std::string(value));
        if (gaps && gaps->size() > m_givenUp.size())
            m_givenUp = std::move(*gaps);
    }
}

std::map<std::uint64_t, const StoredRow *> Salvage::verified() const
{
    // From the last row to the first: each one says what the one before it was.
    std::map<std::uint64_t, const StoredRow *> rows;
    std::set<std::uint64_t> numbers;
    for (const auto &[number, versions] : m_rows)
        numbers.insert(number);
    for (const auto &[number, row] : m_rescued)
        numbers.insert(number);
    for (auto number = numbers.rbegin(); number != numbers.rend(); ++number) {
        const auto next = rows.find(*number + 1);
        std::optional<domain::RowHash> named;
        if (next != rows.end())
            named = next->second->row.previous;
        else if (m_tail && m_tail->sequence.value == *number)
            named = m_tail->hash;
        const StoredRow *best = nullptr;
        int candidates = 0;
        if (const auto versions = m_rows.find(*number); versions != m_rows.end()) {
            for (const auto &[hash, found] : versions->second) {
                if (!named ? found.checked : *named == hash) {
                    best = &found.row;
                    ++candidates;
                }
            }
        }
        const auto rescued = m_rescued.find(*number);
        if (!best && rescued != m_rescued.end() && (!named || *named == rescued->second.hash)) {
            best = &rescued->second;
            ++candidates;
        }
        if (candidates == 1)
            rows.emplace(*number, best);
    }
    return rows;
}

Sequence Salvage::highestSeen(const std::map<std::uint64_t, const StoredRow *> &rows) const
{
    // Evidence that is not certain reaches no further than there is evidence: a number in a damaged record may be
    // damage itself.
    std::uint64_t highest = std::max(m_tail ? m_tail->sequence.value : 0, rows.empty() ? 0 : rows.rbegin()->first);
    std::set<std::uint64_t> seen = m_doubtful;
    for (const auto &[key, mark] : m_marks)
        seen.insert(key.sequence.value);
    for (const auto &[number, versions] : m_rows)
        seen.insert(number);
    std::erase_if(seen, [&](std::uint64_t number) { return number <= highest; });
    const std::uint64_t limit = highest + seen.size();
    for (const std::uint64_t number : seen)
        highest = number <= limit ? std::max(highest, number) : highest;
    return {highest};
}

Salvaged Salvage::finish() const
{
    Salvaged result;
    Remains &remains = result.remains;
    const auto rows = verified();
    const Sequence highest = highestSeen(rows);
    std::set<domain::RowKey> undone;
    for (const auto &[number, row] : rows) {
        remains.rows.push_back(*row);
        if (const auto *undo = std::get_if<domain::UndoRecord>(&row->row.what))
            undone.insert(undo->row);
        if (const auto *scan = std::get_if<domain::ScanRecord>(&row->row.what))
            result.newestList = std::max(result.newestList, scan->listSequence);
        remains.epochsThrough = std::max(remains.epochsThrough, row->row.key.epoch);
    }
    std::uint64_t next = 1;
    const auto leaveOut = [&](std::uint64_t until) {
        if (next < until)
            remains.gaps.push_back({{next}, {until - 1}});
        for (; next < until; ++next) {
            if (holds(m_givenUp, next))
                continue;
            const bool seen = m_doubtful.contains(next) || m_rows.contains(next);
            ++(seen ? result.doubtful : result.unknown);
            if (!result.lost.empty() && result.lost.back().last.value + 1 == next)
                result.lost.back().last = {next};
            else
                result.lost.push_back({{next}, {next}});
        }
        ++next;
    };
    for (const auto &[number, row] : rows)
        leaveOut(number);
    leaveOut(highest.value + 1);
    if (m_numbered > highest.value)
        remains.gaps.push_back({{highest.value + 1}, {m_numbered}}); // an earlier repair's margin, still unused
    for (const auto &[key, mark] : m_marks) {
        const bool gone = !rows.contains(key.sequence.value) && key.sequence <= highest;
        if (gone && !undone.contains(key))
            remains.marks.push_back(mark);
        if (gone)
            remains.epochsThrough = std::max(remains.epochsThrough, key.epoch);
    }
    for (const auto &[session, shift] : m_shifts)
        remains.shifts.push_back(shift);
    for (const auto &[number, settled] : m_doubts) {
        if (rows.contains(number))
            remains.doubts[{number}] = settled;
    }
    // Minutes have passed: whoever was not shown an answer has long been dealt with by people.
    remains.shown = {rows.empty() ? 0 : rows.rbegin()->first};
    remains.numberedThrough = {std::max(highest.value, m_numbered)};
    remains.epochsThrough = std::max(remains.epochsThrough, domain::Epoch{m_epochs});
    if (m_tail)
        remains.epochsThrough = std::max(remains.epochsThrough, m_tail->epoch);
    result.signers = m_signers;
    return result;
}

} // namespace voelgoed::journal
