#include "server/platform/http/server.h"
#include "tests/bench/figure.h"
#include "tests/bench/load_client.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <filesystem>
#include <fstream>
#include <thread>

#include <netinet/in.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

namespace voelgoed::bench {

namespace {

constexpr std::size_t kAnswerSize = 1024;
constexpr int kRounds = 3;

/// Answers everything with one text.
class OneAnswer : public http::Handler
{
public:
    http::Admission admit(const http::Request &) override { return {}; }

    async::Task<http::Answer> handle(http::Request) override
    {
        http::Answer answer;
        answer.response = http::Response::json(200, m_text);
        co_return answer;
    }

    async::Task<void> serve(http::Request, http::Socket &) override { co_return; }

private:
    std::string m_text = std::string(kAnswerSize, 'x');
};

class OurServer
{
public:
    OurServer() : m_server(std::in_place, m_context.get_executor(), m_handler, http::Limits{})
    {
        m_port = m_server->listen({}).valueOr(0);
        m_thread = std::thread([this] { m_context.run(); });
    }

    ~OurServer()
    {
        boost::asio::post(m_context, [this] { m_server.reset(); });
        m_thread.join();
    }

    std::uint16_t port() const { return m_port; }

private:
    boost::asio::io_context m_context{1};
    OneAnswer m_handler;
    std::optional<http::Server> m_server;
    std::uint16_t m_port = 0;
    std::thread m_thread;
};

std::uint16_t freePort()
{
    const int handle = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in at = {};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof at;
    ::bind(handle, reinterpret_cast<sockaddr *>(&at), size);
    ::getsockname(handle, reinterpret_cast<sockaddr *>(&at), &size);
    ::close(handle);
    return ntohs(at.sin_port);
}

/// nginx with one worker, as it serves a small file best: descriptors kept, no log.
class Nginx
{
public:
    explicit Nginx(const std::string &folder) : m_folder(folder + "/nginx"), m_port(freePort())
    {
        std::filesystem::create_directories(m_folder + "/www");
        // Its worker is another user, who has to find the file.
        std::filesystem::permissions(folder, std::filesystem::perms(0755));
        std::ofstream(m_folder + "/www/answer") << std::string(kAnswerSize, 'x');
        std::ofstream(m_folder + "/conf") << configuration();
        m_process = ::fork();
        if (m_process == 0) {
            ::prctl(PR_SET_PDEATHSIG, SIGTERM);
            ::execl("/usr/sbin/nginx", "nginx", "-e", "error", "-p", m_folder.c_str(), "-c", "conf", nullptr);
            ::_exit(127);
        }
    }

    ~Nginx()
    {
        ::kill(m_process, SIGTERM);
        ::waitpid(m_process, nullptr, 0);
    }

    std::uint16_t port() const { return m_port; }

    /// Waits until it answers.
    bool isReady() const
    {
        for (int attempt = 0; attempt < 100; ++attempt) {
            const Load one{.port = m_port,
                           .request = "GET /answer HTTP/1.1\r\nHost: bench\r\n\r\n",
                           .connections = 1,
                           .within = std::chrono::milliseconds(1)};
            if (answersPerSecond(one))
                return true;
            std::this_thread::sleep_for(std::chrono::milliseconds(20));
        }
        return false;
    }

private:
    std::string configuration() const
    {
        std::string paths;
        for (const char *kind : {"client_body", "proxy", "fastcgi", "uwsgi", "scgi"})
            paths += std::string(kind) + "_temp_path " + kind + ";\n";
        return "daemon off; worker_processes 1; pid pid; error_log error;\n"
               "events { worker_connections 1024; }\n"
               "http { access_log off; keepalive_requests 1000000000; open_file_cache max=16; sendfile on;\n"
               "tcp_nopush on; default_type application/json;\n" +
               paths + "server { listen 127.0.0.1:" + std::to_string(m_port) + "; root www; } }\n";
    }

    std::string m_folder;
    std::uint16_t m_port;
    pid_t m_process = -1;
};

Figure compare(const OurServer &ours, const Nginx &nginx, int connections)
{
    Figure figure{.name = "HTTP: an answer of 1 KiB, " + std::to_string(connections) + " connections",
                  .unit = "us",
                  .goal = 2.0,
                  .note = {}};
    Load load{.request = "GET /answer HTTP/1.1\r\nHost: bench\r\n\r\n", .connections = connections};
    double best = 0, bestOfNginx = 0;
    for (int round = 0; round < kRounds; ++round) {
        load.port = ours.port();
        const auto own = answersPerSecond(load);
        load.port = nginx.port();
        const auto theirs = answersPerSecond(load);
        if (!own || !theirs)
            return failure(figure.name, own ? theirs.error().message : own.error().message);
        best = std::max(best, *own);
        bestOfNginx = std::max(bestOfNginx, *theirs);
    }
    figure.value = 1e6 / best;
    figure.baseline = 1e6 / bestOfNginx;
    figure.note = std::to_string(static_cast<int>(best)) + "/s, nginx with one worker " +
                  std::to_string(static_cast<int>(bestOfNginx)) + "/s";
    return figure;
}

} // namespace

std::vector<Figure> measureHttp(const BenchSettings &settings)
{
    const OurServer ours;
    const Nginx nginx(settings.folder);
    if (ours.port() == 0 || !nginx.isReady())
        return {failure("HTTP", "the servers do not start")};
    return {compare(ours, nginx, 16), compare(ours, nginx, 64)};
}

} // namespace voelgoed::bench
