#pragma once

#include "device/core/storage/database.h"
#include "shared/domain/row.h"

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace voelgoed::journal {

/// A row as it is kept: the bytes in which it was made, and what they say.
struct StoredRow
{
    base::Bytes bytes;
    domain::RowHash hash{};
    domain::Row row;
};

/// Where a device's journal ends.
struct Tail
{
    domain::Sequence sequence;
    domain::Epoch epoch;
    domain::RowHash hash{};

    friend bool operator==(const Tail &, const Tail &) = default;
};

/// A passage as the index keeps it: the admitted mark that goes with a row in one transaction.
struct Mark
{
    domain::RowKey row;
    domain::Ordinal ordinal;
    domain::CheckpointId checkpoint;
    domain::GateId gate;
    domain::Direction direction = domain::Direction::Entry;
    std::uint16_t count = 1;
    bool overridden = false;
    base::Instant at;
    std::uint64_t rotatingStep = 0;

    friend bool operator==(const Mark &, const Mark &) = default;
};

/// A shift (scan session): one device, event, gate and operator. Rows carry its id; it is state of its own, known by
/// that id, so that bringing it to the server twice changes nothing.
struct Shift
{
    domain::SessionId session;
    domain::EventId event;
    domain::GateId gate;
    domain::OperatorId operatedBy;
    base::Instant openedAt;
    std::optional<base::Instant> closedAt;

    friend bool operator==(const Shift &, const Shift &) = default;
};

/// Numbers of rows that are gone, both ends included.
struct Gap
{
    domain::Sequence first;
    domain::Sequence last;

    friend bool operator==(const Gap &, const Gap &) = default;
};

/// A row on its way to the server: its bytes, and what it takes to see where a chain of rows is interrupted.
struct OutgoingRow
{
    domain::Sequence sequence;
    domain::Epoch epoch;
    base::Bytes bytes;

    friend bool operator==(const OutgoingRow &, const OutgoingRow &) = default;
};

/// What the server said of a row that it did not simply take. The word is the protocol's: "double", "quarantined".
struct RowFate
{
    domain::Sequence sequence;
    std::string outcome;
    std::string reason;

    friend bool operator==(const RowFate &, const RowFate &) = default;
};

/// What a repair could save of a damaged journal.
struct Remains
{
    std::vector<StoredRow> rows; ///< in order of their numbers
    std::vector<Mark> marks;     ///< of this device's rows that are gone
    std::vector<Shift> shifts;
    std::map<domain::Sequence, bool> doubts; ///< rows in doubt; true: shown once more since
    std::vector<Gap> gaps;
    domain::Sequence shown;
    domain::Sequence numberedThrough; ///< new rows have higher numbers, in a higher epoch
    domain::Epoch epochsThrough;
};

/// When this device wrote something down, by corrected time.
struct LastTimes
{
    std::optional<base::Instant> last; ///< its last row
    std::optional<base::Instant> sure; ///< its last row that it wrote with a clock that could be believed
};

struct Counts
{
    std::uint64_t rows = 0;
    std::uint64_t scans = 0;
    std::uint64_t admitted = 0; ///< passages in, taken-back ones left out, of all devices
    std::uint64_t unacknowledged = 0;
    std::uint64_t inDoubt = 0;                                     ///< admissions that perhaps nobody was shown
    std::map<std::string, std::uint64_t, std::less<>> notAccepted; ///< rows by what the server said of them instead
};

/// The journal's tables in the device's file: rows, admitted marks, what is in doubt. Nothing in here decides; every
/// method fails as the disk fails. Append-only: no row is ever changed or deleted.
class Journal
{
public:
    /// Creates what is missing, unless it must all be there. `device` is this device: marks of its own rows are kept
    /// under number 0.
    static base::Result<Journal> open(storage::Database &database, const domain::DeviceId &device,
                                      storage::Tables tables = storage::Tables::Make);

    const std::optional<Tail> &tail() const { return m_tail; }
    /// No row is made with a number or an epoch up to these, although the rows themselves may be gone: after a repair.
    domain::Sequence numberedThrough() const { return m_numberedThrough; }
    domain::Epoch epochsThrough() const { return m_epochsThrough; }

    /// Reads every row and mark. Corrupt when a row is not what was written, when one is missing that no repair has
    /// reported as lost, or when the marks are not the ones that the rows leave.
    base::Result<void> verify();
    /// What a repair reported as lost.
    base::Result<std::vector<Gap>> gaps();
    /// Fills an empty journal with what a repair saved, in one transaction.
    base::Result<void> restore(const Remains &remains);

    /// Everything up to and including this row was shown to somebody, but for the rows in doubt.
    domain::Sequence shownThrough() const { return m_shownThrough; }

    /// Appends rows in one durable transaction: each with its mark, if it admits, and `shown` beside it. Rows that are
    /// there already, byte for byte, are passed over; Conflict when one is there with other bytes.
    base::Result<void> append(const std::vector<StoredRow> &rows, domain::Sequence shown);

    /// Everything up to and including `sequence` was shown.
    base::Result<void> markShown(domain::Sequence sequence);

    /// The rows behind shownThrough() become rows in doubt: they were committed, and nobody knows whether the guest saw
    /// green. To be called once after opening.
    base::Result<void> settleTail();
    /// Rows in doubt that have not been shown again, oldest first.
    base::Result<std::vector<domain::Row>> inDoubt();
    /// Nobody knows whether this row was shown. Said once more it changes nothing.
    base::Result<void> doubt(domain::Sequence sequence);
    /// Shown once more: never again.
    base::Result<void> settleDoubt(domain::Sequence sequence);
    /// Whether the row's verdict was seen by somebody, as far as this device knows.
    base::Result<bool> wasShown(domain::Sequence sequence);

    base::Result<void> eachMark(const std::function<void(const Mark &)> &use);
    /// At most `limit` rows behind `after`, in order.
    base::Result<std::vector<StoredRow>> rowsAfter(domain::Sequence after, std::size_t limit);
    base::Result<std::optional<StoredRow>> find(domain::Sequence sequence);
    /// Every row that a row of this device took back.
    base::Result<std::set<domain::RowKey>> undone();

    struct OutgoingLimits
    {
        std::size_t rows = 500;
        std::size_t bytes = std::size_t{1} << 20;
    };
    /// Rows behind `after`, in order, as many as fit; one that is too long by itself comes alone.
    base::Result<std::vector<OutgoingRow>> outgoing(domain::Sequence after, const OutgoingLimits &limits);
    /// The server has settled every row up to and including this one: they need not be sent again.
    base::Result<domain::Sequence> acknowledgedThrough();
    /// Writes that down, and what the server said of single rows, in one transaction. Never goes back.
    base::Result<void> acknowledge(domain::Sequence through, const std::vector<RowFate> &fates);
    /// The newest ones, newest first.
    base::Result<std::vector<RowFate>> fates(std::size_t limit);
    base::Result<std::uint64_t> fateCount();
    base::Result<Counts> counts();
    base::Result<LastTimes> lastTimes();

    /// The shift that is open on this device, if one is.
    base::Result<std::optional<Shift>> openShift();
    /// Opens a shift, and ends the one that was open: at most one is.
    base::Result<void> beginShift(const Shift &shift);
    base::Result<void> endShift(const domain::SessionId &session, base::Instant at);
    /// Oldest first.
    base::Result<std::vector<Shift>> shifts();
    /// Those of which the server does not know yet that they began, or ended. Oldest first.
    base::Result<std::vector<Shift>> shiftsToTell(std::size_t limit);
    /// The server knows these now, as they are here.
    base::Result<void> toldShifts(const std::vector<Shift> &shifts);

private:
    explicit Journal(storage::Database &database, domain::DeviceId device)
        : m_database(&database), m_device(std::move(device))
    {}

    base::Result<void> makeTables();
    base::Result<void> prepare();
    base::Result<void> insert(const StoredRow &row, domain::Sequence shown);
    base::Result<void> insertMark(const Mark &mark);
    base::Result<void> addDigests();
    base::Result<void> readNumbering();
    base::Result<void> insertShift(const Shift &shift);
    base::Result<std::int64_t> deviceNumber(const domain::DeviceId &device);
    base::Result<void> applyEffects(const domain::Row &row);

    storage::Database *m_database;
    domain::DeviceId m_device;
    std::optional<Tail> m_tail;
    domain::Sequence m_shownThrough;
    domain::Sequence m_numberedThrough;
    domain::Epoch m_epochsThrough;
    std::optional<storage::Statement> m_insertRow, m_insertMark, m_deleteMark, m_findRow;
};

/// The mark that a row leaves, if it admits somebody and is no test.
std::optional<Mark> markOf(const domain::Row &row);

/// Reads a row's bytes and works out its hash.
base::Result<StoredRow> storedRow(base::Bytes bytes);

/// What is kept beside a row's bytes, so that a row can be told from a damaged one without its neighbours.
inline constexpr std::size_t kCheckSize = 8;
inline base::ByteView checkOf(const StoredRow &row)
{
    return base::ByteView(row.hash).first(kCheckSize);
}

} // namespace voelgoed::journal
