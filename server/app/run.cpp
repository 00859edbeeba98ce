#include "server/app/run.h"

#include "server/app/assembly.h"
#include "server/app/services.h"
#include "server/app/telemetry.h"
#include "server/platform/clock/system_clock.h"
#include "server/platform/supervisor/leftovers.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <sys/resource.h>
#include <sys/stat.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <filesystem>

namespace voelgoed::app {

using async::Task;
using base::Error;
using base::Result;
using namespace std::chrono_literals;

namespace {

constexpr auto kStopWithin = 10s;

/// Each connection takes a descriptor, and the usual 1,024 are few.
void raiseDescriptors()
{
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max;
        ::setrlimit(RLIMIT_NOFILE, &limit);
    }
}

Task<Result<void>> serve(async::Executor executor, const Options &options, Telemetry &telemetry, const Ready &ready)
{
    boost::asio::signal_set signals(executor, SIGINT, SIGTERM);
    auto services = co_await Services::start(executor, options,
                                             [&telemetry](const std::string &what, const supervisor::Notice &notice) {
                                                 telemetry.log().of(what).info(notice.text);
                                             });
    if (!services)
        co_return services.error();
    Result<void> done;
    auto assembly = std::make_unique<Assembly>(executor, options, **services, telemetry);
    done = co_await assembly->start();
    if (done) {
        ready(assembly->url());
        static_cast<void>(co_await signals.async_wait(boost::asio::use_awaitable));
        telemetry.log().info("stopping");
    }
    co_await assembly->stop(kStopWithin);
    // Calls and routines that did not end in time still use it: the end of the process takes it, and nothing before.
    [[maybe_unused]] static Assembly *ended = nullptr;
    ended = assembly.release();
    co_await (*services)->stop();
    co_return done;
}

} // namespace

Result<void> run(const Options &options, const Ready &ready)
{
    std::error_code failed;
    std::filesystem::create_directories(options.data, failed);
    if (failed)
        return Error{base::ErrorCode::Unavailable, options.data + ": cannot be made: " + failed.message(), {}};
    const auto lock = supervisor::FolderLock::take(options.data + "/server.lock");
    if (!lock)
        return lock.error();
    std::signal(SIGPIPE, SIG_IGN);
    raiseDescriptors();
    // What still runs when the process ends speaks through it.
    static platform::SystemClock clock;
    static std::unique_ptr<Telemetry> telemetry;
    auto opened = Telemetry::open(options.log, clock);
    if (!opened)
        return opened.error();
    telemetry = std::move(*opened);
    boost::asio::io_context context(1);
    Result<void> result;
    async::start(context.get_executor(), "server", [&]() -> Task<void> {
        result = co_await serve(context.get_executor(), options, *telemetry, ready);
        context.stop();
    });
    context.run();
    return result;
}

} // namespace voelgoed::app
