// Slow clients: cut when they hold things up, and never in others' way.
#include "tests/server/platform/http/raw_client.h"
#include "tests/server/platform/http/test_server.h"

#include <QTest>

#include <sys/resource.h>

using namespace voelgoed;
using namespace voelgoed::http;
using namespace std::chrono_literals;

class SlowTest : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase()
    {
        rlimit files = {};
        QCOMPARE(::getrlimit(RLIMIT_NOFILE, &files), 0);
        files.rlim_cur = std::min<rlim_t>(files.rlim_max, 10'000);
        QCOMPARE(::setrlimit(RLIMIT_NOFILE, &files), 0);
    }

    void aSlowHeaderIsAnsweredWith408AndCut()
    {
        TestServer server({.headerWithin = 100ms});
        RawClient client(server.listenPlain());
        const auto response = client.ask("GET / HTTP/1.1\r\nHost: te");
        QCOMPARE(response.status, 408);
        QVERIFY(client.isClosed());
    }

    void anotherByteNowAndThenDoesNotHelp()
    {
        TestServer server({.headerMax = std::size_t{1} << 20, .headerWithin = 100ms});
        RawClient client(server.listenPlain());
        client.send("GET / HTTP/1.1\r\nX: ");
        // Bytes for as long as they are taken: the time runs from the first.
        while (server.figures().refused == 0)
            client.send("x");
        QCOMPARE(client.response().status, 408);
    }

    void whoSaysNothingIsCutWithoutAWord()
    {
        TestServer server({.headerWithin = 100ms});
        RawClient client(server.listenPlain());
        QVERIFY(client.isClosed());
    }

    void anIdleConnectionIsClosed()
    {
        TestServer server({.idleMax = 100ms});
        RawClient client(server.listenPlain());
        QCOMPARE(client.ask(get("/a")).status, 200);
        QVERIFY(client.isClosed());
    }

    void aSlowBodyIsAnsweredWith408AndCut()
    {
        TestServer server({.headerWithin = 200ms});
        RawClient client(server.listenPlain());
        QCOMPARE(client.ask("POST /slow-body HTTP/1.1\r\nHost: test\r\nContent-Length: 10\r\n\r\nabc").status, 408);
        QVERIFY(client.isClosed());
        QCOMPARE(server.handler.handled.load(), 0);
    }

    void whoDoesNotReadIsCut()
    {
        TestServer server({.writeStallMax = 200ms});
        const auto port = server.listenPlain();
        RawClient client(port);
        client.setReceiveBuffer(4096);
        client.send(get("/binary?size=50000000"));
        server.until([&] { return server.handler.handled == 1; });
        server.until([&] { return server.figures().connections == 0; });
        QVERIFY(!client.response().whole);
    }

    void anAnswerThatTakesItsTimeIsNotCut()
    {
        TestServer server({.headerWithin = 50ms, .idleMax = 50ms, .writeStallMax = 50ms});
        const auto port = server.listenPlain();
        RawClient patient(port);
        patient.send(get("/wait"));
        server.until([&] { return server.handler.waiting == 1; });
        // The other one's time runs out meanwhile, several times over.
        for (int i = 0; i < 3; ++i)
            QVERIFY(RawClient(port).isClosed());
        server.release();
        QCOMPARE(patient.response().status, 200);
    }

    void twoThousandSlowOnesAreInNobodysWay()
    {
        TestServer server;
        const auto port = server.listenPlain();
        std::vector<RawClient> slow;
        for (int i = 0; i < 2000; ++i)
            slow.emplace_back(port).send("GET / HTTP/1.1\r\nHost: te");
        server.until([&] { return server.figures().connections == 2000; });
        RawClient quick(port);
        for (int i = 0; i < 500; ++i) {
            for (int k = 0; k < 4; ++k)
                slow[static_cast<std::size_t>(i * 4 + k)].send("s");
            QCOMPARE(quick.ask(get("/quick")).status, 200);
        }
        QCOMPARE(server.figures().requests, 500U);
        // And they are served as well, once they come to an end.
        QCOMPARE(slow[1999].ask("t\r\n\r\n").status, 200);
    }

    void theOldestThatOnlyOpenedMakesRoom()
    {
        TestServer server({.connections = 50, .opening = 20});
        const auto port = server.listenPlain();
        std::vector<RawClient> slow;
        for (int i = 0; i < 40; ++i)
            slow.emplace_back(port).send("GET / HTTP/1.1\r\n");
        QVERIFY(slow[0].isClosed());
        QVERIFY(slow[19].isClosed());
        RawClient quick(port);
        QCOMPARE(quick.ask(get("/quick")).status, 200);
        QCOMPARE(slow[39].ask("Host: test\r\n\r\n").status, 200);
    }

    void idleOnesMakeRoomBeforeAnybodyElse()
    {
        TestServer server({.connections = 3});
        const auto port = server.listenPlain();
        RawClient busy(port), opening(port), idle(port);
        busy.send(get("/wait"));
        server.until([&] { return server.handler.waiting == 1; });
        opening.send("GET / HTTP/1.1\r\n");
        QCOMPARE(idle.ask(get("/a")).status, 200);
        RawClient late(port);
        QCOMPARE(late.ask(get("/late")).status, 200);
        QVERIFY(idle.isClosed());
        // The next one's room is the late one's, who idles now.
        RawClient later(port);
        QCOMPARE(later.ask(get("/later")).status, 200);
        QVERIFY(late.isClosed());
        QCOMPARE(opening.ask("Host: test\r\n\r\n").status, 200);
        server.release();
        QCOMPARE(busy.response().status, 200);
    }

    void whereAllAreBusyNobodyIsLetIn()
    {
        TestServer server({.connections = 2});
        const auto port = server.listenPlain();
        RawClient one(port), two(port);
        one.send(get("/wait"));
        two.send(get("/wait"));
        server.until([&] { return server.handler.waiting == 2; });
        QVERIFY(RawClient(port).isClosed());
        server.release();
        QCOMPARE(one.response().status, 200);
        QCOMPARE(two.response().status, 200);
        QCOMPARE(RawClient(port).ask(get("/a")).status, 200);
    }

    void onePeerTakesOnlyItsShare()
    {
        TestServer server({.connectionsOfOnePeer = 2});
        const auto port = server.listenPlain();
        RawClient one(port), two(port);
        one.send(get("/wait"));
        two.send(get("/wait"));
        server.until([&] { return server.handler.waiting == 2; });
        QVERIFY(RawClient(port).isClosed());
        server.release();
        QCOMPARE(one.response().status, 200);
    }

    void allBodiesTogetherHaveALimit()
    {
        TestServer server({.bodiesMax = 150'000});
        const auto port = server.listenPlain();
        const std::string head = "POST /echo HTTP/1.1\r\nHost: test\r\nContent-Length: 100000\r\n\r\n";
        RawClient one(port), two(port);
        one.send(head + std::string(90'000, 'a'));
        server.until([&] { return server.figures().bodyBytes == 90'000; });
        QCOMPARE(two.ask(head + std::string(100'000, 'b')).status, 503);
        QCOMPARE(one.ask(std::string(10'000, 'a')).body.size(), 100'000U);
        server.until([&] { return server.figures().bodyBytes == 0; });
    }

    // Such as guest lists: what gates send always finds room.
    void largeBodiesTogetherLeaveRoomForSmallOnes()
    {
        constexpr std::size_t kLarge = std::size_t{6} << 20;
        TestServer server({.bodiesMax = 4 * kLarge});
        const auto port = server.listenPlain();
        const std::string head =
            "POST /large HTTP/1.1\r\nHost: test\r\nContent-Length: " + std::to_string(2 * kLarge) + "\r\n\r\n";
        RawClient one(port), two(port), small(port);
        one.send(head + std::string(kLarge + 1'000, 'a'));
        server.until([&] { return server.figures().largeBodyBytes == kLarge + 1'000; });
        QCOMPARE(two.ask(head + std::string(kLarge, 'b')).status, 503);
        QCOMPARE(small.ask("POST /echo HTTP/1.1\r\nHost: test\r\nContent-Length: 3\r\n\r\nabc").status, 200);
        one.close();
        server.until([&] { return server.figures().bodyBytes == 0 && server.figures().largeBodyBytes == 0; });
    }
};

QTEST_GUILESS_MAIN(SlowTest)
#include "slow_test.moc"
