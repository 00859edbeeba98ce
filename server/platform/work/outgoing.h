#pragma once

#include "server/platform/access/actor.h"
#include "server/platform/pg/statement.h"
#include "shared/base/instant.h"
#include "shared/base/json.h"

#include <optional>
#include <string>
#include <vector>

/// What a change leaves behind besides its own rows, written in the same transaction: events for others, jobs for
/// later, and the audit trail. A transaction that fails leaves none of them.
namespace voelgoed::work {

/// "This happened." At most eventMaxOf() its type as JSON; no personal data, no secrets; types are registered with what
/// their data holds (EventTypes), end in a version and only grow.
struct Event
{
    std::string topic;   ///< "events:event:{id}"
    std::string type;    ///< "events.status_changed.v1"
    std::string subject; ///< the id of what it is about
    base::Json data;     ///< flat
};

inline constexpr std::size_t kEventMax = 4096;      ///< bytes of an envelope, as it is sent
inline constexpr std::size_t kSmallEventMax = 1024; ///< of what is told many times a second
std::size_t eventMaxOf(std::string_view type);      ///< kSmallEventMax for all of scanning and seating

/// When a job runs that waits for others.
enum class AfterRule {
    Success, ///< once all of them went well; it is called off when one did not
    Failure, ///< once all of them ended and one did not go well; else it is called off: what undoes things
    End      ///< once all of them ended, either way
};

/// Best made by jobs::Registry::make(), which knows the kinds.
struct Job
{
    std::string queue;
    std::string kind; ///< "tickets.render"
    base::Json args;  ///< ids and choices; no secrets and no personal data, since people who manage jobs see it
    std::optional<base::Instant> runAt; ///< none: now
    std::string uniqueKey;              ///< at most one live job of this key; a second one is passed over
    int priority = 0;                   ///< lower first
    int maxAttempts = 12;
    std::optional<base::Uuid> id{};  ///< for whom others wait; none: a fresh one
    std::vector<base::Uuid> after{}; ///< it waits for these jobs of its organization to end; at most kAfterMax
    AfterRule afterRule = AfterRule::Success;
};

inline constexpr std::size_t kAfterMax = 100;

/// What somebody answers for.
struct AuditEntry
{
    std::string action;      ///< "events.publish"; empty: the action's own name
    std::string subjectType; ///< "event"
    std::string subject;
    base::Json before; ///< old values of what changed; people's names in it by nameOf()
    base::Json after;
    std::string reason;
};

/// A person's name or address, for `before` and `after` of an AuditEntry: it has to be forgettable.
base::Json nameOf(const base::Uuid &person, std::string_view name);
/// Who is known by an e-mail address alone. The same for every spelling in upper and lower case.
base::Uuid personOf(std::string_view email);

struct Named
{
    base::Uuid person{};
    std::string name;
};
/// What nameOf() made; nothing for any other JSON.
std::optional<Named> namedIn(const base::Json &json);

struct Outgoing
{
    std::vector<Event> events;
    std::vector<Job> jobs;
    std::vector<AuditEntry> audits;
};

/// Writes the audit trail; the slice that keeps it implements this.
class AuditSink
{
public:
    virtual ~AuditSink() = default;

    struct Circumstances
    {
        const access::Actor &actor;
        std::string_view requestId;
        base::Instant at;
        base::Uuid organization{};
    };
    /// Adds what writes the entry to what a transaction does last.
    virtual void record(const AuditEntry &entry, const Circumstances &circumstances, std::vector<pg::Query> &last) = 0;
};

} // namespace voelgoed::work
