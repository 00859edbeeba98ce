// What is no request, or could be two, gets one answer and the end of its connection.
#include "tests/server/platform/http/raw_client.h"
#include "tests/server/platform/http/test_server.h"

#include <QTest>

using namespace voelgoed;
using namespace voelgoed::http;

namespace {

std::string head(const char *fields)
{
    return std::string("POST /echo HTTP/1.1\r\n") + fields + "\r\n";
}

} // namespace

class UglyTest : public QObject
{
    Q_OBJECT

private slots:
    void isRefused_data()
    {
        QTest::addColumn<std::string>("bytes");
        QTest::addColumn<int>("status");
        using namespace std::string_literals;
        const std::string host = "Host: test\r\n";

        // Two ways to see one request (reliability.md, section 3, 23).
        QTest::newRow("length and chunks")
            << head("Host: test\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n") << 400;
        QTest::newRow("chunks and length")
            << head("Host: test\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n") << 400;
        QTest::newRow("two lengths") << head("Host: test\r\nContent-Length: 3\r\nContent-Length: 4\r\n") << 400;
        QTest::newRow("one length twice") << head("Host: test\r\nContent-Length: 3\r\nContent-Length: 3\r\n") << 400;
        QTest::newRow("a list of lengths") << head("Host: test\r\nContent-Length: 3, 3\r\n") << 400;
        QTest::newRow("a negative length") << head("Host: test\r\nContent-Length: -1\r\n") << 400;
        QTest::newRow("a length with a sign") << head("Host: test\r\nContent-Length: +3\r\n") << 400;
        QTest::newRow("a hexadecimal length") << head("Host: test\r\nContent-Length: 0x3\r\n") << 400;
        QTest::newRow("an empty length") << head("Host: test\r\nContent-Length: \r\n") << 400;
        QTest::newRow("a length beyond 64 bits")
            << head("Host: test\r\nContent-Length: 18446744073709551619\r\n") << 400;
        QTest::newRow("gzip as transfer coding") << head("Host: test\r\nTransfer-Encoding: gzip, chunked\r\n") << 501;
        QTest::newRow("identity as transfer coding") << head("Host: test\r\nTransfer-Encoding: identity\r\n") << 501;
        QTest::newRow("chunked twice") << head("Host: test\r\nTransfer-Encoding: chunked, chunked\r\n") << 501;
        QTest::newRow("two transfer codings")
            << head("Host: test\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n") << 400;
        QTest::newRow("a disguised transfer coding") << head("Host: test\r\nTransfer-Encoding: xchunked\r\n") << 501;
        QTest::newRow("a vertical tab before chunked") << head("Host: test\r\nTransfer-Encoding: \x0b"
                                                               "chunked\r\n")
                                                       << 400;
        QTest::newRow("chunks in HTTP/1.0")
            << "POST /echo HTTP/1.0\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n"s << 400;
        QTest::newRow("a blank before the colon") << head("Host: test\r\nContent-Length : 3\r\n") << 400;
        QTest::newRow("a folded line") << head("Host: test\r\nX: a\r\n b\r\n") << 400;
        QTest::newRow("a folded line with a tab") << head("Host: test\r\nX: a\r\n\tb\r\n") << 400;
        QTest::newRow("a first field that is folded") << head(" Host: test\r\n") << 400;
        QTest::newRow("a bare LF") << head("Host: test\nX: a\r\n") << 400;
        QTest::newRow("a bare LF at the end") << "GET / HTTP/1.1\r\nHost: test\r\n\n"s << 400;
        QTest::newRow("a bare CR") << head("Host: test\r\nX: a\rY: b\r\n") << 400;
        QTest::newRow("a NUL in a field") << "GET / HTTP/1.1\r\nHost: test\r\nX: a\0b\r\n\r\n"s << 400;
        QTest::newRow("an ESC in a field") << head("Host: test\r\nX: a\x1b[31m\r\n") << 400;
        QTest::newRow("a DEL in a field") << head("Host: test\r\nX: a\x7f\r\n") << 400;
        QTest::newRow("a field without colon") << head("Host: test\r\nnonsense\r\n") << 400;
        QTest::newRow("a field without name") << head("Host: test\r\n: x\r\n") << 400;
        QTest::newRow("a name that is no token") << head("Host: test\r\nX Y: x\r\n") << 400;

        // Chunks.
        const std::string chunked = head("Host: test\r\nTransfer-Encoding: chunked\r\n");
        QTest::newRow("a chunk size beyond 64 bits") << chunked + "10000000000000000\r\n" << 400;
        QTest::newRow("a chunk size that fills 64 bits") << chunked + "FFFFFFFFFFFFFFFF\r\n" << 413;
        QTest::newRow("a negative chunk size") << chunked + "-1\r\n" << 400;
        QTest::newRow("a chunk size in words") << chunked + "five\r\nhello\r\n0\r\n\r\n" << 400;
        QTest::newRow("a chunk that is longer than it says") << chunked + "3\r\nhello\r\n0\r\n\r\n" << 400;
        QTest::newRow("a chunk line with a bare LF") << chunked + "5\nhello\r\n0\r\n\r\n" << 400;
        QTest::newRow("an endless chunk extension") << chunked + "5;x=" + std::string(70'000, 'x') << 400;
        QTest::newRow("chunks over the limit") << chunked + "80000\r\n" + std::string(0x80000, 'x') + "\r\n80001\r\n"
                                               << 413;

        // Hosts (41).
        QTest::newRow("no host") << "GET / HTTP/1.1\r\n\r\n"s << 400;
        QTest::newRow("two hosts") << "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"s << 400;
        QTest::newRow("one host twice") << "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n"s << 400;
        QTest::newRow("an empty host") << "GET / HTTP/1.1\r\nHost: \r\n\r\n"s << 400;
        QTest::newRow("a host with a path") << "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n"s << 400;
        QTest::newRow("a host with a user") << "GET / HTTP/1.1\r\nHost: a@b\r\n\r\n"s << 400;
        QTest::newRow("another server's target") << "GET http://other/ HTTP/1.1\r\n" + host + "\r\n" << 400;
        QTest::newRow("a target with a user") << "GET http://u@test/ HTTP/1.1\r\n" + host + "\r\n" << 400;
        QTest::newRow("a target of another kind") << "GET ftp://test/ HTTP/1.1\r\n" + host + "\r\n" << 400;
        QTest::newRow("an authority as target") << "CONNECT test:443 HTTP/1.1\r\n" + host + "\r\n" << 501;
        QTest::newRow("a star as target") << "OPTIONS * HTTP/1.1\r\n" + host + "\r\n" << 400;
        QTest::newRow("a dot segment") << "GET /a/../b HTTP/1.1\r\n" + host + "\r\n" << 400;
        QTest::newRow("two blanks before the version") << "GET /  HTTP/1.1\r\n" + host + "\r\n" << 505;
        QTest::newRow("a control character in the target") << "GET /\x01 HTTP/1.1\r\n" + host + "\r\n" << 400;
        QTest::newRow("a target that is too long") << "GET /" + std::string(9000, 'a') + " HTTP/1.1\r\n" + host + "\r\n"
                                                   << 414;
        QTest::newRow("a target without end") << "GET /" + std::string(20'000, 'a') << 414;

        // Versions and methods.
        QTest::newRow("no version") << "GET /\r\n" + host + "\r\n" << 400;
        QTest::newRow("HTTP/0.9") << "GET / HTTP/0.9\r\n" + host + "\r\n" << 505;
        QTest::newRow("HTTP/1.2") << "GET / HTTP/1.2\r\n" + host + "\r\n" << 505;
        QTest::newRow("HTTP/2") << "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"s << 505;
        QTest::newRow("a version in small letters") << "GET / http/1.1\r\n" + host + "\r\n" << 505;
        QTest::newRow("TRACE") << "TRACE / HTTP/1.1\r\n" + host + "\r\n" << 501;
        QTest::newRow("a method of one's own") << "BREW / HTTP/1.1\r\n" + host + "\r\n" << 501;
        QTest::newRow("a method in small letters") << "get / HTTP/1.1\r\n" + host + "\r\n" << 501;
        QTest::newRow("no method") << " / HTTP/1.1\r\n" + host + "\r\n" << 400;
        QTest::newRow("a TLS hello where none is expected") << "\x16\x03\x01\x02"s << 400;
        QTest::newRow("another protocol") << "\x00\x00\x00\x05hello"s << 400;
        QTest::newRow("many empty lines first") << "\r\n\r\n\r\n\r\n\r\n"s << 400;

        // Sizes.
        std::string many = "GET / HTTP/1.1\r\nHost: test\r\n";
        for (int i = 0; i < 101; ++i)
            many += "F" + std::to_string(i) + ": x\r\n";
        QTest::newRow("too many fields") << many + "\r\n" << 431;
        QTest::newRow("too long a field")
            << head(("Host: test\r\nX: " + std::string(20'000, 'x') + "\r\n").c_str()) << 431;
        QTest::newRow("a body that is said to be too long") << "POST /small-body HTTP/1.1\r\nHost: test\r\n"
                                                               "Content-Length: 10737418240\r\n\r\n"s
                                                            << 413;
        QTest::newRow("an expectation of another kind")
            << head("Host: test\r\nExpect: 200-ok\r\nContent-Length: 1\r\n") << 417;
        QTest::newRow("an unknown content coding") << post("/echo", "x", "Content-Encoding: br\r\n") << 415;
        QTest::newRow("two content codings") << post("/echo", "x", "Content-Encoding: gzip, gzip\r\n") << 415;
        QTest::newRow("two fields of content codings")
            << post("/echo", "x", "Content-Encoding: gzip\r\nContent-Encoding: zstd\r\n") << 415;
        QTest::newRow("a content coding that is a lie")
            << post("/echo", "xxxxxxxxxx", "Content-Encoding: gzip\r\n") << 400;
    }
    void isRefused()
    {
        QFETCH(std::string, bytes);
        QFETCH(int, status);
        TestServer server;
        RawClient client(server.listenPlain());
        // Whatever a smuggler put behind it must not be read as a request.
        const auto response = client.ask(bytes);
        QCOMPARE(response.status, status);
        QCOMPARE(response.fields["Content-Type"], "application/problem+json");
        QCOMPARE(response.fields["Connection"], "close");
        client.send(get("/smuggled"));
        QVERIFY(client.rest().empty());
        QCOMPARE(server.handler.handled.load(), 0);
        QCOMPARE(server.figures().refused, 1U);
    }

    void whatIsOnlyUnusualIsTaken_data()
    {
        QTest::addColumn<std::string>("bytes");
        QTest::newRow("an empty line first") << "\r\n" + get("/a");
        QTest::newRow("the own host in the target") << std::string("GET HTTP://Test/a HTTP/1.1\r\nHost: test\r\n\r\n");
        QTest::newRow("no blank behind the colon") << std::string("GET /a HTTP/1.1\r\nHost:test\r\n\r\n");
        QTest::newRow("blanks around a value") << std::string("GET /a HTTP/1.1\r\nHost: \t test \t\r\n\r\n");
        QTest::newRow("an empty value") << get("/a", "X:\r\n");
        QTest::newRow("bytes above ASCII in a value") << get("/a", "X: \xc3\xa9\xff\r\n");
        QTest::newRow("a host by number") << std::string("GET /a HTTP/1.1\r\nHost: [::1]:8080\r\n\r\n");
        QTest::newRow("an upgrade that nobody offers") << get("/a", "Connection: Upgrade\r\nUpgrade: h2c\r\n");
        QTest::newRow("a length of nothing") << get("/a", "Content-Length: 0\r\n");
    }
    void whatIsOnlyUnusualIsTaken()
    {
        QFETCH(std::string, bytes);
        TestServer server;
        RawClient client(server.listenPlain());
        QCOMPARE(client.ask(bytes).body, "GET /a peer=127.0.0.1");
        QCOMPARE(client.ask(get("/after")).status, 200);
    }

    void whoLeavesInTheMiddleLeavesNothing_data()
    {
        QTest::addColumn<std::string>("bytes");
        QTest::newRow("before anything") << std::string();
        QTest::newRow("in the header") << std::string("GET / HT");
        QTest::newRow("in the body") << std::string("POST /echo HTTP/1.1\r\nHost: t\r\nContent-Length: 100\r\n\r\nxxx");
        QTest::newRow("in a chunk") << std::string(
            "POST /echo HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\nA\r\nx");
    }
    void whoLeavesInTheMiddleLeavesNothing()
    {
        QFETCH(std::string, bytes);
        TestServer server;
        const auto port = server.listenPlain();
        RawClient client(port);
        client.send(bytes);
        server.until([&] { return server.figures().connections == 1; });
        client.close();
        server.until([&] { return server.figures().connections == 0; });
        QCOMPARE(server.figures().bodyBytes, 0U);
        QCOMPARE(server.handler.handled.load(), 0);
    }

    void whoSaysAllAndListensOnIsAnswered()
    {
        TestServer server;
        RawClient client(server.listenPlain());
        client.send(post("/echo", "half closed"));
        client.finishSending();
        QCOMPARE(client.response().body, "half closed");
        QVERIFY(client.isClosed());
    }
};

QTEST_GUILESS_MAIN(UglyTest)
#include "ugly_test.moc"
