#include "server/platform/actions/links.h"

#include "server/platform/http/response_head.h"

namespace voelgoed::actions {

namespace {

/// All but unreserved characters (RFC 3986, 2.3) as codes, so that nothing ends the link early.
void appendEscaped(std::string &out, std::string_view text)
{
    constexpr std::string_view kDigits = "0123456789ABCDEF";
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        const bool isPlain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                             c == '.' || c == '_' || c == '~';
        if (isPlain)
            out.push_back(c);
        else
            out.append({'%', kDigits[byte >> 4], kDigits[byte & 15]});
    }
}

} // namespace

std::string nextLink(const http::Request &request, std::string_view cursor, const base::Json &page)
{
    const auto *object = page.if_object();
    const auto *next = object ? object->if_contains("next") : nullptr;
    if (!next || next->is_null())
        return {};
    std::string link = "<";
    for (const std::string &segment : request.segments) {
        link.push_back('/');
        appendEscaped(link, segment);
    }
    char separator = '?';
    const auto add = [&](std::string_view name, std::string_view value) {
        link.push_back(separator);
        appendEscaped(link, name);
        link.push_back('=');
        appendEscaped(link, value);
        separator = '&';
    };
    for (const auto &[name, value] : request.query) {
        if (name != cursor)
            add(name, value);
    }
    add(cursor, next->is_string() ? std::string(next->as_string()) : base::toText(*next));
    return link + ">; rel=\"next\"";
}

void addNextLink(const http::Request &request, std::string_view cursor, const base::Json &page, http::Fields &fields)
{
    if (cursor.empty())
        return;
    if (std::string link = nextLink(request, cursor, page); !link.empty())
        fields.set("Link", std::move(link));
}

void sayDeprecated(const Deprecation &deprecation, http::Fields &fields)
{
    const auto seconds = std::chrono::floor<std::chrono::seconds>(deprecation.since.time_since_epoch());
    fields.set("Deprecation", "@" + std::to_string(seconds.count()));
    if (deprecation.sunset)
        fields.set("Sunset", http::dateField(*deprecation.sunset));
}

} // namespace voelgoed::actions
