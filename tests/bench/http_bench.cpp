#include "server/platform/http/server.h"
#include "tests/bench/figure.h"
#include "tests/bench/load_client.h"
#include "tests/bench/nginx.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <thread>

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

Figure compare(const OurServer &ours, const Nginx &nginx, int connections)
{
    Figure figure{.name = "HTTP: an answer of 1 KiB, " + std::to_string(connections) + " connections",
                  .unit = "us",
                  .goal = 2.0,
                  .note = {}};
    Load load{.requests = {"GET /answer HTTP/1.1\r\nHost: bench\r\n\r\n"}, .connections = connections};
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
    const Nginx nginx(settings.folder, std::string(kAnswerSize, 'x'));
    if (ours.port() == 0 || !nginx.isReady())
        return {failure("HTTP", "the servers do not start")};
    return {compare(ours, nginx, 16), compare(ours, nginx, 64)};
}

} // namespace voelgoed::bench
