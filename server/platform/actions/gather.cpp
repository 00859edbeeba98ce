#include "server/platform/actions/gather.h"

#include "server/platform/actions/request_facts.h"
#include "shared/base/json.h"

#include <algorithm>

namespace voelgoed::actions {

using base::Error;
using base::ErrorCode;
using base::Result;

namespace {

/// A checkpoint's rules may be nested 32 deep, an object and a list a level.
constexpr std::size_t kDepthMax = 100;

Result<base::Json> bodyOf(const Action &action, const http::Request &request)
{
    if (!isJson(request.fields["Content-Type"]))
        return Error{ErrorCode::Invalid, "content type", "The body has to be application/json.",
                     "unsupported_media_type"};
    auto json = base::parseJson(request.body, {.bytes = action.declaration.bodyMax, .depth = kDepthMax});
    if (!json)
        return Error{ErrorCode::Invalid, json.error().message, json.error().message, "not_json"};
    if (!json->is_object())
        return Error{ErrorCode::Invalid, "no object", "The body has to be a JSON object.", "not_object"};
    return json;
}

} // namespace

Result<void> gather(const Registry::Match &match, const http::Request &request, Fields &fields,
                    std::vector<FieldError> &errors)
{
    if (!match.action->takesBytes && !request.body.empty()) {
        auto body = bodyOf(*match.action, request);
        if (!body)
            return body.error();
        fields.json = std::move(*body);
    }
    auto &object = fields.json.as_object();
    const auto put = [&](const std::string &name, const std::string &value) {
        auto &place = object[name];
        const bool again = std::find(fields.ofUrl.begin(), fields.ofUrl.end(), name) != fields.ofUrl.end();
        if (place.is_null())
            place = boost::json::string(value);
        else if (again && place.is_array())
            place.as_array().push_back(boost::json::string(value));
        else if (again)
            place = boost::json::array{place, boost::json::string(value)};
        else if (place != boost::json::value(boost::json::string(value)))
            errors.push_back({"/" + name, "contradicts_url", "The URL says something else."});
        if (!again)
            fields.ofUrl.push_back(name);
    };
    for (const auto &[name, value] : match.fields)
        put(name, value);
    for (const auto &[name, value] : request.query)
        put(name, value);
    return {};
}

} // namespace voelgoed::actions
