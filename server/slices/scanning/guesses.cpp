#include "server/slices/scanning/guesses.h"

#include "shared/ticket/foreign.h"
#include "shared/ticket/typed.h"

namespace voelgoed::scanning {

using async::Task;
using base::Result;

namespace {

constexpr base::Milliseconds kBetween = kWrongCodes.period / kWrongCodes.rate;
constexpr base::Milliseconds kSoon{1'000};

/// As it is looked up (judging_facts.cpp): what is cleaned away makes no other code of it.
bool isTyped(const std::string &code)
{
    const auto cleaned = ticket::cleanForeign(code, ticket::AimMarker::NotSent);
    return cleaned && ticket::parseTyped(*cleaned);
}

} // namespace

redis::Tag Guesses::scopeOf(const access::Actor &actor)
{
    return actor.organization ? redis::Tag::organization(*actor.organization) : redis::Tag::system();
}

Task<Result<Guesses::Held>> Guesses::begin(actions::Context &context, std::string code)
{
    if (!isTyped(code))
        co_return Held();
    const base::Uuid caller = context.actor().id;
    if (m_inHand[caller] >= kGuessesAtOnce)
        co_return context.limited(kSoon);
    ++m_inHand[caller];
    // Not a null pointer, which would hold nothing.
    Held held(this, [caller](Guesses *self) {
        if (--self->m_inHand[caller] == 0)
            self->m_inHand.erase(caller);
    });
    const std::vector<limits::Ask> looks{{&kWrongCodes, base::toText(caller), 0}};
    const auto decision = co_await m_limiter.take(scopeOf(context.actor()), looks);
    if (decision.outcome.remaining == 0)
        co_return context.limited(kBetween);
    co_return held;
}

Task<void> Guesses::wrong(access::Actor actor)
{
    const std::vector<limits::Ask> asks{{&kWrongCodes, base::toText(actor.id)}};
    static_cast<void>(co_await m_limiter.take(scopeOf(actor), asks));
}

} // namespace voelgoed::scanning
