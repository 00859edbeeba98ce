#include "server/platform/async/event.h"
#include "server/platform/http/server.h"
#include "server/platform/outbound/client.h"
#include "tests/server/platform/http/identities.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <QTest>

#include <optional>

using namespace voelgoed;
using namespace voelgoed::outbound;
using namespace std::chrono_literals;
namespace asio = boost::asio;

namespace {

class FixedClock final : public base::Clock
{
public:
    base::ClockReading now() override { return {.wall = *base::parseInstant("2026-12-05T11:00:00Z")}; }
};

/// Somebody else's server.
class Partner : public http::Handler
{
public:
    explicit Partner(const async::Executor &executor) : released(executor) {}

    http::Admission admit(const http::Request &) override { return {}; }

    async::Task<http::Answer> handle(http::Request request) override
    {
        seen.push_back(request.path);
        if (request.path == "/wait") {
            ++waiting;
            co_await released.wait();
        }
        http::Answer answer;
        answer.response = http::Response::text(200, std::string(http::word(request.method)) + " " + request.body);
        if (request.path == "/redirect") {
            answer.response.status = 302;
            answer.response.fields.add("Location", "/inside");
        }
        if (request.path == "/busy") {
            answer.response.status = 429;
            answer.response.fields.add("Retry-After", "30");
        }
        if (request.path == "/large")
            answer.response.body = std::string(100'001, 'x');
        if (request.path == "/fields")
            answer.response.body = std::string(request.fields["Webhook-Id"]) + "|" +
                                   std::string(request.fields["Content-Type"]) + "|" +
                                   std::string(request.fields["Expect"]);
        if (request.path == "/large-field")
            answer.response.fields.add("X", std::string(40'000, 'x'));
        co_return answer;
    }

    async::Task<void> serve(http::Request, http::Socket &) override { co_return; }

    async::Event released;
    int waiting = 0;
    std::vector<std::string> seen;
};

} // namespace

class ClientTest : public QObject
{
    Q_OBJECT

    /// A partner and a client in one thread, and what is done with them.
    struct World
    {
        explicit World(Options options = {.schemes = Options::Schemes::HttpToo, .reach = Options::Reach::Anywhere},
                       http::ListenOptions listen = {})
            : partner(context.get_executor()),
              server(std::in_place, context.get_executor(), partner, http::Limits{}),
              client(std::in_place, context.get_executor(), clock, std::move(options))
        {
            port = *server->listen(listen);
        }

        std::string url(const std::string &path, const std::string &scheme = "http") const
        {
            return scheme + "://127.0.0.1:" + std::to_string(port) + path;
        }

        /// Runs until it is done, and then takes everything down.
        void run(std::function<async::Task<void>()> work)
        {
            async::start(context.get_executor(), "test", [this, work]() -> async::Task<void> {
                co_await work();
                client.reset();
                server.reset();
            });
            context.run();
        }

        base::Result<Reply> send(Call call)
        {
            std::optional<base::Result<Reply>> result;
            run([&]() -> async::Task<void> { result = co_await client->send(call); });
            return *std::move(result);
        }

        asio::io_context context{1};
        FixedClock clock;
        Partner partner;
        std::optional<http::Server> server;
        std::optional<Client> client;
        std::uint16_t port = 0;
    };

private slots:
    void aReplyComesBack_data()
    {
        QTest::addColumn<int>("method");
        QTest::addColumn<QString>("body");
        QTest::addColumn<QString>("expected");
        QTest::newRow("GET") << int(http::Method::Get) << ""
                             << "GET ";
        QTest::newRow("POST") << int(http::Method::Post) << "hello"
                              << "POST hello";
        QTest::newRow("POST of nothing") << int(http::Method::Post) << ""
                                         << "POST ";
        QTest::newRow("PUT") << int(http::Method::Put) << "x"
                             << "PUT x";
        QTest::newRow("PATCH") << int(http::Method::Patch) << "x"
                               << "PATCH x";
        QTest::newRow("DELETE") << int(http::Method::Delete) << ""
                                << "DELETE ";
        QTest::newRow("HEAD") << int(http::Method::Head) << ""
                              << "";
    }
    void aReplyComesBack()
    {
        QFETCH(int, method);
        QFETCH(QString, body);
        QFETCH(QString, expected);
        World world;
        const auto reply = world.send(
            {.method = http::Method(method), .url = world.url("/a"), .fields = {}, .body = body.toStdString()});
        QVERIFY2(reply, reply ? "" : reply.error().message.c_str());
        QCOMPARE(reply->status, 200);
        QCOMPARE(reply->body, expected.toStdString());
        QCOMPARE(reply->address, "127.0.0.1");
        QCOMPARE(reply->fields["content-type"], "text/plain; charset=utf-8");
        QVERIFY(!reply->retryAfter);
    }

    void fieldsGoAsTheyAre()
    {
        World world;
        Call call{.url = world.url("/fields"), .fields = {}, .body = std::string(2000, 'x')};
        call.fields.add("Webhook-Id", "msg_1");
        QCOMPARE(world.send(call)->body, "msg_1||");
    }

    void aRedirectIsAReply()
    {
        World world;
        const auto reply = world.send({.url = world.url("/redirect"), .fields = {}, .body = {}});
        QCOMPARE(reply->status, 302);
        QCOMPARE(reply->fields["Location"], "/inside");
        QCOMPARE(world.partner.seen, std::vector<std::string>{"/redirect"});
    }

    void aPauseThatIsAskedForIsTold()
    {
        World world;
        const auto reply = world.send({.url = world.url("/busy"), .fields = {}, .body = {}});
        QCOMPARE(reply->status, 429);
        QCOMPARE(*reply->retryAfter, base::Milliseconds(30'000));
    }

    void tooLargeRepliesAreRefused_data()
    {
        QTest::addColumn<QString>("path");
        QTest::newRow("a body") << "/large";
        QTest::newRow("a field") << "/large-field";
    }
    void tooLargeRepliesAreRefused()
    {
        QFETCH(QString, path);
        World world;
        const Call call{.url = world.url(path.toStdString()), .fields = {}, .body = {}, .replyMax = 100'000};
        QCOMPARE(world.send(call).error().code, base::ErrorCode::Corrupt);
    }

    void aReplyOfTheFullSizeIsTaken()
    {
        World world;
        const Call call{.url = world.url("/large"), .fields = {}, .body = {}, .replyMax = 100'001};
        QCOMPARE(world.send(call)->body.size(), 100'001U);
    }

    void whoTakesTooLongIsNotWaitedFor()
    {
        World world;
        const Call call{.url = world.url("/wait"), .fields = {}, .body = {}, .within = 50ms};
        std::optional<base::Result<Reply>> result;
        world.run([&]() -> async::Task<void> {
            result = co_await world.client->send(call);
            world.partner.released.notify();
        });
        QCOMPARE(result->error().code, base::ErrorCode::Timeout);
    }

    void whereNobodyListensIsUnavailable()
    {
        World world;
        world.server.reset();
        QCOMPARE(world.send({.url = world.url("/a"), .fields = {}, .body = {}}).error().code,
                 base::ErrorCode::Unavailable);
    }

    void connectionsAreKept()
    {
        World world;
        std::size_t connections = 0;
        world.run([&]() -> async::Task<void> {
            for (int i = 0; i < 5; ++i)
                static_cast<void>(co_await world.client->send({.url = world.url("/a"), .fields = {}, .body = {}}));
            connections = world.server->figures().connections;
        });
        QCOMPARE(connections, 1U);
        QCOMPARE(world.partner.seen.size(), 5U);
    }

    void soManyGoAtOnceAndTheOthersWait()
    {
        World world(
            {.schemes = Options::Schemes::HttpToo, .reach = Options::Reach::Anywhere, .atOnce = 3, .waiting = 2});
        std::vector<base::ErrorCode> failed;
        int answered = 0;
        async::Event finished(world.context.get_executor());
        world.run([&]() -> async::Task<void> {
            for (int i = 0; i < 6; ++i) {
                async::start(world.context.get_executor(), "call", [&]() -> async::Task<void> {
                    const auto reply =
                        co_await world.client->send({.url = world.url("/wait"), .fields = {}, .body = {}});
                    if (reply)
                        ++answered;
                    else
                        failed.push_back(reply.error().code);
                    finished.notify();
                });
            }
            while (world.partner.waiting < 3)
                co_await async::yield();
            base::ensure(world.client->inHand() == 3, "more at once than allowed");
            while (answered < 5) {
                world.partner.released.notify();
                co_await async::yield();
            }
        });
        QCOMPARE(failed, std::vector<base::ErrorCode>{base::ErrorCode::Unavailable});
        QCOMPARE(world.partner.seen.size(), 5U);
    }

    void aClientThatGoesEndsItsCalls()
    {
        World world;
        std::optional<base::Result<Reply>> result;
        async::start(world.context.get_executor(), "call", [&]() -> async::Task<void> {
            result = co_await world.client->send({.url = world.url("/wait"), .fields = {}, .body = {}});
        });
        world.run([&]() -> async::Task<void> {
            while (world.partner.waiting == 0)
                co_await async::yield();
            world.client.reset();
            while (!result)
                co_await async::yield();
            world.partner.released.notify();
        });
        QCOMPARE(result->error().code, base::ErrorCode::Unavailable);
    }

    void addressesInsideAreNotCalled_data()
    {
        QTest::addColumn<QString>("host");
        for (const char *host : {"127.0.0.1", "localhost", "0.0.0.0", "127.1", "2130706433", "0x7f000001",
                                 "017700000001", "[::1]", "[::ffff:127.0.0.1]", "[::]", "[0:0:0:0:0:0:0:1]",
                                 "169.254.169.254", "10.0.0.1", "[64:ff9b::7f00:1]", "[fe80::1]"})
            QTest::newRow(host) << host;
    }
    void addressesInsideAreNotCalled()
    {
        QFETCH(QString, host);
        // The partner listens, and would answer.
        World world({.schemes = Options::Schemes::HttpToo});
        const std::string url = "http://" + host.toStdString() + ":" + std::to_string(world.port) + "/a";
        const auto reply = world.send({.url = url, .fields = {}, .body = {}, .within = 60s});
        QVERIFY(!reply);
        QCOMPARE(reply.error().code, base::ErrorCode::Forbidden);
        QVERIFY(world.partner.seen.empty());
    }

    void whatIsNoUrlIsNotCalled_data()
    {
        QTest::addColumn<QString>("url");
        for (const char *url :
             {"", "nonsense", "/a", "ftp://example.org/", "file:///etc/passwd", "gopher://example.org/",
              "javascript:alert(1)", "http://", "https://", "https://user@example.org/",
              "https://user:word@example.org/", "https://example.org\r\nX: y/", "https://exa mple.org/",
              "http://example.org/", "unix:/run/x", "https://example.org:99999/"})
            QTest::newRow(qPrintable(QString(url).simplified())) << url;
    }
    void whatIsNoUrlIsNotCalled()
    {
        QFETCH(QString, url);
        World world(Options{});
        QCOMPARE(world.send({.url = url.toStdString(), .fields = {}, .body = {}}).error().code,
                 base::ErrorCode::Invalid);
    }

    void fieldsThatWouldInjectAreNotSent()
    {
        for (const auto &[name, value] : {std::pair("X", "a\r\nY: b"), std::pair("X\r\nY", "b"), std::pair("X Y", "b"),
                                          std::pair("", "b"), std::pair("X:Y", "b")}) {
            World world;
            Call call{.url = world.url("/a"), .fields = {}, .body = {}};
            call.fields.add(name, value);
            QCOMPARE(world.send(call).error().code, base::ErrorCode::Invalid);
            QVERIFY(world.partner.seen.empty());
        }
    }

    void certificatesAreChecked()
    {
        const auto own = http::TestIdentity::make(), other = http::TestIdentity::make();
        http::ListenOptions listen;
        listen.certificatePem = own.identity.certificatePem;
        listen.keyPem = own.identity.keyPem;
        World trusting({.reach = Options::Reach::Anywhere, .rootsPem = own.identity.certificatePem}, listen);
        const auto reply = trusting.send({.url = trusting.url("/a", "https"), .fields = {}, .body = "x"});
        QVERIFY2(reply, reply ? "" : reply.error().message.c_str());
        QCOMPARE(reply->body, "POST x");
        World wary({.reach = Options::Reach::Anywhere, .rootsPem = other.identity.certificatePem}, listen);
        QCOMPARE(wary.send({.url = wary.url("/a", "https"), .fields = {}, .body = {}}).error().code,
                 base::ErrorCode::Unauthorized);
        World usual({.reach = Options::Reach::Anywhere}, listen);
        QCOMPARE(usual.send({.url = usual.url("/a", "https"), .fields = {}, .body = {}}).error().code,
                 base::ErrorCode::Unauthorized);
    }

    void whatIsNoHttpIsCorrupt_data()
    {
        QTest::addColumn<std::string>("bytes");
        QTest::newRow("nothing") << std::string();
        QTest::newRow("nonsense") << std::string("hello there\r\n\r\n");
        QTest::newRow("half a body") << std::string("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc");
    }
    void whatIsNoHttpIsCorrupt()
    {
        QFETCH(std::string, bytes);
        World world;
        asio::ip::tcp::acceptor acceptor(world.context, {asio::ip::address_v4::loopback(), 0});
        async::start(world.context.get_executor(), "liar", [&]() -> async::Task<void> {
            auto socket = co_await acceptor.async_accept(asio::use_awaitable);
            std::string request(4096, '\0');
            co_await socket.async_read_some(asio::buffer(request), asio::use_awaitable);
            co_await asio::async_write(socket, asio::buffer(bytes), asio::use_awaitable);
        });
        const std::string url = "http://127.0.0.1:" + std::to_string(acceptor.local_endpoint().port()) + "/";
        QCOMPARE(world.send({.url = url, .fields = {}, .body = {}}).error().code, base::ErrorCode::Corrupt);
    }
};

QTEST_GUILESS_MAIN(ClientTest)
#include "client_test.moc"
