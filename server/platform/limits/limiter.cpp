#include "server/platform/limits/limiter.h"

#include "server/platform/limits/arithmetic.h"
#include "server/platform/limits/script.h"
#include "shared/base/bytes.h"
#include "shared/base/crypto/digest.h"

#include <algorithm>
#include <array>
#include <unordered_map>

namespace voelgoed::limits {

using async::Task;
using base::Result;

namespace {

constexpr std::size_t kAsksMax = 16;
constexpr base::Milliseconds kRetryWhileAway{5'000};

// What is taken ahead for somebody who asks again and again: so many of a limit's burst, for so long.
constexpr std::int64_t kAheadPart = 10, kAheadFrom = 100;
constexpr Micros kAheadFor = 1'000'000;
constexpr std::size_t kAheadSubjects = 10'000;

constexpr const char *kRebuilt = "nothing: a limit begins anew";
// A number and a list: a key has one type.
constexpr std::array<redis::Key, 4> kKeys{
    {{"vg:{org}:rl:{subject}:{policy}", redis::KeyType::String, kRememberMax, kRebuilt},
     {"vg:{org}:rlw:{subject}:{policy}", redis::KeyType::List, kRememberMax, kRebuilt},
     {"vg:{sys}:rl:{subject}:{policy}", redis::KeyType::String, kRememberMax, kRebuilt},
     {"vg:{sys}:rlw:{subject}:{policy}", redis::KeyType::List, kRememberMax, kRebuilt}}};

std::string keyFor(const redis::Tag &scope, const Ask &ask)
{
    base::ensure(scope.kind() != redis::Tag::Kind::Event, "limits are an organization's or the system's");
    const std::size_t of = scope.kind() == redis::Tag::Kind::Organization ? 0 : 2;
    const std::size_t kind = ask.policy->shape == Policy::Shape::Smooth ? 0 : 1;
    return kKeys[of + kind].of(scope, {ask.subject, ask.policy->name});
}

/// The outcome that speaks for all: the longest denial, or else the fewest left.
Decision decided(const std::vector<Ask> &asks, std::vector<Outcome> each)
{
    Decision decision{.each = std::move(each)};
    const auto says = [](const Outcome &outcome, const Outcome &than) {
        if (outcome.allowed != than.allowed)
            return !outcome.allowed;
        return outcome.allowed ? outcome.remaining < than.remaining : outcome.retryAfter > than.retryAfter;
    };
    for (std::size_t i = 0; i < asks.size(); ++i) {
        if (decision.policy && !says(decision.each[i], decision.outcome))
            continue;
        decision.policy = asks[i].policy;
        decision.outcome = decision.each[i];
    }
    return decision;
}

Result<std::vector<Look>> looksFrom(const redis::Reply &reply, std::size_t count)
{
    const auto *list = reply.list();
    if (!list || list->size() != 1 + 4 * count)
        return base::corrupt("limits: an answer of another shape");
    std::vector<Look> looks;
    for (std::size_t i = 0; i < count; ++i) {
        const auto number = [&](std::size_t at) { return (*list)[1 + 4 * i + at].integer().valueOr(0); };
        looks.push_back({.remaining = number(1), .retry = number(2), .reset = number(3)});
    }
    return looks;
}

bool isAllowed(const std::vector<Look> &looks)
{
    return std::all_of(looks.begin(), looks.end(), [](const Look &look) { return look.retry == 0; });
}

/// How much may be taken ahead of these; 1 where each is to be counted as it comes.
std::int64_t aheadMax(const std::vector<Ask> &asks)
{
    std::int64_t most = INT64_MAX;
    for (const Ask &ask : asks) {
        const bool counts =
            ask.policy->shape == Policy::Shape::Window || ask.policy->burst < kAheadFrom || ask.cost != 1;
        most = counts ? 1 : std::min(most, ask.policy->burst / kAheadPart);
    }
    return std::max<std::int64_t>(most, 1);
}

/// What to say while so much of what Redis counted has not been given out.
std::vector<Outcome> outcomesOf(const std::vector<Ask> &asks, const std::vector<Look> &looks, std::int64_t left)
{
    std::vector<Outcome> outcomes;
    for (std::size_t i = 0; i < asks.size(); ++i) {
        Look look = looks[i];
        look.remaining += left;
        look.reset = std::max<Micros>(0, look.reset - left * ruleOf(*asks[i].policy).step);
        outcomes.push_back(outcomeOf(look));
    }
    return outcomes;
}

} // namespace

std::span<const redis::Key> keys()
{
    return kKeys;
}

struct Limiter::State
{
    redis::Client &client;
    base::Clock &clock;
    Options options;
    struct Bucket
    {
        Memory memory;
        Micros until = 0; ///< afterwards it says nothing any more
    };
    std::unordered_map<std::string, Bucket> buckets;
    Micros sweptAt = 0;

