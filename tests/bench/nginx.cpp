#include "tests/bench/nginx.h"

#include "tests/bench/load_client.h"

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

} // namespace

Nginx::Nginx(const std::string &folder, const std::string &contents) : m_folder(folder + "/nginx"), m_port(freePort())
{
    std::filesystem::create_directories(m_folder + "/www");
    // Its worker is another user, who has to find the file.
    std::filesystem::permissions(folder, std::filesystem::perms(0755));
    std::ofstream(m_folder + "/www/answer") << contents;
    std::ofstream(m_folder + "/conf") << configuration();
    m_process = ::fork();
    if (m_process == 0) {
        ::prctl(PR_SET_PDEATHSIG, SIGTERM);
        ::execl("/usr/sbin/nginx", "nginx", "-e", "error", "-p", m_folder.c_str(), "-c", "conf", nullptr);
        ::_exit(127);
    }
}

Nginx::~Nginx()
{
    ::kill(m_process, SIGTERM);
    ::waitpid(m_process, nullptr, 0);
}

bool Nginx::isReady() const
{
    for (int attempt = 0; attempt < 100; ++attempt) {
        const Load one{.port = m_port,
                       .requests = {"GET /answer HTTP/1.1\r\nHost: bench\r\n\r\n"},
                       .connections = 1,
                       .within = std::chrono::milliseconds(1)};
        if (answersPerSecond(one))
            return true;
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    return false;
}

std::string Nginx::configuration() const
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

} // namespace voelgoed::bench
