#include "tests/server/platform/http/raw_client.h"
#include "tests/server/platform/http/test_server.h"

#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket.hpp>

#include <QTest>

using namespace voelgoed;
using namespace voelgoed::http;
using namespace std::chrono_literals;

class StopTest : public QObject
{
    Q_OBJECT

    static bool isReady(const std::future<void> &done) { return done.wait_for(0s) == std::future_status::ready; }

private slots:
    void requestsInHandAreFinishedFirst()
    {
        TestServer server;
        const auto port = server.listenPlain();
        RawClient busy(port), idle(port), opening(port);
        busy.send(get("/wait"));
        QCOMPARE(idle.ask(get("/a")).status, 200);
        opening.send("GET / HT");
        server.until([&] { return server.handler.waiting == 1; });
        auto stopped = server.stop(60s);
        QVERIFY(idle.isClosed());
        QVERIFY(opening.isClosed());
        idle.close();
        QVERIFY(!isReady(stopped));
        server.release();
        const auto response = busy.response();
        QCOMPARE(response.status, 200);
        QCOMPARE(response.fields["Connection"], "close");
        QVERIFY(busy.isClosed());
        busy.close();
        stopped.wait();
        QCOMPARE(server.figures().connections, 0U);
    }

    void whatTakesTooLongIsClosed()
    {
        TestServer server;
        const auto port = server.listenPlain();
        RawClient busy(port);
        busy.send(get("/wait"));
        server.until([&] { return server.handler.waiting == 1; });
        server.stop(10ms).wait();
        QVERIFY(busy.isClosed());
        server.release();
        server.until([&] { return server.figures().connections == 0; });
    }

    void nobodyComesInAnyMore()
    {
        TestServer server;
        const auto port = server.listenPlain();
        server.stop(60s).wait();
        const int late = ::socket(AF_INET, SOCK_STREAM, 0);
        sockaddr_in to = {};
        to.sin_family = AF_INET;
        to.sin_port = htons(port);
        to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        QVERIFY(::connect(late, reinterpret_cast<sockaddr *>(&to), sizeof to) != 0);
        ::close(late);
    }

    void socketsAreToldToGo()
    {
        namespace asio = boost::asio;
        TestServer server;
        const auto port = server.listenPlain();
        asio::io_context context;
        boost::beast::websocket::stream<asio::ip::tcp::socket> socket(context);
        socket.next_layer().connect({asio::ip::address_v4::loopback(), port});
        socket.handshake("test", "/ws");
        auto stopped = server.stop(60s);
        boost::beast::flat_buffer buffer;
        boost::system::error_code failure;
        socket.read(buffer, failure);
        QCOMPARE(failure, boost::beast::websocket::error::closed);
        QCOMPARE(int(socket.reason().code), 1001);
        socket.next_layer().close();
        stopped.wait();
        QCOMPARE(server.figures().sockets, 0U);
    }

    void aServerThatGoesWithRequestsInHandLeavesNothing()
    {
        TestServer server;
        const auto port = server.listenPlain();
        RawClient busy(port), idle(port);
        busy.send(get("/wait"));
        QCOMPARE(idle.ask(get("/a")).status, 200);
        server.until([&] { return server.handler.waiting == 1; });
        // What the destructor does: everything closes at once.
    }
};

QTEST_GUILESS_MAIN(StopTest)
#include "stop_test.moc"
