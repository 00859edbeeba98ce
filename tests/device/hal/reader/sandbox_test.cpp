#include "device/hal/reader/sandbox.h"

#include <QtTest/QtTest>

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

namespace {

constexpr int kRefused = 10; ///< the call failed
constexpr int kWorked = 11;  ///< it did what it should not
constexpr int kFine = 12;    ///< what a reader needs works

/// Does something inside the sandbox, in a process of its own. Returns its exit status, or the signal that ended it,
/// negative.
int inside(int (*act)())
{
    const pid_t child = ::fork();
    if (child == 0) {
        if (!voelgoed::hal::enterSandbox())
            ::_exit(1);
        ::_exit(act());
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

int refusedIf(bool failed)
{
    return failed ? kRefused : kWorked;
}

} // namespace

class SandboxTest : public QObject
{
    Q_OBJECT

private slots:
    void filesCannotBeOpened()
    {
        QCOMPARE(inside([] { return refusedIf(::open("/etc/passwd", O_RDONLY) < 0); }), kRefused);
        QCOMPARE(inside([] { return refusedIf(::open("/tmp/voelgoed-sandbox", O_CREAT | O_WRONLY, 0600) < 0); }),
                 kRefused);
        QCOMPARE(inside([] { return refusedIf(::access("/etc", F_OK) != 0); }), kRefused);
    }

    void thereIsNoNetwork()
    {
        QCOMPARE(inside([] { return refusedIf(::socket(AF_INET, SOCK_STREAM, 0) < 0); }), -SIGSYS);
        QCOMPARE(inside([] { return refusedIf(::socket(AF_UNIX, SOCK_STREAM, 0) < 0); }), -SIGSYS);
    }

    void thereAreNoOtherProcesses()
    {
        QCOMPARE(inside([] { return refusedIf(::fork() < 0); }), -SIGSYS);
        QCOMPARE(inside([] {
                     char *const none[] = {nullptr};
                     return refusedIf(::execve("/bin/true", none, none) != 0);
                 }),
                 -SIGSYS);
        QCOMPARE(inside([] { return refusedIf(::kill(::getppid(), SIGTERM) != 0); }), -SIGSYS);
        QCOMPARE(inside([] { return refusedIf(::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) != 0); }), -SIGSYS);
    }

    void memoryCannotBeMadeExecutable()
    {
        QCOMPARE(inside([] {
                     return refusedIf(::mmap(nullptr, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
                                             MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED);
                 }),
                 kRefused);
        QCOMPARE(inside([] {
                     void *page = ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
                     return refusedIf(::mprotect(page, 4096, PROT_READ | PROT_EXEC) != 0);
                 }),
                 kRefused);
    }

    void whatAReaderNeedsWorks()
    {
        QCOMPARE(inside([] {
                     void *page = ::mmap(nullptr, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
                     if (page == MAP_FAILED)
                         return kRefused;
                     *static_cast<char *>(page) = 1;
                     return ::munmap(page, 1 << 20) == 0 ? kFine : kRefused;
                 }),
                 kFine);
    }
};

QTEST_APPLESS_MAIN(SandboxTest)
#include "sandbox_test.moc"
