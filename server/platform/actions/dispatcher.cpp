#include "server/platform/actions/dispatcher.h"

#include "server/platform/actions/consent.h"
#include "server/platform/actions/gather.h"
#include "server/platform/actions/idempotency.h"
#include "server/platform/actions/links.h"
#include "server/platform/actions/load.h"
#include "server/platform/actions/problem.h"
#include "server/platform/actions/request_facts.h"
#include "shared/base/text.h"

#include <algorithm>

namespace voelgoed::actions {

using async::Task;
using base::Error;
using base::ErrorCode;
using base::Result;

namespace {

constexpr std::string_view kSocketPath = "/v1/socket";
constexpr std::chrono::seconds kStartsWithin{2};

} // namespace

struct Dispatcher::Asked
{
    http::Request request;
    Registry::Match match;
    std::string requestId;
    work::Trace trace;
    base::Instant began;
    access::Actor actor;
    access::Grant grant = access::Grant::No;
    Fields fields;
    std::shared_ptr<Call> call;
    std::vector<FieldError> errors;
    std::optional<IdempotencyClaim> claim;
    std::vector<std::pair<std::string, std::string>> answerFields;
    std::vector<std::shared_ptr<void>> held; ///< what throttles take back when the call is over
    std::optional<base::Milliseconds> retryAfter;

