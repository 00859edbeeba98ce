#include "server/cli/verbs/verbs.h"

#include <ctime>
#include <iostream>

namespace voelgoed::cli {

using base::Result;

namespace {

struct Check
{
    std::string name;
    bool isGood = false;
    std::string said;
};

/// Seconds by which the server's clock is ahead of ours, from the field Date (RFC 9110, 5.6.7).
std::optional<std::int64_t> clockOffset(const Answer &answer)
{
    std::tm time{};
    const std::string date = answer.field("date");
    if (date.empty() || !::strptime(date.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &time))
        return std::nullopt;
    return static_cast<std::int64_t>(::timegm(&time)) - static_cast<std::int64_t>(std::time(nullptr));
}

Check reached(Shell &shell, std::vector<Check> &checks)
{
    const auto alive = shell.client().send({.path = "/livez"});
    if (!alive)
        return {"server", false, alive.error().message};
    if (const auto offset = clockOffset(*alive)) {
        const bool isNear = *offset >= -5 && *offset <= 5;
        checks.push_back(
            {"clock", isNear, "the server's is " + std::to_string(*offset) + " s ahead of this machine's"});
    }
    return {"server", alive->status == 200, shell.server() + " answers " + std::to_string(alive->status)};
}

void lookAtServices(Shell &shell, std::vector<Check> &checks)
{
    const auto ready = shell.client().send({.path = "/readyz"});
    if (!ready) {
        checks.push_back({"ready", false, ready.error().message});
        return;
    }
    std::string line;
    for (const char c : ready->body) {
        if (c != '\n') {
            line += c;
            continue;
        }
        const auto colon = line.find(": ");
        const std::string state = colon == std::string::npos ? line : line.substr(colon + 2);
        checks.push_back({colon == std::string::npos ? "ready" : line.substr(0, colon), state == "ok", state});
        line.clear();
    }
}

void lookAtLogin(Shell &shell, std::vector<Check> &checks)
{
    const auto me = shell.get("/v1/me");
    checks.push_back({"login", bool(me), me ? plainText(me->at("name")) : me.error().message});
    if (!me)
        return;
    const auto trail = shell.get("/v1/audit/verify");
    if (trail)
        checks.push_back({"audit trail", trail->at("holds").as_bool(),
                          trail->at("holds").as_bool()
                              ? plainText(trail->at("entries")) + " entries sealed and whole, " +
                                    plainText(trail->at("unsealed")) + " not sealed yet"
                              : plainText(trail->at("problem"))});
    const auto jobs = shell.get("/v1/jobs", {{"state", "discarded"}});
    if (jobs)
        checks.push_back({"jobs", jobs->at("data").as_array().empty(),
                          std::to_string(jobs->at("data").as_array().size()) + " were given up"});
}

Result<Exit> examine(Shell &shell)
{
    std::vector<Check> checks;
    checks.push_back(reached(shell, checks));
    if (checks.back().isGood) {
        lookAtServices(shell, checks);
        lookAtLogin(shell, checks);
    }
    boost::json::array rows;
    bool isGood = true;
    for (const Check &check : checks) {
        rows.push_back(boost::json::object{{"check", check.name}, {"good", check.isGood}, {"said", check.said}});
        isGood = isGood && check.isGood;
    }
    shell.show({{"data", std::move(rows)}}, {{"CHECK", "check"}, {"GOOD", "good"}, {"", "said"}});
    return isGood ? Exit::Done : Exit::ChecksFailed;
}

} // namespace

void addDoctor(CLI::App &program, Shell &shell)
{
    auto *doctor = program.add_subcommand("doctor", "Look whether all is well; exit code 8 when it is not");
    shell.choose(doctor, [&shell] { return examine(shell); });
}

} // namespace voelgoed::cli
