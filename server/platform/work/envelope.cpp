#include "server/platform/work/envelope.h"

#include "shared/base/ensure.h"

namespace voelgoed::work {

namespace {

/// `"seq":` and a comma, and as many digits as a double counts exactly.
constexpr std::size_t kSeqRoom = 23;

} // namespace

std::size_t eventMaxOf(std::string_view type)
{
    return type.starts_with("scanning.") || type.starts_with("seating.") ? kSmallEventMax : kEventMax;
}

std::string schemaPathOf(std::string_view type)
{
    return "/v1/schemas/" + std::string(type) + ".json";
}

std::string envelope(const Event &event, const Postmark &postmark)
{
    const std::string organization = base::toText(postmark.organization);
    const std::string slice = event.type.substr(0, event.type.find('.'));
    const Trace trace = postmark.trace.isNone() ? stepOf({}, postmark.id) : postmark.trace;
    boost::json::object object{
        {"specversion", "1.0"},
        {"id", base::toText(postmark.id)},
        {"source", "/orgs/" + organization + "/" + slice},
        {"type", event.type},
        {"subject", event.subject},
        {"time", base::formatInstant(postmark.at)},
        {"dataschema", schemaPathOf(event.type)},
        {"organizationid", organization},
        {"traceparent", traceparentOf(trace)},
    };
    if (!postmark.requestId.empty())
        object["requestid"] = postmark.requestId;
    object["data"] = event.data;
    std::string text = base::toText(object);
    base::ensure(text.size() + kSeqRoom <= eventMaxOf(event.type), ("an event is too large: " + event.type).c_str());
    return text;
}

std::string_view attributeIn(std::string_view envelope, std::string_view name)
{
    // Within a text quotes are escaped, so that only a name is found; and data comes last.
    const std::string field = "\"" + std::string(name) + "\":\"";
    const std::size_t from = envelope.find(field);
    if (from == envelope.npos)
        return {};
    const std::string_view rest = envelope.substr(from + field.size());
    return rest.substr(0, rest.find('"'));
}

} // namespace voelgoed::work
