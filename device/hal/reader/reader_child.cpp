#include "device/hal/reader/reader_child.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <ctime>

namespace voelgoed::hal {

using base::Result;
using std::chrono::nanoseconds;
using std::chrono::steady_clock;

namespace {

constexpr int kChildSocket = 3;
constexpr int kPatience = 8;

base::Error failure(const std::string &what)
{
    return {base::ErrorCode::Unavailable, what + ": " + std::strerror(errno), {}};
}

} // namespace

Result<void> ReaderChild::spawn(const std::string &program, Kind kind)
{
    kill();
    int pair[2];
    if (::access(program.c_str(), X_OK) != 0 || ::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
        return failure("barcode reader " + program);
    const char *argument = kind == Kind::Documents ? "--documents" : nullptr;
    const pid_t parent = ::getpid();
    const pid_t child = ::fork();
    if (child == 0) {
        // Only what is safe between fork and exec.
        // What a library says when a picture ends it is nothing for the gate's terminal.
        const int nowhere = ::open("/dev/null", O_RDWR);
        if (::getppid() != parent || ::dup2(pair[1], kChildSocket) < 0 || ::dup2(nowhere, 0) < 0 ||
            ::dup2(nowhere, 1) < 0 || ::dup2(nowhere, 2) < 0)
            ::_exit(126);
        ::close_range(kChildSocket + 1, ~0U, 0);
        char *const arguments[] = {const_cast<char *>("voelgoed-reader"), const_cast<char *>(argument), nullptr};
        char *const environment[] = {nullptr};
        ::execve(program.c_str(), arguments, environment);
        ::_exit(127);
    }
    ::close(pair[1]);
    if (child < 0) {
        ::close(pair[0]);
        return failure("barcode reader");
    }
    m_socket = pair[0];
    m_process = child;
    m_kind = kind;
    return {};
}

void ReaderChild::kill()
{
    if (m_socket >= 0)
        ::close(m_socket);
    m_socket = -1;
    if (m_process > 0) {
        ::kill(m_process, SIGKILL);
        while (::waitpid(m_process, nullptr, 0) < 0 && errno == EINTR) {}
    }
    m_process = -1;
}

void ReaderChild::send(base::ByteView message, int descriptor) const
{
    iovec vector{.iov_base = const_cast<std::byte *>(message.data()), .iov_len = message.size()};
    alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
    msghdr header{};
    header.msg_iov = &vector;
    header.msg_iovlen = 1;
    header.msg_control = control;
    header.msg_controllen = sizeof control;
    cmsghdr *attached = CMSG_FIRSTHDR(&header);
    attached->cmsg_level = SOL_SOCKET;
    attached->cmsg_type = SCM_RIGHTS;
    attached->cmsg_len = CMSG_LEN(sizeof(int));
    std::memcpy(CMSG_DATA(attached), &descriptor, sizeof descriptor);
    [[maybe_unused]] const ssize_t sent = ::sendmsg(m_socket, &header, MSG_NOSIGNAL);
}

ReaderChild::Mark ReaderChild::mark() const
{
    Mark mark{.wall = steady_clock::now()};
    clockid_t clock{};
    timespec worked{};
    if (m_process > 0 && ::clock_getcpuclockid(m_process, &clock) == 0 && ::clock_gettime(clock, &worked) == 0)
        mark.cpu = std::chrono::seconds(worked.tv_sec) + nanoseconds(worked.tv_nsec);
    return mark;
}

nanoseconds ReaderChild::workedSince(const Mark &before) const
{
    const Mark now = mark();
    return std::max<nanoseconds>(now.cpu - before.cpu, (now.wall - before.wall) / kPatience);
}

} // namespace voelgoed::hal
