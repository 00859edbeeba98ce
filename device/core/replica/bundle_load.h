#pragma once

#include "device/core/replica/bundle_file.h"
#include "device/core/replica/replica.h"

#include <functional>

namespace voelgoed::replica {

struct LoadProgress
{
    std::size_t chunksDone = 0;
    std::size_t chunks = 0;
    std::uint32_t tickets = 0; ///< loaded so far
};

/// Fills the slot that is not in force from a bundle, a chunk a step, each step durable: a load that was cut off goes
/// on where it stopped. Scans may be judged and recorded between two steps; nothing that they see changes before
/// finish().
class BundleLoad
{
public:
    /// Told of every ticket that is in the slot, the ones of an earlier, interrupted run first.
    using Sink = std::function<base::Result<void>(const IndexedTicket &)>;

    enum class Age {
        Newer,   ///< than the list in force, or it is refused
        Ordered, ///< whatever its age: the server said that the list in force is not the one it sent
    };

    /// Begins, or goes on with what an earlier run of the same bundle left. The trust in the bundle's signer is the
    /// caller's to decide. Conflict when the file is for another event, or older than the list in force, or while
    /// another load is under way. All of these must outlive the load's use. Between two steps it holds nothing of the
    /// database, so that this can be closed.
    static base::Result<BundleLoad> begin(storage::Database &database, Replica &replica, BundleFile &file,
                                          const Sink &sink, Age age = Age::Newer);

    void setSealName(SealName seal) { m_sealName = std::move(seal); }

    const LoadProgress &progress() const { return m_progress; }
    bool isComplete() const { return m_progress.chunksDone == m_progress.chunks; }

    /// Loads the next chunk.
    base::Result<void> step(const Sink &sink);

    /// Puts the new list in force, in one transaction, and trusts its signer from now on. Corrupt when what was loaded
    /// is not what was signed; the list before then stays in force.
    base::Result<void> finish();

private:
    BundleLoad(storage::Database &database, Replica &replica, BundleFile &file)
        : m_database(&database), m_replica(&replica), m_file(&file)
    {}

    base::Result<void> resume(const Sink &sink);
    base::Result<bool> resumeFeed();
    base::Result<void> startOver();
    base::Result<void> insert(storage::Statement &into, const protocol::TicketChange &change, const Sink &sink);
    base::Result<void> log(storage::Statement &into, Logged kind, const base::Bytes &bytes);
    base::Result<void> saveProgress();

    std::shared_ptr<const Slot> m_reserved;
    storage::Database *m_database;
    Replica *m_replica;
    BundleFile *m_file;
    Slot m_slot = Slot::A;
    LoadProgress m_progress;
    bitmap::RollingChecksum m_loaded;
    std::uint64_t m_passages = 0;
    bitmap::RollingChecksum m_history;
    Age m_age = Age::Newer;
    SealName m_sealName;
};

/// Empties the slot that is not in force: what a finished load replaced. Nothing may be loading.
base::Result<void> sweep(storage::Database &database, const Replica &replica);

} // namespace voelgoed::replica