    /// Taken in Redis ahead of who asks again and again, who is then answered without asking Redis each time.
    /// What is left when the time is over is lost to the subject.
    struct Ahead
    {
        std::int64_t size = 1, left = 0, given = 0; ///< of what was taken last
        Micros until = 0;
        bool isAsking = false;
        std::vector<Look> looks; ///< what Redis said behind it
    };
    std::unordered_map<std::string, Ahead> aheads;
    Micros aheadsSweptAt = 0;

    static Task<Decision> take(std::shared_ptr<State> self, redis::Tag scope, std::vector<Ask> asks)
    {
        base::ensure(!asks.empty() && asks.size() <= kAsksMax, "limits: too few or too many at once");
        // No name and no subject holds a NUL.
        std::string together = scope.text();
        for (const Ask &ask : asks) {
            base::ensure(ask.cost >= 0, "limits: a cost below nothing");
            together.append(ask.policy->name).append(1, '\0').append(ask.subject).append(1, '\0');
        }
        const std::int64_t most = aheadMax(asks);
        Ahead *ahead = most > 1 ? self->aheadOf(together) : nullptr;
        if (ahead && ahead->left > 0) {
            ++ahead->given;
            co_return decided(asks, outcomesOf(asks, ahead->looks, --ahead->left));
        }
        std::vector<std::string> keys;
        for (const Ask &ask : asks)
            keys.push_back(keyFor(scope, ask));
        const bool isAhead = ahead && !ahead->isAsking;
        std::int64_t taken = isAhead ? self->nextSize(*ahead, most) : 1;
        auto looks = co_await ask(self, keys, asks, taken);
        if (looks && taken > 1 && !isAllowed(*looks)) { // but one may be left
            taken = 1;
            looks = co_await ask(self, keys, asks, taken);
        }
        if (isAhead)
            self->keep(together, looks, taken);
        Decision decision = decided(asks, looks ? outcomesOf(asks, *looks, isAllowed(*looks) ? taken - 1 : 0)
                                                : self->takeHere(asks, keys));
        decision.local = !looks;
        if (looks)
            self->buckets.clear(); // what was counted here while Redis was away
        for (std::size_t i = 0; i < asks.size() && self->options.limited; ++i) {
            if (!decision.each[i].allowed)
                self->options.limited(*asks[i].policy);
        }
        co_return decision;
    }

    static Task<Result<std::vector<Look>>> ask(std::shared_ptr<State> self, std::vector<std::string> keys,
                                               std::vector<Ask> asks, std::int64_t times)
    {
        std::vector<std::string> arguments;
        for (const Ask &ask : asks) {
            const Rule rule = ruleOf(*ask.policy);
            arguments.push_back(rule.shape == Policy::Shape::Smooth ? "s" : "w");
            arguments.push_back(std::to_string(rule.step));
            arguments.push_back(std::to_string(rule.most));
            arguments.push_back(std::to_string(ask.cost * times));
        }
        const auto reply = co_await self->client.run(kTakeScript, std::move(keys), std::move(arguments));
        co_return reply ? looksFrom(*reply, asks.size()) : reply.error();
    }

