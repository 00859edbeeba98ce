#pragma once

#include "server/platform/access/policy.h"
#include "server/platform/actions/input.h"
#include "server/platform/http/server.h"
#include "server/platform/work/database.h"
#include "shared/base/json.h"

#include <map>
#include <memory>

namespace voelgoed::actions {

/// A body that is not JSON, as it came.
struct RawBody
{
    std::string bytes;
    std::string contentType;
};

/// An answer that is not JSON.
struct RawAnswer
{
    std::string contentType = "application/octet-stream";
    std::string fileName; ///< what a browser calls it; empty: nothing said
    std::string bytes;
    http::BodySource source; ///< in place of bytes
    std::optional<http::FileBody> file;
};

/// What an action gave back, before it becomes a response.
struct Encoded
{
    int status = 200;
    base::Json json;
    std::shared_ptr<const std::string> text; ///< in its place: that JSON as it was written before
    std::shared_ptr<RawAnswer> raw;
    std::vector<std::pair<std::string, std::string>> fields;
    bool isShownOnce = false; ///< it holds a secret, and is kept nowhere

    std::string body() const { return text ? *text : base::toText(json); }
};

/// What an action knows of its call, and how it reaches the world. Lives as long as one run of it.
class Context
{
public:
    struct Parts
    {
        work::Database &database;
        const http::Request &request;
        const access::Actor &actor;
        access::Grant grant;
        const std::string &requestId;
        base::Instant now;
        base::Random &random;
        work::UnitOfWork *unit; ///< of an action that writes
        const work::Trace &trace;
    };
    explicit Context(Parts parts) : m_parts(parts) {}

    const access::Actor &actor() const { return m_parts.actor; }
    /// What the policy gave: with Own, Summary or NotOwners the action narrows what it does.
    access::Grant grant() const { return m_parts.grant; }
    /// The organization whose rows this call sees: the actor's, or the platform's own.
    base::Uuid organization() const { return m_parts.actor.organization.value_or(work::kPlatform); }
    const http::Request &request() const { return m_parts.request; }
    const std::string &requestId() const { return m_parts.requestId; }
    base::Instant now() const { return m_parts.now; }
    base::Uuid newId() { return base::makeUuid(m_parts.now, m_parts.random); }
    base::Random &random() { return m_parts.random; }
    work::Database &database() { return m_parts.database; }
    work::Database::Who who() const { return {m_parts.actor, m_parts.requestId, m_parts.trace}; }

    /// The transaction of an action that writes, and what goes with it.
    work::UnitOfWork &unit();
    /// Whether there is one: what is asked of other slices then has to be asked inside of it.
    bool isInTransaction() const { return m_parts.unit != nullptr; }
    pg::Tx &tx() { return unit().tx(); }
    void emit(work::Event event) { unit().emit(std::move(event)); }
    void enqueue(work::Job job) { unit().enqueue(std::move(job)); }
    /// Of an action that only reads: written in a transaction of its own before it is answered. If that fails, nothing
    /// is shown.
    void audit(work::AuditEntry entry);
    std::vector<work::AuditEntry> takeAudits() { return std::move(m_audits); }

    /// In an action's transaction, or alone.
    async::Task<base::Result<pg::Rows>> run(pg::Sql sql, pg::Params params = {});

    /// Version of If-Match; nothing when the field is absent or "*". One that cannot be read, such as `3` without its
    /// quotes or a weak one, is kNoVersion: whoever sends it wants no other version overwritten.
    std::optional<std::int64_t> expectedVersion() const;
    static constexpr std::int64_t kNoVersion = -1; ///< that nothing has
    void answerField(std::string name, std::string value) { m_fields.emplace_back(std::move(name), std::move(value)); }
    void answerVersion(std::int64_t version) { answerField("ETag", "\"" + std::to_string(version) + "\""); }
    /// What is answered is older than it ought to be by so much, since what would have newer is away; nothing is said
    /// of zero. `Cache-Status: voelgoed; hit; ttl=-3` (RFC 9211), in whole seconds.
    void answerStale(base::Milliseconds by);
    /// For an answer that holds a secret: under an idempotency key only the fact is kept that it was given, and who
    /// asks again gets 409.
    void answerOnce() { m_isShownOnce = true; }

    /// Names a field as wrong; to be returned: `co_return context.reject("/starts_at", "out_of_range", "…")`.
    /// Of more than kErrorsMax the first ones are told.
    base::Error reject(std::string pointer, std::string code, std::string detail);
    /// "Too many of these: wait so long." To be returned. 429 with Retry-After.
    base::Error limited(base::Milliseconds retryAfter);
    std::optional<base::Milliseconds> retryAfter() const { return m_retryAfter; }
    bool hasErrors() const { return !m_errors.empty(); }
    static constexpr std::size_t kErrorsMax = 100;

    std::vector<FieldError> takeErrors() { return std::move(m_errors); }
    std::vector<std::pair<std::string, std::string>> takeFields() { return std::move(m_fields); }
    bool isShownOnce() const { return m_isShownOnce; }

private:
    Parts m_parts;
    std::vector<FieldError> m_errors;
    std::vector<work::AuditEntry> m_audits; ///< of an action that only reads
    std::vector<std::pair<std::string, std::string>> m_fields;
    std::optional<base::Milliseconds> m_retryAfter;
    bool m_isShownOnce = false;
};

/// Failures in the words that clients see: `hint` is their detail, `word` their code.
base::Error notFound(std::string what);
base::Error conflict(std::string word, std::string hint);
base::Error forbidden(std::string word, std::string hint);
base::Error unauthorized();       ///< 401: nobody is signed in
base::Error tooMany();            ///< 429: a limit denied it
base::Error preconditionFailed(); ///< 412: somebody changed it meanwhile

} // namespace voelgoed::actions
