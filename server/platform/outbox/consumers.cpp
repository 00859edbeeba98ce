#include "server/platform/outbox/consumers.h"

#include "shared/base/ensure.h"
#include "shared/base/json_reader.h"

#include <algorithm>

namespace voelgoed::outbox {

base::Result<Delivered> deliveredFrom(std::string topic, std::string_view event)
{
    const auto json = base::parseJson(event);
    if (!json)
        return json.error();
    base::JsonFailure failure;
    const base::JsonPlace place{*json, {}, failure};
    base::ObjectReader reader(place);
    const auto id = base::uuidFrom(reader.require("id").text());
    const auto organization = base::uuidFrom(reader.require("organizationid").text());
    const auto at = reader.instant("time");
    Delivered delivered{.id = id.value_or(base::Uuid()),
                        .organization = organization.value_or(base::Uuid()),
                        .topic = std::move(topic),
                        .type = reader.require("type").text(),
                        .subject = reader.text("subject"),
                        .at = at.value_or(base::Instant()),
                        .data = {},
                        .requestId = reader.text("requestid"),
                        .trace = work::traceFrom(reader.text("traceparent")).value_or(work::Trace())};
    if (const auto data = reader.find("data"))
        delivered.data = data->json;
    if (failure.happened())
        return base::corrupt(failure.error()->message);
    if (!id || !organization || !at)
        return base::corrupt("an envelope without id, organization or time");
    return delivered;
}

bool Consumer::wants(std::string_view type) const
{
    return std::any_of(types.begin(), types.end(), [&](const std::string &asked) {
        return type == asked || (asked.ends_with('.') && type.starts_with(asked));
    });
}

void Consumers::on(const char *types, std::string name, Consume consume)
{
    std::vector<std::string> list;
    list.emplace_back(types);
    on(std::move(list), std::move(name), std::move(consume));
}

void Consumers::on(std::vector<std::string> types, std::string name, Consume consume)
{
    base::ensure(!byName(name), "two consumers of one name");
    base::ensure(!types.empty() && consume, "a consumer of nothing");
    m_consumers.push_back({std::move(name), std::move(types), std::move(consume)});
}

const Consumer *Consumers::byName(std::string_view name) const
{
    const auto found = std::find_if(m_consumers.begin(), m_consumers.end(),
                                    [&](const Consumer &consumer) { return consumer.name == name; });
    return found == m_consumers.end() ? nullptr : &*found;
}

} // namespace voelgoed::outbox
