#include "tests/server/platform/http/raw_client.h"
#include "tests/server/platform/http/test_server.h"

#include <QTemporaryDir>
#include <QTest>

#include <sys/stat.h>

using namespace voelgoed;
using namespace voelgoed::http;

class RequestsTest : public QObject
{
    Q_OBJECT

private slots:
    void requestsFollowEachOtherOnOneConnection()
    {
        TestServer server;
        RawClient client(server.listenPlain());
        QCOMPARE(client.ask(get("/a?x=1&y=%41+b")).body, "GET /a peer=127.0.0.1 x=1 y=A b");
        QCOMPARE(client.ask(post("/echo", "hello")).body, "hello");
        const RawResponse last = client.ask(get("/b", "Connection: close\r\n"));
        QCOMPARE(last.fields["Connection"], "close");
        QVERIFY(client.isClosed());
        QCOMPARE(server.figures().requests, 3U);
    }

    void requestsThatComeAtOnceAreAnsweredInOrder()
    {
        TestServer server;
        RawClient client(server.listenPlain());
        std::string all;
        for (int i = 0; i < 50; ++i)
            all += i % 2 ? post("/echo", "body " + std::to_string(i)) : get("/n" + std::to_string(i));
        client.send(all);
        for (int i = 0; i < 50; ++i) {
            const std::string number = std::to_string(i);
            QCOMPARE(client.response().body, i % 2 ? "body " + number : "GET /n" + number + " peer=127.0.0.1");
        }
    }

    void aRequestThatComesByteByByteIsUnderstood()
    {
        TestServer server;
        RawClient client(server.listenPlain());
        for (const char c : post("/echo", "slowly"))
            client.send(std::string_view(&c, 1));
        QCOMPARE(client.response().body, "slowly");
    }

    void chunksAreOneBody()
    {
        TestServer server;
        RawClient client(server.listenPlain());
        const std::string head = "POST /echo HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n";
        QCOMPARE(client.ask(head + "5\r\nhello\r\n1;x=\"y\"\r\n \r\nA\r\n0123456789\r\n0\r\nTrailer: x\r\n\r\n").body,
                 "hello 0123456789");
        QCOMPARE(client.ask(head + "0\r\n\r\n").status, 200);
    }

    void whoExpectsItIsToldToContinue()
    {
        TestServer server;
        RawClient client(server.listenPlain());
        const std::string head =
            "POST /echo HTTP/1.1\r\nHost: test\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n";
        QCOMPARE(client.ask(head).status, 100);
        QCOMPARE(client.ask("body").body, "body");
        // One who does not wait gets no such answer.
        QCOMPARE(client.ask(head + "body").status, 200);
    }

    void whoExpectsItIsToldToSpareTheBody()
    {
        TestServer server;
        RawClient client(server.listenPlain());
        const auto response = client.ask("POST /small-body HTTP/1.1\r\nHost: test\r\nExpect: 100-continue\r\n"
                                         "Content-Length: 1001\r\n\r\n");
        QCOMPARE(response.status, 413);
        QVERIFY(client.isClosed());
    }

    void aHeadGetsTheHeaderOfTheGet()
    {
        TestServer server;
        RawClient client(server.listenPlain());
        client.send("HEAD /text?size=5000 HTTP/1.1\r\nHost: test\r\n\r\n" + get("/after"));
        const auto head = client.response(RawClient::Of::Head);
        QCOMPARE(head.fields["Content-Length"], "5000");
        QCOMPARE(client.response().body, "GET /after peer=127.0.0.1");
    }

    void answersWithoutBodySayNoLength()
    {
        TestServer server;
        RawClient client(server.listenPlain());
        const auto response = client.ask(get("/nothing"));
        QCOMPARE(response.status, 204);
        QVERIFY(!response.fields.has("Content-Length"));
        QCOMPARE(client.ask(get("/after")).status, 200);
    }

    void whatTheClientHasIsNotSentAgain()
    {
        TestServer server;
        RawClient client(server.listenPlain());
        QCOMPARE(client.ask(get("/tagged")).fields["ETag"], "\"t1\"");
        QCOMPARE(client.ask(get("/tagged", "If-None-Match: \"t0\", W/\"t1\"\r\n")).status, 304);
        QCOMPARE(client.ask(get("/tagged", "If-None-Match: \"t0\"\r\n")).status, 200);
    }

