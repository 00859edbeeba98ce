#include "server/platform/actions/dispatcher.h"
#include "tests/server/platform/topics/world.h"

#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket.hpp>

#include <thread>

using namespace voelgoed;
using namespace voelgoed::test;
using base::Json;
namespace asio = boost::asio;
namespace websocket = boost::beast::websocket;

namespace {

const std::string kTopic = "scanning:event:event-1";

/// Whoever says that he is of organization one is.
class Believer final : public actions::Authenticator
{
public:
    bool isMeant(const http::Request &head) const override { return head.fields.has("Authorization"); }
    async::Task<base::Result<std::optional<access::Actor>>> authenticate(const http::Request &request) override
    {
        if (request.fields["Authorization"] != "Bearer one")
            co_return std::optional<access::Actor>();
        co_return std::optional(person(kOne));
    }
};

/// A WebSocket client that waits for each answer.
class Client
{
public:
    Client(std::uint16_t port, const std::string &bearer)
    {
        m_socket.next_layer().connect({asio::ip::address_v4::loopback(), port});
        m_socket.set_option(websocket::stream_base::decorator([&](websocket::request_type &request) {
            if (!bearer.empty())
                request.set("Authorization", "Bearer " + bearer);
        }));
        m_socket.handshake("test", "/v1/socket");
    }

    Json ask(const Json &frame)
    {
        m_socket.write(asio::buffer(base::toText(frame)));
        return receive();
    }

    Json receive()
    {
        boost::beast::flat_buffer buffer;
        m_socket.read(buffer, m_failure);
        auto json = base::parseJson(boost::beast::buffers_to_string(buffer.data()));
        return json ? *std::move(json) : Json();
    }

    int closedWith()
    {
        receive();
        return m_socket.reason().code;
    }

private:
    asio::io_context m_context;
    websocket::stream<asio::ip::tcp::socket> m_socket{m_context};
    boost::system::error_code m_failure;
};

} // namespace

/// Topics over a real socket, through the dispatcher.
class SocketTest : public QObject
{
    Q_OBJECT

private slots:
    void init()
    {
        m_holds = true;
        m_world = std::make_unique<World>(m_redis);
        PlatformServer &server = m_world->server();
        server.topics.stillHold(
            access::ActorKind::User,
            [this](std::vector<access::Actor> actors) -> async::Task<base::Result<std::vector<bool>>> {
                co_return std::vector<bool>(actors.size(), m_holds.load());
            });
        m_world->start();
        m_dispatcher = std::make_unique<actions::Dispatcher>(actions::Dispatcher::Parts{
            .registry = m_registry,
            .database = server.database,
            .aside = server.database,
            .clock = server.clock,
            .random = server.random,
            .throttle = nullptr,
            .report = {},
            .serveSocket = [&server](access::Actor actor, const http::Request &, http::Socket &socket) {
                return server.topics.serve(std::move(actor), socket);
            }});
        m_dispatcher->addAuthenticator(m_believer);
        m_http = std::make_unique<http::Server>(m_world->context.get_executor(), *m_dispatcher, http::Limits{});
        m_port = *m_http->listen({});
        m_world->context.restart();
        m_thread = std::thread([this] {
            const auto work = asio::make_work_guard(m_world->context);
            m_world->context.run();
        });
    }

    void cleanup()
    {
        m_world->context.stop();
        m_thread.join();
        runTask(m_world->context, m_http->stop(std::chrono::seconds(5)));
        m_http.reset();
        m_world.reset();
        m_dispatcher.reset();
    }

    void eventsComeOverASocket()
    {
        Client client(m_port, "one");
        const Json snap = client.ask({{"op", "sub"}, {"topic", kTopic}});
        QCOMPARE(snap.at("op").as_string().c_str(), "snap");
        publish(1);
        publish(2);
        QCOMPARE(client.receive().at("seq").to_number<int>(), 1);
        const Json second = client.receive();
        QCOMPARE(second.at("event").at("data").at("number").to_number<int>(), 2);
        QCOMPARE(client.ask({{"op", "ping"}}).at("op").as_string().c_str(), "pong");
        QCOMPARE(client.ask({{"op", "sub"}, {"topic", "scanning:event:event-2"}}).at("code").as_string().c_str(),
                 "not_found");
    }

    void whoIsNobodyIsClosed()
    {
        Client client(m_port, "");
        QCOMPARE(client.closedWith(), 4401);
    }

    void whoNoLongerHoldsIsClosed()
    {
        Client client(m_port, "one");
        client.ask({{"op", "sub"}, {"topic", kTopic}});
        m_holds = false;
        QElapsedTimer timer;
        timer.start();
        QCOMPARE(client.closedWith(), 4403);
        qInfo("closed after %lld ms", static_cast<long long>(timer.elapsed()));
    }

private:
    void publish(int number)
    {
        async::start(m_world->context.get_executor(), "publish", [this, number]() -> async::Task<void> {
            static_cast<void>(co_await m_world->topics().publish(kOne, kTopic, envelope(number)));
        });
    }

    RedisProcess m_redis;
    actions::Registry m_registry;
    Believer m_believer;
    std::atomic<bool> m_holds{true};
    std::unique_ptr<World> m_world;
    std::unique_ptr<actions::Dispatcher> m_dispatcher;
    std::unique_ptr<http::Server> m_http;
    std::uint16_t m_port = 0;
    std::thread m_thread;
};

QTEST_GUILESS_MAIN(SocketTest)
#include "socket_test.moc"
