#include "server/platform/http/beast_reader.h"

#include <QTest>

using namespace voelgoed::http;

namespace {

const std::string kRequests = "POST /one HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nfirst"
                              "POST /two HTTP/1.1\r\nHost: b\r\nTransfer-Encoding: chunked\r\n\r\n"
                              "3\r\nsec\r\n3;x=y\r\nond\r\n0\r\nHost: smuggled\r\n\r\n"
                              "\r\nGET /three HTTP/1.1\r\nHost: c\r\nConnection: close\r\n\r\n";

/// What a reader makes of bytes that come in pieces of one size.
struct Reading
{
    std::vector<std::string> targets, hosts, bodies;
    bool refused = false;
};

Reading readInPieces(const std::string &bytes, std::size_t size)
{
    Reading reading;
    RequestReader reader(16 * 1024);
    std::string waiting;
    std::size_t at = 0;
    bool inBody = false;
    for (;;) {
        const auto progress = inBody ? reader.readBody(waiting) : reader.readHead(waiting);
        reading.refused = reading.refused || progress.refusal;
        if (reading.refused)
            return reading;
        waiting.erase(0, progress.used);
        if (!progress.done) {
            if (at >= bytes.size())
                return reading;
            waiting += bytes.substr(at, size);
            at += size;
        } else if (inBody) {
            reading.bodies.push_back(reader.body());
            reader.next();
            inBody = false;
        } else {
            reading.targets.push_back(reader.head().target);
            reading.hosts.push_back(reader.framing().host);
            reading.refused = bool(reader.expectBody(100, RequestReader::Body::Keep));
            inBody = true;
        }
    }
}

} // namespace

class ReaderTest : public QObject
{
    Q_OBJECT

private slots:
    void requestsAreTheSameInPiecesOfEachSize()
    {
        for (std::size_t size = 1; size <= kRequests.size(); ++size) {
            const Reading reading = readInPieces(kRequests, size);
            QVERIFY(!reading.refused);
            QCOMPARE(reading.targets, (std::vector<std::string>{"/one", "/two", "/three"}));
            QCOMPARE(reading.hosts, (std::vector<std::string>{"a", "b", "c"}));
            QCOMPARE(reading.bodies, (std::vector<std::string>{"first", "second", ""}));
        }
    }

    void aHeaderIsUsedWholeOrNotAtAll()
    {
        RequestReader reader(1000);
        const std::string head = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
        for (std::size_t size = 0; size < head.size(); ++size) {
            const auto progress = reader.readHead(std::string_view(head).substr(0, size));
            QVERIFY(!progress.done && !progress.refusal);
            QCOMPARE(progress.used, 0U);
            QCOMPARE(reader.begun(), size > 0);
        }
        QCOMPARE(reader.readHead(head + "more").used, head.size());
    }

    void aHeaderOverTheLimitIsRefused()
    {
        const std::string fields = "GET / HTTP/1.1\r\nHost: a\r\nX: ";
        RequestReader reader(1000);
        QCOMPARE(reader.readHead(fields + std::string(2000, 'x')).refusal->status, 431);
        RequestReader fits(1000);
        QVERIFY(fits.readHead(fields + std::string(996 - fields.size(), 'x') + "\r\n\r\n").done);
        RequestReader longer(1000);
        QCOMPARE(longer.readHead(fields + std::string(997 - fields.size(), 'x') + "\r\n\r\n").refusal->status, 431);
    }

    void droppedBodiesAreCounted()
    {
        RequestReader reader(1000);
        QVERIFY(reader.readHead("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n").done);
        QVERIFY(!reader.expectBody(10, RequestReader::Body::Drop));
        QCOMPARE(reader.readBody("8\r\n12345678\r\n").used, 13U);
        QVERIFY(reader.body().empty());
        QCOMPARE(reader.readBody("8\r\n12345678\r\n").refusal->status, 413);
    }

    void whatTheHeaderSaysOfTheConnectionIsUnderstood_data()
    {
        QTest::addColumn<std::string>("head");
        QTest::addColumn<bool>("keepAlive");
        QTest::addColumn<bool>("continues");
        QTest::addColumn<bool>("webSocket");
        using namespace std::string_literals;
        QTest::newRow("nothing") << "GET / HTTP/1.1\r\nHost: a\r\n"s << true << false << false;
        QTest::newRow("close") << "GET / HTTP/1.1\r\nHost: a\r\nConnection: x , Close\r\n"s << false << false << false;
        QTest::newRow("close in a second field")
            << "GET / HTTP/1.1\r\nHost: a\r\nConnection: x\r\nConnection: close\r\n"s << false << false << false;
        QTest::newRow("an old client") << "GET / HTTP/1.0\r\n"s << false << false << false;
        QTest::newRow("an old client that stays")
            << "GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n"s << true << false << false;
        QTest::newRow("an upgrade") << "GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: WebSocket\r\n"s
                                    << true << false << true;
        QTest::newRow("an upgrade that is not connected")
            << "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n"s << true << false << false;
        QTest::newRow("an expectation without body")
            << "GET / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n"s << true << false << false;
        QTest::newRow("an expectation") << "PUT / HTTP/1.1\r\nHost: a\r\nExpect: 100-Continue\r\nContent-Length: 1\r\n"s
                                        << true << true << false;
    }
    void whatTheHeaderSaysOfTheConnectionIsUnderstood()
    {
        QFETCH(std::string, head);
        QFETCH(bool, keepAlive);
        QFETCH(bool, continues);
        QFETCH(bool, webSocket);
        RequestReader reader(1000);
        QVERIFY(reader.readHead(head + "\r\n").done);
        QCOMPARE(reader.framing().keepAlive, keepAlive);
        QCOMPARE(reader.framing().continues, continues);
        QCOMPARE(reader.framing().webSocket, webSocket);
    }
};

QTEST_APPLESS_MAIN(ReaderTest)
#include "reader_test.moc"
