#include "tests/fuzz/fuzz.h"

#include "shared/admission/scenario.h"

namespace voelgoed::fuzz {

namespace {

using admission::ScanResult;
using admission::Scenario;

/// The scenario without its tests, which must not have changed anything for the rest.
Scenario withoutTests(const Scenario &scenario)
{
    Scenario rest = scenario;
    std::erase_if(rest.scans, [](const admission::ScenarioScan &scan) { return scan.scan.test; });
    return rest;
}

void check(const Scenario &scenario, const admission::ScenarioTools &tools)
{
    const std::vector<ScanResult> results = admission::runScenario(scenario, tools);
    ensure(results.size() == scenario.scans.size(), "a scan without a result");
    ensure(results == admission::runScenario(scenario, tools), "another result of the same scenario");
    const std::vector<ScanResult> rest = admission::runScenario(withoutTests(scenario), tools);
    std::size_t next = 0;
    for (std::size_t i = 0; i < results.size(); ++i) {
        const ScanResult &result = results[i];
        ensure(result.overridden.has_value() == (result.reason == domain::Reason::OkOverride),
               "overridden without one");
        ensure(result.questions.empty() == (result.reason != domain::Reason::Questions), "questions without any");
        ensure(!result.explanation.empty(), "a verdict without a sentence");
        if (!scenario.scans[i].scan.test)
            ensure(rest[next++] == result, "a test changed something");
    }
}

} // namespace

/// Whatever a file says, it is refused with a place, or every scan has one answer: the same each time, and the same
/// without the tests among them.
void fuzzOne(base::ByteView input)
{
    const admission::ScenarioTools tools{.zone = [](const std::string &name) -> base::Result<domain::ZoneTable> {
                                             if (name == "UTC")
                                                 return domain::ZoneTable();
                                             return domain::ZoneTable::make(name, std::chrono::hours(2), {});
                                         },
                                         .clean = {},
                                         .resolve = {}};
    const auto file = admission::readScenarios(base::textOf(input), tools);
    if (!file) {
        ensure(!file.error().message.empty(), "refused without a word");
        return;
    }
    for (const base::Error &mistake : file->mistakes)
        ensure(!mistake.message.empty(), "left out without a word");
    for (const Scenario &scenario : file->scenarios)
        check(scenario, tools);
}

} // namespace voelgoed::fuzz
