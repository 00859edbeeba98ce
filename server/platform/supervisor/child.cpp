#include "server/platform/supervisor/child.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace voelgoed::supervisor {

using base::Error;
using base::ErrorCode;
using base::Result;

namespace {

/// A descriptor that closes itself.
struct Descriptor
{
    explicit Descriptor(int number) : at(number) {}
    Descriptor(const Descriptor &) = delete;
    Descriptor &operator=(const Descriptor &) = delete;
    ~Descriptor()
    {
        if (at >= 0)
            ::close(at);
    }
    int take() { return std::exchange(at, -1); }
    int at;
};

/// Everything that the child needs between fork and exec, where it may not allocate.
struct Prepared
{
    const char *path;
    char *const *arguments;
    char *const *environment;
    const char *folder;
    const Account *account;
    int nothing, log, failed;
    int whenWeDie;
    pid_t parent;
};

// glibc's setuid and its like speak to all threads of a process; a child between fork and exec has one.
bool becomes(const Account &account)
{
    return ::syscall(SYS_setgroups, account.groups.size(), account.groups.data()) == 0 &&
           ::syscall(SYS_setresgid, account.group, account.group, account.group) == 0 &&
           ::syscall(SYS_setresuid, account.user, account.user, account.user) == 0;
}

bool steps(const Prepared &with)
{
    // A session of its own: Ctrl-C in a terminal is for the server, which ends its children in order.
    ::setsid();
    ::umask(077);
    struct sigaction plain = {};
    plain.sa_handler = SIG_DFL;
    for (int number = 1; number < NSIG; ++number)
        ::sigaction(number, &plain, nullptr);
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    if (::dup2(with.nothing, 0) < 0 || ::dup2(with.log, 1) < 0 || ::dup2(with.log, 2) < 0)
        return false;
    ::syscall(SYS_close_range, 3U, ~0U, CLOSE_RANGE_CLOEXEC);
    if (with.account && !becomes(*with.account))
        return false;
    // Behind the change of user, which would take it back.
    if (::prctl(PR_SET_PDEATHSIG, with.whenWeDie) != 0)
        return false;
    if (::getppid() != with.parent)
        ::_exit(126);
    if (::chdir(with.folder) != 0)
        return false;
    ::execve(with.path, with.arguments, with.environment);
    return false;
}

[[noreturn]] void runChild(const Prepared &with)
{
    steps(with);
    const int number = errno;
    [[maybe_unused]] const auto written = ::write(with.failed, &number, sizeof number);
    ::_exit(127);
}

std::vector<char *> pointersTo(std::vector<std::string> &words)
{
    std::vector<char *> pointers;
    for (std::string &word : words)
        pointers.push_back(word.data());
    pointers.push_back(nullptr);
    return pointers;
}

Error failure(const std::string &doing, int number)
{
    const ErrorCode code = number == ENOENT                      ? ErrorCode::NotFound
                           : number == EACCES || number == EPERM ? ErrorCode::Forbidden
                                                                 : ErrorCode::Unavailable;
    return {code, doing + ": " + std::strerror(number), {}};
}

} // namespace

std::string Ended::text() const
{
    return signal ? "signal " + std::to_string(signal) : "status " + std::to_string(status);
}

Result<Child> Child::start(const Program &program)
{
    std::vector<std::string> words{program.path};
    words.insert(words.end(), program.arguments.begin(), program.arguments.end());
    std::vector<std::string> environment{"PATH=/usr/local/bin:/usr/bin:/bin", "LANG=C.UTF-8", "TZ=UTC"};
    const auto arguments = pointersTo(words);
    const auto variables = pointersTo(environment);

    const Descriptor nothing(::open("/dev/null", O_RDWR | O_CLOEXEC));
    const Descriptor log(::open(program.log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0640));
    if (log.at < 0)
        return failure("opening " + program.log, errno);
    std::array<int, 2> pipe{};
    if (::pipe2(pipe.data(), O_CLOEXEC) != 0)
        return failure("starting " + program.path, errno);
    const Descriptor said(pipe[0]);
    Descriptor failed(pipe[1]);
    const Prepared with{.path = program.path.c_str(),
                        .arguments = arguments.data(),
                        .environment = variables.data(),
                        .folder = program.folder.c_str(),
                        .account = program.account ? &*program.account : nullptr,
                        .nothing = nothing.at,
                        .log = log.at,
                        .failed = failed.at,
                        .whenWeDie = program.whenWeDie,
                        .parent = ::getpid()};
    const pid_t pid = ::fork();
    if (pid == 0)
        runChild(with);
    if (pid < 0)
        return failure("starting " + program.path, errno);
    ::close(failed.take());
    Child child(pid, static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
    if (child.m_descriptor < 0)
        return failure("watching " + program.path, errno);
    int number = 0;
    ssize_t got = 0;
    while ((got = ::read(said.at, &number, sizeof number)) < 0 && errno == EINTR)
        ;
    if (got == sizeof number)
        return failure("starting " + program.path, number);
    return child;
}

Child::Child(Child &&other) noexcept
    : m_pid(std::exchange(other.m_pid, -1)), m_descriptor(std::exchange(other.m_descriptor, -1)), m_ended(other.m_ended)
{}

Child &Child::operator=(Child &&other) noexcept
{
    std::swap(m_pid, other.m_pid);
    std::swap(m_descriptor, other.m_descriptor);
    std::swap(m_ended, other.m_ended);
    return *this;
}

Child::~Child()
{
    if (m_pid > 0 && !ended()) {
        ::kill(m_pid, SIGKILL);
        ::waitpid(m_pid, nullptr, 0);
    }
    if (m_descriptor >= 0)
        ::close(m_descriptor);
}

void Child::signal(int number) const
{
    if (m_pid > 0 && !m_ended)
        ::syscall(SYS_pidfd_send_signal, m_descriptor, number, nullptr, 0U);
}

std::optional<Ended> Child::ended()
{
    int status = 0;
    if (!m_ended && m_pid > 0 && ::waitpid(m_pid, &status, WNOHANG) == m_pid)
        m_ended = WIFSIGNALED(status) ? Ended{.status = -1, .signal = WTERMSIG(status)}
                                      : Ended{.status = WEXITSTATUS(status), .signal = 0};
    return m_ended;
}

std::optional<Ended> Child::waitFor(base::Milliseconds atMost)
{
    pollfd watched{.fd = m_descriptor, .events = POLLIN, .revents = 0};
    if (!m_ended)
        ::poll(&watched, 1, static_cast<int>(atMost.count()));
    return ended();
}

} // namespace voelgoed::supervisor
