#pragma once

#include "server/platform/supervisor/account.h"
#include "shared/base/instant.h"

#include <optional>
#include <string>
#include <vector>

namespace voelgoed::supervisor {

/// What is started, and how.
struct Program
{
    std::string path;
    std::vector<std::string> arguments; ///< without the program's own name
    std::string folder;                 ///< where it runs
    std::string log;                    ///< what it prints is put behind what this file has already
    std::optional<Account> account;     ///< whose name it gets; nothing: ours
    int whenWeDie;                      ///< the signal that it gets when the thread that started it is gone
};

/// How a child ended: by itself with a status, or by a signal.
struct Ended
{
    int status = 0;
    int signal = 0;

    std::string text() const; ///< "status 1", "signal 9"
};

/// A child process, in a session of its own, with nothing of ours but its log: no descriptors, no environment but PATH,
/// LANG and TZ. It gets a signal when the starting thread ends, however that happens, so start it from one that stays.
/// A child that still runs when this goes is killed. May be moved, not copied.
class Child
{
public:
    /// Returns when the program has taken over. NotFound, Forbidden or Unavailable when it could not.
    static base::Result<Child> start(const Program &program);

    Child(Child &&other) noexcept;
    Child &operator=(Child &&other) noexcept;
    ~Child();

    pid_t pid() const { return m_pid; }
    /// Readable when the child has ended (a pidfd). Stays ours.
    int descriptor() const { return m_descriptor; }

    /// Nothing happens when it has ended already.
    void signal(int number) const;

    /// How it ended, once it has.
    std::optional<Ended> ended();
    /// The same, waiting for it; for programs with nothing else to do.
    std::optional<Ended> waitFor(base::Milliseconds atMost);

private:
    Child(pid_t pid, int descriptor) : m_pid(pid), m_descriptor(descriptor) {}

    pid_t m_pid = -1;
    int m_descriptor = -1;
    std::optional<Ended> m_ended;
};

} // namespace voelgoed::supervisor
