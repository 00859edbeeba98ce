#include "server/platform/work/envelope.h"

#include "shared/base/ensure.h"
#include "shared/base/text.h"

namespace voelgoed::work {

namespace {

/// `"seq":` and a comma, and as many digits as a double counts exactly.
constexpr std::size_t kSeqRoom = 23;
constexpr std::size_t kTextMin = 8; ///< of a text that is cut

/// Not an id or a time, of which a part is nothing.
bool mayBeCut(const boost::json::value &value)
{
    if (!value.is_string())
        return false;
    const std::string_view text(value.get_string());
    return !base::uuidFrom(text) && !base::instantFrom(text);
}

/// Cuts the text that takes most room: the subject, or one of the data's. What is told is for people to see and never
/// worth a server, and what makes it long comes from outside: names, reasons, what a device calls itself.
void cutLongest(boost::json::object &envelope, const std::string &type)
{
    boost::json::value *longest = &envelope["subject"];
    std::size_t most = mayBeCut(*longest) ? base::toText(*longest).size() : 0;
    if (auto *data = envelope["data"].if_object()) {
        for (auto &field : *data) {
            const std::size_t size = mayBeCut(field.value()) ? base::toText(field.value()).size() : 0;
            if (size > most) {
                longest = &field.value();
                most = size;
            }
        }
    }
    const std::string text(longest->get_string());
    base::ensure(most > 0 && text.size() > kTextMin, ("an event is too large without its texts: " + type).c_str());
    *longest = base::printable(text, text.size() / 2);
}

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
    while (text.size() + kSeqRoom > eventMaxOf(event.type)) {
        cutLongest(object, event.type);
        text = base::toText(object);
    }
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
