#include "device/gate/control_socket.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace voelgoed::gate {

using base::Result;

namespace {

constexpr int kSilenceMostMs = 10'000; ///< of a gate that was asked something: it answers between two scans
constexpr const char *kName = "gate.sock";
constexpr std::size_t kRequestMax = 64 << 10;
constexpr std::size_t kClientsMax = 8;
constexpr std::size_t kUnsentMax = 256 << 10; ///< a job waits while its reader is slow

base::Error failure(const std::string &what)
{
    return {base::ErrorCode::Unavailable, what + ": " + std::strerror(errno), {}};
}

/// A socket's name may have 107 bytes, a folder's more: it is reached through its open descriptor.
struct Address
{
    explicit Address(const std::string &folder) : directory(::open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC))
    {
        name.sun_family = AF_UNIX;
        const std::string path = "/proc/self/fd/" + std::to_string(directory) + "/" + kName;
        std::copy(path.begin(), path.end(), name.sun_path);
    }
    ~Address()
    {
        if (directory >= 0)
            ::close(directory);
    }
    Address(const Address &) = delete;
    Address &operator=(const Address &) = delete;

    const sockaddr *get() const { return reinterpret_cast<const sockaddr *>(&name); }

    int directory;
    sockaddr_un name{};
};

void addLines(std::string &framed, char kind, const std::string &text)
{
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        framed += kind;
        framed += ' ';
        framed.append(text, at, end - at);
        framed += '\n';
        at = end + 1;
    }
}

} // namespace

struct ControlServer::Client
{
    explicit Client(int fd) : descriptor(fd) {}
    ~Client() { ::close(descriptor); }

    int descriptor;
    std::string request;
    std::unique_ptr<Job> job;
    std::string unsent;
    bool finished = false; ///< nothing more will be added to `unsent`
    bool gone = false;
};

ControlServer::ControlServer(std::string path, int listening, MakeJob makeJob)
    : m_path(std::move(path)), m_listening(listening), m_makeJob(std::move(makeJob))
{}

Result<std::unique_ptr<ControlServer>> ControlServer::open(const std::string &folder, MakeJob makeJob)
{
    const Address address(folder);
    if (address.directory < 0)
        return failure(folder);
    const std::string path = folder + "/" + kName;
    ::unlink(path.c_str()); // the folder's lock is held: whoever listened there is gone
    const int listening = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (listening < 0)
        return failure("socket");
    std::unique_ptr<ControlServer> server(new ControlServer(path, listening, std::move(makeJob)));
    const mode_t before = ::umask(0177);
    const int bound = ::bind(listening, address.get(), sizeof(sockaddr_un));
    ::umask(before);
    if (bound != 0 || ::listen(listening, static_cast<int>(kClientsMax)) != 0)
        return failure(path);
    return server;
}

ControlServer::~ControlServer()
{
    ::close(m_listening);
    ::unlink(m_path.c_str());
}

std::vector<ControlServer::Waiting> ControlServer::waiting() const
{
    std::vector<Waiting> all;
    if (m_clients.size() < kClientsMax || idler() != m_clients.end())
        all.push_back({m_listening, false});
    for (const auto &client : m_clients)
        all.push_back({client->descriptor, !client->unsent.empty()});
    return all;
}

bool ControlServer::isBusy() const
{
    return std::any_of(m_clients.begin(), m_clients.end(), [](const auto &client) {
        return client->job && !client->finished && client->unsent.size() < kUnsentMax;
    });
}

void ControlServer::turn()
{
    accept();
    for (const auto &client : m_clients)
        serve(*client);
    std::erase_if(m_clients, [](const auto &client) { return client->gone; });
}

ControlServer::Clients::const_iterator ControlServer::idler() const
{
    return std::find_if(m_clients.begin(), m_clients.end(), [](const auto &client) {
        return !client->job || (!client->finished && client->unsent.size() >= kUnsentMax);
    });
}

