#pragma once

#include "device/core/journal/journal.h"
#include "device/core/storage/page_reader.h"

#include <map>
#include <set>
#include <string>

namespace voelgoed::journal {

/// What could be saved, and what could not.
struct Salvaged
{
    Remains remains;               ///< `numberedThrough` is the highest number that was seen anywhere; no margin yet
    std::uint64_t doubtful = 0;    ///< rows that are there and are not what was written, or that nothing vouches for
    std::uint64_t unknown = 0;     ///< rows that are gone without a trace
    std::vector<Gap> lost;         ///< the numbers of both, but for what an earlier repair had given up already
    std::set<std::string> signers; ///< every trusted signer that was found, in hex
    std::uint64_t newestList = 0;  ///< the highest list that a row was judged by
};

/// Tells a journal's rows from everything else that lies in a damaged file. A row is saved if it is, byte for byte,
/// what was written: its own check says so, or, for rows of before there were checks, the row behind it. Rows may come
/// in any order and any number of times.
class Salvage
{
public:
    explicit Salvage(domain::DeviceId device) : m_device(std::move(device)) {}

    /// A record of whatever table.
    void add(const storage::Record &record);
    /// A row of the rescue journal, which has checks of its own.
    void addRescued(const base::Bytes &row);
    /// A row of this number was written at some time.
    void addMark(const Tail &tail);

    Salvaged finish() const;

private:
    struct Found
    {
        StoredRow row;
        bool checked = false;
    };

    void addRow(const storage::Record &record);
    void addMarkRecord(const storage::Record &record);
    void addShift(const storage::Record &record);
    void addSetting(std::string_view name, std::string_view value);
    std::map<std::uint64_t, const StoredRow *> verified() const;
    domain::Sequence highestSeen(const std::map<std::uint64_t, const StoredRow *> &rows) const;

    domain::DeviceId m_device;
    std::map<std::uint64_t, std::map<domain::RowHash, Found>> m_rows;
    std::map<std::uint64_t, StoredRow> m_rescued;
    std::set<std::uint64_t> m_doubtful;
    std::map<domain::RowKey, Mark> m_marks;
    std::map<domain::SessionId, Shift> m_shifts;
    std::map<std::uint64_t, bool> m_doubts;
    std::set<std::string> m_signers;
    std::vector<Gap> m_givenUp;
    std::optional<Tail> m_tail;
    std::uint64_t m_numbered = 0;
    std::uint32_t m_epochs = 0;
};

} // namespace voelgoed::journal
