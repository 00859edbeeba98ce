#include "tests/shared/protocol/sample_messages.h"

namespace voelgoed::sample {

using namespace domain;
using std::chrono::hours, std::chrono::minutes, std::chrono::seconds;

namespace {

base::Instant utc(const char *text)
{
    return *base::parseInstant(text);
}

template <class Array>
Array filled(int first)
{
    Array array{};
    for (std::size_t i = 0; i < array.size(); ++i)
        array[i] = static_cast<std::byte>(first + static_cast<int>(i));
    return array;
}

} // namespace

protocol::Definition definition()
{
    protocol::Definition made;
    EventDefinition &event = made.event;
    event.event = {.id = {"fest"},
                   .name = "Fees by die See",
                   .timezone = "Africa/Johannesburg",
                   .startsAt = utc("2026-12-05T17:00:00Z"),
                   .endsAt = utc("2026-12-06T22:00:00Z"),
                   .doorsAt = utc("2026-12-05T16:00:00Z"),
                   .status = EventStatus::Postponed,
                   .rescheduledAt = utc("2026-12-12T17:00:00Z"),
                   .scanFrom = utc("2026-12-05T14:00:00Z"),
                   .scanUntil = utc("2026-12-07T00:00:00.250Z")};
    event.zone = *ZoneTable::make("Africa/Johannesburg", hours(2),
                                  {{utc("2027-09-20T00:00:00Z"), hours(3)}, {utc("2028-03-20T23:00:00Z"), hours(2)}});
    event.dates = {{.id = {"sat"},
                    .startsAt = utc("2026-12-05T17:00:00Z"),
                    .endsAt = utc("2026-12-06T01:00:00Z"),
                    .doorsAt = utc("2026-12-05T16:00:00Z")},
                   {.id = {"sun"}}};
    event.types = {{.id = {"adult"}, .name = "Volwassene"},
                   {.id = {"family"},
                    .name = "Gesin",
                    .admits = 4,
                    .gates = {{{"north"}, {"south"}}},
                    .attention = true,
                    .notes = {"Wristband: blue", "Count the children"}},
                   {.id = {"none"}, .name = "Nowhere", .gates = std::vector<GateId>()}};
    event.questions = {{.id = {"q1"},
                        .kind = QuestionKind::MultipleChoice,
                        .text = "Which meal?",
                        .required = true,
                        .atDoor = true,
                        .types = {{{"adult"}}},
                        .options = {{"v", "Vegan"}, {"b", "Braai"}}}};
    event.gates = {{.id = {"north"},
                    .code = "N1",
                    .name = "North",
                    .state = GateState::Closed,
                    .capacity = 250,
                    .capacityMode = CapacityMode::Stop,
                    .checkpoints = {{"main"}},
                    .servesEntry = false,
                    .servesExit = false},
                   {.id = {"south"}, .code = "S1", .name = "South"}};
    event.checkpoints = {{.id = {"main"},
                          .name = "Main",
                          .types = {{{"adult"}, {"family"}}},
                          .date = {{"sat"}},
                          .zone = {{"floor"}},
                          .reentry = Reentry::AfterExit,
                          .acceptPending = true,
                          .matchAddons = true,
                          .rules = R"({"<": [{"var": "entries_today"}, 3]})",
                          .closeAt = hours(4) + minutes(30),
                          .capacity = 4'000}};
    event.policy = {.unlisted = UnlistedPolicy::AdmitAndFlag, .listAgeMax = hours(12), .namesOnDevices = true};
    made.keys = {.organization = filled<Uuid>(0x10),
                 .event = filled<Uuid>(0x20),
                 .shortId = 0xA1B2C3,
                 .hoursFrom = utc("2026-12-01T00:00:00Z"),
                 .keySlots = {{3, SignatureAlgorithm::Ed25519, filled<std::array<std::byte, 32>>(0x30), true},
                              {4, SignatureAlgorithm::Ed25519, filled<std::array<std::byte, 32>>(0x40), false}},
                 .foreign = {{"pretix", filled<std::array<std::byte, 32>>(0x50)}},
                 .types = {{"adult"}, {"family"}},
                 .zones = {{"floor"}, {"backstage"}},
                 .rotationKey = filled<std::array<std::byte, 32>>(0x60),
                 .rotationSeconds = 15,
                 .sealTo = filled<std::array<std::byte, 32>>(0x70)};
    return made;
}

protocol::ListedTicket ticket()
{
    return {.ticket = {.ordinal = {0xABCDEF},
                       .generation = 3,
                       .type = {"family"},
                       .variant = {"early"},
                       .date = {{"sat"}},
                       .zones = {{{"floor"}, {"backstage"}}},
                       .gates = std::vector<GateId>(),
                       .state = TicketState::Pending,
                       .validFrom = utc("2026-12-05T16:00:00Z"),
                       .validUntil = utc("2026-12-05T23:59:59.999Z"),
                       .admits = 6,
                       .pendingOk = true,
                       .blocked = true,
                       .addonOf = {{17}},
                       .seat = "A12",
                       .attention = true,
                       .notes = {"Wheelchair", "Brings a dog"},
                       .answers = {{{"q1"}, "v,b"}, {{"q2"}, "\xc3\xa9"}}},
            .codes = {{filled<CodeHash>(0x01), 3, protocol::CodeKind::Foreign, false},
                      {filled<CodeHash>(0x02), 2, protocol::CodeKind::Typed, true}}};
}

protocol::ListedTicket plainTicket()
{
    return {.ticket = {.ordinal = {1}, .type = {"adult"}}, .codes = {}};
}

Row scanRow()
{
    ScanRecord scan{.checkpoint = {"main"},
                    .gate = {"north"},
                    .direction = Direction::Exit,
                    .ordinal = {0xABCDEF},
                    .generation = 3,
                    .medium = Medium::Camera,
                    .form = CodeForm::SignedRotating,
                    .codeHash = filled<CodeHash>(0x05),
                    .sealedCode = {std::byte{1}, std::byte{0}, std::byte{255}},
                    .sealNumber = 300,
                    .nonce = "n-1",
                    .count = 4,
                    .confirmPending = true,
                    .answers = {{{"q1"}, "b"}},
                    .override = Override{{"thandi"}, "her wristband broke"},
                    .session = {"3f0c1e52-5a44-4d7f-9d43-0f4f7f3a9b11"},
                    .operatedBy = {"sipho"},
                    .test = true,
                    .outcome = "admit",
                    .reason = "ok_override",
                    .overridden = "already_used",
                    .flagged = true,
                    .listSequence = 4'711,
                    .explanation = "Entered at 19:02, North",
                    .rotatingStep = 58'000'000};
    return {.key = {{"7b1d2f8e-0000-4000-8000-00000000002a"}, {7}, {1'234'567}},
            .previous = filled<RowHash>(0x80),
            .event = {"fest"},
            .at = utc("2026-12-05T17:02:03.004Z"),
            .wall = utc("1970-01-01T00:02:03.004Z"),
            .sinceBoot = seconds(123),
            .clock = ClockState::Bracketed,
            .sealEphemeral = filled<std::array<std::byte, 32>>(0x90),
            .what = std::move(scan)};
}

Row undoRow()
{
    Row row = scanRow();
    row.key.sequence = {1'234'568};
    row.sealEphemeral.reset();
    row.clock = ClockState::Anchored;
    row.what = UndoRecord{.row = {{"another-device"}, {2}, {9}},
                          .by = {"thandi"},
                          .why = "nobody passed the turnstile",
                          .notPassed = true};
    return row;
}

std::vector<protocol::Change> page()
{
    return {{1, protocol::DefinitionChange{protocol::encode(definition())}},
            {2, protocol::TicketChange{protocol::encode(ticket()), "Nomsa D."}},
            {3, protocol::TicketChange{protocol::encode(plainTicket()), ""}},
            {4, protocol::RowChange{protocol::encode(scanRow())}}};
}

base::SigningKey signer()
{
    return *base::SigningKey::fromSeed(base::Bytes(32, std::byte{42}));
}

protocol::Manifest manifest()
{
    protocol::Manifest made{.cursor = {{"fest"}, 2, 4'711},
                            .madeAt = utc("2026-12-05T10:00:00Z"),
                            .signer = signer().publicKey(),
                            .definition = protocol::encode(definition()),
                            .tickets = 2};
    protocol::toggleDefinition(made.checksum, made.definition);
    for (const auto &listed : {ticket(), plainTicket()})
        protocol::toggleTicket(made.checksum, listed.ticket.ordinal, protocol::encode(listed));
    made.chunks = {{filled<base::Digest>(0xA0), 321, 2}, {filled<base::Digest>(0xB0), 0, 0}};
    return made;
}

base::Bytes headAround(base::ByteView manifest, const base::SigningKey &key)
{
    const base::ByteView prefix = base::bytesOf(std::string_view("VG-BUNDLE-1\0", 12));
    base::Bytes text(prefix.begin(), prefix.end());
    text.insert(text.end(), manifest.begin(), manifest.end());
    const base::Signature signature = key.sign(text);
    base::Bytes head(manifest.begin(), manifest.end());
    head.insert(head.end(), signature.begin(), signature.end());
    return head;
}

base::Bytes manifestIn(base::ByteView head)
{
    const base::ByteView body = head.subspan(protocol::kBundleHeaderSize);
    return {body.begin(), body.end() - 64};
}

base::Bytes withUnknownField(base::Bytes message)
{
    // Number 500 << 3 | 2 (length-delimited) as a varint, length, text.
    for (const char byte : std::string_view("\xA2\x1F\x05newer"))
        message.push_back(static_cast<std::byte>(byte));
    return message;
}

} // namespace voelgoed::sample
