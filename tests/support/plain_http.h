#pragma once

#include "shared/base/json.h"

#include <atomic>
#include <memory>
#include <string>
#include <vector>

namespace voelgoed::support {

/// One HTTP request over a socket of its own, and its answer: for tests of a server that runs. Waits for at most a
/// minute, and ends the program when nothing answers.
struct PlainAnswer
{
    int status = 0;
    std::string head;
    std::string body;

    /// Ends the program when the body is not JSON.
    base::Json json() const;
    std::string code() const; ///< of a problem; empty for none
};

struct PlainRequest
{
    std::string method = "GET";
    std::string path;
    std::string body{};
    std::vector<std::pair<std::string, std::string>> fields{};
};

class PlainHttp
{
public:
    /// "http://127.0.0.1:8080", or "unix:/path/to/socket".
    explicit PlainHttp(std::string server) : PlainHttp(std::vector<std::string>{std::move(server)}) {}
    /// Asks each of them in turn, copies together.
    explicit PlainHttp(std::vector<std::string> servers) : m_servers(std::move(servers)) {}
    /// The same from another of this machine's addresses: "127.0.0.2".
    PlainHttp from(std::string address) const
    {
        PlainHttp other = *this;
        other.m_from = std::move(address);
        return other;
    }

    PlainAnswer ask(const PlainRequest &request) const;

    PlainAnswer get(const std::string &path, const std::string &token = {}) const;
    PlainAnswer post(const std::string &path, const base::Json &body, const std::string &token = {},
                     const std::string &idempotencyKey = {}) const;
    PlainAnswer remove(const std::string &path, const std::string &token) const;

private:
    int connected() const;

    std::vector<std::string> m_servers;
    std::shared_ptr<std::atomic<std::size_t>> m_next = std::make_shared<std::atomic<std::size_t>>(0);
    std::string m_from;
};

} // namespace voelgoed::support
