#pragma once

#include "server/platform/async/event.h"
#include "server/platform/http/server.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <atomic>
#include <future>
#include <map>
#include <stdexcept>
#include <thread>

namespace voelgoed::http {

/// Answers what the tests ask for, by path.
class TestHandler : public Handler
{
public:
    explicit TestHandler(const async::Executor &executor) : released(executor) {}

    std::atomic<int> handled{0};
    std::atomic<int> waiting{0};
    std::string filePath;
    async::Event released; ///< lets go who asked for "/wait"

    Admission admit(const Request &head) override
    {
        Admission admission;
        if (head.path == "/small-body")
            admission.bodyMax = 1000;
        if (head.path == "/large")
            admission.bodyMax = std::size_t{64} << 20;
        if (head.path == "/slow-body")
            admission.bodyWithin = base::Milliseconds(100);
        if (head.path == "/busy")
            admission.refuse = Response::json(503, R"({"code":"busy"})");
        if (head.path == "/admit-throws")
            throw std::runtime_error("admit");
        admission.webSocket = head.path.starts_with("/ws");
        return admission;
    }

    async::Task<Answer> handle(Request request) override
    {
        ++handled;
        if (request.path == "/wait") {
            ++waiting;
            co_await released.wait();
        }
        if (request.path == "/throws")
            throw std::runtime_error("handle");
        co_return answer(request);
    }

    async::Task<void> serve(Request request, Socket &socket) override
    {
        if (request.path == "/ws/throws")
            throw std::runtime_error("serve");
        if (request.path == "/ws/flood")
            co_return co_await flood(socket);
        if (request.path == "/ws/leaves")
            co_return co_await leave(socket);
        while (auto message = co_await socket.receive()) {
            if (*message == "bye")
                socket.close(4001, "as you say");
            else
                socket.send("echo " + *message);
        }
    }

private:
    /// Reads once, waits, says something, and has had enough.
    async::Task<void> leave(Socket &socket)
    {
        co_await socket.receive();
        ++waiting;
        co_await released.wait();
        socket.send("x");
        co_await async::sleepFor(base::Milliseconds(100));
    }
    async::Task<void> flood(Socket &socket)
    {
        int sent = 0;
        while (socket.send(std::string(1000, 'f')))
            ++sent;
        floodSent = sent;
        floodQueued = socket.queued();
        co_await socket.receive();
    }

public:
    std::atomic<int> floodSent{0};
    std::atomic<std::size_t> floodQueued{0};

private:
    static std::string described(const Request &request)
    {
        std::string text = std::string(word(request.method)) + " " + request.path + " peer=" + request.peer +
                           (request.secure ? " secure" : "") + (request.admin ? " admin" : "");
        for (const auto &[name, value] : request.query)
            text += " " + name + "=" + value;
        return text;
    }

    static BodySource source(int pieces, std::string piece, bool fails)
    {
        return [pieces, piece, fails]() mutable -> async::Task<base::Result<std::optional<std::string>>> {
            if (pieces-- > 0)
                co_return std::optional(piece);
            if (fails)
                co_return base::corrupt("the source broke");
            co_return std::optional<std::string>();
        };
    }

    Answer answer(const Request &request)
    {
        Answer answer;
        answer.response = Response::text(200, described(request));
        const int size = std::atoi(std::string(request.queryValue("size")).c_str());
        if (request.path == "/echo" || request.path == "/small-body")
            answer.response.body = request.body;
        else if (request.path == "/raw-size")
            answer.response.body = std::to_string(request.rawBody.size());
        else if (request.path == "/text")
            answer.response.body = std::string(static_cast<std::size_t>(size), 't');
        else if (request.path == "/binary")
            answer.response.fields.set("Content-Type", "application/octet-stream"),
                answer.response.body = std::string(static_cast<std::size_t>(size), 'b');
        else if (request.path == "/tagged")
            answer.response.fields.set("ETag", "\"t1\""),
                answer.response.body.resize(static_cast<std::size_t>(size), 't');
        else if (request.path == "/nothing")
            answer.response = {.status = 204, .fields = {}, .body = {}};
        else if (request.path == "/injects")
            answer.response.fields.set("Location", "/x\r\nSet-Cookie: a=b");
        else if (request.path == "/closes")
            answer.response.fields.set("Connection", "close");
        else if (request.path == "/stream")
            answer.source = source(3, std::string(static_cast<std::size_t>(size), 's'), false);
        else if (request.path == "/stream-fails")
            answer.source = source(2, std::string(1000, 's'), true);
        else if (request.path == "/stream-fails-at-once")
            answer.source = source(0, {}, true);
        else if (request.path == "/file")
            answer.file = FileBody{filePath, "\"f1\""};
        return answer;
    }
};

/// A server in its own thread, for clients that wait in the test's.
class TestServer
{
public:
    /// Does something on the server's thread, and waits for it.
    template <class Work>
    auto run(Work work)
    {
        std::packaged_task<decltype(work())()> task(std::move(work));
        auto done = task.get_future();
        boost::asio::post(m_context, [&task] { task(); });
        return done.get();
    }

    explicit TestServer(Limits limits = {})
        : m_work(boost::asio::make_work_guard(m_context)),
          handler(m_context.get_executor()),
          m_server(std::make_unique<Server>(m_context.get_executor(), handler, limits,
                                            Hooks{.now = {}, .trouble = [this](std::string_view) { ++troubles; }}))
    {}

    ~TestServer()
    {
        if (m_thread.joinable()) {
            run([this] { m_server.reset(); });
            m_context.stop();
            m_thread.join();
        }
    }

    /// To be called before any client comes. The port, or what failed.
    base::Result<std::uint16_t> listen(const ListenOptions &options)
    {
        auto port = m_server->listen(options);
        if (!m_thread.joinable())
            m_thread = std::thread([this] { m_context.run(); });
        return port;
    }

    std::uint16_t listenPlain()
    {
        const auto port = listen({});
        base::ensure(bool(port), "no port");
        return *port;
    }

    Server::Figures figures()
    {
        return run([this] { return m_server->figures(); });
    }

    void release()
    {
        run([this] { handler.released.notify(); });
    }

    /// Begins to stop; ready once it has.
    std::future<void> stop(base::Milliseconds within)
    {
        const auto done = std::make_shared<std::promise<void>>();
        run([this, done, within] {
            async::start(m_context.get_executor(), "stop", [this, done, within]() -> async::Task<void> {
                co_await m_server->stop(within);
                done->set_value();
            });
        });
        return done->get_future();
    }

    /// Waits until something holds that the server's thread will bring about.
    template <class Condition>
    void until(Condition condition)
    {
        while (!condition())
            std::this_thread::yield();
    }

private:
    boost::asio::io_context m_context{1};
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> m_work;

public:
    TestHandler handler;
    std::atomic<int> troubles{0};

private:
    std::unique_ptr<Server> m_server;
    std::thread m_thread;
};

} // namespace voelgoed::http
