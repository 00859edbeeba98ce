#include "shared/domain/definition_write.h"

#include "shared/base/random.h"
#include "shared/domain/definition_json.h"
#include "shared/domain/words.h"

#include <QtTest/QtTest>

using namespace voelgoed;
using namespace voelgoed::domain;

namespace {

/// Definitions by chance: every field takes every kind of value in some of them.
class Maker
{
public:
    explicit Maker(std::uint64_t seed) : m_random(seed) {}

    EventDefinition definition()
    {
        EventDefinition d;
        d.event = {.id = {sometimes() ? id() : ""},
                   .name = text(),
                   .timezone = sometimes() ? "Africa/Johannesburg" : text(),
                   .startsAt = moment(),
                   .endsAt = moment(),
                   .doorsAt = moment(),
                   .status = choice<EventStatus>(),
                   .rescheduledAt = moment(),
                   .scanFrom = moment(),
                   .scanUntil = moment()};
        repeat([&] { d.dates.push_back({{id()}, moment(), moment(), moment()}); });
        repeat([&] { d.types.push_back(type()); });
        repeat([&] { d.questions.push_back(question()); });
        repeat([&] { d.gates.push_back(gate()); });
        repeat([&] { d.checkpoints.push_back(checkpoint()); });
        d.policy = {.unlisted = choice<UnlistedPolicy>(), .listAgeMax = {}, .namesOnDevices = sometimes()};
        if (sometimes())
            d.policy.listAgeMax = std::chrono::minutes(m_random.below(527'041));
        return d;
    }

private:
    bool sometimes() { return m_random.below(2) == 0; }
    template <class Do>
    void repeat(Do each)
    {
        for (auto times = m_random.below(4); times > 0; --times)
            each();
    }
    template <class Choice>
    Choice choice()
    {
        return static_cast<Choice>(m_random.below(wordsOf<Choice>().size()));
    }
    std::string text()
    {
        static const std::vector<std::string> kParts{"a",  "Über", "\"", "\\",   "/",    "~",  "\n",
                                                     "\t", " ",    "7",  "日本", "\x01", "all"};
        std::string made;
        for (auto parts = m_random.below(6); parts > 0; --parts)
            made += kParts[m_random.below(kParts.size())];
        return made;
    }
    std::string id() { return "i" + text(); }
    std::optional<base::Instant> moment()
    {
        if (sometimes())
            return std::nullopt;
        const auto span = static_cast<std::uint64_t>(base::millisOf(base::kLatest) - base::millisOf(base::kFirst));
        return base::kFirst + base::Milliseconds(m_random.below(span + 1));
    }
    std::optional<std::uint32_t> capacity()
    {
        return sometimes() ? std::optional(static_cast<std::uint32_t>(m_random.below(0x1'0000'0000))) : std::nullopt;
    }
    template <class Id>
    std::vector<Id> ids()
    {
        std::vector<Id> made;
        repeat([&] { made.push_back({id()}); });
        return made;
    }
    template <class Id>
    std::optional<std::vector<Id>> idsOrAll()
    {
        return sometimes() ? std::optional(ids<Id>()) : std::nullopt;
    }
    TicketType type()
    {
        TicketType type{.id = {id()},
                        .name = text(),
                        .admits = static_cast<std::uint16_t>(1 + m_random.below(65'535)),
                        .gates = idsOrAll<GateId>(),
                        .attention = sometimes(),
                        .notes = {}};
        if (type.gates && type.gates->empty())
            type.gates.reset();
        repeat([&] { type.notes.push_back(text()); });
        return type;
    }
    Question question()
    {
        Question question{.id = {id()},
                          .kind = choice<QuestionKind>(),
                          .text = text(),
                          .required = sometimes(),
                          .atDoor = sometimes(),
                          .types = idsOrAll<TicketTypeId>(),
                          .options = {}};
        repeat([&] { question.options.push_back({id(), text()}); });
        return question;
    }
    Gate gate()
    {
        return {.id = {id()},
                .code = text(),
                .name = text(),
                .state = choice<GateState>(),
                .capacity = capacity(),
                .capacityMode = choice<CapacityMode>(),
                .checkpoints = ids<CheckpointId>(),
                .servesEntry = sometimes(),
                .servesExit = sometimes()};
    }
    Checkpoint checkpoint()
    {
        static const std::vector<std::string> kRules{
            // as readDefinition() keeps them
            "null", "{}", R"({"and":[{"inList":[{"var":"product"},{"objectList":[{"lookup":["product","1","A"]}]}]}]})",
            R"({"<":[{"var":"entries_number"},3.5E0]})", "\"no rule\""};
        Checkpoint checkpoint{.id = {id()},
                              .name = text(),
                              .types = idsOrAll<TicketTypeId>(),
                              .date = {},
                              .zone = {},
                              .reentry = choice<Reentry>(),
                              .acceptPending = sometimes(),
                              .matchAddons = sometimes(),
                              .rules = kRules[m_random.below(kRules.size())],
                              .closeAt = {},
                              .capacity = capacity()};
        if (sometimes())
            checkpoint.date = DateId{id()};
        if (sometimes())
            checkpoint.zone = ZoneId{id()};
        if (sometimes())
            checkpoint.closeAt = std::chrono::seconds(m_random.below(86'400));
        return checkpoint;
    }

    base::SeededRandom m_random;
};

base::Result<EventDefinition> readBack(const base::Json &json)
{
    base::JsonFailure failure;
    const base::JsonPlace place{json, {}, failure};
    base::ObjectReader fields(place);
    auto definition = readDefinition(fields);
    fields.finish();
    if (failure.happened())
        return *failure.error();
    return definition;
}

} // namespace

class DefinitionWriteTest : public QObject
{
    Q_OBJECT

private slots:
    void whatIsWrittenIsReadBackToAnEqualValue()
    {
        Maker maker(20'261'205);
        for (int i = 0; i < 3'000; ++i) {
            const EventDefinition made = maker.definition();
            const std::string text = base::toText(writeDefinition(made));
            const auto json = base::parseJson(text);
            QVERIFY2(json, text.c_str());
            const auto read = readBack(*json);
            QVERIFY2(read, ((read ? std::string() : read.error().message) + "\n" + text).c_str());
            QVERIFY2(*read == made, text.c_str());
            QCOMPARE(base::toText(writeDefinition(*read)), text);
        }
    }

    void rulesThatAreNoJsonStayMalformed()
    {
        EventDefinition definition;
        definition.checkpoints.push_back({.id = {"c"}, .name = "c", .rules = "{\"and\""});
        const auto read = readBack(writeDefinition(definition));
        QVERIFY(read);
        QCOMPARE(read->checkpoints.at(0).rules, std::string("\"{\\\"and\\\"\""));
    }

    void timesOfDayHaveSecondsWhereTheyNeedThem()
    {
        QCOMPARE(formatTimeOfDay(std::chrono::seconds(0)), std::string("00:00"));
        QCOMPARE(formatTimeOfDay(std::chrono::seconds(86'399)), std::string("23:59:59"));
    }
};

QTEST_APPLESS_MAIN(DefinitionWriteTest)
#include "definition_write_test.moc"
