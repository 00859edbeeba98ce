#include "server/slices/events/actions/event_out.h"

#include "server/slices/events/checking.h"

namespace voelgoed::events {

using actions::Context;
using base::Result;

namespace {

constexpr std::int32_t kGraceMax = 7 * 24 * 60;

Result<std::chrono::minutes> minutesOf(Context &context, const std::optional<std::int32_t> &minutes,
                                       std::chrono::minutes fallback, const std::string &pointer)
{
    if (!minutes)
        return fallback;
    if (*minutes < 0 || *minutes > kGraceMax)
        return context.reject(pointer, "out_of_range", "At most a week.");
    return std::chrono::minutes(*minutes);
}

} // namespace

bool isOnSaleAt(const StoredEvent &event, base::Instant now)
{
    const domain::Event &said = event.definition.event;
    const Details &details = event.details;
    return isOnSale({said.status, details.saleFrom, details.saleUntil, said.rescheduledAt.has_value()}, now);
}

EventOut outOf(const StoredEvent &event, base::Instant now)
{
    const domain::Event &said = event.definition.event;
    const Details &details = event.details;
    return {.id = event.id,
            .slug = event.slug(),
            .name = said.name,
            .description = details.description,
            .status = said.status,
            .onSale = isOnSaleAt(event, now),
            .timezone = said.timezone,
            .startsAt = said.startsAt,
            .endsAt = said.endsAt,
            .doorsAt = said.doorsAt,
            .scanFrom = event.window.from,
            .scanUntil = event.window.until,
            .saleFrom = details.saleFrom,
            .saleUntil = details.saleUntil,
            .opensBeforeMinutes = static_cast<std::int32_t>(details.grace.before.count()),
            .closesAfterMinutes = static_cast<std::int32_t>(details.grace.after.count()),
            .capacity = details.capacity,
            .venue = details.venue,
            .series = details.series,
            .rescheduledAt = said.rescheduledAt,
            .postponementReason = event.postponementReason,
            .replacedBy = event.replacedBy,
            .version = event.version,
            .definitionVersion = event.definitionVersion,
            .createdAt = event.createdAt,
            .updatedAt = event.updatedAt};
}

EventOut answer(Context &context, const StoredEvent &event)
{
    context.answerVersion(event.version);
    return outOf(event, context.now());
}

Result<Details> detailsOf(Context &context, const DetailsIn &in, const std::string &pointer)
{
    Details details{.description = in.description ? in.description->value : "",
                    .venue = in.venue,
                    .series = in.series,
                    .capacity = in.capacity,
                    .saleFrom = in.saleFrom,
                    .saleUntil = in.saleUntil,
                    .grace = {}};
    if (in.capacity && *in.capacity < 0)
        return context.reject(pointer + "/capacity", "out_of_range", "Nobody less than none.");
    if (in.saleFrom && in.saleUntil && *in.saleFrom >= *in.saleUntil)
        return context.reject(pointer + "/sale_until", "invalid", "The sale would end before it begins.");
    const auto before = minutesOf(context, in.opensBeforeMinutes, Grace{}.before, pointer + "/opens_before_minutes");
    if (!before)
        return before.error();
    const auto after = minutesOf(context, in.closesAfterMinutes, Grace{}.after, pointer + "/closes_after_minutes");
    if (!after)
        return after.error();
    details.grace = {*before, *after};
    return details;
}

Result<domain::EventDefinition> definitionOf(Context &context, Events &events, const DefinitionIn &in)
{
    boost::json::object object{{"event", in.event}};
    const auto put = [&object](const char *name, const std::optional<base::Json> &part) {
        if (part)
            object[name] = *part;
    };
    put("dates", in.dates);
    put("ticket_types", in.ticketTypes);
    put("questions", in.questions);
    put("gates", in.gates);
    put("checkpoints", in.checkpoints);
    put("policy", in.policy);
    auto definition = readDefinition(object);
    if (!definition)
        return rejected(context, definition.error());
    auto sound = checked(std::move(*definition), events.zones);
    if (!sound)
        return rejected(context, sound.error());
    return sound;
}

} // namespace voelgoed::events
