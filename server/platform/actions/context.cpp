#include "server/platform/actions/context.h"

#include "shared/base/ensure.h"

#include <charconv>

namespace voelgoed::actions {

work::UnitOfWork &Context::unit()
{
    base::ensure(m_parts.unit != nullptr, "an action that only reads wants a transaction");
    return *m_parts.unit;
}

void Context::audit(work::AuditEntry entry)
{
    if (m_parts.unit)
        m_parts.unit->audit(std::move(entry));
    else
        m_audits.push_back(std::move(entry));
}

async::Task<base::Result<pg::Rows>> Context::run(pg::Sql sql, pg::Params params)
{
    if (m_parts.unit)
        co_return co_await m_parts.unit->tx().run(sql, std::move(params));
    co_return co_await m_parts.database.read(organization(), sql, std::move(params));
}

std::optional<std::int64_t> Context::expectedVersion() const
{
    std::string_view text = m_parts.request.fields["If-Match"];
    if (!m_parts.request.fields.has("If-Match") || text == "*")
        return std::nullopt;
    if (text.size() < 3 || text.front() != '"' || text.back() != '"')
        return kNoVersion;
    text = text.substr(1, text.size() - 2);
    std::int64_t version = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), version);
    return read.ec == std::errc() && read.ptr == text.data() + text.size() ? version : kNoVersion;
}

void Context::answerStale(base::Milliseconds by)
{
    if (by <= base::Milliseconds(0))
        return;
    const auto seconds = std::chrono::ceil<std::chrono::seconds>(by).count();
    answerField("Cache-Status", "voelgoed; hit; ttl=-" + std::to_string(seconds));
}

base::Error Context::reject(std::string pointer, std::string code, std::string detail)
{
    if (m_errors.size() < kErrorsMax)
        m_errors.push_back({pointer, code, detail});
    return {base::ErrorCode::Invalid, pointer + ": " + code, detail, "invalid_input"};
}

base::Error Context::limited(base::Milliseconds retryAfter)
{
    m_retryAfter = retryAfter;
    return tooMany();
}

base::Error unauthorized()
{
    return {base::ErrorCode::Unauthorized, "nobody", "Sign in first.", "unauthorized"};
}

base::Error tooMany()
{
    return {base::ErrorCode::Unavailable, "limit", "Too many requests: wait a little.", "quota_exceeded"};
}

base::Error notFound(std::string what)
{
    return {base::ErrorCode::NotFound, what + ": none", "There is no such " + what + ".", "not_found"};
}

base::Error conflict(std::string word, std::string hint)
{
    return {base::ErrorCode::Conflict, word, std::move(hint), word};
}

base::Error forbidden(std::string word, std::string hint)
{
    return {base::ErrorCode::Forbidden, word, std::move(hint), word};
}

base::Error preconditionFailed()
{
    return {base::ErrorCode::Conflict, "If-Match names another version",
            "Somebody changed this meanwhile. Read it again.", "precondition_failed"};
}

} // namespace voelgoed::actions
