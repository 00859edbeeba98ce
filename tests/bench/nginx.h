#pragma once

#include <cstdint>
#include <string>

#include <sys/types.h>

namespace voelgoed::bench {

/// nginx with one worker, as it serves a small file best: descriptors kept, no log. GET /answer gives `contents`. Ends
/// with this.
class Nginx
{
public:
    /// `folder`: a file's place, which another user has to be able to get to.
    Nginx(const std::string &folder, const std::string &contents);
    ~Nginx();
    Nginx(const Nginx &) = delete;
    Nginx &operator=(const Nginx &) = delete;

    std::uint16_t port() const { return m_port; }
    /// Waits until it answers.
    bool isReady() const;

private:
    std::string configuration() const;

    std::string m_folder;
    std::uint16_t m_port;
    pid_t m_process = -1;
};

} // namespace voelgoed::bench
