#pragma once

#include "shared/admission/occupancy.h"
#include "shared/domain/row.h"
#include "shared/domain/scan.h"

#include <map>
#include <set>
#include <vector>

/// What happened, from the rows of any devices. Rows may come in any order, in any grouping and any number of times:
/// the same rows give the same history everywhere.
namespace voelgoed::admission {

/// The scan by which somebody passed, if the row tells of one: a ticket's, admitted, and no test.
const domain::ScanRecord *passageIn(const domain::Row &row);

/// What a device calls one of its own presentations: the same in the row, in the history and in a scan shown again.
std::string nonceOf(domain::Epoch epoch, domain::Sequence sequence);

/// Where passages are counted: one ticket at one checkpoint.
struct Count
{
    domain::CheckpointId checkpoint;
    domain::Ordinal ordinal;

    friend auto operator<=>(const Count &, const Count &) = default;
};

/// A passage and the row that tells of it. Borrows from the history.
struct Recorded
{
    domain::Passage passage;
    domain::RowKey row;

    friend bool operator==(const Recorded &, const Recorded &) = default;
};

/// The passages of one event. One thread.
class History
{
public:
    explicit History(domain::EventId event) : m_event(std::move(event)) {}

    /// Takes a row in. A row of another event, a refused one and a test change nothing; one that takes an admission
    /// back may come before the admission. A row that is there already is passed over; Conflict when it is there and
    /// says something else (the first one stays).
    base::Result<void> add(const domain::Row &row);

    /// In the total order (domain::earlier), without what was taken back. The texts borrow from this history and go
    /// when it changes.
    std::vector<Recorded> passagesOf(const Count &count) const;

    /// Every count that ever had a passage, taken back or not.
    std::vector<Count> counts() const;

    friend bool operator==(const History &, const History &) = default;

private:
    struct Kept
    {
        base::Instant at;
        std::string nonce;
        domain::GateId gate;
        domain::Direction direction = domain::Direction::Entry;
        std::uint16_t count = 1;
        bool overridden = false;

        friend bool operator==(const Kept &, const Kept &) = default;
    };

    domain::EventId m_event;
    std::map<domain::RowKey, domain::Row> m_rows;
    std::map<Count, std::map<domain::RowKey, Kept>> m_passages;
    std::set<domain::RowKey> m_takenBack;
};

/// An admission beyond what its ticket allows, and the earlier one that had used the allowance.
struct Double
{
    Recorded later;
    Recorded earlier;

    friend bool operator==(const Double &, const Double &) = default;
};

/// The doubles among the passages of one count, given in the total order: each entry that, with all before it known,
/// would have been refused as used. An admission by override is never one, but counts for those behind it.
std::vector<Double> doublesOf(const std::vector<Recorded> &passages, const Allowance &allowance);

} // namespace voelgoed::admission
