#include "shared/protocol/ticket.h"

#include "shared/protocol/feed.pb.h"
#include "shared/protocol/wire.h"

#include <limits>

namespace voelgoed::protocol {

using namespace domain;
using base::Result;

namespace {

template <class Id>
std::vector<Id> idsOf(const wire::Texts &texts)
{
    std::vector<Id> ids;
    ids.reserve(static_cast<std::size_t>(texts.items_size()));
    for (const std::string &text : texts.items())
        ids.push_back({text});
    return ids;
}

Result<CodeEntry> codeOf(const wire::Code &in)
{
    const auto hash = fixedBytes<CodeHash>(in.hash(), "code hash");
    if (!hash)
        return hash.error();
    const auto kind = choice(in.kind(), CodeKind::Typed, "kind of code");
    if (!kind)
        return kind.error();
    if (in.generation() > 255)
        return base::invalid("a generation above 255");
    return CodeEntry{*hash, static_cast<std::uint8_t>(in.generation()), *kind, in.withdrawn()};
}

Result<void> numbersAreInRange(const wire::Ticket &in)
{
    const bool ordinals = in.ordinal() >= 1 && in.ordinal() <= kOrdinalMax &&
                          (!in.has_addon_of() || (in.addon_of() >= 1 && in.addon_of() <= kOrdinalMax));
    if (!ordinals)
        return base::invalid("an ordinal outside 1 to 2^24 - 1");
    if (in.generation() > 255)
        return base::invalid("a generation above 255");
    if (in.has_admits() && (in.admits() == 0 || in.admits() > std::numeric_limits<std::uint16_t>::max()))
        return base::invalid("an allowance outside 1 to 65535");
    if (static_cast<std::size_t>(in.codes_size()) > kCodesMax)
        return base::invalid("more than " + std::to_string(kCodesMax) + " codes");
    return {};
}

} // namespace

base::Bytes encode(const ListedTicket &listed)
{
    const Ticket &ticket = listed.ticket;
    wire::Ticket out;
    out.set_ordinal(ticket.ordinal.value);
    out.set_generation(ticket.generation);
    out.set_type(ticket.type.text);
    out.set_variant(ticket.variant.text);
    if (ticket.date)
        out.set_date(ticket.date->text);
    if (ticket.zones) {
        wire::Texts *zones = out.mutable_zones();
        for (const ZoneId &zone : *ticket.zones)
            zones->add_items(zone.text);
    }
    if (ticket.gates) {
        wire::Texts *gates = out.mutable_gates();
        for (const GateId &gate : *ticket.gates)
            gates->add_items(gate.text);
    }
    out.set_state(static_cast<std::uint32_t>(ticket.state));
    if (ticket.validFrom)
        out.set_valid_from_ms(base::millisOf(*ticket.validFrom));
    if (ticket.validUntil)
        out.set_valid_until_ms(base::millisOf(*ticket.validUntil));
    if (ticket.admits)
        out.set_admits(*ticket.admits);
    out.set_pending_ok(ticket.pendingOk);
    out.set_blocked(ticket.blocked);
    if (ticket.addonOf)
        out.set_addon_of(ticket.addonOf->value);
    out.set_seat(ticket.seat);
    out.set_attention(ticket.attention);
    for (const std::string &note : ticket.notes)
        out.add_notes(note);
    for (const auto &[question, text] : ticket.answers) {
        wire::Answer *added = out.add_answers();
        added->set_question(question.text);
        added->set_text(text);
    }
    for (const CodeEntry &code : listed.codes) {
        wire::Code *added = out.add_codes();
        added->set_hash(bytesField(code.hash));
        added->set_generation(code.generation);
        added->set_kind(static_cast<std::uint32_t>(code.kind));
        added->set_withdrawn(code.withdrawn);
    }
    return serialised(out);
}

Result<ListedTicket> decodeTicket(base::ByteView bytes)
{
    const auto in = parsedInAnySpelling<wire::Ticket>(bytes, "ticket");
    if (!in)
        return in.error();
    const std::string place = "ticket " + std::to_string(in->ordinal());
    if (const auto sane = numbersAreInRange(*in); !sane)
        return sane.error().at(place);
    const auto state = choice(in->state(), TicketState::Revoked, "ticket state");
    if (!state)
        return state.error().at(place);
    ListedTicket listed{.ticket = {.ordinal = {in->ordinal()},
                                   .generation = static_cast<std::uint8_t>(in->generation()),
                                   .type = {in->type()},
                                   .variant = {in->variant()},
                                   .state = *state,
                                   .pendingOk = in->pending_ok(),
                                   .blocked = in->blocked(),
                                   .seat = in->seat(),
                                   .attention = in->attention(),
                                   .notes = {in->notes().begin(), in->notes().end()}}};
    Ticket &ticket = listed.ticket;
    if (in->has_date())
        ticket.date = DateId{in->date()};
    if (in->has_zones())
        ticket.zones = idsOf<ZoneId>(in->zones());
    if (in->has_gates())
        ticket.gates = idsOf<GateId>(in->gates());
    if (in->has_valid_from_ms())
        ticket.validFrom = base::instantFromMillis(in->valid_from_ms());
    if (in->has_valid_until_ms())
        ticket.validUntil = base::instantFromMillis(in->valid_until_ms());
    if (in->has_admits())
        ticket.admits = static_cast<std::uint16_t>(in->admits());
    if (in->has_addon_of())
        ticket.addonOf = Ordinal{in->addon_of()};
    for (const wire::Answer &answer : in->answers())
        ticket.answers[QuestionId{answer.question()}] = answer.text();
    for (const wire::Code &code : in->codes()) {
        const auto entry = codeOf(code);
        if (!entry)
            return entry.error().at(place);
        listed.codes.push_back(*entry);
    }
    if (const auto one = isCanonical(*in, bytes, encode(listed), place); !one)
        return one.error();
    return listed;
}

} // namespace voelgoed::protocol
