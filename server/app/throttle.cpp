#include "server/app/throttle.h"

#include "server/platform/limits/headers.h"
#include "server/platform/limits/login.h"
#include "shared/base/json.h"

namespace voelgoed::app {

using async::Task;
using limits::Ask;
using limits::Policy;
using namespace std::chrono_literals;

namespace {

// owner.md, section 8: 100 a minute from an address. A signed-in person is one of many behind
// an office's address, and is counted as a person.
constexpr Policy kAddress{.name = "api.address", .burst = 50, .rate = 100, .period = 60s};
constexpr Policy kAddressWrites{
    .name = "api.address.writes", .burst = 20, .rate = 100, .period = 60s, .away = Policy::Away::Refuse};
constexpr Policy kPerson{.name = "api.person", .burst = 200, .rate = 1'000, .period = 60s};
// A gate at a rush exchanges after every few scans, and downloads its list in pieces.
constexpr Policy kDevice{.name = "api.device", .burst = 600, .rate = 3'000, .period = 60s};
// One's own password, tried from a login that was left open.
constexpr Policy kPassword{.name = "password.person", .shape = Policy::Shape::Window, .rate = 10, .period = 10min};
// Many gates are paired behind one address in one afternoon; a code lives five minutes.
constexpr Policy kPairing{.name = "pairing.address", .shape = Policy::Shape::Window, .rate = 60, .period = 60s};
// Each gate that waits to be approved asks every few seconds.
constexpr Policy kPairingWait{.name = "pairing.wait", .burst = 200, .rate = 2'000, .period = 60s};

/// The address that somebody signs in with. One that is none, or too long, is refused before a password is looked at.
std::optional<std::string> emailIn(const boost::json::object &fields)
{
    const auto *email = fields.if_contains("email");
    if (!email || !email->is_string() || email->as_string().size() > 254)
        return std::nullopt;
    return std::string(email->as_string());
}

std::vector<Ask> asksOfCaller(const actions::Declaration &declaration, const access::Actor &actor,
                              const http::Request &request)
{
    switch (actor.kind) {
    case access::ActorKind::Nobody:
        return {{declaration.effect == actions::Effect::Reads ? &kAddress : &kAddressWrites,
                 limits::networkOf(request.peer)}};
    case access::ActorKind::User:
    case access::ActorKind::SuperAdmin:
        return {{&kPerson, base::toText(actor.id)}};
    case access::ActorKind::Device:
        return {{&kDevice, base::toText(actor.id)}};
    case access::ActorKind::ApiKey: // who gives keys out counts them, too
    case access::ActorKind::System:
        return {};
    }
    return {};
}

} // namespace

std::vector<Ask> asksOf(const actions::Throttle::Asking &asking)
{
    const auto &[declaration, actor, request, fields] = asking;
    if (actor.kind == access::ActorKind::System)
        return {};
    if (declaration.limit.empty())
        return asksOfCaller(declaration, actor, request);
    const std::string network = limits::networkOf(request.peer);
    if (declaration.limit == "login") {
        const auto email = emailIn(fields);
        return email ? limits::loginAsks(request.peer, *email) : std::vector<Ask>{{&limits::kLoginIp, network}};
    }
    if (declaration.limit == "reset") {
        const auto email = emailIn(fields);
        return email ? limits::resetAsks(request.peer, *email) : std::vector<Ask>{{&limits::kResetIp, network}};
    }
    if (declaration.limit == "register") {
        // Whoever has an account joins by its password, which is tried as rarely as at the door.
        const auto email = emailIn(fields);
        std::vector<Ask> asks = email ? limits::loginAsks(request.peer, *email) : std::vector<Ask>();
        asks.push_back({&limits::kRegisterIp, network});
        return asks;
    }
    if (declaration.limit == "pairing")
        return {{&kPairing, network}};
    if (declaration.limit == "pairing.wait")
        return {{&kPairingWait, network}};
    if (declaration.limit == "password")
        return {{&kPassword, base::toText(actor.id)}};
    return asksOfCaller(declaration, actor, request);
}

Task<actions::Throttle::Verdict> ActionThrottle::count(Asking asking)
{
    Verdict verdict;
    const access::Actor &actor = asking.actor;
    const std::vector<Ask> asks = asksOf(asking);
    if (asks.empty())
        co_return verdict;
    const redis::Tag scope = actor.organization ? redis::Tag::organization(*actor.organization) : redis::Tag::system();
    const limits::Decision decision = co_await m_limiter.take(scope, asks);
    verdict.allowed = decision.allowed();
    verdict.retryAfter = decision.outcome.retryAfter;
    verdict.fields = limits::headersOf(decision, asks);
    co_return verdict;
}

} // namespace voelgoed::app
