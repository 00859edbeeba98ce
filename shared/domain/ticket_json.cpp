#include "shared/domain/ticket_json.h"

#include "shared/domain/json_fields.h"

#include <charconv>

namespace voelgoed::domain {

using base::JsonPlace;
using base::ObjectReader;

namespace {

constexpr std::int64_t kPersonsMax = 65'535;
/// What was read may be anything, also far more than a ticket's code can be.
constexpr std::size_t kCodeMax = std::size_t{1} << 20;

/// 3.5, and not 3.5E0: as people write it.
std::string plainDecimal(double number)
{
    char digits[400]; // the longest double has 309 before the point, the smallest some 350 behind it
    const auto [end, error] = std::to_chars(digits, digits + sizeof digits, number, std::chars_format::fixed);
    return error == std::errc() ? std::string(digits, end) : std::string("0");
}

/// One part of an answer: a text as it is, a number as people write it, true or false.
std::string answerPart(const JsonPlace &place)
{
    if (place.json.is_string())
        return place.text();
    if (!place.json.is_bool() && !place.json.is_number()) {
        place.fail("an answer is a text, a number, true or false, or a list of option ids");
        return {};
    }
    return place.json.is_double() ? plainDecimal(place.json.get_double()) : base::toText(place.json);
}

std::string answerText(const JsonPlace &place)
{
    if (!place.json.is_array())
        return answerPart(place);
    std::string joined;
    place.each([&](const JsonPlace &item) { joined += (joined.empty() ? "" : ",") + answerPart(item); }, 100);
    return joined;
}

std::map<QuestionId, std::string> readAnswers(ObjectReader &fields)
{
    std::map<QuestionId, std::string> answers;
    const auto place = fields.find("answers");
    if (!place)
        return answers;
    place->eachField([&](std::string_view question, const JsonPlace &answer) {
        if (!answer.json.is_null())
            answers[{std::string(question)}] = answerText(answer);
    });
    return answers;
}

std::optional<Override> readOverride(ObjectReader &fields)
{
    const auto place = fields.find("override");
    if (!place)
        return std::nullopt;
    ObjectReader inner(*place);
    Override result{.by = {idText(inner.require("by"))}, .why = {}};
    const JsonPlace why = inner.require("why");
    result.why = why.text();
    if (result.why.empty())
        why.fail("a written reason is needed");
    inner.finish();
    return result;
}

} // namespace

Ticket readTicket(const JsonPlace &place)
{
    ObjectReader fields(place);
    Ticket ticket;
    ticket.ordinal.value = static_cast<std::uint32_t>(fields.require("ordinal").integer(0, kOrdinalMax));
    ticket.generation = static_cast<std::uint8_t>(fields.integer("generation", 0, 0, 255));
    ticket.code = codeText(fields, "code", kCodeMax);
    ticket.type.text = idText(fields.require("type"));
    ticket.variant.text = idText(fields, "variant");
    ticket.date = optionalId<DateId>(fields, "date");
    ticket.zones = idsUnlessEmpty<ZoneId>(fields, "zones");
    ticket.gates = idsOrAll<GateId>(fields, "gates");
    ticket.state = choice(fields, "state", ticket.state);
    ticket.validFrom = fields.instant("valid_from");
    ticket.validUntil = fields.instant("valid_until");
    ticket.admits = optionalNumber<std::uint16_t>(fields, "admits", 1, kPersonsMax);
    ticket.pendingOk = fields.boolean("pending_ok");
    ticket.blocked = fields.boolean("blocked");
    if (const auto base = optionalNumber<std::uint32_t>(fields, "addon_of", 0, kOrdinalMax))
        ticket.addonOf = Ordinal{*base};
    ticket.seat = fields.text("seat");
    ticket.holder = fields.text("holder");
    ticket.attention = fields.boolean("attention");
    ticket.notes = textList(fields, "notes");
    ticket.answers = readAnswers(fields);
    fields.finish();
    return ticket;
}

Scan readScan(ObjectReader &fields)
{
    Scan scan;
    scan.at = fields.require("at").instant();
    scan.checkpoint.text = idText(fields.require("checkpoint"));
    scan.gate.text = idText(fields, "gate");
    scan.device.text = idText(fields, "device");
    scan.direction = choice(fields, "direction", scan.direction);
    scan.code = codeText(fields, "code", kCodeMax);
    scan.nonce = idText(fields, "nonce");
    scan.count = static_cast<std::uint16_t>(fields.integer("count", 1, 1, kPersonsMax));
    scan.confirmPending = fields.boolean("confirm_pending");
    scan.answers = readAnswers(fields);
    scan.override = readOverride(fields);
    scan.session.text = idText(fields, "session");
    scan.operatedBy.text = idText(fields, "operator");
    scan.test = fields.boolean("test");
    return scan;
}

} // namespace voelgoed::domain
