// Bodies that come or go compressed, and files in parts.
#include "server/platform/http/coding.h"
#include "tests/server/platform/http/curl_client.h"
#include "tests/server/platform/http/raw_client.h"
#include "tests/server/platform/http/test_server.h"

#include <QTemporaryDir>
#include <QTest>

using namespace voelgoed;
using namespace voelgoed::http;

namespace {

std::string packed(Coding coding, const std::string &text)
{
    std::string out;
    Encoder(coding).encode(text, out);
    return out;
}

std::string unpacked(Coding coding, const std::string &bytes)
{
    Decoder decoder(coding, std::size_t{64} << 20);
    base::ensure(decoder.add(bytes) && decoder.finish(), "cannot be unpacked");
    return decoder.out();
}

std::string fieldFor(Coding coding)
{
    return "Content-Encoding: " + std::string(word(coding)) + "\r\n";
}

} // namespace
Q_DECLARE_METATYPE(Coding)

class BodiesTest : public QObject
{
    Q_OBJECT

    static void codings()
    {
        QTest::addColumn<Coding>("coding");
        QTest::newRow("gzip") << Coding::Gzip;
        QTest::newRow("zstd") << Coding::Zstd;
    }

    /// A file of which each byte can be told from its neighbours.
    static std::string fileContent()
    {
        std::string text;
        while (text.size() < 1'000'000)
            text += std::to_string(text.size()) + " ";
        return text;
    }

    static void write(const QString &path, const std::string &text)
    {
        QFile file(path);
        QVERIFY(file.open(QIODevice::WriteOnly));
        QCOMPARE(file.write(text.data(), qint64(text.size())), qint64(text.size()));
    }

private slots:
    void initTestCase() { curl_global_init(CURL_GLOBAL_DEFAULT); }

