#include "tests/bench/server/child.h"

#include "shared/base/ensure.h"

#include <fstream>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace voelgoed::bench {

namespace {

using Clock = std::chrono::steady_clock;

void closeIt(int &descriptor)
{
    if (descriptor >= 0)
        ::close(descriptor);
    descriptor = -1;
}

} // namespace

Child::Child(const std::vector<std::string> &words, const std::string &errors)
{
    int in[2], out[2];
    base::ensure(::pipe2(in, O_CLOEXEC) == 0 && ::pipe2(out, O_CLOEXEC) == 0, "a pipe to a program");
    std::vector<char *> arguments;
    for (const std::string &word : words)
        arguments.push_back(const_cast<char *>(word.c_str()));
    arguments.push_back(nullptr);
    m_pid = ::fork();
    base::ensure(m_pid >= 0, "a process for a program");
    if (m_pid == 0) {
        ::prctl(PR_SET_PDEATHSIG, SIGTERM);
        ::dup2(in[0], STDIN_FILENO);
        ::dup2(out[1], STDOUT_FILENO);
        ::dup2(errors.empty() ? out[1] : ::open(errors.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600), STDERR_FILENO);
        ::execv(arguments[0], arguments.data());
        ::_exit(127);
    }
    ::close(in[0]);
    ::close(out[1]);
    m_in = in[1];
    m_out = out[0];
}

Child::~Child()
{
    if (m_pid > 0) {
        ::kill(m_pid, SIGKILL);
        end();
    }
    closeIt(m_in);
    closeIt(m_out);
}

void Child::send(std::string_view bytes)
{
    while (!bytes.empty()) {
        const ssize_t written = ::write(m_in, bytes.data(), bytes.size());
        base::ensure(written > 0, "a program that does not read its input");
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
}

void Child::closeInput()
{
    closeIt(m_in);
}

std::optional<std::string> Child::line(std::chrono::milliseconds atMost)
{
    const auto until = Clock::now() + atMost;
    for (;;) {
        if (const std::size_t at = m_read.find('\n'); at != std::string::npos) {
            std::string text = m_read.substr(0, at);
            m_read.erase(0, at + 1);
            return text;
        }
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now()).count();
        pollfd ready{.fd = m_out, .events = POLLIN, .revents = 0};
        if (left <= 0 || ::poll(&ready, 1, static_cast<int>(left)) <= 0)
            return std::nullopt;
        char piece[16384];
        const ssize_t count = ::read(m_out, piece, sizeof piece);
        if (count <= 0)
            return std::nullopt;
        m_read.append(piece, static_cast<std::size_t>(count));
    }
}

int Child::end()
{
    int status = 0;
    if (m_pid <= 0 || ::waitpid(m_pid, &status, 0) != m_pid)
        return -1;
    m_pid = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

int Child::stop()
{
    if (m_pid > 0)
        ::kill(m_pid, SIGTERM);
    return end();
}

Resident residentOf(pid_t process)
{
    Resident resident;
    std::ifstream in("/proc/" + std::to_string(process) + "/status");
    for (std::string line; std::getline(in, line);) {
        const auto megabytes = [&] { return std::strtod(line.c_str() + line.find(':') + 1, nullptr) / 1024; };
        if (line.starts_with("VmRSS:"))
            resident.now = megabytes();
        else if (line.starts_with("VmHWM:"))
            resident.most = megabytes();
    }
    return resident;
}

} // namespace voelgoed::bench
