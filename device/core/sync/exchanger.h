#pragma once

#include "device/core/profile/enrolment.h"
#include "device/core/scan/engine.h"
#include "device/core/sync/report.h"
#include "device/core/sync/schedule.h"
#include "device/core/sync/signed_call.h"
#include "device/core/sync/snapshot.h"

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace voelgoed::sync {

struct ExchangerOptions
{
    std::string folder; ///< where the first download goes
    profile::Enrolment enrolment;
    domain::Epoch boot;     ///< profile::nextRequestBoot()
    std::string software;   ///< its version
    std::string network;    ///< how it is connected, in a word; may be empty
    base::Digest dataKey{}; ///< encrypts people's names
};

/// Keeps a gate and its server in step: rows go up, changes come down, orders are carried out. All that the database
/// has to do is done here, on the gate's thread, in slices of a few milliseconds between two scans; what the network,
/// the keys and the packing need happens on the transport's.
///
/// Whatever is lost on the way is sent again, and means the same then. The gate's list never has a gap: what does not
/// begin where the list ends is refused, and what cannot be used is not passed over.
class Exchanger
{
public:
    /// Keeps what it is told to keep of the enrolment: revoked, locked, assigned anew.
    using Save = std::function<base::Result<void>(const profile::Enrolment &)>;

    /// Everything but the options is borrowed. `parties.server` is the enrolment's.
    Exchanger(ExchangerOptions options, std::shared_ptr<const Parties> parties, scan::Engine &engine,
              client::Transport &transport, base::Clock &clock, base::Random &random, Save save);
    ~Exchanger();

    Exchanger(const Exchanger &) = delete;
    Exchanger &operator=(const Exchanger &) = delete;

    /// Does what is due: a few milliseconds of work at most, but for a new definition, which is compiled.
    void turn();
    /// What to wait on besides other things, and for how long at most before turn() is due (0: there is work).
    int descriptor() const { return m_transport.descriptor(); }
    int waitMs();

    /// From now on everything goes up at once, and nothing comes down.
    void beginDrain();
    /// Nothing is left to send.
    bool isDrained();
    /// Writes down what is only in memory so far. Before a clean end.
    void flush();

    /// What people should be told since the last call: the server's messages, and what became of its orders.
    std::vector<std::string> takeMessages() { return std::exchange(m_messages, {}); }
    Report report();
    /// Rows that the server has not settled yet.
    std::uint64_t queued();
    const profile::Enrolment &enrolment() const { return m_options.enrolment; }

private:
    struct Flight
    {
        client::CallId call = 0;
        std::shared_ptr<Heard> heard;
        std::vector<std::pair<domain::Epoch, domain::Sequence>> rows;
        std::vector<journal::Shift> shifts;
        std::vector<std::string> results; ///< ids of the commands whose results went along
        base::Milliseconds wait{};        ///< how long the answer might take
    };
    struct Pending
    {
        protocol::FeedSlice slice;
        std::size_t applied = 0; ///< changes
        base::Instant at;
    };

    Schedule::Time now() const { return m_clock.now().sinceBoot; }
    void take(const client::Transport::Ended &ended);
    void land(Lane lane, Flight flight, base::Milliseconds ago);
    void readAcknowledged();
    bool isHasty(const protocol::SyncReply &reply, const Flight &flight) const;
    bool owesRows();
    void lookForWork();
    void start(Lane lane);
    Draft draftFor(Lane lane, Flight &flight);
    protocol::Health health();

    void takeTime(const protocol::SyncReply &reply, const Heard &heard, base::Milliseconds ago,
                  base::Milliseconds waited);
    base::Result<void> takeOutcomes(const protocol::SyncReply &reply, const Flight &flight);
    void takeStanding(protocol::Standing standing, base::Instant at);
    void takeFeed(protocol::FeedSlice slice, base::Instant at);
    void applyNext();
    void endOfFeed(const Pending &pending);
    void orderSnapshot(protocol::SnapshotReason reason, const std::string &path);
    void stepSnapshot();

    void takeCommands(const std::vector<protocol::Command> &commands);
    protocol::CommandResult carryOut(const protocol::Command &command);
    protocol::CommandResult assign(const std::string &id, const protocol::AssignCommand &command);
    base::Result<void> keepEnrolment();
    protocol::CommandResult kept(const std::string &id);
    void applyLock();

    void keepAcknowledged(bool now);
    void trouble(const base::Error &error);
    domain::EventId event() const;

    ExchangerOptions m_options;
    std::shared_ptr<const Parties> m_parties;
    scan::Engine &m_engine;
    client::Transport &m_transport;
    base::Clock &m_clock;
    base::Random &m_random;
    Save m_save;
    Schedule m_schedule;
    Snapshot m_snapshot;
    std::map<Lane, Flight> m_flights;
    std::uint64_t m_counter = 0;

    std::optional<domain::Sequence> m_acknowledged; ///< in memory; the journal follows
    std::optional<domain::Sequence> m_kept;         ///< what the journal knows
    std::vector<journal::RowFate> m_fates;          ///< not in the journal yet
    std::optional<Schedule::Time> m_keptAt;
    int m_openings = 0; ///< of the vault, when the above was read
    bool m_shiftsToTell = true;
    domain::SessionId m_session; ///< the shift that was open when that was last looked at
    std::uint64_t m_notAccepted = 0;
    base::Instant m_standingAt; ///< of the answer that said it, by the server's clock

    std::optional<Pending> m_pending;
    std::optional<Schedule::Time> m_listKeptAt;
    std::deque<protocol::CommandResult> m_results; ///< to be said
    std::deque<std::string> m_done;                ///< ids of the last commands
    std::map<std::string, protocol::CommandResult> m_doneResults;
    std::vector<std::string> m_messages;
    bool m_draining = false;

    Report m_report;
    std::optional<base::Milliseconds> m_leastWay; ///< shortest time there and back so far
};

} // namespace voelgoed::sync
