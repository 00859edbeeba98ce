#pragma once

#include "shared/base/json.h"

#include <chrono>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace voelgoed::cli {

struct Request
{
    std::string method = "GET";
    std::string path;                                         ///< "/v1/events", percent-encoded
    std::vector<std::pair<std::string, std::string>> query{}; ///< encoded here
    std::string body{};
    std::string contentType{}; ///< empty: no body
    std::vector<std::pair<std::string, std::string>> fields{};
};

struct Answer
{
    int status = 0;
    std::string body;
    std::vector<std::pair<std::string, std::string>> fields; ///< names in lower case

    std::string field(std::string_view name) const; ///< empty when there is none
};

struct Connection
{
    std::string server; ///< "https://gate.example.org", "unix:/var/lib/voelgoed/admin.sock"
    std::string token;
    std::string organization, reason; ///< of the local administrator: whose rows, and why
    std::string consent;              ///< of support: where the organization's is written down
    std::string caFile;               ///< PEM; empty: the system's authorities
    std::string pin;                  ///< "sha256//…" of the server's key; in place of authorities
    std::chrono::milliseconds within{30'000};
    std::string agent;
};

/// One exchange after another over libcurl.
class Client
{
public:
    /// Told while much is sent or received: bytes so far, and of how many (0: not known).
    using Progress = std::function<void(std::uint64_t done, std::uint64_t all)>;

    explicit Client(Connection connection) : m_connection(std::move(connection)) {}

    Connection &connection() { return m_connection; }
    void setProgress(Progress progress) { m_progress = std::move(progress); }

    /// Whatever the server answered. Unavailable, Timeout or Unauthorized (its key is not the pinned one) when it did
    /// not.
    base::Result<Answer> send(const Request &request);
    /// The same, but answers of 400 and more are failures: the kind by the status, the server's words as message, the
    /// fields that it named as hint, its code as word.
    base::Result<Answer> ask(const Request &request);
    /// The same, and the body read as JSON.
    base::Result<base::Json> json(const Request &request);

private:
    Connection m_connection;
    Progress m_progress;
};

/// One segment of a path.
std::string escaped(std::string_view text);

} // namespace voelgoed::cli
