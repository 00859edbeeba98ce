#pragma once

#include "device/core/replica/bundle_load.h"
#include "device/core/scan/engine.h"
#include "device/core/sync/schedule.h"
#include "device/core/sync/signed_call.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace voelgoed::sync {

/// Fetches an event's bundle and puts it in force, a step at a time. What was downloaded, or loaded, before it was cut
/// off is gone on with, also by another program.
class Snapshot
{
public:
    struct Place
    {
        std::string folder;     ///< holds the download
        base::Digest dataKey{}; ///< encrypts people's names
    };

    Snapshot(Place place, std::shared_ptr<const Parties> parties, scan::Engine &engine, client::Transport &transport,
             base::Random &random);
    ~Snapshot();

    /// Asked for; nothing happens if one is under way. `path`: where on the server.
    void order(protocol::SnapshotReason reason, std::string path, domain::EventId event);
    bool isUnderWay() const { return m_state != State::Idle; }

    /// Gives a stamp to each request.
    using Stamp = std::function<protocol::RequestStamp()>;
    /// Does what is due. The error says why an attempt failed; the next one is made after a while. True once the list
    /// is in force.
    base::Result<bool> step(Schedule::Time now, const Stamp &stamp);
    /// Whether the call is this one's; it has ended.
    bool take(client::CallId call);
    /// When step() is due; nothing while it waits for the network.
    std::optional<Schedule::Time> due() const;

    std::uint32_t loaded() const { return m_load ? m_load->progress().tickets : 0; }
    std::uint64_t downloaded() const;

private:
    enum class State { Idle, Waiting, Fetching, Fetched, Loading };

    std::string file() const { return m_place.folder + "/snapshot.bundle"; }
    bool isThere() const;
    void fetch(const protocol::RequestStamp &stamp);
    base::Result<void> looked();
    base::Result<void> beginLoad();
    base::Result<bool> loadOn();
    base::Error failed(base::Error error, Schedule::Time now);
    void discard();
    replica::BundleLoad::Sink sink();

    Place m_place;
    std::shared_ptr<const Parties> m_parties;
    scan::Engine &m_engine;
    client::Transport &m_transport;
    base::Random &m_random;
    State m_state = State::Idle;
    protocol::SnapshotReason m_reason = protocol::SnapshotReason::First;
    std::string m_path;
    domain::EventId m_event;
    Schedule::Time m_notBefore{};
    int m_failures = 0;
    client::CallId m_call = 0;
    std::shared_ptr<std::optional<base::Result<client::Response>>> m_response;
    std::unique_ptr<replica::BundleFile> m_file;
    std::optional<replica::BundleLoad> m_load;
    index::TicketIndex m_index;
    int m_openings = 0;
};

} // namespace voelgoed::sync
