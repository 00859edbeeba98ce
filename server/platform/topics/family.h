#pragma once

#include "server/platform/access/policy.h"
#include "server/platform/async/task.h"
#include "server/platform/topics/names.h"
#include "shared/base/json.h"

#include <functional>
#include <vector>

namespace voelgoed::topics {

/// Who wants to hear what, once the family's policy has let them through.
struct Joining
{
    access::Actor actor;
    access::Grant grant = access::Grant::No;
    std::string id; ///< the topic's id; "*" for all of the family in the organization
};

/// Topics of one pattern, and who may hear them. A slice registers those that it publishes.
struct Family
{
    Pattern pattern;
    access::Policy policy;
    enum class Whose {
        Organization, ///< the id is the actor's own organization
        User,         ///< the id is the actor itself
        Checked,      ///< `check` knows: the id is something of the actor's organization
        Platform      ///< of no organization: operators only
    } whose = Whose::Checked;
    enum class Wildcard { No, Yes } wildcard = Wildcard::No;
    /// With Checked. What is not there and what is another's are both false.
    std::function<async::Task<base::Result<bool>>(Joining joining)> check{};
};

/// A topic's state for who joins or missed something; an object. `organization` is whose topic it is.
using Snapshot = std::function<async::Task<base::Result<base::Json>>(base::Uuid organization, std::string topic)>;

inline constexpr std::size_t kSnapshotMax = 32 * 1024; ///< bytes; of a larger one clients are told to ask for it

/// All families. Filled while slices are made.
class Families
{
public:
    /// Two of one prefix, or one of Checked without a check, are a bug.
    void add(Family family);
    /// Snapshots of all topics that begin with the prefix; the longest one counts.
    void addSnapshot(std::string prefix, Snapshot snapshot);

    struct Place
    {
        base::Uuid organization{};
        bool isWildcard = false;
        bool isOwn = false; ///< heard for as long as it is the actor's own
    };
    /// Where a topic is, for this actor. NotFound, always in the same words, for everything else: unknown, foreign,
    /// not allowed, no name.
    async::Task<base::Result<Place>> admit(access::Actor actor, std::string topic) const;

    const Snapshot *snapshotOf(std::string_view topic) const;
    const std::vector<Family> &all() const { return m_families; }

private:
    const Family *find(std::string_view topic) const;

    std::vector<Family> m_families;
    std::vector<std::pair<std::string, Snapshot>> m_snapshots;
};

} // namespace voelgoed::topics
