#include "shared/admission/scenario.h"

#include "shared/domain/definition_json.h"
#include "shared/domain/event_keys_json.h"
#include "shared/domain/ticket_json.h"

#include <boost/json/array.hpp>

#include <algorithm>
#include <set>

namespace voelgoed::admission {

using base::JsonPlace;
using base::ObjectReader;
using base::Result;
using namespace domain;

namespace {

constexpr std::size_t kScenariosMax = 10'000;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
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

Result<ZoneTable> zoneOf(const std::string &name, const ScenarioTools &tools)
{
    if (tools.zone)
        return tools.zone(name);
    if (name == "UTC")
        return ZoneTable();
    return base::invalid("no time zone \"" + name + "\"");
}

/// Cleans the codes, and sees to it that each ordinal and each code is there once.
void finishTickets(Scenario &scenario, const std::vector<JsonPlace> &places, const ScenarioTools &tools)
{
    std::set<Ordinal> ordinals;
    std::set<std::string> codes;
    for (std::size_t i = 0; i < scenario.tickets.size(); ++i) {
        Ticket &ticket = scenario.tickets[i];
        if (tools.clean && !ticket.code.empty()) {
            auto cleaned = tools.clean(ticket.code);
            if (!cleaned)
                places[i].failure.report(places[i].path + ".code", cleaned.error().message);
            ticket.code = cleaned ? std::move(*cleaned) : std::string();
        }
        if (!ordinals.insert(ticket.ordinal).second)
            places[i].failure.report(places[i].path + ".ordinal",
                                     std::to_string(ticket.ordinal.value) + " is there twice");
        if (!ticket.code.empty() && !codes.insert(ticket.code).second)
            places[i].failure.report(places[i].path + ".code", "is there twice");
    }
    std::sort(scenario.tickets.begin(), scenario.tickets.end(),
              [](const Ticket &a, const Ticket &b) { return a.ordinal < b.ordinal; });
}

std::optional<Scenario> readScenario(const JsonPlace &place, const ScenarioTools &tools)
{
    ObjectReader fields(place);
    const std::string name = fields.text("name");
    EventDefinition definition = readDefinition(fields);
    std::optional<EventKeys> keys;
    if (const auto found = fields.find("keys"))
        keys = readEventKeys(*found);
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
    auto rulebook = Rulebook::compile(std::move(definition), Rulebook::References::AreValues);
    if (!rulebook) {
        place.failure.pass(rulebook.error(), prefix);
        return std::nullopt;
    }
    Scenario scenario{name, std::move(*rulebook), std::move(keys), std::move(tickets), std::move(scans)};
    finishTickets(scenario, places, tools);
    return scenario;
}

} // namespace

Result<ScenarioFile> readScenarios(std::string_view text, const ScenarioTools &tools)
{
    // Some editors begin a file with this.
    if (text.starts_with(kByteOrderMark))
        text.remove_prefix(kByteOrderMark.size());
    const auto json = base::parseJson(text, kLimits);
    if (!json)
        return json.error();
    ScenarioFile file;
    const auto read = [&](const base::Json &scenario, const std::string &path) {
        base::JsonFailure failure;
        auto done = readScenario({scenario, path, failure}, tools);
        if (failure.happened())
            file.mistakes.push_back(*failure.error());
        else if (done)
            file.scenarios.push_back(*std::move(done));
    };
    const auto *list = json->if_array();
    if (!list)
        read(*json, {});
    else if (list->size() > kScenariosMax)
        return base::invalid("more than " + std::to_string(kScenariosMax) + " scenarios");
    for (std::size_t i = 0; list && i < list->size(); ++i)
        read((*list)[i], "[" + std::to_string(i) + "]");
    return file;
}

} // namespace voelgoed::admission
