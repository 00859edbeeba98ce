#pragma once

#include "server/platform/limits/policy.h"
#include "server/platform/redis/client.h"
#include "server/platform/redis/keys.h"
#include "shared/base/clock.h"

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace voelgoed::limits {

/// The keys of limits, for the registry: vg:{org}:rl:{subject}:{policy} and its like.
std::span<const redis::Key> keys();

/// One limit that a request falls under. `subject` tells who is limited: a key's id, an address, a device. What is
/// people's own (an e-mail address) comes in as subjectOf().
struct Ask
{
    const Policy *policy;
    std::string subject;
    std::int64_t cost = 1;
};

/// The answer to all the limits of a request together.
struct Decision
{
    Outcome outcome;                ///< of the limit that denies longest, or else that leaves least
    const Policy *policy = nullptr; ///< that limit
    std::vector<Outcome> each;      ///< what each limit says by itself, in order of what was asked
    bool local = false;             ///< Redis was away, and this process decided alone

    bool allowed() const { return outcome.allowed; }
};

struct Options
{
    unsigned processes = 1;           ///< how many share the rate while Redis is away
    std::size_t bucketsMax = 100'000; ///< subjects remembered while Redis is away; who is one too many shares a bucket
    std::function<void(const Policy &)> limited; ///< for metrics: a request was denied by it; may be empty
};

/// Takes from limits that all processes share through Redis; from this process's own while Redis is away. Needs no
/// table of policies: a policy's state lies under its name and the subject. The server's thread.
///
/// Of large limits (a burst of 100 and more) up to a tenth of the burst is taken ahead for who asks often, and
/// lasts for a second: then Redis is not asked each time. Within that second so much may be allowed beyond the burst,
/// at each process; over any longer time the rate is what it says. `remaining` may be a little low.
class Limiter
{
public:
    /// `client` and `clock` outlive it. Redis's own clock decides; this one only tells how old is what was taken
    /// ahead, and decides while Redis is away.
    Limiter(redis::Client &client, base::Clock &clock, Options options = {});
    ~Limiter();

    /// Takes from every limit asked for, or from none if one of them denies. At most 16; organization's and system's
    /// limits are two calls, because their keys lie in different slots. `scope` is an organization's or the system's.
    async::Task<Decision> take(redis::Tag scope, std::vector<Ask> asks);

private:
    struct State;
    std::shared_ptr<State> m_state;
};

/// A person's own word (an e-mail address) as a subject that does not say what it was: 128 bits of SHA-256, lower case
/// counts as upper.
std::string subjectOf(std::string_view personal);

} // namespace voelgoed::limits