    /// Null when too many are remembered.
    Ahead *aheadOf(const std::string &together)
    {
        const Micros now = here();
        if (aheads.size() >= kAheadSubjects && now - aheadsSweptAt >= kAheadFor) {
            aheadsSweptAt = now;
            std::erase_if(aheads, [&](const auto &ahead) { return ahead.second.until < now; });
        }
        if (aheads.size() >= kAheadSubjects && !aheads.contains(together))
            return nullptr;
        Ahead &ahead = aheads[together];
        if (ahead.until <= now)
            ahead.left = 0;
        return &ahead;
    }

    /// Twice as much as last time for who has used that up in time, and else as much as was used.
    std::int64_t nextSize(Ahead &ahead, std::int64_t most) const
    {
        const Micros now = here();
        ahead.isAsking = true;
        if (now < ahead.until)
            ahead.size = std::min(2 * ahead.size, most);
        else
            ahead.size = now < ahead.until + kAheadFor ? std::clamp<std::int64_t>(ahead.given, 1, most) : 1;
        return ahead.size;
    }

    void keep(const std::string &together, const Result<std::vector<Look>> &looks, std::int64_t taken)
    {
        const auto found = aheads.find(together);
        if (found == aheads.end())
            return;
        Ahead &ahead = found->second;
        ahead.isAsking = false;
        if (!looks || !isAllowed(*looks)) {
            ahead = {};
            return;
        }
        ahead.left = taken - 1;
        ahead.given = 1;
        ahead.until = here() + kAheadFor;
        ahead.looks = *looks;
    }

    Micros here() const { return std::chrono::microseconds(clock.now().sinceBoot).count(); }

    std::vector<Outcome> takeHere(const std::vector<Ask> &asks, const std::vector<std::string> &names)
    {
        const Micros now = here();
        sweep(now);
        std::vector<Rule> rules;
        std::vector<Bucket *> own;
        bool all = true;
        for (std::size_t i = 0; i < asks.size(); ++i) {
            rules.push_back(ruleOf(*asks[i].policy, options.processes));
            own.push_back(&bucketFor(names[i], *asks[i].policy));
            all = all && asks[i].policy->away == Policy::Away::Share &&
                  look(rules[i], own[i]->memory, now, asks[i].cost).retry == 0;
        }
        std::vector<Outcome> outcomes;
        for (std::size_t i = 0; i < asks.size(); ++i) {
            if (asks[i].policy->away == Policy::Away::Refuse) {
                outcomes.push_back({.allowed = false, .retryAfter = kRetryWhileAway, .resetAfter = kRetryWhileAway});
                continue;
            }
            Look said = look(rules[i], own[i]->memory, now, asks[i].cost);
            if (all) {
                limits::take(rules[i], own[i]->memory, now, asks[i].cost);
                said = look(rules[i], own[i]->memory, now, 0);
            }
            own[i]->until = now + said.reset;
            outcomes.push_back(outcomeOf(said));
        }
        return outcomes;
    }

    /// The subject's own, or while too many are remembered one that those share who come late. References to others
    /// stay valid.
    Bucket &bucketFor(const std::string &name, const Policy &policy)
    {
        const bool known = buckets.contains(name) || buckets.size() < options.bucketsMax;
        return buckets[known ? name : std::string(policy.name)];
    }

    void sweep(Micros now)
    {
        constexpr Micros kPause = 1'000'000;
        if (buckets.size() < options.bucketsMax || now - sweptAt < kPause)
            return;
        sweptAt = now;
        std::erase_if(buckets, [&](const auto &bucket) { return bucket.second.until < now; });
    }
};

Limiter::Limiter(redis::Client &client, base::Clock &clock, Options options)
    : m_state(std::make_shared<State>(State{.client = client, .clock = clock, .options = std::move(options)}))
{}

Limiter::~Limiter() = default;

Task<Decision> Limiter::take(redis::Tag scope, std::vector<Ask> asks)
{
    return State::take(m_state, std::move(scope), std::move(asks));
}

std::string subjectOf(std::string_view personal)
{
    constexpr std::size_t kBytes = 16;
    std::string lower(personal);
    for (char &c : lower)
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    return base::toHex(base::ByteView(base::sha256(base::bytesOf(lower))).first(kBytes));
}

} // namespace voelgoed::limits
