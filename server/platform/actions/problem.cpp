#include "server/platform/actions/problem.h"

#include "shared/base/json.h"

namespace voelgoed::actions {

namespace {

struct Line
{
    int status;
    const char *word;
    const char *title;
};

Line lineOf(base::ErrorCode code)
{
    switch (code) {
    case base::ErrorCode::Invalid:
        return {400, "invalid", "The request is not right"};
    case base::ErrorCode::NotFound:
        return {404, "not_found", "There is nothing here"};
    case base::ErrorCode::Conflict:
        return {409, "conflict", "It contradicts what is there"};
    case base::ErrorCode::Unauthorized:
        return {401, "unauthorized", "Nobody is signed in"};
    case base::ErrorCode::Forbidden:
        return {403, "forbidden", "This is not allowed"};
    case base::ErrorCode::Unavailable:
        return {503, "unavailable", "Try again a little later"};
    case base::ErrorCode::Timeout:
        return {503, "timeout", "It took too long"};
    case base::ErrorCode::Corrupt:
        return {500, "internal", "Something is wrong on our side"};
    case base::ErrorCode::Unsupported:
        return {400, "unsupported", "This server does not know this"};
    case base::ErrorCode::Internal:
        return {500, "internal", "Something is wrong on our side"};
    }
    return {500, "internal", "Something is wrong on our side"};
}

/// Words whose status is not that of their code.
std::optional<int> statusOfWord(std::string_view word)
{
    if (word == "precondition_failed")
        return 412;
    if (word == "idempotency_key_reused")
        return 422;
    if (word == "method_not_allowed")
        return 405;
    if (word == "unsupported_media_type")
        return 415;
    if (word == "quota_exceeded")
        return 429;
    if (word == "too_large")
        return 413;
    return std::nullopt;
}

} // namespace

int statusOf(const base::Error &error)
{
    return statusOfWord(error.word).value_or(lineOf(error.code).status);
}

http::Response problem(const base::Error &error, const ProblemFacts &facts)
{
    const Line line = lineOf(error.code);
    const int status = statusOf(error);
    const bool ours = status >= 500;
    const std::string word = error.word.empty() || (ours && status != 503) ? line.word : error.word;
    std::string slug = word;
    for (char &c : slug)
        c = c == '_' ? '-' : c;
    boost::json::object body{{"type", "/problems/" + slug}, {"title", line.title}, {"status", status}, {"code", word}};
    if (!error.hint.empty() && (!ours || status == 503))
        body["detail"] = error.hint;
    if (!facts.instance.empty())
        body["instance"] = facts.instance;
    if (!facts.errors.empty()) {
        boost::json::array errors;
        for (const FieldError &field : facts.errors)
            errors.push_back({{"pointer", field.pointer}, {"code", field.code}, {"detail", field.detail}});
        body["errors"] = std::move(errors);
    }
    if (!facts.requestId.empty())
        body["request_id"] = facts.requestId;
    http::Response response;
    response.status = status;
    response.fields.set("Content-Type", "application/problem+json");
    response.fields.set("Cache-Control", "no-store");
    if (facts.retryAfter || status == 503) {
        const auto wait = facts.retryAfter.value_or(base::Milliseconds(2000));
        response.fields.set("Retry-After", std::to_string((wait.count() + 999) / 1000));
    }
    if (status == 401)
        response.fields.set("WWW-Authenticate", "Bearer");
    response.body = base::toText(body);
    return response;
}

} // namespace voelgoed::actions
