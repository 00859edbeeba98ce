// Claims in a private Redis beside a script that does nothing: through the server's own client with 50 callers, and
// redis-benchmark's rate for the latter with as many clients. A figure to know, not a test.
#include "server/slices/scanning/live/keys.h"
#include "server/slices/scanning/live/warm.h"
#include "shared/base/crypto/system_random.h"
#include "tests/support/redis_process.h"
#include "tests/support/run_task.h"

#include <chrono>
#include <cstdio>

using namespace voelgoed;

namespace {

constexpr int kCallers = 50;
constexpr int kTimes = 4'000;
constexpr redis::Script kNothing{"bench.nothing", "return 1"};
const scanning::EventKey kEvent{base::Uuid{std::byte{1}}, base::Uuid{std::byte{2}}};

async::Task<void> callNothing(redis::Client &client)
{
    for (int i = 0; i < kTimes; ++i) {
        const auto reply = co_await client.run(kNothing, {"vg:{sys}:bench"}, {});
        base::ensure(bool(reply), "no reply");
    }
}

async::Task<void> callClaims(scanning::Warm &warm, int caller)
{
    for (int i = 0; i < kTimes; ++i) {
        scanning::ClaimQuestion question;
        question.checkpoint = "main";
        question.ordinal = {static_cast<std::uint32_t>(1 + caller * kTimes + i)};
        question.row = {{"device-" + std::to_string(caller)}, {1}, {static_cast<std::uint64_t>(i)}};
        const auto claimed = co_await warm.claim(kEvent, question);
        base::ensure(claimed && claimed->answer == scanning::ClaimAnswer::First, "a claim that was not first");
    }
}

template <class Begin>
double perSecond(boost::asio::io_context &context, Begin begin)
{
    int left = kCallers;
    const auto begun = std::chrono::steady_clock::now();
    for (int i = 0; i < kCallers; ++i) {
        async::start(context.get_executor(), "caller", [&, i]() -> async::Task<void> {
            co_await begin(i);
            --left;
        });
    }
    test::runUntil(context, [&] { return left == 0; });
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
    return kCallers * kTimes / took.count();
}

/// An epoch that stands, with nothing in it.
async::Task<void> makeEpoch(scanning::Warm &warm)
{
    const auto begun = co_await warm.beginRebuild(kEvent, "bench");
    base::ensure(begun && *begun, "no rebuild");
    scanning::WarmPoint point;
    point.epoch = "one";
    const auto stands = co_await warm.endRebuild(kEvent, "bench", point);
    base::ensure(stands && *stands, "no epoch");
}

} // namespace

int main()
{
    test::RedisProcess process;
    boost::asio::io_context context;
    redis::Client client(context.get_executor(), process.patient());
    scanning::Warm warm(client);
    test::runTask(context, makeEpoch(warm));
    const double nothing = perSecond(context, [&](int) { return callNothing(client); });
    const double claims = perSecond(context, [&](int caller) { return callClaims(warm, caller); });
    std::printf("a script that does nothing: %.0f/s; claims: %.0f/s (%.2f)\n", nothing, claims, claims / nothing);
    const auto sha = process.command({"SCRIPT", "LOAD", kNothing.text}).text();
    const std::string socket = process.url().substr(std::string("unix:").size());
    std::fflush(stdout);
    return std::system(
        ("redis-benchmark -s " + socket + " -c 50 -n 200000 --csv EVALSHA " + *sha + " 1 'vg:{sys}:bench'").c_str());
}