    void answersAreCompressedForWhoTakesIt_data() { codings(); }
    void answersAreCompressedForWhoTakesIt()
    {
        QFETCH(Coding, coding);
        TestServer server;
        RawClient client(server.listenPlain());
        const std::string accept = "Accept-Encoding: br, " + std::string(word(coding)) + ";q=0.5\r\n";
        for (const int size : {1025, 60'000, 1'000'000}) {
            const auto response = client.ask(get("/text?size=" + std::to_string(size), accept));
            QCOMPARE(response.fields["Content-Encoding"], word(coding));
            QCOMPARE(response.fields["Vary"], "Accept-Encoding");
            QVERIFY(response.body.size() < std::size_t(size) / 5);
            QCOMPARE(unpacked(coding, response.body), std::string(std::size_t(size), 't'));
        }
        const auto stream = client.ask(get("/stream?size=100000", accept));
        QCOMPARE(unpacked(coding, stream.body), std::string(300'000, 's'));
    }

    void answersThatGainNothingGoAsTheyAre_data()
    {
        QTest::addColumn<std::string>("request");
        QTest::newRow("small") << get("/text?size=1024", "Accept-Encoding: gzip\r\n");
        QTest::newRow("not text") << get("/binary?size=5000", "Accept-Encoding: gzip\r\n");
        QTest::newRow("not asked for") << get("/text?size=5000");
        QTest::newRow("not wanted") << get("/text?size=5000", "Accept-Encoding: gzip;q=0, zstd; q=0.0, br\r\n");
    }
    void answersThatGainNothingGoAsTheyAre()
    {
        QFETCH(std::string, request);
        TestServer server;
        RawClient client(server.listenPlain());
        const auto response = client.ask(request);
        QVERIFY(!response.fields.has("Content-Encoding"));
        QVERIFY(response.body.size() >= 1024);
    }

    void aTagOfCompressedBytesIsWeak()
    {
        TestServer server;
        RawClient client(server.listenPlain());
        const auto tag = [&](const char *target, const char *fields) {
            return std::string(client.ask(get(target, fields)).fields["ETag"]);
        };
        QCOMPARE(tag("/tagged?size=2000", "Accept-Encoding: gzip\r\n"), "W/\"t1\"");
        QCOMPARE(tag("/tagged?size=2000", ""), "\"t1\"");
        QCOMPARE(tag("/tagged?size=10", "Accept-Encoding: gzip\r\n"), "\"t1\"");
    }

    void compressedRequestsAreUnpacked_data() { codings(); }
    void compressedRequestsAreUnpacked()
    {
        QFETCH(Coding, coding);
        TestServer server;
        RawClient client(server.listenPlain());
        std::string text;
        for (int i = 0; text.size() < 500'000; ++i)
            text += std::to_string(i * 7919);
        const std::string bytes = packed(coding, text);
        QCOMPARE(client.ask(post("/echo", bytes, fieldFor(coding))).body, text);
        QCOMPARE(client.ask(post("/raw-size", bytes, fieldFor(coding))).body, std::to_string(bytes.size()));
        QCOMPARE(client.ask(post("/raw-size", "plain")).body, "0");
    }

    void bombsAreRefusedBeforeTheyGoOff_data() { codings(); }
    void bombsAreRefusedBeforeTheyGoOff()
    {
        QFETCH(Coding, coding);
        TestServer server;
        const auto port = server.listenPlain();
        const std::string bomb = packed(coding, std::string(100'000'000, 'x'));
        QVERIFY(bomb.size() < 1'000'000);
        RawClient client(port);
        QCOMPARE(client.ask(post("/echo", bomb, fieldFor(coding))).status, 413);
        RawClient limited(port);
        QCOMPARE(limited.ask(post("/small-body", packed(coding, std::string(1001, 'x')), fieldFor(coding))).status,
                 413);
        RawClient fitting(port);
        QCOMPARE(fitting.ask(post("/small-body", packed(coding, std::string(1000, 'x')), fieldFor(coding))).status,
                 200);
        QCOMPARE(server.handler.handled.load(), 1);
    }

    void brokenCompressionIsRefused_data() { codings(); }
    void brokenCompressionIsRefused()
    {
        QFETCH(Coding, coding);
        TestServer server;
        const auto port = server.listenPlain();
        const std::string sound = packed(coding, "a text that is long enough to be cut somewhere in its middle");
        for (const std::string &broken : {sound.substr(0, sound.size() / 2), sound + "x", sound + sound}) {
            RawClient client(port);
            QCOMPARE(client.ask(post("/echo", broken, fieldFor(coding))).status, 400);
        }
        QCOMPARE(server.handler.handled.load(), 0);
    }

    void filesComeWholeAndInParts_data()
    {
        QTest::addColumn<QString>("fields");
        QTest::addColumn<int>("status");
        QTest::addColumn<int>("first");
        QTest::addColumn<int>("size"); // of the body; -1: to the end
        QTest::newRow("whole") << "" << 200 << 0 << -1;
        QTest::newRow("the beginning") << "Range: bytes=0-9\r\n" << 206 << 0 << 10;
        QTest::newRow("from somewhere on") << "Range: bytes=500000-\r\n" << 206 << 500'000 << -1;
        QTest::newRow("the end") << "Range: bytes=-7\r\n" << 206 << -7 << 7;
        QTest::newRow("beyond the end") << "Range: bytes=999990-2000000\r\n" << 206 << 999'990 << -1;
        QTest::newRow("of the same file") << "Range: bytes=5-9\r\nIf-Range: \"f1\"\r\n" << 206 << 5 << 5;
        QTest::newRow("of another file") << "Range: bytes=5-9\r\nIf-Range: \"f0\"\r\n" << 200 << 0 << -1;
        QTest::newRow("of a weakly equal file") << "Range: bytes=5-9\r\nIf-Range: W/\"f1\"\r\n" << 200 << 0 << -1;
        QTest::newRow("several parts") << "Range: bytes=0-1,5-6\r\n" << 200 << 0 << -1;
        QTest::newRow("nonsense") << "Range: bytes=9-5\r\n" << 200 << 0 << -1;
        QTest::newRow("other units") << "Range: lines=1-2\r\n" << 200 << 0 << -1;
    }
    void filesComeWholeAndInParts()
    {
        QFETCH(QString, fields);
        QFETCH(int, status);
        QFETCH(int, first);
        QFETCH(int, size);
        QTemporaryDir folder;
        const std::string text = fileContent();
        write(folder.filePath("file"), text);
        TestServer server;
        server.handler.filePath = folder.filePath("file").toStdString();
        RawClient client(server.listenPlain());
        const auto response = client.ask(get("/file", fields.toStdString()));
        QCOMPARE(response.status, status);
        QCOMPARE(response.fields["ETag"], "\"f1\"");
        QCOMPARE(response.fields["Accept-Ranges"], "bytes");
        const std::size_t from = first < 0 ? text.size() - std::size_t(-first) : std::size_t(first);
        const std::string expected = text.substr(from, size < 0 ? std::string::npos : std::size_t(size));
        QVERIFY(response.body == expected);
        const std::string range = "bytes " + std::to_string(from) + "-" + std::to_string(from + expected.size() - 1) +
                                  "/" + std::to_string(text.size());
        QCOMPARE(response.fields["Content-Range"], std::string_view(status == 206 ? range : ""));
        QCOMPARE(client.ask(get("/after")).status, 200);
    }

    void partsBehindTheEndAreNotThere()
    {
        QTemporaryDir folder;
        write(folder.filePath("file"), "1234567890");
        TestServer server;
        server.handler.filePath = folder.filePath("file").toStdString();
        RawClient client(server.listenPlain());
        const auto response = client.ask(get("/file", "Range: bytes=10-\r\n"));
        QCOMPARE(response.status, 416);
        QCOMPARE(response.fields["Content-Range"], "bytes */10");
        QCOMPARE(client.ask(get("/file", "If-None-Match: \"f1\"\r\n")).status, 304);
        client.send("HEAD /file HTTP/1.1\r\nHost: test\r\n\r\n");
        QCOMPARE(client.response(RawClient::Of::Head).fields["Content-Length"], "10");
        QCOMPARE(client.ask(get("/file")).body, "1234567890");
    }

    void emptyAndMissingFilesAreAnswered()
    {
        QTemporaryDir folder;
        write(folder.filePath("empty"), "");
        TestServer server;
        server.handler.filePath = folder.filePath("empty").toStdString();
        const auto port = server.listenPlain();
        RawClient client(port);
        QCOMPARE(client.ask(get("/file")).fields["Content-Length"], "0");
        server.run([&] { server.handler.filePath = folder.filePath("missing").toStdString(); });
        QCOMPARE(client.ask(get("/file")).status, 500);
        server.run([&] { server.handler.filePath = folder.path().toStdString(); });
        QCOMPARE(RawClient(port).ask(get("/file")).status, 500);
    }

    void aDownloadThatBrokeOffIsResumedByCurl()
    {
        QTemporaryDir folder;
        const std::string text = fileContent();
        write(folder.filePath("file"), text);
        TestServer server;
        server.handler.filePath = folder.filePath("file").toStdString();
        const std::string url = "http://127.0.0.1:" + std::to_string(server.listenPlain()) + "/file";
        CurlClient client;
        client.set(CURLOPT_RESUME_FROM_LARGE, curl_off_t{400'000});
        QCOMPARE(client.get(url), CURLE_OK);
        QCOMPARE(client.status(), 206L);
        QVERIFY(client.body() == text.substr(400'000));
        client.set(CURLOPT_RESUME_FROM_LARGE, curl_off_t{0});
        client.set(CURLOPT_ACCEPT_ENCODING, "");
        QCOMPARE(client.get(url.substr(0, url.size() - 4) + "text?size=70000"), CURLE_OK);
        QCOMPARE(client.body(), std::string(70'000, 't'));
        QVERIFY(client.head().find("Content-Encoding: zstd") != std::string::npos);
    }
};

QTEST_GUILESS_MAIN(BodiesTest)
#include "bodies_test.moc"