    void oldClientsAreServedOncePerConnection()
    {
        TestServer server;
        const auto port = server.listenPlain();
        RawClient once(port);
        QCOMPARE(once.ask("GET /a HTTP/1.0\r\n\r\n").fields["Connection"], "close");
        QVERIFY(once.isClosed());
        RawClient again(port);
        QCOMPARE(again.ask("GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").fields["Connection"], "keep-alive");
        again.send("GET /stream?size=10 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
        QCOMPARE(again.response().body, std::string(30, 's'));
    }

    void bodiesThatAreMadeOnTheWayComeInChunks()
    {
        TestServer server;
        RawClient client(server.listenPlain());
        const auto response = client.ask(get("/stream?size=100000"));
        QCOMPARE(response.fields["Transfer-Encoding"], "chunked");
        QVERIFY(response.whole);
        QCOMPARE(response.body, std::string(300'000, 's'));
        QCOMPARE(client.ask(get("/after")).status, 200);
    }

    void aBodyThatBreaksOffIsNoWholeBody()
    {
        TestServer server;
        const auto port = server.listenPlain();
        RawClient client(port);
        const auto response = client.ask(get("/stream-fails"));
        QCOMPARE(response.status, 200);
        QVERIFY(!response.whole);
        RawClient other(port);
        QCOMPARE(other.ask(get("/stream-fails-at-once")).status, 500);
        QCOMPARE(server.troubles.load(), 2);
    }

    void whatTheHandlerThrowsIsToldAndAnsweredWith500_data()
    {
        QTest::addColumn<QString>("target");
        QTest::newRow("while answering") << "/throws";
        QTest::newRow("while admitting") << "/admit-throws";
        QTest::newRow("a field that would inject another") << "/injects";
    }
    void whatTheHandlerThrowsIsToldAndAnsweredWith500()
    {
        QFETCH(QString, target);
        TestServer server;
        RawClient client(server.listenPlain());
        const auto response = client.ask(get(target.toStdString()));
        QCOMPARE(response.status, 500);
        QCOMPARE(response.fields["Content-Type"], "application/problem+json");
        QVERIFY(!response.fields.has("Set-Cookie"));
        QVERIFY(client.isClosed());
        QCOMPARE(server.troubles.load(), 1);
    }

    void theHandlerMayCloseTheConnection()
    {
        TestServer server;
        RawClient client(server.listenPlain());
        QCOMPARE(client.ask(get("/closes")).fields["Connection"], "close");
        QVERIFY(client.isClosed());
    }

    void aBusyAnswerSparesTheBodyAndKeepsTheConnection()
    {
        TestServer server;
        const auto port = server.listenPlain();
        RawClient client(port);
        QCOMPARE(client.ask(post("/busy", std::string(50'000, 'x'))).status, 503);
        QCOMPARE(client.ask(get("/after")).status, 200);
        RawClient large(port);
        // Too much to be read for nothing: the answer comes, and then the end.
        large.send("POST /busy HTTP/1.1\r\nHost: test\r\nContent-Length: 900000\r\n\r\n");
        const auto response = large.response();
        QCOMPARE(response.status, 503);
        QCOMPARE(response.fields["Connection"], "close");
        QCOMPARE(server.handler.handled.load(), 1);
    }

    void theAdminSocketIsForItsOwner()
    {
        QTemporaryDir folder;
        const std::string path = folder.filePath("admin.sock").toStdString();
        {
            TestServer server;
            ListenOptions options;
            options.unixPath = path;
            QVERIFY(server.listen(options));
            struct stat about = {};
            QCOMPARE(::stat(path.c_str(), &about), 0);
            QCOMPARE(about.st_mode & 0777U, 0600U);
            RawClient client(path);
            QCOMPARE(client.ask(get("/a")).body, "GET /a peer=unix admin");
            TestServer second;
            QCOMPARE(second.listen(options).error().code, base::ErrorCode::Conflict);
        }
        QVERIFY(!QFile::exists(QString::fromStdString(path)));
    }

    void aSocketFileThatWasLeftBehindIsTakenOver()
    {
        QTemporaryDir folder;
        const std::string path = folder.filePath("admin.sock").toStdString();
        const int dead = ::socket(AF_UNIX, SOCK_STREAM, 0);
        sockaddr_un at = {};
        at.sun_family = AF_UNIX;
        std::strncpy(at.sun_path, path.c_str(), sizeof at.sun_path - 1);
        QCOMPARE(::bind(dead, reinterpret_cast<sockaddr *>(&at), sizeof at), 0);
        ::close(dead);
        TestServer server;
        ListenOptions options;
        options.unixPath = path;
        QVERIFY(server.listen(options));
        QCOMPARE(RawClient(path).ask(get("/a")).status, 200);
    }

    void whereNobodyCanListenIsSaid()
    {
        TestServer server;
        const auto port = server.listenPlain();
        ListenOptions options;
        options.port = port;
        TestServer second;
        QCOMPARE(second.listen(options).error().code, base::ErrorCode::Conflict);
        options.address = "localhost";
        QCOMPARE(second.listen(options).error().code, base::ErrorCode::Invalid);
        options.unixPath = "/tmp/" + std::string(110, 'x');
        QCOMPARE(second.listen(options).error().code, base::ErrorCode::Invalid);
    }
};

QTEST_GUILESS_MAIN(RequestsTest)
#include "requests_test.moc"
