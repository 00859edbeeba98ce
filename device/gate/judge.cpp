#include "device/gate/judge.h"

#include "device/core/zone/system_zone.h"
#include "shared/admission/scenario.h"
#include "shared/base/json.h"
#include "shared/base/text.h"
#include "shared/ticket/checked_code.h"
#include "shared/ticket/event_ring.h"
#include "shared/ticket/foreign.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <algorithm>
#include <fstream>
#include <map>
#include <ostream>

namespace voelgoed::gate {

namespace {

using boost::json::array;
using boost::json::object;

constexpr std::size_t kFileMax = std::size_t{64} << 20;
constexpr std::size_t kMessageMax = 2'000;

/// Reads each zone of the database once.
class Zones
{
public:
    base::Result<domain::ZoneTable> find(const std::string &name)
    {
        const auto known = m_zones.find(name);
        if (known != m_zones.end())
            return known->second;
        return m_zones.emplace(name, zone::loadZone(name)).first->second;
    }

private:
    std::map<std::string, base::Result<domain::ZoneTable>> m_zones;
};

/// What a signed code leads to. Without the event's keys it can only be another event's.
admission::Resolved resolveSigned(const admission::CodeQuestion &question)
{
    const auto parsed = ticket::parseT1(question.scan.code);
    const auto *code = std::get_if<ticket::T1Code>(&parsed);
    if (!code)
        return domain::Reason::Unknown;
    const auto &keys = question.scenario.keys;
    if (!keys)
        return domain::Reason::WrongEvent;
    const auto ring = ticket::ringOf(*keys, question.scenario.rulebook.definition().event.endsAt);
    if (!ring)
        return domain::Reason::Forged;
    const auto checked = ticket::checkCode(*code, *ring, {question.scan.at}, question.lastStep);
    if (const auto *problem = std::get_if<ticket::T1Problem>(&checked))
        return ticket::reasonOf(*problem);
    const auto &held = std::get<ticket::CheckedCode>(checked);
    return admission::ResolvedTicket{.ordinal = held.claims.ordinal,
                                     .generation = held.claims.generation,
                                     .fromCode = ticket::ticketOf(held.claims, *keys, *ring),
                                     .rotatingStep = held.rotatingStep};
}

base::Result<std::string> contentsOf(const std::string &path)
{
    std::ifstream file(path, std::ios::binary);
    if (!file)
        return base::Error{base::ErrorCode::NotFound, "cannot be opened", {}};
    std::string text;
    std::vector<char> block(std::size_t{1} << 16);
    while (file && text.size() <= kFileMax) {
        file.read(block.data(), static_cast<std::streamsize>(block.size()));
        text.append(block.data(), static_cast<std::size_t>(file.gcount()));
    }
    if (file.bad())
        return base::Error{base::ErrorCode::Unavailable, "cannot be read", {}};
    if (text.size() > kFileMax)
        return base::invalid("longer than " + std::to_string(kFileMax) + " bytes");
    return text;
}

std::string lineOf(const admission::Scenario &scenario, std::size_t scan, const admission::ScanResult &result)
{
    object line{{"scenario", scenario.name},
                {"scan", scan},
                {"outcome", domain::word(result.outcome())},
                {"reason", domain::word(result.reason)},
                {"explanation", result.explanation}};
    if (result.reason == domain::Reason::OkGroup || result.reason == domain::Reason::NoEntriesLeft)
        line["remaining"] = result.remaining;
    if (!result.questions.empty())
        line["questions"] = array(result.questions.begin(), result.questions.end());
    if (result.overridden)
        line["overridden"] = domain::word(*result.overridden);
    if (result.flagged)
        line["flagged"] = true;
    if (!result.differences.empty())
        line["differs"] = array(result.differences.begin(), result.differences.end());
    return base::toText(line);
}

constexpr int kDiffers = 1, kWrong = 2;

base::Result<admission::ScenarioFile> scenariosOf(const std::string &path, const admission::ScenarioTools &tools)
{
    const auto text = contentsOf(path);
    if (!text)
        return text.error();
    return admission::readScenarios(*text, tools);
}

/// Judges and prints the scans of one scenario, and says what that makes of the exit code.
int run(const admission::Scenario &scenario, const admission::ScenarioTools &tools, std::ostream &out)
{
    int exitCode = 0;
    const auto results = admission::runScenario(scenario, tools);
    for (std::size_t i = 0; i < results.size(); ++i) {
        out << lineOf(scenario, i, results[i]) << '\n';
        if (!results[i].differences.empty())
            exitCode = kDiffers;
    }
    return exitCode;
}

} // namespace

int judge(const std::vector<std::string> &files, std::ostream &out, std::ostream &err)
{
    Zones zones;
    const admission::ScenarioTools tools{
        .zone = [&zones](const std::string &name) { return zones.find(name); },
        .clean = [](std::string_view read) { return ticket::cleanForeign(read, ticket::AimMarker::NotSent); },
        .resolve = resolveSigned};
    int exitCode = 0;
    for (const std::string &path : files) {
        const auto file = scenariosOf(path, tools);
        const auto wrong = [&](const base::Error &error) {
            err << base::printable(path, kMessageMax) << ": " << base::printable(error.message, kMessageMax) << '\n';
            exitCode = kWrong;
        };
        if (!file) {
            wrong(file.error());
            continue;
        }
        if (file->scenarios.empty() && file->mistakes.empty())
            err << base::printable(path, kMessageMax) << ": no scenario in it\n";
        for (const admission::Scenario &scenario : file->scenarios)
            exitCode = std::max(exitCode, run(scenario, tools, out));
        for (const base::Error &mistake : file->mistakes)
            wrong(mistake);
    }
    out.flush();
    return exitCode;
}

} // namespace voelgoed::gate
