#include "tests/server/platform/http/identities.h"
#include "tests/server/platform/http/raw_client.h"
#include "tests/server/platform/http/test_server.h"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/ssl.hpp>
#include <boost/beast/websocket.hpp>

#include <QTest>

using namespace voelgoed;
using namespace voelgoed::http;
using namespace std::chrono_literals;
namespace asio = boost::asio;
namespace websocket = boost::beast::websocket;

namespace {

/// A WebSocket client that waits for each answer.
struct Client
{
    explicit Client(std::uint16_t port, const char *target = "/ws")
    {
        socket.next_layer().connect({asio::ip::address_v4::loopback(), port});
        socket.handshake("test", target);
    }

    std::string ask(const std::string &text)
    {
        socket.write(asio::buffer(text));
        return receive();
    }

    std::string receive()
    {
        boost::beast::flat_buffer buffer;
        socket.read(buffer, failure);
        return boost::beast::buffers_to_string(buffer.data());
    }

    int closedWith() const { return socket.reason().code; }

    asio::io_context context;
    websocket::stream<asio::ip::tcp::socket> socket{context};
    boost::system::error_code failure;
};

const std::string kHandshake =
    "GET /ws HTTP/1.1\r\nHost: test\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

/// A frame as a client sends it, masked with zeros.
std::string frame(int first, const std::string &payload)
{
    return std::string(1, char(first)) + char(0x80 | int(payload.size())) + std::string(4, '\0') + payload;
}

/// The close frame that a server sends.
std::string closeFrame(int code)
{
    return std::string("\x88\x02", 2) + char(code >> 8) + char(code & 0xff);
}

} // namespace

