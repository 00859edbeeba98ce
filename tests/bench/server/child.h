#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

namespace voelgoed::bench {

/// A program at work, with its input and its output in a bench's hands. Ends with the bench, however that ends.
class Child
{
public:
    static constexpr const char *kIntoOutput = "";
    /// The program's path and its arguments. What it says on its standard error goes into the file `errors`, or into
    /// its output.
    explicit Child(const std::vector<std::string> &words, const std::string &errors = "/dev/null");
    /// Kills it, where it still runs.
    ~Child();
    Child(const Child &) = delete;
    Child &operator=(const Child &) = delete;

    void send(std::string_view bytes);
    void closeInput();
    /// The next line of its output, without its end; nothing when it does not come.
    std::optional<std::string> line(std::chrono::milliseconds atMost = std::chrono::seconds(60));
    /// Waits for its end: its exit status, -1 where it was killed.
    int end();
    /// SIGTERM, and the same.
    int stop();

    pid_t pid() const { return m_pid; }

private:
    pid_t m_pid = -1;
    int m_in = -1, m_out = -1;
    std::string m_read;
};

/// Memory that a process holds now, and the most that it held, in MB; 0 where there is none.
struct Resident
{
    double now = 0, most = 0;
};
Resident residentOf(pid_t process);

} // namespace voelgoed::bench