void ControlServer::accept()
{
    const auto idle = m_clients.size() < kClientsMax ? m_clients.end() : idler();
    if (m_clients.size() >= kClientsMax && idle == m_clients.end())
        return;
    const int descriptor = ::accept4(m_listening, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (descriptor < 0)
        return;
    if (idle != m_clients.end())
        m_clients.erase(idle);
    m_clients.push_back(std::make_unique<Client>(descriptor));
}

void ControlServer::serve(Client &client)
{
    char buffer[4096];
    if (!client.job) {
        const ssize_t got = ::read(client.descriptor, buffer, sizeof buffer);
        if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR)) {
            client.gone = true;
            return;
        }
        if (got > 0)
            client.request.append(buffer, static_cast<std::size_t>(got));
        if (client.request.size() > kRequestMax) {
            client.gone = true;
            return;
        }
        const std::size_t end = client.request.find('\n');
        if (end == std::string::npos)
            return;
        client.job = m_makeJob(client.request.substr(0, end));
    }
    if (!client.finished && client.unsent.size() < kUnsentMax) {
        Output output;
        const Job::State state = client.job->step(output);
        addLines(client.unsent, 'e', output.err);
        addLines(client.unsent, 'o', output.out);
        if (state == Job::State::Done) {
            client.finished = true;
            client.unsent += "x " + std::to_string(client.job->exitStatus()) + "\n";
        }
    }
    if (!client.unsent.empty()) {
        const ssize_t sent = ::send(client.descriptor, client.unsent.data(), client.unsent.size(), MSG_NOSIGNAL);
        if (sent > 0)
            client.unsent.erase(0, static_cast<std::size_t>(sent));
        else if (sent < 0 && errno != EAGAIN && errno != EINTR)
            client.gone = true;
    }
    if (client.finished && client.unsent.empty())
        client.gone = true;
}

base::Error silence(const std::string &folder)
{
    return base::Error{base::ErrorCode::Timeout, folder + ": a gate is running in this folder, and does not answer",
                       "Wait until it has started or ended. If it hangs, end it: kill -9 loses nothing."};
}

Result<int> askRunningGate(const std::string &folder, const std::string &request,
                           const std::function<void(const Output &)> &output)
{
    const Address address(folder);
    const int descriptor = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (address.directory < 0 || descriptor < 0 || ::connect(descriptor, address.get(), sizeof(sockaddr_un)) != 0) {
        base::Error error = failure(folder + "/" + kName);
        error.code = base::ErrorCode::NotFound;
        if (descriptor >= 0)
            ::close(descriptor);
        return error;
    }
    const std::string line = request + "\n";
    std::string received;
    Result<int> status =
        base::Error{base::ErrorCode::Unavailable, "the gate went away in the middle of its answer", {}};
    bool more = ::send(descriptor, line.data(), line.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(line.size());
    char buffer[65536];
    while (more) {
        pollfd ready{.fd = descriptor, .events = POLLIN, .revents = 0};
        if (::poll(&ready, 1, kSilenceMostMs) == 0) {
            status = silence(folder);
            break;
        }
        const ssize_t got = ::read(descriptor, buffer, sizeof buffer);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            break;
        received.append(buffer, static_cast<std::size_t>(got));
        Output lines;
        std::size_t at = 0;
        for (std::size_t end = received.find('\n'); end != std::string::npos; end = received.find('\n', at)) {
            const std::string text = received.substr(at, end - at);
            at = end + 1;
            if (text.starts_with("x ")) {
                status = std::atoi(text.c_str() + 2);
                more = false;
            } else if (text.size() >= 2) {
                (text[0] == 'e' ? lines.err : lines.out) += text.substr(2) + "\n";
            }
        }
        received.erase(0, at);
        output(lines);
    }
    ::close(descriptor);
    return status;
}

} // namespace voelgoed::gate
