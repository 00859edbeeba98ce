// Holds the journal to what it says of itself: rows, their chain, their marks.
#include "device/core/journal/gap_text.h"
#include "device/core/journal/journal.h"
#include "device/core/storage/settings.h"

namespace voelgoed::journal {

using base::Result;
using domain::Sequence;

namespace {

constexpr const char *kRows = "SELECT seq, epoch, kind, body, digest FROM journal ORDER BY seq";
constexpr const char *kOwnMarks = "SELECT device, NULL, epoch, seq, ordinal, checkpoint, gate, direction, persons, "
                                  "overridden, at, rotating FROM passage WHERE device = 0 ORDER BY seq";

std::string numbered(Sequence sequence)
{
    return "row " + std::to_string(sequence.value);
}

/// The device's own marks, in order, beside the rows that should have left them.
class MarkReader
{
public:
    static Result<MarkReader> open(storage::Database &database, const domain::DeviceId &device)
    {
        auto select = database.prepare(kOwnMarks);
        if (!select)
            return select.error();
        MarkReader reader(std::move(*select), device);
        if (auto moved = reader.next(); !moved)
            return moved.error();
        return reader;
    }

    const std::optional<Mark> &mark() const { return m_mark; }

    Result<void> next()
    {
        const auto more = m_select.step();
        if (!more)
            return more.error();
        m_mark.reset();
        if (*more)
            m_mark = markIn(m_select, m_device);
        return {};
    }

private:
    MarkReader(storage::Statement select, const domain::DeviceId &device)
        : m_select(std::move(select)), m_device(device)
    {}

    storage::Statement m_select;
    domain::DeviceId m_device;
    std::optional<Mark> m_mark;
};

bool isLost(const std::vector<Gap> &gaps, Sequence sequence)
{
    for (const Gap &gap : gaps) {
        if (gap.first <= sequence && sequence <= gap.last)
            return true;
    }
    return false;
}

/// Every number between two rows is one that a repair gave up.
bool areLost(const std::vector<Gap> &gaps, Sequence after, Sequence before)
{
    for (const Gap &gap : gaps) {
        if (after.value + 1 == gap.first.value)
            after = gap.last;
    }
    return after.value + 1 >= before.value;
}

} // namespace

Result<std::vector<Gap>> Journal::gaps()
{
    const auto text = storage::setting(*m_database, kGaps);
    if (!text)
        return text.error();
    return parseGaps(*text ? **text : std::string());
}

Result<void> Journal::verify()
{
    const auto lost = gaps();
    if (!lost)
        return lost.error();
    const auto undone = this->undone();
    if (!undone)
        return undone.error();
    auto marks = MarkReader::open(*m_database, m_device);
    if (!marks)
        return marks.error();
    // A mark whose row is gone stays: the guest did pass.
    const auto skipOrphans = [&](Sequence before) -> Result<void> {
        while (marks->mark() && marks->mark()->row.sequence < before) {
            if (!isLost(*lost, marks->mark()->row.sequence))
                return base::corrupt("a mark without its " + numbered(marks->mark()->row.sequence));
            if (auto moved = marks->next(); !moved)
                return moved;
        }
        return {};
    };
    auto rows = m_database->prepare(kRows);
    if (!rows)
        return rows.error();
    Tail tail;
    for (;;) {
        const auto more = rows->step();
        if (!more)
            return more.error();
        if (!*more)
            break;
        const Sequence sequence{static_cast<std::uint64_t>(rows->integer(0))};
        const base::ByteView body = rows->bytes(3);
        const auto row = storedRow({body.begin(), body.end()});
        if (!row)
            return base::corrupt(numbered(sequence) + " cannot be read: " + row.error().message);
        const domain::RowKey &key = row->row.key;
        if (key.sequence != sequence || key.epoch.value != rows->integer(1) || key.device != m_device ||
            static_cast<std::int64_t>(row->row.what.index()) != rows->integer(2))
            return base::corrupt(numbered(sequence) + " holds another row");
        if (!rows->isNull(4) && base::textOf(rows->bytes(4)) != base::textOf(checkOf(*row)))
            return base::corrupt(numbered(sequence) + " is not what was written");
        if (sequence.value != tail.sequence.value + 1 && !areLost(*lost, tail.sequence, sequence))
            return base::corrupt("rows are missing before " + numbered(sequence));
        if (sequence.value == tail.sequence.value + 1 && row->row.previous != tail.hash)
            return base::corrupt(numbered(sequence) + " does not continue the one before");
        tail = {sequence, key.epoch, row->hash};
        if (auto skipped = skipOrphans(sequence); !skipped)
            return skipped;
        const auto expected = undone->contains(key) ? std::nullopt : markOf(row->row);
        if (expected && marks->mark() != expected)
            return base::corrupt(numbered(sequence) + " without its mark");
        if (expected) {
            if (auto moved = marks->next(); !moved)
                return moved;
        }
    }
    return skipOrphans({UINT64_MAX});
}

} // namespace voelgoed::journal
