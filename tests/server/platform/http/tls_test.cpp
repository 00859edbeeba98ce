#include "tests/server/platform/http/curl_client.h"
#include "tests/server/platform/http/identities.h"
#include "tests/server/platform/http/raw_client.h"
#include "tests/server/platform/http/test_server.h"

#include <QTest>

using namespace voelgoed;
using namespace voelgoed::http;
using namespace std::chrono_literals;

class TlsTest : public QObject
{
    Q_OBJECT

    TestIdentity m_own = TestIdentity::make();

    ListenOptions options() const
    {
        ListenOptions options;
        options.certificatePem = m_own.identity.certificatePem;
        options.keyPem = m_own.identity.keyPem;
        return options;
    }

    static void pin(CurlClient &client, const std::string &pin)
    {
        client.set(CURLOPT_SSL_VERIFYPEER, 0L);
        client.set(CURLOPT_SSL_VERIFYHOST, 0L);
        client.set(CURLOPT_PINNEDPUBLICKEY, pin.c_str());
    }

    static std::string url(const char *scheme, std::uint16_t port, const char *target)
    {
        return std::string(scheme) + "://127.0.0.1:" + std::to_string(port) + target;
    }

private slots:
    void initTestCase() { curl_global_init(CURL_GLOBAL_DEFAULT); }

    void whoKnowsTheKeyIsServed()
    {
        TestServer server;
        const auto port = server.listen(options());
        QVERIFY(port);
        CurlClient client;
        pin(client, publicKeyPin(m_own.key.publicKey()));
        QCOMPARE(client.get(url("https", *port, "/a")), CURLE_OK);
        QCOMPARE(client.body(), "GET /a peer=127.0.0.1 secure");
        QCOMPARE(client.get(url("https", *port, "/text?size=3000000")), CURLE_OK);
        QCOMPARE(client.body(), std::string(3'000'000, 't'));
        QCOMPARE(client.newConnections(), 0L);
        client.set(CURLOPT_POSTFIELDSIZE, 500'000L);
        const std::string body(500'000, 'u');
        client.set(CURLOPT_POSTFIELDS, body.c_str());
        QCOMPARE(client.get(url("https", *port, "/echo")), CURLE_OK);
        QCOMPARE(client.body(), body);
    }

    void whoKnowsAnotherKeyLeaves()
    {
        TestServer server;
        const auto port = server.listen(options());
        QVERIFY(port);
        CurlClient client;
        pin(client, publicKeyPin(TestIdentity::make().key.publicKey()));
        QCOMPARE(client.get(url("https", *port, "/a")), CURLE_SSL_PINNEDPUBKEYNOTMATCH);
        QCOMPARE(server.handler.handled.load(), 0);
    }

    void whoTrustsTheCertificateNeedsNoPin()
    {
        TestServer server;
        const auto port = server.listen(options());
        QVERIFY(port);
        CurlClient client;
        curl_blob roots{const_cast<char *>(m_own.identity.certificatePem.data()), m_own.identity.certificatePem.size(),
                        CURL_BLOB_COPY};
        client.set(CURLOPT_CAINFO_BLOB, &roots);
        QCOMPARE(client.get(url("https", *port, "/a")), CURLE_OK);
        CurlClient stranger;
        QCOMPARE(stranger.get(url("https", *port, "/a")), CURLE_PEER_FAILED_VERIFICATION);
    }

    void olderTlsIsNotSpoken()
    {
        TestServer server;
        const auto port = server.listen(options());
        QVERIFY(port);
        CurlClient client;
        pin(client, publicKeyPin(m_own.key.publicKey()));
        client.set(CURLOPT_SSLVERSION, long(CURL_SSLVERSION_TLSv1_2) | long(CURL_SSLVERSION_MAX_TLSv1_2));
        QCOMPARE(client.get(url("https", *port, "/a")), CURLE_SSL_CONNECT_ERROR);
        client.set(CURLOPT_SSLVERSION, long(CURL_SSLVERSION_TLSv1_3));
        QCOMPARE(client.get(url("https", *port, "/a")), CURLE_OK);
    }

    void plainHttpComesInAtTheSamePort()
    {
        TestServer server;
        const auto port = server.listen(options());
        QVERIFY(port);
        RawClient plain(*port);
        QCOMPARE(plain.ask(get("/a")).body, "GET /a peer=127.0.0.1");
    }

    void plainHttpCanBeTurnedAway()
    {
        TestServer server;
        ListenOptions secure = options();
        secure.plain = false;
        const auto port = server.listen(secure);
        QVERIFY(port);
        RawClient plain(*port);
        QCOMPARE(plain.ask(get("/a")).status, 400);
        QVERIFY(plain.isClosed());
    }

    void aHelloThatNeverEndsIsCut_data()
    {
        QTest::addColumn<std::string>("bytes");
        using namespace std::string_literals;
        QTest::newRow("its first byte") << "\x16"s;
        QTest::newRow("half a record") << "\x16\x03\x01\x01\x00\x01\x00"s;
    }
    void aHelloThatNeverEndsIsCut()
    {
        QFETCH(std::string, bytes);
        TestServer server({.headerWithin = 100ms});
        const auto port = server.listen(options());
        QVERIFY(port);
        RawClient client(*port);
        client.send(bytes);
        QVERIFY(client.isClosed());
        QCOMPARE(server.figures().connections, 0U);
    }

    void aHelloThatIsNoneIsCut()
    {
        TestServer server;
        const auto port = server.listen(options());
        QVERIFY(port);
        RawClient client(*port);
        client.send("\x16\x03\x01\x02" + std::string(700, 'x'));
        client.rest();
        server.until([&] { return server.figures().connections == 0; });
        QCOMPARE(server.handler.handled.load(), 0);
    }

    void aCertificateThatIsNoneIsRefused()
    {
        TestServer server;
        ListenOptions broken = options();
        broken.keyPem = TestIdentity::make().identity.keyPem;
        QCOMPARE(server.listen(broken).error().code, base::ErrorCode::Invalid);
        broken.keyPem = "nonsense";
        QCOMPARE(server.listen(broken).error().code, base::ErrorCode::Invalid);
        broken.certificatePem = "nonsense";
        QCOMPARE(server.listen(broken).error().code, base::ErrorCode::Invalid);
    }
};

QTEST_GUILESS_MAIN(TlsTest)
#include "tls_test.moc"
