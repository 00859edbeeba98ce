#pragma once

#include "server/platform/actions/registry.h"
#include "shared/base/clock.h"
#include "shared/base/crypto/digest.h"

#include <array>

namespace voelgoed::actions {

/// Finds out who asks. Each kind of credentials has one: logins, API keys, devices.
class Authenticator
{
public:
    virtual ~Authenticator() = default;

    /// Whether a request brings anything that this one would look at: without, it is nobody's. Looks at the head alone.
    virtual bool isMeant(const http::Request &head) const = 0;
    /// Nothing when the request carries no credentials of this kind; Unauthorized when it does and they do not hold.
    virtual async::Task<base::Result<std::optional<access::Actor>>> authenticate(const http::Request &request) = 0;
};

/// Counts calls against limits. Redis or not, it answers.
class Throttle
{
public:
    virtual ~Throttle() = default;

    struct Verdict
    {
        bool allowed = true;
        base::Milliseconds retryAfter{};
        std::vector<std::pair<std::string, std::string>> fields; ///< RateLimit-Policy, RateLimit
        std::shared_ptr<void> held;                              ///< let go when the call is over; may be nothing
    };
    /// A call before its input is checked. `fields` are those of URL and body together, as the action will read them;
    /// empty where they could not be read.
    struct Asking
    {
        const Declaration &declaration;
        const access::Actor &actor;
        const http::Request &request;
        const boost::json::object &fields;
    };
    /// What `asking` refers to stays until it is done.
    virtual async::Task<Verdict> count(Asking asking) = 0;
};

/// What is told of every call, for logs and metrics.
struct CallReport
{
    const Declaration *declaration = nullptr; ///< nothing: no such route
    int status = 0;
    base::Milliseconds took{};
    std::string requestId;
    const access::Actor *actor = nullptr;
    const base::Error *error = nullptr;
    work::Trace trace{};
};

/// The one way from a request to an action: route, who, limits, input, policy, idempotency key, transaction, audit,
/// events, jobs, commit, answer.
class Dispatcher final : public http::Handler
{
public:
    struct Parts
    {
        const Registry &registry;
        work::Database &database;
        work::Database &aside; ///< the same over connections of its own: of slow actions and reports
        base::Clock &clock;
        base::Random &random;
        Throttle *throttle = nullptr; ///< more come by addThrottle()
        std::function<void(const CallReport &)> report;
        /// Upgrades to a WebSocket, at /v1/socket.
        std::function<async::Task<void>(access::Actor, http::Request, http::Socket &)> serveSocket;
        /// Until it says yes, only pages are answered, and everything else is put off. None: at once.
        std::function<bool()> hasStarted{};
        /// Of what is kept of requests: they may hold passwords. The same for all servers of one database.
        base::Digest fingerprintKey{};
        std::size_t callsMax = 2'000; ///< at once; reports get a tenth of it, reads half, writes four fifths
    };
    explicit Dispatcher(Parts parts);

    void addAuthenticator(Authenticator &authenticator) { m_authenticators.push_back(&authenticator); }
    /// Asked after any other, until one says no.
    void addThrottle(Throttle &throttle) { m_throttles.push_back(&throttle); }
    /// Answers that are none of the registry's: /metrics, /livez.
    void addPage(std::string path, std::function<async::Task<http::Answer>(const http::Request &)> page);

    http::Admission admit(const http::Request &head) override;
    async::Task<http::Answer> handle(http::Request request) override;
    async::Task<void> serve(http::Request request, http::Socket &socket) override;

    std::size_t callsNow() const { return m_calls; }

private:
    struct Asked;
    async::Task<base::Result<access::Actor>> who(const http::Request &request);
    async::Task<base::Error> refused(Asked &asked, base::Error error);
    static base::Error limited(Asked &asked, Throttle::Verdict verdict);
    async::Task<base::Result<Encoded>> perform(Asked &asked);
    async::Task<base::Result<void>> tellTrail(Asked &asked, std::vector<work::AuditEntry> entries);
    async::Task<base::Result<Encoded>> runWithin(Asked &asked, work::UnitOfWork &unit);
    static base::Result<void> decode(Asked &asked);
    http::Answer answerOf(Asked &asked, base::Result<Encoded> result);
    bool isTooBusyFor(LoadClass load) const;
    work::Database &databaseOf(const Declaration &declaration) const;

    Parts m_parts;
    base::BufferedRandom m_ids{m_parts.random}; ///< of requests
    std::vector<Authenticator *> m_authenticators;
    std::vector<Throttle *> m_throttles;
    std::map<std::string, std::function<async::Task<http::Answer>(const http::Request &)>> m_pages;
    std::size_t m_calls = 0;
};

} // namespace voelgoed::actions
