#pragma once

#include "shared/protocol/pairing.h"
#include "tests/support/http_server.h"
#include "tests/support/sync_server.h"

#include <condition_variable>
#include <memory>
#include <mutex>

namespace voelgoed::support {

/// A server over real sockets, for the real gate program: pairs one device, exchanges with it, gives it snapshots,
/// holds questions until there is news.
class PairedServer
{
public:
    enum class Security { Plain, Tls };

    PairedServer(FeedServer &feed, const base::SigningKey &identity, Security security);
    ~PairedServer();

    /// What its QR code says.
    protocol::PairingCode code() const;
    HttpServer &http() { return *m_http; }

    /// Changes it, or looks at it, while nobody else does; whoever waits for news then looks again.
    template <class Do>
    auto with(Do act)
    {
        const std::unique_lock lock(m_mutex);
        m_changed.notify_all();
        return act(*this);
    }
    // To be touched inside of with() only.
    FeedServer &feed;
    std::unique_ptr<SyncServer> sync; ///< once a device has begun to pair
    std::optional<protocol::PairRequest> pairing;
    protocol::PairStatus status;
    protocol::Assignment assignment;
    std::chrono::milliseconds clockAhead{};
    std::string spoiledDigits; ///< said instead of the right ones

private:
    HttpAnswer answer(const HttpRequest &request);
    HttpAnswer pair(const HttpRequest &request);
    HttpAnswer snapshot(const HttpRequest &request);
    HttpAnswer exchange(const HttpRequest &request, std::unique_lock<std::mutex> &lock);
    HttpAnswer signedAnswer(const HttpRequest &request, const std::string &body) const;

    base::SigningKey m_identity;
    protocol::OneTimeCode m_code{};
    std::string m_bundle; ///< the same bytes for all who ask, as of `m_bundleHead`
    std::uint64_t m_bundleHead = 0;
    std::mutex m_mutex;
    std::condition_variable m_changed;
    bool m_stopping = false;
    std::unique_ptr<HttpServer> m_http;
};

} // namespace voelgoed::support
