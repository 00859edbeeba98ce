// Claims in a private Redis, beside a script that does nothing: the server's own client with 50 callers, and
// redis-benchmark with as many clients.
#include "server/slices/scanning/live/keys.h"
#include "server/slices/scanning/live/warm.h"
#include "tests/bench/figure.h"
#include "tests/support/redis_process.h"
#include "tests/support/run_task.h"

#include <chrono>
#include <cstdio>
#include <cstdlib>

namespace voelgoed::bench {

namespace {

constexpr int kCallers = 50;
constexpr int kTimes = 2'000;
constexpr int kRounds = 3;
constexpr redis::Script kNothing{"bench.nothing", "return 1"};

scanning::EventKey eventOf(int round)
{
    return {base::Uuid{std::byte{1}}, base::Uuid{std::byte{2}, static_cast<std::byte>(round)}};
}

async::Task<void> claim(scanning::Warm &warm, scanning::EventKey event, int caller, int &wrong)
{
    for (int i = 0; i < kTimes; ++i) {
        scanning::ClaimQuestion question;
        question.checkpoint = "main";
        question.ordinal = {static_cast<std::uint32_t>(1 + caller * kTimes + i)};
        question.row = {{"device-" + std::to_string(caller)}, {1}, {static_cast<std::uint64_t>(i)}};
        const auto claimed = co_await warm.claim(event, question);
        wrong += claimed && claimed->answer == scanning::ClaimAnswer::First ? 0 : 1;
    }
}

/// An epoch that stands, with nothing in it.
async::Task<void> makeEpoch(scanning::Warm &warm, scanning::EventKey event)
{
    const auto begun = co_await warm.beginRebuild(event, "bench");
    base::ensure(begun && *begun, "no rebuild");
    scanning::WarmPoint point;
    point.epoch = "one";
    const auto stands = co_await warm.endRebuild(event, "bench", point);
    base::ensure(stands && *stands, "no epoch");
}

double claimsPerSecond(boost::asio::io_context &context, scanning::Warm &warm, int round, int &wrong)
{
    test::runTask(context, makeEpoch(warm, eventOf(round)));
    int left = kCallers;
    const auto begun = std::chrono::steady_clock::now();
    const auto calls = [&](int caller) -> async::Task<void> {
        co_await claim(warm, eventOf(round), caller, wrong);
        --left;
    };
    for (int i = 0; i < kCallers; ++i)
        async::start(context.get_executor(), "caller", calls(i));
    test::runUntil(context, [&] { return left == 0; });
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
    return kCallers * kTimes / took.count();
}

/// What redis-benchmark makes of the script; 0 where it cannot be had.
double trivialPerSecond(test::RedisProcess &process)
{
    const auto sha = process.command({"SCRIPT", "LOAD", kNothing.text}).text();
    if (!sha)
        return 0;
    const std::string socket = process.url().substr(std::string("unix:").size());
    FILE *pipe = ::popen(("redis-benchmark -s " + socket + " -c 50 -n " + std::to_string(kCallers * kTimes) +
                          " --csv EVALSHA " + *sha + " 1 'vg:{sys}:bench' 2>/dev/null")
                             .c_str(),
                         "r");
    double rate = 0;
    char line[512];
    while (pipe && std::fgets(line, sizeof line, pipe)) {
        // "EVALSHA …","38461.54",…
        const std::string text = line;
        if (const auto at = text.find("\",\""); text.starts_with("\"EVALSHA") && at != std::string::npos)
            rate = std::strtod(text.c_str() + at + 3, nullptr);
    }
    if (pipe)
        ::pclose(pipe);
    return rate;
}

} // namespace

std::vector<Figure> measureClaims()
{
    test::RedisProcess process;
    boost::asio::io_context context;
    redis::Client client(context.get_executor(), process.patient());
    scanning::Warm warm(client);
    Figure figure{.name = "claims in Redis, 50 at once",
                  .unit = "claims/s",
                  .goal = 0.5,
                  .note = "baseline: redis-benchmark, EVALSHA of a script that does nothing",
                  .better = Figure::Better::More};
    int wrong = 0;
    for (int round = 0; round < kRounds; ++round) {
        figure.value = std::max(figure.value, claimsPerSecond(context, warm, round, wrong));
        figure.baseline = std::max(figure.baseline, trivialPerSecond(process));
    }
    if (wrong > 0 || figure.baseline == 0)
        figure.wrong = figure.baseline == 0 ? "redis-benchmark does not run" : std::to_string(wrong) + " claims failed";
    return {figure};
}

} // namespace voelgoed::bench
