#include "server/platform/work/envelope.h"

#include "shared/base/ensure.h"

namespace voelgoed::work {

std::string envelope(const Event &event, const Postmark &postmark)
{
    const std::string organization = base::toText(postmark.organization);
    const std::string slice = event.type.substr(0, event.type.find('.'));
    boost::json::object object{
        {"specversion", "1.0"},
        {"id", base::toText(postmark.id)},
        {"source", "/orgs/" + organization + "/" + slice},
        {"type", event.type},
        {"subject", event.subject},
        {"time", base::formatInstant(postmark.at)},
        {"datacontenttype", "application/json"},
        {"organizationid", organization},
    };
    if (!postmark.requestId.empty())
        object["requestid"] = postmark.requestId;
    object["data"] = event.data;
    std::string text = base::toText(object);
    base::ensure(text.size() <= kEventMax, ("an event is too large: " + event.type).c_str());
    return text;
}

} // namespace voelgoed::work
