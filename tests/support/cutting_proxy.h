#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace voelgoed::support {

/// A bad line to a server on the loopback: hands bytes on, and cuts a connection once so many have come down it. Of
/// several servers each gets a connection in turn; one that does not take it leaves it to the next.
class CuttingProxy
{
public:
    explicit CuttingProxy(std::uint16_t server) : CuttingProxy(std::vector<std::uint16_t>{server}) {}
    explicit CuttingProxy(std::vector<std::uint16_t> servers);
    ~CuttingProxy();
    CuttingProxy(const CuttingProxy &) = delete;
    CuttingProxy &operator=(const CuttingProxy &) = delete;

    std::uint16_t port() const { return m_port; }
    /// Of each connection from now on; 0: none is cut.
    void cutAfter(std::uint64_t bytes) { m_cutAfter = bytes; }
    std::uint64_t cuts() const { return m_cuts; }
    std::uint64_t bytesDown() const { return m_bytesDown; }

private:
    void accept();
    void serve(int client);
    int connected(); ///< a socket to a server; -1 when none takes it

    const std::vector<std::uint16_t> m_servers;
    std::atomic<std::size_t> m_next = 0;
    int m_listener = -1;
    std::uint16_t m_port = 0;
    std::atomic<bool> m_ends = false;
    std::atomic<std::uint64_t> m_cutAfter = 0, m_cuts = 0, m_bytesDown = 0;
    std::mutex m_mutex;
    std::vector<std::thread> m_lines;
    std::thread m_thread;
};

} // namespace voelgoed::support