    const Declaration &declaration() const { return match.action->declaration; }
};

Dispatcher::Dispatcher(Parts parts) : m_parts(std::move(parts))
{
    if (m_parts.throttle)
        m_throttles.push_back(m_parts.throttle);
}

void Dispatcher::addPage(std::string path, std::function<Task<http::Answer>(const http::Request &)> page)
{
    m_pages.emplace(std::move(path), std::move(page));
}

bool Dispatcher::isTooBusyFor(LoadClass load) const
{
    return static_cast<double>(m_calls) >= static_cast<double>(m_parts.callsMax) * shareOf(load);
}

work::Database &Dispatcher::databaseOf(const Declaration &declaration) const
{
    const bool isSlow = declaration.pace == Pace::Slow || declaration.load == LoadClass::Report;
    return isSlow ? m_parts.aside : m_parts.database;
}

http::Admission Dispatcher::admit(const http::Request &head)
{
    http::Admission admission;
    if (m_pages.contains(head.path)) {
        admission.bodyMax = 0;
        return admission;
    }
    const auto refuse = [&](const Error &error, std::optional<base::Milliseconds> retryAfter = {}) {
        const std::string requestId = requestIdOf(head, base::makeUuid(m_parts.clock.now().wall, m_ids));
        admission.refuse =
            problem(error, {.instance = head.path, .requestId = requestId, .errors = {}, .retryAfter = retryAfter});
        admission.refuse->fields.set("X-Request-Id", requestId);
    };
    if (m_parts.hasStarted && !m_parts.hasStarted()) {
        refuse({ErrorCode::Unavailable, "starting", "The server is starting.", "starting"}, kStartsWithin);
        return admission;
    }
    if (head.path == kSocketPath && m_parts.serveSocket) {
        admission.webSocket = true;
        admission.bodyMax = 0;
        return admission;
    }
    const auto match = m_parts.registry.match(head.method, head.segments);
    if (!match.action) {
        Error error{ErrorCode::NotFound, "no such route", "There is no such path.", "not_found"};
        const auto methods = m_parts.registry.methodsOf(head.segments);
        if (!methods.empty())
            error = {ErrorCode::Invalid, "method", "This path does not know this method.", "method_not_allowed"};
        refuse(error);
        if (!methods.empty())
            admission.refuse->fields.set("Allow", listOf(methods));
        return admission;
    }
    // Nothing is read of what nobody may send.
    const auto isMeant = [&](const Authenticator *each) { return each->isMeant(head); };
    const bool isNobodys = !head.admin && std::none_of(m_authenticators.begin(), m_authenticators.end(), isMeant);
    if (isNobodys && match.action->declaration.policy.kind() != access::Policy::Kind::Anyone) {
        refuse(unauthorized());
        return admission;
    }
    if (isTooBusyFor(match.action->declaration.load)) {
        refuse({ErrorCode::Unavailable, "too many calls", "There is too much to do right now.",
                "temporary_reduced_capacity"});
        return admission;
    }
    admission.bodyMax = match.action->declaration.bodyMax;
    return admission;
}

Task<Result<access::Actor>> Dispatcher::who(const http::Request &request)
{
    for (Authenticator *authenticator : m_authenticators) {
        auto actor = co_await authenticator->authenticate(request);
        if (!actor)
            co_return actor.error();
        if (*actor) {
            (*actor)->address = request.peer;
            (*actor)->agent = base::printable(request.fields["User-Agent"], 200);
            co_return std::move(**actor);
        }
    }
    access::Actor actor;
    if (request.admin) {
        actor = access::Actor::system(base::uuidFrom(request.fields["Voelgoed-Organization"]),
                                      base::printable(request.fields["Voelgoed-Reason"], 500));
        actor.name = "local administrator";
    }
    actor.address = request.peer;
    actor.agent = base::printable(request.fields["User-Agent"], 200);
    co_return actor;
}

Result<void> Dispatcher::decode(Asked &asked)
{
    const Action &action = *asked.match.action;
    RawBody body;
    if (action.takesBytes)
        body = {asked.request.body, std::string(asked.request.fields["Content-Type"])};
    asked.call = action.decode(asked.fields, std::move(body), asked.errors);
    if (!asked.call || !asked.errors.empty())
        return Error{ErrorCode::Invalid, "input", "Some fields are not right.", "invalid_input"};
    return {};
}

/// Credentials that do not hold are tried at the rate of somebody who has none.
Task<Error> Dispatcher::refused(Asked &asked, Error error)
{
    if (!m_parts.throttle || error.code != ErrorCode::Unauthorized)
        co_return error;
    access::Actor nobody;
    nobody.address = asked.request.peer;
    auto verdict =
        co_await m_parts.throttle->count({asked.declaration(), nobody, asked.request, asked.fields.json.as_object()});
    if (verdict.allowed)
        co_return error;
    co_return limited(asked, std::move(verdict));
}

Error Dispatcher::limited(Asked &asked, Throttle::Verdict verdict)
{
    asked.answerFields = std::move(verdict.fields);
    asked.retryAfter = verdict.retryAfter;
    return tooMany();
}

Task<Result<Encoded>> Dispatcher::perform(Asked &asked)
{
    const Declaration &declaration = asked.declaration();
    asked.grant = access::check(declaration.policy, asked.actor);
    if (asked.grant == access::Grant::No) {
        if (asked.actor.kind == access::ActorKind::Nobody)
            co_return unauthorized();
        if (asked.actor.kind == access::ActorKind::SuperAdmin && asked.actor.reason.empty())
            co_return forbidden("reason_required", "Say why, in the field Voelgoed-Reason.");
        if (!asked.actor.organization && declaration.policy.kind() == access::Policy::Kind::May)
            co_return forbidden("no_organization", "This login is not of an organization.");
        co_return forbidden("not_allowed", "Your role does not allow this.");
    }
    if (declaration.consent == Consent::Needed && lacksConsent(asked.actor))
        co_return consentRequired();
    if (asked.actor.isTest && declaration.effect != Effect::Reads && declaration.testKeys == TestKeys::No)
        co_return forbidden("test_key", "A test key changes nothing. Use a live one.");
    // Limits go by what the action will read, wherever in the request it stands.
    const auto gathered = gather(asked.match, asked.request, asked.fields, asked.errors);
    for (Throttle *throttle : m_throttles) {
        auto verdict =
            co_await throttle->count({declaration, asked.actor, asked.request, asked.fields.json.as_object()});
        if (!verdict.allowed)
            co_return limited(asked, std::move(verdict));
        if (!verdict.fields.empty())
            asked.answerFields = std::move(verdict.fields);
        asked.held.push_back(std::move(verdict.held));
    }
    if (!gathered)
        co_return gathered.error();
    if (const auto read = decode(asked); !read)
        co_return read.error();
    const std::string_view key = asked.request.fields["Idempotency-Key"];
    if (declaration.idempotency == Idempotency::Required && key.empty())
        co_return Error{ErrorCode::Invalid, "no key", "The field Idempotency-Key is needed.",
                        "idempotency_key_missing"};
    if (key.size() > kIdempotencyKeyMax || !base::isUtf8(key))
        co_return Error{ErrorCode::Invalid, "key", "Idempotency-Key is too long.", "idempotency_key_invalid"};
    if (declaration.idempotency != Idempotency::No && !key.empty()) {
        asked.claim = {.key = std::string(key),
                       .actor = std::string(access::word(asked.actor.kind)) + ":" + base::toText(asked.actor.id),
                       .route = std::string(http::word(declaration.method)) + " " + std::string(declaration.route),
                       .fingerprint = fingerprintOf(asked.request, m_parts.fingerprintKey)};
    }
    if (declaration.effect == Effect::Writes) {
        co_return co_await databaseOf(declaration)
            .transact<Encoded>({asked.actor, asked.requestId, asked.trace},
                               [this, &asked](work::UnitOfWork &unit) { return runWithin(asked, unit); });
    }
    Context context({databaseOf(asked.declaration()), asked.request, asked.actor, asked.grant, asked.requestId,
                     asked.began, m_parts.random, nullptr, asked.trace});
    auto encoded = co_await asked.call->run(context);
    asked.errors = context.takeErrors();
    asked.retryAfter = context.retryAfter();
    if (!encoded)
        co_return encoded;
    encoded->fields = context.takeFields();
    if (const auto told = co_await tellTrail(asked, context.takeAudits()); !told)
        co_return told.error();
    co_return encoded;
}

/// Of what was read and is answered for: whoever cannot be written down is shown nothing.
Task<Result<void>> Dispatcher::tellTrail(Asked &asked, std::vector<work::AuditEntry> entries)
{
    const Declaration &declaration = asked.declaration();
    base::ensure(declaration.audited == Audited::No || declaration.effect != Effect::Reads || !entries.empty(),
                 "a reading that has to be audited left nothing in the trail");
    if (entries.empty())
        co_return Result<void>();
    for (work::AuditEntry &entry : entries) {
        if (entry.action.empty())
            entry.action = declaration.name;
    }
    const auto told = co_await m_parts.database.transact<bool>(
        {asked.actor, asked.requestId}, [&entries](work::UnitOfWork &unit) -> Task<Result<bool>> {
            for (const work::AuditEntry &entry : entries)
                unit.audit(entry);
            co_return true;
        });
    co_return told ? Result<void>() : Result<void>(told.error());
}

Task<Result<Encoded>> Dispatcher::runWithin(Asked &asked, work::UnitOfWork &unit)
{
    Context context({databaseOf(asked.declaration()), asked.request, asked.actor, asked.grant, asked.requestId,
                     asked.began, m_parts.random, &unit, asked.trace});
    const base::Uuid home = unit.organization();
    if (asked.claim) {
        auto earlier = co_await claim(context, *asked.claim);
        if (!earlier)
            co_return earlier.error();
        if (*earlier)
            co_return std::move(**earlier);
    }
    auto encoded = co_await asked.call->run(context);
    asked.errors = context.takeErrors();
    asked.retryAfter = context.retryAfter();
    if (!encoded)
        co_return encoded;
    encoded->fields = context.takeFields();
    encoded->isShownOnce = context.isShownOnce();
    base::ensure(asked.declaration().audited == Audited::No || !unit.outgoing().audits.empty(),
                 "an action that has to be audited left nothing in the trail");
    for (work::AuditEntry &entry : unit.outgoing().audits) {
        if (entry.action.empty())
            entry.action = asked.declaration().name;
    }
    if (!asked.claim)
        co_return encoded;
    // The claim lies where it was made, whatever organization the action has gone to since.
    const base::Uuid there = unit.organization();
    if (there != home) {
        if (const auto back = co_await unit.enter(home); !back)
            co_return back.error();
    }
    if (const auto kept = co_await keep(context, *asked.claim, *encoded); !kept)
        co_return kept.error();
    if (there != home) {
        if (const auto again = co_await unit.enter(there); !again)
            co_return again.error();
    }
    co_return encoded;
}

http::Answer Dispatcher::answerOf(Asked &asked, Result<Encoded> result)
{
    http::Answer answer;
    if (!result) {
        answer.response = problem(result.error(), {.instance = asked.request.path,
                                                   .requestId = asked.requestId,
                                                   .errors = std::move(asked.errors),
                                                   .retryAfter = asked.retryAfter});
    } else if (result->raw) {
        RawAnswer &raw = *result->raw;
        answer.response.status = result->status;
        answer.response.fields.set("Content-Type", raw.contentType);
        if (!raw.fileName.empty())
            answer.response.fields.set("Content-Disposition", "attachment; filename=\"" + raw.fileName + "\"");
        answer.response.body = std::move(raw.bytes);
        answer.source = std::move(raw.source);
        answer.file = std::move(raw.file);
    } else {
        answer.response = http::Response::json(result->status, result->body());
    }
    if (result) {
        for (auto &[name, value] : result->fields)
            answer.response.fields.set(name, value);
        addNextLink(asked.request, asked.match.action->cursor, result->json, answer.response.fields);
    }
    if (asked.match.action && asked.declaration().deprecation)
        sayDeprecated(*asked.declaration().deprecation, answer.response.fields);
    for (auto &[name, value] : asked.answerFields)
        answer.response.fields.set(name, value);
    answer.response.fields.set("X-Request-Id", asked.requestId);
    return answer;
}

Task<http::Answer> Dispatcher::handle(http::Request request)
{
    if (const auto page = m_pages.find(request.path); page != m_pages.end())
        co_return co_await page->second(request);
    const Counted counted(m_calls);
    Asked asked;
    asked.began = m_parts.clock.now().wall;
    const base::Uuid fresh = base::makeUuid(asked.began, m_ids);
    asked.requestId = requestIdOf(request, fresh);
    asked.trace = work::stepOf(work::traceFrom(request.fields["traceparent"]), fresh);
    asked.request = std::move(request);
    asked.match = m_parts.registry.match(asked.request.method, asked.request.segments);
    Result<Encoded> result = Error{ErrorCode::NotFound, "no such route", "There is no such path.", "not_found"};
    if (asked.match.action) {
        auto actor = co_await who(asked.request);
        if (actor) {
            asked.actor = std::move(*actor);
            result = co_await perform(asked);
            if (!result && asked.actor.kind == access::ActorKind::Nobody && asked.grant == access::Grant::No)
                result = co_await refused(asked, result.error());
        } else {
            result = co_await refused(asked, actor.error());
        }
    }
    const std::optional<Error> error = result ? std::nullopt : std::optional(result.error());
    CallReport report{.declaration = asked.match.action ? &asked.declaration() : nullptr,
                      .status = 0,
                      .took = m_parts.clock.now().wall - asked.began,
                      .requestId = asked.requestId,
                      .actor = &asked.actor,
                      .error = error ? &*error : nullptr,
                      .trace = asked.trace};
    http::Answer answer = answerOf(asked, std::move(result));
    report.status = answer.response.status;
    if (m_parts.report)
        m_parts.report(report);
    co_return answer;
}

Task<void> Dispatcher::serve(http::Request request, http::Socket &socket)
{
    auto actor = co_await who(request);
    if (!actor || actor->kind == access::ActorKind::Nobody) {
        socket.close(4401, "sign in first");
        co_return;
    }
    co_await m_parts.serveSocket(std::move(*actor), std::move(request), socket);
}

} // namespace voelgoed::actions
