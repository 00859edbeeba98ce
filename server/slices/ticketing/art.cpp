#include "server/slices/ticketing/art.h"

#include "shared/ticket/typed.h"

#include <algorithm>
#include <array>
#include <cstdio>

namespace voelgoed::ticketing {

std::string dayAndTime(const domain::ZoneTable &zone, base::Instant at)
{
    static constexpr std::array kDays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static constexpr std::array kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                        "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const auto local = zone.toLocal(at);
    const auto day = std::chrono::floor<std::chrono::days>(local);
    const std::chrono::year_month_day date(day);
    const std::chrono::hh_mm_ss time(local - day);
    const std::chrono::weekday weekday(day);
    std::array<char, 64> text{};
    std::snprintf(text.data(), text.size(), "%s %u %s %d, %02d:%02d", kDays[weekday.c_encoding()],
                  static_cast<unsigned>(date.day()), kMonths[static_cast<unsigned>(date.month()) - 1],
                  static_cast<int>(date.year()), static_cast<int>(time.hours().count()),
                  static_cast<int>(time.minutes().count()));
    return text.data();
}

artwork::TicketArt artOf(const domain::EventDefinition &event, const StoredTicket &stored, std::string code)
{
    artwork::TicketArt art;
    art.event = event.event.name;
    std::optional<base::Instant> begins = event.event.startsAt, doors = event.event.doorsAt;
    if (stored.ticket.date) {
        const auto date = std::find_if(event.dates.begin(), event.dates.end(),
                                       [&](const domain::EventDate &each) { return each.id == *stored.ticket.date; });
        if (date != event.dates.end()) {
            begins = date->startsAt;
            doors = date->doorsAt;
        }
    }
    if (begins)
        art.lines.push_back(dayAndTime(event.zone, *begins) + " (" + event.event.timezone + ")");
    if (doors && doors != begins)
        art.lines.push_back("Doors " + dayAndTime(event.zone, *doors));
    if (!stored.order.empty())
        art.lines.push_back("Order " + stored.order);
    const auto type = std::find_if(event.types.begin(), event.types.end(),
                                   [&](const domain::TicketType &each) { return each.id == stored.ticket.type; });
    art.type = type != event.types.end() && !type->name.empty() ? type->name : stored.ticket.type.text;
    const std::uint16_t admits = stored.ticket.admits.value_or(type != event.types.end() ? type->admits : 1);
    if (admits > 1)
        art.type += " · admits " + std::to_string(admits);
    art.seat = stored.ticket.seat;
    art.holder = stored.ticket.holder;
    art.code = std::move(code);
    if (const StoredCode *typed = stored.code(protocol::CodeKind::Typed))
        art.typed = ticket::grouped({typed->text});
    return art;
}

} // namespace voelgoed::ticketing
