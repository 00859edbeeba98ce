#include "server/platform/supervisor/leftovers.h"

#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <utility>

#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <unistd.h>

namespace voelgoed::supervisor {

namespace fs = std::filesystem;
using base::Error;
using base::ErrorCode;
using base::Result;
using namespace std::chrono_literals;

namespace {

constexpr auto kLook = 20ms;
constexpr auto kDyingMax = 3'000ms;
constexpr auto kAskedMax = 7'000ms;
constexpr auto kKilledMax = 3'000ms;

std::string linkOf(const fs::path &link)
{
    constexpr std::string_view kGone = " (deleted)"; // replaced by an upgrade while it runs
    std::error_code code;
    std::string target = fs::read_symlink(link, code).string();
    if (target.ends_with(kGone))
        target.resize(target.size() - kGone.size());
    return target;
}

void signalAll(const std::vector<pid_t> &processes, int number)
{
    for (const pid_t pid : processes)
        ::kill(pid, number);
}

} // namespace

std::vector<pid_t> processesIn(const std::string &folder, const std::string &program)
{
    std::error_code code;
    const std::string where = fs::weakly_canonical(folder, code).string();
    const std::string what = fs::weakly_canonical(program, code).string();
    std::vector<pid_t> found;
    for (fs::directory_iterator at("/proc", code), end; !code && at != end; at.increment(code)) {
        const std::string name = at->path().filename().string();
        pid_t pid = 0;
        if (std::from_chars(name.data(), name.data() + name.size(), pid).ptr != name.data() + name.size())
            continue;
        if (linkOf(at->path() / "cwd") == where && linkOf(at->path() / "exe") == what)
            found.push_back(pid);
    }
    return found;
}

async::Task<Result<void>> endLeftovers(std::string folder, std::string program)
{
    const struct
    {
        int signal;
        base::Milliseconds atMost;
    } kSteps[]{{0, kDyingMax}, {SIGQUIT, kAskedMax}, {SIGKILL, kKilledMax}};
    for (const auto &step : kSteps) {
        auto there = processesIn(folder, program);
        if (step.signal != 0)
            signalAll(there, step.signal);
        for (base::Milliseconds waited{}; !there.empty() && waited < step.atMost; waited += kLook) {
            co_await async::sleepFor(kLook);
            there = processesIn(folder, program);
        }
        if (there.empty())
            co_return Result<void>();
    }
    co_return Error{ErrorCode::Unavailable, program + " of an earlier server still runs in " + folder, {}};
}

Result<FolderLock> FolderLock::take(const std::string &file)
{
    const int descriptor = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (descriptor < 0)
        return Error{ErrorCode::Unavailable, "opening " + file + ": " + std::strerror(errno), {}};
    FolderLock lock(descriptor);
    if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0)
        return Error{ErrorCode::Conflict, "another server has " + file, "stop the other server, or use another folder"};
    return lock;
}

FolderLock::FolderLock(FolderLock &&other) noexcept : m_descriptor(std::exchange(other.m_descriptor, -1)) {}

FolderLock &FolderLock::operator=(FolderLock &&other) noexcept
{
    std::swap(m_descriptor, other.m_descriptor);
    return *this;
}

FolderLock::~FolderLock()
{
    if (m_descriptor >= 0)
        ::close(m_descriptor);
}

} // namespace voelgoed::supervisor
