#include "server/slices/scanning/guesses.h"

#include "server/platform/limits/headers.h"
#include "shared/base/json.h"
#include "shared/ticket/typed.h"

#include <algorithm>

namespace voelgoed::scanning {

using async::Task;

namespace {

constexpr std::string_view kAction = "scanning.scan";
constexpr base::Milliseconds kBetween = kWrongCodes.period / kWrongCodes.rate;

bool isTyped(std::string_view code)
{
    return code.size() <= ticket::kTypedInputMax && ticket::parseTyped(code);
}

/// The code of a request that was not looked at yet; empty where it has none.
std::string codeIn(const std::string &body)
{
    const auto json = base::parseJson(body);
    const auto *code = json && json->is_object() ? json->as_object().if_contains("code") : nullptr;
    return code && code->is_string() ? std::string(code->as_string()) : std::string();
}

} // namespace

Task<Guesses::Verdict> Guesses::count(const actions::Declaration &declaration, const access::Actor &actor,
                                      const http::Request &request)
{
    Verdict verdict;
    const auto found = declaration.name == kAction ? m_until.find(actor.id) : m_until.end();
    if (found == m_until.end())
        co_return verdict;
    const base::Milliseconds left = found->second - m_clock.now().sinceBoot;
    if (left <= base::Milliseconds(0)) {
        m_until.erase(found);
        co_return verdict;
    }
    if (!isTyped(codeIn(request.body)))
        co_return verdict;
    verdict.allowed = false;
    verdict.retryAfter = left;
    co_return verdict;
}

Task<void> Guesses::wrong(access::Actor actor, std::string code)
{
    if (!isTyped(code))
        co_return;
    const redis::Tag scope = actor.organization ? redis::Tag::organization(*actor.organization) : redis::Tag::system();
    const std::vector<limits::Ask> asks{{&kWrongCodes, base::toText(actor.id)}};
    const limits::Decision decision = co_await m_limiter.take(scope, asks);
    const bool wasLast = decision.allowed() && decision.outcome.remaining == 0;
    if (decision.allowed() && !wasLast)
        co_return;
    const base::Milliseconds now = m_clock.now().sinceBoot;
    if (m_until.size() >= kCallersMax)
        std::erase_if(m_until, [&](const auto &one) { return one.second <= now; });
    if (m_until.size() < kCallersMax)
        m_until[actor.id] = now + (wasLast ? kBetween : decision.outcome.retryAfter);
}

} // namespace voelgoed::scanning
