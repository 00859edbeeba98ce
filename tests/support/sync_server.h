#pragma once

#include "device/core/client/transport.h"
#include "shared/protocol/request_signature.h"
#include "tests/support/feed_server.h"

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace voelgoed::support {

/// A server as devices see it, in memory: takes rows, gives the feed and snapshots, says what it is told to say. Holds
/// every request to what the protocol promises, and counts what breaks it.
class SyncServer
{
public:
    SyncServer(FeedServer &feed, base::SigningKey identity, domain::DeviceId device, const base::PublicKey &deviceKey);

    /// One request of a device, whatever its path.
    base::Result<client::Response> answer(const client::Request &request);

    /// Whether it does not answer this yet: a question, and there is nothing to tell.
    bool holds(const client::Request &request);

    base::Instant now;         ///< its clock
    std::size_t pageMax = 200; ///< changes in an answer
    bool revoked = false;
    bool full = false;                             ///< answers 503 to everything
    base::Milliseconds pause{};                    ///< that it asks for
    std::optional<protocol::SnapshotReason> order; ///< given once
    std::vector<protocol::Command> commands;       ///< given until their results come
    std::function<std::pair<protocol::RowOutcome, std::string>(const domain::Row &)> judge; ///< of new rows
    std::function<void(protocol::SyncReply &)> spoil;                                       ///< changes what it says
    std::optional<base::SigningKey> signAs;                                                 ///< another's signature
    std::size_t takeAtMost = SIZE_MAX;           ///< rows of one request; of the others nothing is said
    std::optional<std::size_t> cutSnapshotAfter; ///< bytes

    std::map<domain::RowKey, base::Bytes> rows;
    std::map<std::string, protocol::ShiftNote> shifts;
    std::map<std::string, protocol::CommandResult> results;
    std::optional<protocol::SyncRequest> last;
    int exchanges = 0;
    int listens = 0;
    int snapshots = 0;
    std::vector<std::string> complaints; ///< what a device must never do

private:
    static base::Result<protocol::SyncRequest> read(const client::Request &request);
    client::Response exchange(const client::Request &request, const base::Digest &digest);
    base::Result<client::Response> snapshot(const client::Request &request);
    void takeRows(const std::vector<protocol::Chain> &chains, protocol::SyncReply &reply);
    void giveChanges(const protocol::SyncRequest &request, protocol::SyncReply &reply);
    void complain(const std::string &what) { complaints.push_back(what); }

    FeedServer &m_feed;
    base::SigningKey m_identity;
    domain::DeviceId m_device;
    base::VerifyingKey m_deviceKey;
    protocol::ReplayWindow m_window;
    std::map<std::string, base::Instant> m_heldSince; ///< by request counter
    std::string m_bundle;
    std::uint64_t m_bundleHead = 0;
};

} // namespace voelgoed::support
