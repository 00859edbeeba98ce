#include "server/app/run.h"

#include "server/app/assembly.h"
#include "server/app/services.h"
#include "server/platform/supervisor/leftovers.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/use_awaitable.hpp>

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

Task<Result<void>> serve(async::Executor executor, const Options &options, const Said &said)
{
    boost::asio::signal_set signals(executor, SIGINT, SIGTERM);
    auto services =
        co_await Services::start(executor, options, [&said](const std::string &what, const supervisor::Notice &notice) {
            said.log(what + ": " + notice.text);
        });
    if (!services)
        co_return services.error();
    Result<void> done;
    auto assembly = std::make_unique<Assembly>(executor, options, **services, said);
    done = co_await assembly->start();
    if (done) {
        said.ready(assembly->url());
        static_cast<void>(co_await signals.async_wait(boost::asio::use_awaitable));
        said.log("stopping");
    }
    co_await assembly->stop(kStopWithin);
    // Calls and routines that did not end in time still use it: the end of the process takes it, and nothing before.
    static Assembly *ended = nullptr;
    ended = assembly.release();
    co_await (*services)->stop();
    co_return done;
}

} // namespace

Result<void> run(const Options &options, const Said &said)
{
    std::error_code failed;
    std::filesystem::create_directories(options.data, failed);
    if (failed)
        return Error{base::ErrorCode::Unavailable, options.data + ": cannot be made: " + failed.message(), {}};
    const auto lock = supervisor::FolderLock::take(options.data + "/server.lock");
    if (!lock)
        return lock.error();
    std::signal(SIGPIPE, SIG_IGN);
    boost::asio::io_context context(1);
    Result<void> result;
    async::start(context.get_executor(), "server", [&]() -> Task<void> {
        result = co_await serve(context.get_executor(), options, said);
        context.stop();
    });
    context.run();
    return result;
}

} // namespace voelgoed::app
