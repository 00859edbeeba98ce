#pragma once

#include "device/core/clock/corrected_clock.h"
#include "device/core/index/occupancy_book.h"
#include "device/core/index/passage_book.h"
#include "device/core/index/ticket_index.h"
#include "device/core/profile/identity.h"
#include "device/core/replica/feed_apply.h"
#include "device/core/scan/identify.h"
#include "device/core/scan/judged.h"
#include "device/core/scan/list_in_force.h"
#include "device/core/vault/vault.h"

#include <map>
#include <memory>
#include <optional>
#include <set>

namespace voelgoed::scan {

struct EngineOptions
{
    std::string path;   ///< the device's file
    std::string rescue; ///< the rescue journal
    std::string vfs;    ///< empty: the operating system's
    std::string synchronous = "FULL";
    ticket::AimMarker aim = ticket::AimMarker::NotSent;
    base::Milliseconds grace = std::chrono::seconds(60); ///< in which a row in doubt may be shown once more
    base::Instant built;                                 ///< when this program was built
};

/// Where the device stands, and who works there.
struct Post
{
    domain::CheckpointId checkpoint;
    domain::GateId gate;
    domain::Direction direction = domain::Direction::Entry;
    domain::OperatorId operatedBy;

    friend bool operator==(const Post &, const Post &) = default;
};

/// A gate without inputs and outputs: what it holds, and what it says to a code. Judging has three steps: load what is
/// known, decide (admission::decide), store durably; only then the answer is given. One thread; nothing blocks but the
/// disk.
class Engine
{
public:
    /// Opens the device's file and makes the index from it. All of the arguments are borrowed or copied.
    static base::Result<std::unique_ptr<Engine>> open(const EngineOptions &options, const profile::Identity &identity,
                                                      base::Clock &clock, base::Random &random);

    /// Gives up storage that failed, and takes in what comes to light by that. To be called before anything is asked of
    /// the vault from outside; judge() and examine() do so themselves.
    base::Result<void> refresh();

    /// Nothing until a list was loaded.
    const ListInForce *list() const { return m_list ? &*m_list : nullptr; }

    /// Takes up a post, with a shift of its own: the open one is kept if it is the same gate and operator. Invalid when
    /// the event has no such checkpoint or gate, or the gate does not serve the checkpoint or the direction.
    base::Result<void> takePost(const Post &post);
    /// Ends the shift, if one is open.
    base::Result<void> leavePost();
    const Post &post() const { return m_post; }
    /// The open shift; empty when there is none.
    const domain::SessionId &session() const { return m_session; }

    /// Judges, and writes the answer down. What comes back may be shown; call shown() once it was.
    Judged judge(const Presentation &presentation);
    void shown();

    /// Takes an admission back. NotFound when there is no such admission.
    base::Result<void> undo(const domain::UndoRecord &undo);

    /// Between scans, when there is nothing else to do: writes marks down, mends storage.
    void idle();

    vault::Vault &vault() { return *m_vault; }
    const index::TicketIndex &index() const { return m_index; }
    const index::PassageBook &passages() const { return m_passages; }
    clock::Moment now() { return m_clock->now(); }

    /// What a code is and would be told, without a trace: for `why`.
    base::Result<Examined> examine(const hal::CodeRead &read, const Post &post);

    /// Puts the list in force that a load has finished in the file; `index` was filled beside it.
    base::Result<void> adoptList(index::TicketIndex index);
    /// Applies a part of the event's feed to the list, durably, and to what is in memory: the next code is judged by
    /// it. Fails as replica::applyFeed(); Invalid also when the definition in it cannot be used, Conflict when a code
    /// would lead to two tickets. After a failure everything is as it was.
    base::Result<void> applyFeed(const replica::FeedPart &part, const replica::SealName &sealName);
    /// The list was complete as of this moment, by the server's time. Kept in memory alone.
    void confirmList(base::Instant asOf);
    /// What the server's clock says now: corrected time goes by it.
    void anchor(base::Instant serverTime) { m_clock->anchor(serverTime); }

    /// Nobody is judged while the device is locked: every scan is answered with a fault, and recorded.
    enum class Lock { Open, Locked };
    void setLock(Lock lock) { m_lock = lock; }
    Lock lock() const { return m_lock; }
    /// Throws away what the index holds, and makes it anew from the file.
    base::Result<void> rebuild();

private:
    struct Facts;

    Engine(const EngineOptions &options, const profile::Identity &identity, base::Clock &clock, base::Random &random);
    base::Result<void> readList();
    base::Result<index::TicketIndex> readTickets();
    bool hasListOfTheFile() const;
    void takeIn(std::vector<domain::Row> cameToLight);
    base::Result<void> readPassages();
    base::Result<void> readDoubts();
    base::Result<void> readFeedLog();
    base::Result<void> usable(const replica::FeedPart &part) const;
    base::Result<void> takeLogged(replica::Logged kind, base::ByteView bytes, index::OccupancyBook *occupancy);
    void takePassing(const journal::Mark &mark, index::OccupancyBook *occupancy);
    void withdraw(const domain::RowKey &row, domain::Ordinal ordinal, index::OccupancyBook *occupancy);
    base::Result<void> beginShift();
    base::Result<domain::Row> writeDown(domain::RowContent what, base::Bytes code, const clock::Moment &moment);
    void remember(const domain::Row &row);
    std::optional<journal::Mark> passageOf(const domain::RowKey &row) const;
    void rememberStep(const journal::Mark &mark);
    std::uint64_t lastStepOf(domain::Ordinal ordinal, base::Instant now) const;

    domain::Scan scanOf(const Presentation &presentation, const clock::Moment &moment) const;
    Facts load(const Identified &identified, const clock::Moment &moment);
    base::Result<void> loadCandidate(domain::Ordinal ordinal, const Identified *presented, Facts &facts);
    const domain::Row *doubtOf(const Identified &identified, const domain::Scan &presented,
                               domain::TimeTrust trust) const;
    bool isNewest(const domain::Row &row) const;
    Judged answered(const domain::Verdict &verdict, const Facts &facts, const domain::Scan &scan) const;
    domain::Verdict verdictOn(const Identified &identified, const Facts &facts, const domain::Scan &scan) const;
    Judged faulty(const domain::Scan &scan, domain::Phrase phrase = domain::Phrase::StorageFault) const;
    /// False when it could not be written down that the row was shown once more.
    bool settle(const domain::Row &doubt, Judged &judged);
    domain::ScanRecord recordOf(const Judged &judged, const Identified &identified, const Presentation &presentation,
                                const domain::Scan &scan) const;
    Examined examinedHere(const hal::CodeRead &read);

    EngineOptions m_options;
    base::Clock &m_systemClock;
    base::Random &m_random;
    domain::DeviceId m_device;
    std::unique_ptr<vault::Vault> m_vault;
    std::optional<clock::CorrectedClock> m_clock;
    std::optional<ListInForce> m_list;
    index::TicketIndex m_index;
    index::PassageBook m_passages;
    index::OccupancyBook m_occupancy;
    Identifier m_identifier;
    Post m_post;
    domain::SessionId m_session;
    std::optional<journal::Shift> m_unopened; ///< the shift that could not be written down yet
    bool m_lastRescued = false;
    std::vector<domain::Row> m_doubts;
    std::map<domain::Ordinal, std::uint64_t> m_lastSteps;
    std::set<domain::RowKey> m_undone; ///< what rows of this device took back
    std::vector<journal::Gap> m_gaps;  ///< of this device's journal
    Lock m_lock = Lock::Open;
};

} // namespace voelgoed::scan