class SocketTest : public QObject
{
    Q_OBJECT

private slots:
    void messagesGoBothWays()
    {
        TestServer server;
        Client client(server.listenPlain());
        QCOMPARE(client.ask("one"), "echo one");
        QCOMPARE(client.ask(std::string(60'000, 'x')), "echo " + std::string(60'000, 'x'));
        QCOMPARE(server.figures().sockets, 1U);
        client.socket.close({});
        server.until([&] { return server.figures().connections == 0; });
        QCOMPARE(server.figures().sockets, 0U);
    }

    void messagesGoUnderTlsAsWell()
    {
        const TestIdentity own = TestIdentity::make();
        TestServer server;
        ListenOptions options;
        options.certificatePem = own.identity.certificatePem;
        options.keyPem = own.identity.keyPem;
        const auto port = server.listen(options);
        QVERIFY(port);
        asio::io_context context;
        asio::ssl::context tls(asio::ssl::context::tls_client);
        websocket::stream<asio::ssl::stream<asio::ip::tcp::socket>> socket(context, tls);
        socket.next_layer().next_layer().connect({asio::ip::address_v4::loopback(), *port});
        socket.next_layer().handshake(asio::ssl::stream_base::client);
        socket.handshake("test", "/ws");
        for (int i = 0; i < 20; ++i) {
            const std::string text(std::size_t(i) * 3000, 'x');
            socket.write(asio::buffer(text));
            boost::beast::flat_buffer buffer;
            socket.read(buffer);
            QCOMPARE(boost::beast::buffers_to_string(buffer.data()), "echo " + text);
        }
    }

    void pingsAreAnswered()
    {
        TestServer server;
        Client client(server.listenPlain());
        std::string pong;
        client.socket.control_callback([&](websocket::frame_type kind, boost::beast::string_view payload) {
            if (kind == websocket::frame_type::pong)
                pong = std::string(payload);
        });
        client.socket.ping("are you there");
        QCOMPARE(client.ask("x"), "echo x");
        QCOMPARE(pong, "are you there");
    }

    void whoSaysNothingIsAskedAndThenCut()
    {
        TestServer server({.socketIdleMax = 200ms});
        const auto port = server.listenPlain();
        RawClient silent(port);
        QCOMPARE(silent.ask(kHandshake).status, 101);
        // A ping (0x89) without payload, and then the end, since nobody answered it.
        QCOMPARE(silent.rest(), std::string("\x89\x00", 2));
        server.until([&] { return server.figures().connections == 0; });
    }

    void theServerSaysWhyItCloses()
    {
        TestServer server;
        Client client(server.listenPlain());
        QCOMPARE(client.ask("bye"), "");
        QCOMPARE(client.failure, websocket::error::closed);
        QCOMPARE(client.closedWith(), 4001);
        QCOMPARE(std::string(client.socket.reason().reason.c_str()), "as you say");
    }

    void aMessageThatIsTooLargeClosesWith1009()
    {
        TestServer server({.socketMessageMax = 1000});
        Client client(server.listenPlain());
        QCOMPARE(client.ask(std::string(1000, 'x')).size(), 1005U);
        QCOMPARE(client.ask(std::string(1001, 'x')), "");
        QCOMPARE(client.closedWith(), 1009);
    }

    void whatIsNoMessageCloses_data()
    {
        QTest::addColumn<std::string>("bytes");
        QTest::addColumn<int>("code");
        QTest::newRow("binary") << frame(0x82, "x") << 1003;
        QTest::newRow("text that is no UTF-8") << frame(0x81, "\xff\xff") << 1007;
        QTest::newRow("not masked") << std::string("\x81\x01x") << 1002;
        QTest::newRow("a reserved bit") << frame(0xc1, "x") << 1002;
        QTest::newRow("a reserved kind") << frame(0x83, "x") << 1002;
        QTest::newRow("a continuation of nothing") << frame(0x80, "x") << 1002;
        QTest::newRow("a ping in parts") << frame(0x09, "x") << 1002;
        QTest::newRow("a close code that is none") << frame(0x88, std::string("\x03\xed", 2)) << 1002;
        QTest::newRow("a length that is no length")
            << std::string("\x81\xff\x7f\xff\xff\xff\xff\xff\xff\xff\0\0\0\0", 14) << 1009;
    }
    void whatIsNoMessageCloses()
    {
        QFETCH(std::string, bytes);
        QFETCH(int, code);
        TestServer server;
        RawClient client(server.listenPlain());
        QCOMPARE(client.ask(kHandshake).status, 101);
        client.send(bytes + frame(0x88, ""));
        const std::string rest = client.rest();
        QCOMPARE(rest.substr(0, 4).replace(1, 1, "\x02"), closeFrame(code));
        server.until([&] { return server.figures().connections == 0; });
    }

    void aMessageInPartsIsOne()
    {
        TestServer server;
        RawClient client(server.listenPlain());
        QCOMPARE(client.ask(kHandshake).status, 101);
        client.send(frame(0x01, "one ") + frame(0x89, "p") + frame(0x80, "two"));
        // The pong first, since the ping came in the middle of the message.
        const std::string expected = "\x8a\x01p\x81\x0c"
                                     "echo one two";
        QCOMPARE(client.bytes(expected.size()), expected);
    }

    void whatIsNoHandshakeIsRefused_data()
    {
        QTest::addColumn<std::string>("request");
        const auto without = [](std::string_view line) {
            std::string text = kHandshake;
            return text.erase(text.find(line), text.find("\r\n", text.find(line)) + 2 - text.find(line));
        };
        QTest::addColumn<int>("status");
        QTest::newRow("no key") << without("Sec-WebSocket-Key") << 400;
        QTest::newRow("no version") << without("Sec-WebSocket-Version") << 426;
        std::string shortKey = kHandshake;
        shortKey.replace(shortKey.find("dGhl"), 4, "");
        QTest::newRow("a short key") << shortKey << 400;
        std::string posted = kHandshake;
        posted.replace(0, 3, "POST");
        QTest::newRow("a POST") << posted << 400;
        std::string old = kHandshake;
        old.replace(old.find("13\r\n"), 2, "12");
        QTest::newRow("another version") << old << 426;
        QTest::newRow("a frame before the answer") << kHandshake + frame(0x81, "x") << 400;
    }
    void whatIsNoHandshakeIsRefused()
    {
        QFETCH(std::string, request);
        TestServer server;
        RawClient client(server.listenPlain());
        QFETCH(int, status);
        const auto response = client.ask(request);
        QCOMPARE(response.status, status);
        QCOMPARE(response.fields["Content-Type"], "application/problem+json");
        QVERIFY(client.rest().empty());
        QCOMPARE(server.figures().sockets, 0U);
    }

    void anUpgradeWhereNoneIsOfferedIsAnOrdinaryRequest()
    {
        TestServer server;
        RawClient client(server.listenPlain());
        std::string elsewhere = kHandshake;
        elsewhere.replace(elsewhere.find("/ws"), 3, "/aa");
        QCOMPARE(client.ask(elsewhere).body, "GET /aa peer=127.0.0.1");
        QCOMPARE(client.ask(get("/ws")).body, "GET /ws peer=127.0.0.1");
    }

    void moreThanTheAllowanceIsNotQueued()
    {
        TestServer server({.socketQueueMax = 100'000});
        RawClient client(server.listenPlain());
        client.setReceiveBuffer(4096);
        std::string flood = kHandshake;
        flood.replace(flood.find("/ws"), 3, "/ws/flood");
        client.send(flood);
        server.until([&] { return server.handler.floodSent > 0; });
        QCOMPARE(server.handler.floodSent.load(), 100);
        QCOMPARE(server.handler.floodQueued.load(), 100'000U);
    }

    void whoDoesNotReadItsMessagesIsCut()
    {
        TestServer server({.writeStallMax = 200ms, .socketQueueMax = 50'000'000});
        const auto port = server.listenPlain();
        RawClient client(port);
        client.setReceiveBuffer(4096);
        std::string flood = kHandshake;
        flood.replace(flood.find("/ws"), 3, "/ws/flood");
        client.send(flood);
        server.until([&] { return server.figures().sockets == 1; });
        server.until([&] { return server.figures().connections == 0; });
        QCOMPARE(server.figures().sockets, 0U);
    }

    void aHandlerThatThrowsClosesWith1011()
    {
        TestServer server;
        Client client(server.listenPlain(), "/ws/throws");
        QCOMPARE(client.receive(), "");
        QCOMPARE(client.closedWith(), 1011);
        QCOMPARE(server.troubles.load(), 1);
    }

    // More messages wait than are kept, and nobody asks for them any more.
    void whoIsGoneWhileItsMessagesWaitLeavesNothing()
    {
        TestServer server;
        RawClient client(server.listenPlain());
        std::string handshake = kHandshake, all;
        handshake.replace(handshake.find("/ws"), 3, "/ws/leaves");
        client.send(handshake);
        server.until([&] { return server.figures().sockets == 1; });
        for (int i = 0; i < 100; ++i)
            all += frame(0x81, "message");
        client.send(all);
        server.until([&] { return server.handler.waiting == 1; });
        client.reset();
        server.release();
        server.until([&] { return server.figures().connections == 0; });
        QCOMPARE(server.figures().sockets, 0U);
    }

    void whoIsGoneIsNoticed()
    {
        TestServer server;
        const auto port = server.listenPlain();
        {
            Client client(port);
            QCOMPARE(client.ask("x"), "echo x");
        }
        server.until([&] { return server.figures().connections == 0; });
        QCOMPARE(server.figures().sockets, 0U);
    }
};

QTEST_GUILESS_MAIN(SocketTest)
#include "socket_test.moc"
