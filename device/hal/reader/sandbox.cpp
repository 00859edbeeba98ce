#include "device/hal/reader/sandbox.h"

#include <seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include <cerrno>
#include <cstring>
#include <memory>

namespace voelgoed::hal {

namespace {

[[maybe_unused]] constexpr rlim_t kMemoryMax = rlim_t{3} << 30; // sanitizers need more than anybody has
constexpr rlim_t kFilesMax = 16;

/// What decoding needs.
constexpr int kAllowed[] = {
    SCMP_SYS(read),
    SCMP_SYS(write),
    SCMP_SYS(recvmsg),
    SCMP_SYS(sendmsg),
    SCMP_SYS(sendto),
    SCMP_SYS(recvfrom),
    SCMP_SYS(close),
    SCMP_SYS(munmap),
    SCMP_SYS(mremap),
    SCMP_SYS(madvise),
    SCMP_SYS(brk),
    SCMP_SYS(futex),
    SCMP_SYS(rt_sigreturn),
    SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(rt_sigaction),
    SCMP_SYS(exit),
    SCMP_SYS(exit_group),
    SCMP_SYS(fstat),
    SCMP_SYS(lseek),
    SCMP_SYS(clock_gettime),
    SCMP_SYS(gettimeofday),
    SCMP_SYS(getpid),
    SCMP_SYS(gettid),
    SCMP_SYS(tgkill),
    SCMP_SYS(sched_yield),
    SCMP_SYS(getrandom),
    SCMP_SYS(restart_syscall),
    SCMP_SYS(poll),
    SCMP_SYS(ppoll),
    SCMP_SYS(sched_getaffinity),
    SCMP_SYS(clock_nanosleep),
    SCMP_SYS(nanosleep),
    SCMP_SYS(sigaltstack),
#ifdef VOELGOED_SANITIZED
    SCMP_SYS(pipe2), // to see whether memory can be read
#endif
};

/// What libraries ask for in passing, and do without.
constexpr int kDenied[] = {SCMP_SYS(open),       SCMP_SYS(openat),     SCMP_SYS(openat2),  SCMP_SYS(stat),
                           SCMP_SYS(lstat),      SCMP_SYS(newfstatat), SCMP_SYS(statx),    SCMP_SYS(access),
                           SCMP_SYS(faccessat),  SCMP_SYS(faccessat2), SCMP_SYS(readlink), SCMP_SYS(readlinkat),
                           SCMP_SYS(getdents64), SCMP_SYS(ioctl),      SCMP_SYS(fcntl),    SCMP_SYS(unlink),
                           SCMP_SYS(unlinkat),   SCMP_SYS(uname),      SCMP_SYS(sysinfo),  SCMP_SYS(getuid),
                           SCMP_SYS(geteuid),    SCMP_SYS(getgid),     SCMP_SYS(getegid),  SCMP_SYS(prlimit64),
                           SCMP_SYS(getrlimit),  SCMP_SYS(statfs),     SCMP_SYS(fstatfs),  SCMP_SYS(getcwd),
                           SCMP_SYS(mkdir),      SCMP_SYS(rename),     SCMP_SYS(chmod),    SCMP_SYS(pread64),
                           SCMP_SYS(dup),        SCMP_SYS(getrusage),  SCMP_SYS(times),    SCMP_SYS(mlock)};

struct ReleaseFilter
{
    void operator()(void *filter) const { seccomp_release(filter); }
};

base::Error failure(const char *what, int code)
{
    return {base::ErrorCode::Unavailable, std::string("sandbox: ") + what + ": " + std::strerror(code), {}};
}

base::Result<void> limit(__rlimit_resource resource, rlim_t most)
{
    const rlimit both{.rlim_cur = most, .rlim_max = most};
    if (::setrlimit(resource, &both) != 0)
        return failure("limits", errno);
    return {};
}

} // namespace

base::Result<void> enterSandbox()
{
    if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
        return failure("privileges", errno);
#ifndef VOELGOED_SANITIZED
    if (auto limited = limit(RLIMIT_AS, kMemoryMax); !limited)
        return limited;
#endif
    if (auto limited = limit(RLIMIT_CORE, 0); !limited)
        return limited;
    if (auto limited = limit(RLIMIT_FSIZE, 0); !limited)
        return limited;
    if (auto limited = limit(RLIMIT_NOFILE, kFilesMax); !limited)
        return limited;

    const std::unique_ptr<void, ReleaseFilter> filter(seccomp_init(SCMP_ACT_KILL_PROCESS));
    if (!filter)
        return failure("filter", ENOMEM);
    int code = 0;
    for (const int call : kAllowed)
        code = code != 0 ? code : seccomp_rule_add(filter.get(), SCMP_ACT_ALLOW, call, 0);
    for (const int call : kDenied)
        code = code != 0 ? code : seccomp_rule_add(filter.get(), SCMP_ACT_ERRNO(EACCES), call, 0);
    // Memory, but none that can be executed.
    for (const int call : {SCMP_SYS(mmap), SCMP_SYS(mprotect)}) {
        const auto plain = SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0);
        const auto executable = SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, PROT_EXEC);
        code = code != 0 ? code : seccomp_rule_add(filter.get(), SCMP_ACT_ALLOW, call, 1, plain);
        code = code != 0 ? code : seccomp_rule_add(filter.get(), SCMP_ACT_ERRNO(EACCES), call, 1, executable);
    }
    if (code == 0)
        code = seccomp_load(filter.get());
    if (code != 0)
        return failure("filter", -code);
    return {};
}

} // namespace voelgoed::hal
