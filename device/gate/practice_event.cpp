#include "device/gate/practice_event.h"

#include "shared/base/json.h"
#include "shared/ticket/event_ring.h"
#include "shared/ticket/foreign.h"
#include "shared/ticket/issue.h"

#include <boost/json/object.hpp>

namespace voelgoed::gate {

using namespace domain;

namespace {

constexpr std::uint8_t kSlot = 1;
constexpr std::string_view kCodeLetters = "23456789ABCDEFGHJKMNPQRSTUVWXYZ";
constexpr int kForeignLetters = 12;

struct PracticeType
{
    const char *id;
    const char *name;
    std::uint16_t admits;
    const char *note;
};

constexpr std::array kTypes{
    PracticeType{"adult", "Adult", 1, "Wristband: blue"}, PracticeType{"child", "Child", 1, "Wristband: yellow"},
    PracticeType{"vip", "VIP", 1, "Wristband: gold"}, PracticeType{"family", "Family", 4, "Wristband: blue, one each"}};

EventDefinition practiceDefinition(base::Instant opens)
{
    using namespace std::chrono;
    EventDefinition definition;
    definition.event = {.id = {"practice"},
                        .name = "Practice evening",
                        .timezone = "Africa/Johannesburg",
                        .startsAt = opens + hours(1),
                        .endsAt = opens + hours(30 * 24),
                        .doorsAt = opens,
                        .status = EventStatus::Live};
    auto zone = ZoneTable::make("Africa/Johannesburg", hours(2), {});
    base::ensure(static_cast<bool>(zone), "the practice event's time zone");
    definition.zone = std::move(*zone);
    for (const PracticeType &type : kTypes)
        definition.types.push_back({.id = {type.id}, .name = type.name, .admits = type.admits, .notes = {type.note}});
    definition.checkpoints = {
        {.id = {"main"}, .name = "Main entrance", .reentry = Reentry::Never},
        {.id = {"lounge"}, .name = "VIP lounge", .types = {{{"vip"}}}, .reentry = Reentry::AfterExit}};
    definition.gates = {{.id = {"north"}, .code = "GATE_A", .name = "North", .checkpoints = {{"main"}, {"lounge"}}},
                        {.id = {"south"}, .code = "GATE_B", .name = "South", .checkpoints = {{"main"}, {"lounge"}}}};
    return definition;
}

EventKeys practiceEventKeys(const PracticeKeys &keys, base::Instant opens, base::Random &random)
{
    EventKeys result{.shortId = static_cast<std::uint32_t>(1 + random.below(0xFFFFFFFE)),
                     .hoursFrom = std::chrono::floor<std::chrono::hours>(opens) - std::chrono::hours(24),
                     .keySlots = {{.slot = kSlot, .publicKey = keys.tickets.publicKey()}},
                     .sealTo = keys.seal.open};
    random.fill(result.organization);
    random.fill(result.event);
    for (const PracticeType &type : kTypes)
        result.types.push_back({type.id});
    return result;
}

} // namespace

PracticeKeys PracticeKeys::make(base::Random &random)
{
    return {base::SigningKey::generate(random), base::SigningKey::generate(random),
            base::ExchangePair::generate(random)};
}

std::string PracticeKeys::text() const
{
    const boost::json::object json{{"public", "ed25519:" + base::toHex(bundle.publicKey())},
                                   {"bundle_seed", base::toHex(bundle.seed())},
                                   {"ticket_seed", base::toHex(tickets.seed())},
                                   {"seal_secret", base::toHex(seal.secret)}};
    return base::toText(json) + "\n";
}

std::string PracticeKeys::publicText() const
{
    return "ed25519:" + base::toHex(bundle.publicKey()) + "\n";
}

PracticeEvent::PracticeEvent(const PracticeKeys &keys, base::Instant opens, base::Random &random)
    : m_keys(keys),
      m_random(random),
      m_definition{practiceDefinition(opens), practiceEventKeys(keys, opens, random)},
      m_ring([this] {
          auto ring = ticket::ringOf(m_definition.keys, m_definition.event.event.endsAt);
          base::ensure(static_cast<bool>(ring), "the practice event's keys");
          return std::move(*ring);
      }())
{}

PracticeTicket PracticeEvent::signedTicket(Ordinal ordinal, Code code)
{
    // One in sixteen is a family's, one in eight a VIP's.
    const std::size_t type = ordinal.value % 16 == 5 ? 3 : ordinal.value % 8 == 3 ? 2 : ordinal.value % 4 == 2 ? 1 : 0;
    const ticket::TypedCode typed = ticket::makeTyped(m_random);
    PracticeTicket result{.listed = {.ticket = {.ordinal = ordinal, .type = {kTypes[type].id}},
                                     .codes = {{ticket::typedHash(typed), 0, protocol::CodeKind::Typed, false}}},
                          .typeName = kTypes[type].name,
                          .code = {},
                          .typed = ticket::grouped(typed)};
    if (code == Code::Sign) {
        const ticket::T1Claims claims{
            .keySlot = kSlot, .ordinal = ordinal, .typeIndex = static_cast<std::uint8_t>(type)};
        const auto issued = ticket::issueT1(claims, m_ring, m_keys.tickets);
        base::ensure(static_cast<bool>(issued), "a practice ticket's signature");
        result.code = ticket::printT1(*issued);
    }
    return result;
}

PracticeTicket PracticeEvent::foreignTicket(Ordinal ordinal)
{
    std::string code = "QT-";
    for (int i = 0; i < kForeignLetters; ++i)
        code += kCodeLetters[m_random.below(kCodeLetters.size())];
    return {.listed = {.ticket = {.ordinal = ordinal, .type = {kTypes[0].id}},
                       .codes = {{ticket::foreignHash(code), 0, protocol::CodeKind::Foreign, false}}},
            .typeName = kTypes[0].name,
            .code = code,
            .typed = {}};
}

} // namespace voelgoed::gate
