#include "shared/admission/scenario.h"

#include "shared/domain/definition_json.h"
#include "shared/domain/ticket_json.h"

#include <algorithm>
#include <set>

namespace voelgoed::admission {

using base::JsonPlace;
using base::ObjectReader;
using base::Result;
using namespace domain;

namespace {

constexpr std::size_t kScenariosMax = 10'000;
/// Deep enough that rules which are nested too deeply are refused as such, with their place.
constexpr base::JsonLimits kLimits{.depth = 512};

template <class Choice, class FromWord>
std::optional<Choice> expectedWord(ObjectReader &fields, std::string_view key, FromWord fromWord)
{
    const auto place = fields.find(key);
    if (!place)
        return std::nullopt;
    const std::string text = place->text();
    const auto choice = fromWord(text);
    if (!choice)
        place->fail("\"" + text.substr(0, 40) + "\" is none that there is");
    return choice;
}

Expectation readExpectation(const JsonPlace &place)
{
    ObjectReader fields(place);
    Expectation expected;
    expected.outcome = expectedWord<Outcome>(fields, "outcome", outcomeFromWord);
    expected.reason = expectedWord<Reason>(fields, "reason", reasonFromWord);
    if (const auto explanation = fields.find("explanation"))
        expected.explanation = explanation->text();
    if (const auto remaining = fields.find("remaining"))
        expected.remaining = static_cast<std::uint32_t>(remaining->integer(0, UINT16_MAX));
    if (const auto questions = fields.find("questions"))
        expected.questions = questions->texts();
    expected.overridden = expectedWord<Reason>(fields, "overridden", reasonFromWord);
    fields.finish();
    return expected;
}

ScenarioScan readScenarioScan(const JsonPlace &place)
{
    ObjectReader fields(place);
    ScenarioScan scan;
    scan.scan = readScan(fields);
    if (const auto expected = fields.find("expect"))
        scan.expected = readExpectation(*expected);
    fields.finish();
    return scan;
}

/// Whether everything that tickets refer to is there, and is there once.
class TicketCheck
{
public:
    TicketCheck(const Rulebook &rulebook, const std::vector<Ticket> &tickets) : m_rulebook(rulebook)
    {
        for (const Ticket &ticket : tickets)
            m_all.insert(ticket.ordinal);
    }

    void check(const Ticket &ticket, const JsonPlace &place)
    {
        const auto fail = [&](const std::string &field, const std::string &what) {
            place.failure.report(place.path + "." + field, what);
        };
        if (!m_seen.insert(ticket.ordinal).second)
            fail("ordinal", std::to_string(ticket.ordinal.value) + " is there twice");
        if (!ticket.code.empty() && !m_codes.insert(ticket.code).second)
            fail("code", "is there twice");
        if (!m_rulebook.type(ticket.type.view()))
            fail("type", "no ticket type \"" + ticket.type.text + "\"");
        if (ticket.date && !m_rulebook.date(ticket.date->view()))
            fail("date", "no date \"" + ticket.date->text + "\"");
        if (ticket.addonOf && !m_all.contains(*ticket.addonOf))
            fail("addon_of", "no ticket " + std::to_string(ticket.addonOf->value));
        for (std::size_t i = 0; ticket.gates && i < ticket.gates->size(); ++i) {
            const GateId &gate = (*ticket.gates)[i];
            if (!m_rulebook.gate(gate.view()))
                fail("gates[" + std::to_string(i) + "]", "no gate \"" + gate.text + "\"");
        }
        checkAnswers(ticket.answers, place);
    }

    void checkAnswers(const std::map<QuestionId, std::string> &answers, const JsonPlace &place) const
    {
        const auto &questions = m_rulebook.definition().questions;
        for (const auto &[id, text] : answers) {
            const bool known = std::any_of(questions.begin(), questions.end(),
                                           [&](const Question &question) { return question.id == id; });
            if (!known)
                place.failure.report(place.path + ".answers." + id.text, "no such question");
        }
    }

private:
    const Rulebook &m_rulebook;
    std::set<Ordinal> m_all;
    std::set<Ordinal> m_seen;
    std::set<std::string> m_codes;
};

Result<ZoneTable> zoneOf(const std::string &name, const ScenarioTools &tools)
{
    if (tools.zone)
        return tools.zone(name);
    if (name == "UTC")
        return ZoneTable();
    return base::invalid("no time zone \"" + name + "\"");
}

/// Cleans the codes and checks what tickets and scans refer to.
void finishTickets(Scenario &scenario, const std::vector<JsonPlace> &places, const ScenarioTools &tools)
{
    TicketCheck check(scenario.rulebook, scenario.tickets);
    for (std::size_t i = 0; i < scenario.tickets.size(); ++i) {
        Ticket &ticket = scenario.tickets[i];
        if (tools.clean && !ticket.code.empty()) {
            auto cleaned = tools.clean(ticket.code);
            if (!cleaned)
                places[i].failure.report(places[i].path + ".code", cleaned.error().message);
            ticket.code = cleaned ? std::move(*cleaned) : std::string();
        }
        check.check(ticket, places[i]);
    }
    std::sort(scenario.tickets.begin(), scenario.tickets.end(),
              [](const Ticket &a, const Ticket &b) { return a.ordinal < b.ordinal; });
}

std::optional<Scenario> readScenario(const JsonPlace &place, const ScenarioTools &tools)
{
    ObjectReader fields(place);
    const std::string name = fields.text("name");
    EventDefinition definition = readDefinition(fields);
    std::vector<Ticket> tickets;
    std::vector<JsonPlace> places;
    if (const auto list = fields.find("tickets"))
        list->each([&](const JsonPlace &item) {
            tickets.push_back(readTicket(item));
            places.push_back(item);
        });
    std::vector<ScenarioScan> scans;
    if (const auto list = fields.find("scans"))
        list->each([&](const JsonPlace &item) { scans.push_back(readScenarioScan(item)); });
    fields.finish();
    if (place.failure.happened())
        return std::nullopt;

    const std::string prefix = place.path.empty() ? "" : place.path + ".";
    auto zone = zoneOf(definition.event.timezone, tools);
    if (!zone) {
        place.failure.report(prefix + "event.timezone", zone.error().message);
        return std::nullopt;
    }
    definition.zone = std::move(*zone);
    auto rulebook = Rulebook::compile(std::move(definition));
    if (!rulebook) {
        place.failure.pass(rulebook.error(), prefix);
        return std::nullopt;
    }
    Scenario scenario{name, std::move(*rulebook), std::move(tickets), std::move(scans)};
    finishTickets(scenario, places, tools);
    const TicketCheck answers(scenario.rulebook, {});
    for (std::size_t i = 0; i < scenario.scans.size(); ++i) {
        const std::string path = prefix + "scans[" + std::to_string(i) + "]";
        answers.checkAnswers(scenario.scans[i].scan.answers, {place.json, path, place.failure});
    }
    return scenario;
}

} // namespace

Result<std::vector<Scenario>> readScenarios(std::string_view text, const ScenarioTools &tools)
{
    const auto json = base::parseJson(text, kLimits);
    if (!json)
        return json.error();
    base::JsonFailure failure;
    const JsonPlace root{*json, {}, failure};
    std::vector<Scenario> scenarios;
    const auto read = [&](const JsonPlace &place) {
        if (auto scenario = readScenario(place, tools))
            scenarios.push_back(std::move(*scenario));
    };
    if (json->is_array())
        root.each(read, kScenariosMax);
    else
        read(root);
    if (failure.happened())
        return *failure.error();
    return scenarios;
}

} // namespace voelgoed::admission
