#include "server/platform/actions/request_facts.h"

#include <algorithm>

namespace voelgoed::actions {

std::string listOf(const std::vector<http::Method> &methods)
{
    std::string text;
    for (const http::Method method : methods)
        text += (text.empty() ? "" : ", ") + std::string(http::word(method));
    return text;
}

std::string requestIdOf(const http::Request &request, base::Uuid fresh)
{
    const std::string_view given = request.fields["X-Request-Id"];
    const bool plain = !given.empty() && given.size() <= 64 && std::all_of(given.begin(), given.end(), [](char c) {
        return std::isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '_' || c == '.';
    });
    return plain ? std::string(given) : base::toText(fresh);
}

bool isJson(std::string_view contentType)
{
    return contentType.starts_with("application/json") || contentType.starts_with("application/merge-patch+json");
}

base::Digest fingerprintOf(const http::Request &request, const base::Digest &key)
{
    const std::string_view target(request.target);
    const auto mark = target.find('?');
    const auto query = mark == std::string_view::npos ? std::string_view() : target.substr(mark);
    return base::hmacSha256(base::ByteView(key),
                            {base::bytesOf(http::word(request.method)), base::bytesOf(request.path),
                             base::bytesOf("\n"), base::bytesOf(query), base::bytesOf("\n"),
                             base::bytesOf(request.body)});
}

} // namespace voelgoed::actions
