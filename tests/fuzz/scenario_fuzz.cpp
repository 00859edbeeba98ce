#include "tests/fuzz/fuzz.h"

#include "shared/admission/scenario.h"
#include "shared/base/text.h"

namespace voelgoed::fuzz {

/// A file that is read can be run, with one result for each scan, the same ones twice; what it says to people is one
/// line of printable text. A file that is refused says where.
void fuzzOne(base::ByteView input)
{
    if (input.size() > 16'384)
        return;
    const admission::ScenarioTools tools{};
    const auto scenarios = admission::readScenarios(base::textOf(input), tools);
    if (!scenarios) {
        ensure(scenarios.error().message.find(": ") != std::string::npos, "a refusal that names no place");
        return;
    }
    for (const admission::Scenario &scenario : *scenarios) {
        const auto results = admission::runScenario(scenario, tools);
        ensure(results.size() == scenario.scans.size(), "scans without a result");
        ensure(results == admission::runScenario(scenario, tools), "two results of one scenario");
        for (std::size_t i = 0; i < results.size(); ++i) {
            const std::string &explanation = results[i].explanation;
            ensure(base::isUtf8(explanation) && !explanation.empty(), "an explanation that cannot be shown");
            ensure(explanation.find('\n') == std::string::npos, "an explanation of several lines");
            const bool judged = results[i].outcome() == domain::Outcome::Admit;
            ensure(!judged || scenario.scans[i].scan.count > 0, "nobody was let in");
        }
    }
}

} // namespace voelgoed::fuzz
