#pragma once

#include "device/core/journal/journal.h"
#include "device/core/journal/rescue.h"
#include "device/core/replica/replica.h"
#include "device/core/storage/database.h"
#include "device/core/vault/high_water.h"
#include "shared/base/crypto/sealed.h"
#include "shared/base/random.h"
#include "shared/domain/row.h"

#include <memory>
#include <optional>

namespace voelgoed::vault {

struct VaultOptions
{
    std::string path;   ///< the device's file
    std::string rescue; ///< the rescue journal, best on another medium; empty: none
    std::string vfs;    ///< empty: the operating system's
    std::string synchronous = "FULL";
    domain::DeviceId device;
};

enum class StorageState {
    Good,
    Rescue, ///< rows go to the rescue journal: an amber banner
    Failed, ///< rows go nowhere: nobody can be admitted
};

/// A row before it has a number: what happened, when, and what was read.
struct RowDraft
{
    domain::EventId event;
    base::Instant at;
    base::Instant wall;
    base::Milliseconds sinceBoot{};
    domain::ClockState clock = domain::ClockState::Assumed;
    domain::RowContent what;
    base::Bytes code; ///< sealed into a scan's record, and forgotten
};

/// The device's memory that survives: list and journal in one file, with a rescue journal beside it. Numbers and chains
/// the rows of this boot, seals what was read, and deals with a disk that fails. One thread; one program a file.
///
/// After any failure the handle is given up: the file is opened anew, which must be there and hold what it held, its
/// log moved into it, so that nothing depends on pages that the system only believes to have written; then a row that
/// was being written is looked for and, if it is not there, appended again. If that fails too the row goes to the
/// rescue journal; if it goes nowhere, no other row is taken before the file was opened and looked through.
class Vault
{
public:
    /// Reads and verifies everything before anything is written. Corrupt, with the file's name, when the file cannot be
    /// trusted; it is then left as it was, for repair().
    static base::Result<std::unique_ptr<Vault>> open(const VaultOptions &options, base::Random &random);
    /// Whether open() would trust what is there, without opening it.
    static base::Result<void> check(const VaultOptions &options, base::Random &random);
    ~Vault();

    Vault(const Vault &) = delete;
    Vault &operator=(const Vault &) = delete;

    /// How often the file was opened: what was prepared at an earlier opening is void.
    int openings() const { return m_openings; }
    /// Whether the file could be opened the last time. Without it nothing can be looked up.
    bool isOpen() const { return m_opened.has_value(); }
    storage::Database &database() { return *opened().database; }
    replica::Replica &replica() { return opened().replica; }
    journal::Journal &journal() { return opened().journal; }
    const domain::DeviceId &device() const { return m_options.device; }
    /// Of the rows that are written now.
    domain::Epoch epoch() const { return m_epoch; }

    /// The event's key for what was read. Without one, nothing that was read is kept but its hash. The key that is used
    /// already changes nothing.
    base::Result<void> sealTo(const base::ExchangeKey &server);

    struct Recorded
    {
        domain::Row row;
        bool rescued = false;
    };

    /// Makes the draft the next row of this boot and writes it down. Durable once this returns success. After a failure
    /// the row does not exist: what is shown then must not admit.
    base::Result<Recorded> record(RowDraft draft);

    /// Everything recorded so far was shown to somebody. Kept in memory until the next row or flush().
    void shown();
    /// Whether a row was shown to somebody, as far as this device knows; also what was not written down yet.
    base::Result<bool> wasShown(domain::Sequence sequence);
    /// Writes down what shown() knows. Call it when there is nothing else to do, and before a clean end.
    base::Result<void> flush();

    StorageState state() const { return m_state; }
    /// Gives up a handle that failed, before anything else is done with it. Cheap when none did. Returns what mend()
    /// does.
    std::vector<domain::Row> renew();
    /// Tries to get back to Good: opens the file anew and brings in what the rescue journal holds. Cheap when there is
    /// nothing to mend. Returns the rows that came to light: written by an attempt that was answered as failed, so that
    /// nobody was admitted on them. They are in doubt now.
    std::vector<domain::Row> mend();

    /// Moves the write-ahead log into the file when it has grown; best called right after a verdict was shown.
    void tidy();

    /// Rows that are durable but only in the rescue journal.
    const std::vector<base::Bytes> &rescuedRows() const { return m_rescue->rows(); }
    /// Rows that nobody may have been shown, and of which the file could not be told so far.
    const std::vector<domain::Sequence> &doubted() const { return m_doubted; }
    /// The row of this number, wherever it is.
    base::Result<std::optional<journal::StoredRow>> find(domain::Sequence sequence);

private:
    struct Opened
    {
        std::unique_ptr<storage::Database> database;
        replica::Replica replica;
        journal::Journal journal;
    };

    Vault(const VaultOptions &options, base::Random &random);
    Opened &opened()
    {
        base::ensure(m_opened.has_value(), "the device's file is not open");
        return *m_opened;
    }
    /// What the file held when it was given up.
    struct Held
    {
        std::optional<journal::Tail> tail;
        std::optional<std::pair<protocol::Cursor, bitmap::RollingChecksum>> list;
    };

    base::Result<void> reopen();
    base::Result<void> holdsTheSame();
    base::Result<void> holdsTheRows();
    base::Result<void> holdsTheList();
    base::Result<void> take();
    base::Result<void> audit();
    base::Result<void> auditHead();
    bool claimsToBeReadOnly();
    base::Result<void> auditEnd();
    base::Result<void> mendInto(std::vector<domain::Row> &cameToLight);
    base::Result<std::vector<domain::Row>> adoptStrays();
    base::Result<void> settleIn();
    base::Result<void> keepTail();
    base::Result<void> moveLog();
    base::Result<void> continuesJournal(const std::vector<journal::StoredRow> &rescued);
    base::Result<void> bringInRescued();
    base::Result<void> write(const journal::StoredRow &row);
    base::Result<void> writeAgain(const journal::StoredRow &row);
    journal::StoredRow numbered(RowDraft draft);

    VaultOptions m_options;
    base::Random &m_random;
    std::optional<Opened> m_opened;
    std::optional<Held> m_held; ///< nothing: it was never opened before
    std::optional<journal::Rescue> m_rescue;
    HighWater m_mark;
    std::optional<base::Sealer> m_sealer;
    base::ExchangeKey m_sealedTo{};
    bool m_ephemeralKept = false; ///< a durable row has the sealer's ephemeral key
    StorageState m_state = StorageState::Good;
    domain::Epoch m_epoch;
    std::optional<journal::Tail> m_tail;
    domain::Sequence m_shown;
    domain::Sequence m_numberedThrough;
    std::vector<domain::Sequence>
        m_doubted; ///< of an earlier boot, perhaps never shown, and not yet said so in the file
    int m_openings = 0;
};

} // namespace voelgoed::vault
