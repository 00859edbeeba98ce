#pragma once

#include "shared/base/bytes.h"
#include "shared/base/result.h"

#include <chrono>
#include <string>

namespace voelgoed::hal {

/// A process that reads pictures (voelgoed-reader), and the socket to it. Killed with its owner.
class ReaderChild
{
public:
    ReaderChild() = default;
    ~ReaderChild() { kill(); }
    ReaderChild(const ReaderChild &) = delete;
    ReaderChild &operator=(const ReaderChild &) = delete;

    enum class Kind { Pictures, Documents };

    /// Ends the one before it. Unavailable when there can be none.
    base::Result<void> spawn(const std::string &program, Kind kind);
    void kill();
    bool isThere() const { return m_socket >= 0; }
    Kind kind() const { return m_kind; }
    int processId() const { return m_process; }

    /// What comes back. Readable when the process is gone, too.
    int socket() const { return m_socket; }
    /// A message and a descriptor. One that is gone meanwhile is noticed when its answer is read.
    void send(base::ByteView message, int descriptor) const;

    /// A point in the process's work.
    struct Mark
    {
        std::chrono::nanoseconds cpu{0};
        std::chrono::steady_clock::time_point wall;
    };
    Mark mark() const;
    /// How much it worked since then. A busy machine gives it less to do in a minute than an idle one: what counts is
    /// its own processor time, or an eighth of the time that went by where it makes nothing of that.
    std::chrono::nanoseconds workedSince(const Mark &mark) const;

private:
    int m_socket = -1;
    int m_process = -1;
    Kind m_kind = Kind::Pictures;
};

} // namespace voelgoed::hal
