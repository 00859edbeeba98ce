// The transport over real sockets, against a little server that says what a test wants.
#include "device/core/client/curl_transport.h"
#include "tests/support/http_server.h"

#include <QtTest/QtTest>

#include <poll.h>

#include <condition_variable>
#include <set>

using namespace voelgoed;
using base::ErrorCode;
using support::HttpAnswer, support::HttpRequest, support::HttpServer;

namespace {

base::SigningKey keyOf(int seed)
{
    return *base::SigningKey::fromSeed(base::Bytes(32, static_cast<std::byte>(seed)));
}

client::Request post(const std::string &body)
{
    const base::ByteView bytes = base::bytesOf(body);
    return {.method = "POST",
            .target = "/v1/sync?a=b%20c",
            .fields = {{"Content-Type", "text/plain"}, {"Voelgoed-Counter", "7"}},
            .body = {bytes.begin(), bytes.end()}};
}

HttpAnswer echo(const HttpRequest &request)
{
    return {.status = 200,
            .fields = {{"X-Target", request.target}, {"X-Type", request.field("content-type")}},
            .body = request.method + " " + std::string(base::textOf(request.body))};
}

/// Holds answers back until a test lets them go.
class Gatekeeper
{
public:
    void wait()
    {
        std::unique_lock lock(m_mutex);
        ++m_waiting;
        m_changed.notify_all();
        m_changed.wait(lock, [this] { return m_open; });
    }
    void waitUntilSomebodyWaits()
    {
        std::unique_lock lock(m_mutex);
        m_changed.wait(lock, [this] { return m_waiting > 0; });
    }
    void open()
    {
        const std::lock_guard lock(m_mutex);
        m_open = true;
        m_changed.notify_all();
    }

private:
    std::mutex m_mutex;
    std::condition_variable m_changed;
    int m_waiting = 0;
    bool m_open = false;
};

} // namespace

class CurlTransportTest : public QObject
{
    Q_OBJECT

private slots:
    void aRequestArrivesAsItIsAndSoDoesItsAnswer()
    {
        HttpServer server(echo);
        const auto transport = client::makeCurlTransport({.server = server.url()});
        const auto answer = client::fetch(*transport, post("hello"));
        QVERIFY2(answer, answer ? "" : answer.error().message.c_str());
        QCOMPARE(answer->status, 200);
        QCOMPARE(std::string(base::textOf(answer->body)), std::string("POST hello"));
        QCOMPARE(std::string(answer->field("x-target")), std::string("/v1/sync?a=b%20c"));
        QCOMPARE(std::string(answer->field("x-type")), std::string("text/plain"));
        QVERIFY(answer->field("nothing").empty());
    }

    void aConnectionIsUsedAgain()
    {
        HttpServer server(echo);
        const auto transport = client::makeCurlTransport({.server = server.url()});
        for (int i = 0; i < 20; ++i)
            QVERIFY(client::fetch(*transport, post("again")));
        QCOMPARE(server.connections(), 1);
    }

    void aConnectionThatTheServerGaveUpIsMadeAnew()
    {
        HttpServer server(echo);
        const auto transport = client::makeCurlTransport({.server = server.url()});
        QVERIFY(client::fetch(*transport, post("one")));
        server.goAway();
        server.comeBack();
        const auto answer = client::fetch(*transport, post("two"));
        QVERIFY2(answer, answer ? "" : answer.error().message.c_str());
        QCOMPARE(server.connections(), 2);
    }

    void aBodyMayHoldAnyBytesAndBeLong()
    {
        HttpServer server(echo);
        const auto transport = client::makeCurlTransport({.server = server.url()});
        std::string body(1'200'000, '\0');
        for (std::size_t i = 0; i < body.size(); ++i)
            body[i] = static_cast<char>(i * 31 % 251);
        auto request = post(body);
        request.answerMax = 2'000'000;
        const auto answer = client::fetch(*transport, request);
        QVERIFY2(answer, answer ? "" : answer.error().message.c_str());
        QVERIFY(base::textOf(answer->body).substr(5) == body);
    }

    void onlyTheServerWithThePinnedKeyIsSpokenTo()
    {
        HttpServer server(echo, keyOf(1));
        const auto right = client::makeCurlTransport({.server = server.url(), .pin = keyOf(1).publicKey()});
        const auto answer = client::fetch(*right, post("hello"));
        QVERIFY2(answer, answer ? "" : answer.error().message.c_str());
        QCOMPARE(std::string(base::textOf(answer->body)), std::string("POST hello"));
        // Again over the kept connection, and over a new one.
        QVERIFY(client::fetch(*right, post("hello")));
        const auto wrong = client::makeCurlTransport({.server = server.url(), .pin = keyOf(2).publicKey()});
        const auto refused = client::fetch(*wrong, post("secret"));
        QVERIFY(!refused && refused.error().code == ErrorCode::Unauthorized);
    }

    void aServerWithoutTlsIsNotTheOneThatWasMeant()
    {
        HttpServer server(echo);
        std::string address = server.url();
        address.replace(0, 4, "https");
        const auto transport = client::makeCurlTransport({.server = address, .pin = keyOf(1).publicKey()});
        QVERIFY(!client::fetch(*transport, post("secret")));
    }

    void nobodyThereIsSaidToBeSo()
    {
        std::string address;
        {
            HttpServer server(echo);
            address = server.url();
        }
        const auto transport = client::makeCurlTransport({.server = address});
        const auto answer = client::fetch(*transport, post("hello"));
        QVERIFY(!answer && answer.error().code == ErrorCode::Unavailable);
        QVERIFY(!answer.error().message.empty());
    }

    void strangeAnswersAreNoAnswers_data()
    {
        QTest::addColumn<QByteArray>("raw");
        QTest::newRow("nothing") << QByteArray();
        QTest::newRow("garbage") << QByteArray("\x16\x03\x01 what?\r\n\r\n");
        QTest::newRow("cut in the body") << QByteArray("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc");
        QTest::newRow("too long") << QByteArray("HTTP/1.1 200 OK\r\nContent-Length: 2000\r\n\r\n") +
                                         QByteArray(2'000, 'x');
        QTest::newRow("too long, without a length")
            << QByteArray("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n7d0\r\n") + QByteArray(2'000, 'x') +
                   QByteArray("\r\n0\r\n\r\n");
        QTest::newRow("chunks that are none")
            << QByteArray("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzzz\r\nabc\r\n0\r\n\r\n");
        QTest::newRow("a length that is none") << QByteArray("HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nabc");
        QTest::newRow("100 kB of fields")
            << QByteArray("HTTP/1.1 200 OK\r\n") + QByteArray("X-Field: 0123456789\r\n").repeated(5'000) + "\r\n";
        QTest::newRow("a field of 100 kB")
            << QByteArray("HTTP/1.1 200 OK\r\nX: ") + QByteArray(100'000, 'x') + "\r\n\r\n";
    }
    void strangeAnswersAreNoAnswers()
    {
        QFETCH(QByteArray, raw);
        HttpServer server([raw](const HttpRequest &) { return HttpAnswer{.raw = raw.toStdString()}; });
        const auto transport = client::makeCurlTransport({.server = server.url()});
        auto request = post("hello");
        request.answerMax = 1'000;
        QVERIFY(!client::fetch(*transport, request));
    }

    void aRedirectIsNotFollowed()
    {
        HttpServer server([](const HttpRequest &request) -> HttpAnswer {
            if (request.target == "/elsewhere")
                return {.body = "you should not be here"};
            return {.status = 302, .fields = {{"Location", "/elsewhere"}}};
        });
        const auto transport = client::makeCurlTransport({.server = server.url()});
        const auto answer = client::fetch(*transport, post("hello"));
        QVERIFY(answer && answer->status == 302 && answer->body.empty());
    }

    void whoeverTakesTooLongIsGivenUp()
    {
        Gatekeeper gate;
        HttpServer server([&](const HttpRequest &) {
            gate.wait();
            return HttpAnswer{};
        });
        const auto transport = client::makeCurlTransport({.server = server.url()});
        auto request = post("hello");
        request.timeout = base::Milliseconds(50);
        const auto answer = client::fetch(*transport, request);
        gate.open();
        QVERIFY(!answer && answer.error().code == ErrorCode::Timeout);
    }

    void callsThatWaitDoNotHoldOthersUp()
    {
        Gatekeeper gate;
        HttpServer server([&](const HttpRequest &request) {
            if (request.target == "/slow")
                gate.wait();
            return echo(request);
        });
        const auto transport = client::makeCurlTransport({.server = server.url()});
        const auto slow = std::make_shared<bool>(false);
        const auto call = transport->start(
            {.make = []() -> base::Result<client::Request> { return client::Request{.target = "/slow"}; },
             .read = [slow](base::Result<client::Response>) { *slow = true; }});
        gate.waitUntilSomebodyWaits();
        for (int i = 0; i < 5; ++i)
            QVERIFY(client::fetch(*transport, post("quick")));
        gate.open();
        std::set<client::CallId> ended;
        while (!ended.contains(call)) {
            pollfd ready{.fd = transport->descriptor(), .events = POLLIN, .revents = 0};
            QVERIFY(::poll(&ready, 1, 20'000) == 1);
            for (const auto &one : transport->take())
                ended.insert(one.call);
        }
        QVERIFY(*slow);
    }

    void aCancelledCallIsNotHeardOfAgain()
    {
        Gatekeeper gate;
        HttpServer server([&](const HttpRequest &request) {
            if (request.target == "/slow")
                gate.wait();
            return echo(request);
        });
        auto transport = client::makeCurlTransport({.server = server.url()});
        const auto call = transport->start(
            {.make = []() -> base::Result<client::Request> { return client::Request{.target = "/slow"}; },
             .read = [](base::Result<client::Response>) {}});
        gate.waitUntilSomebodyWaits();
        transport->cancel(call);
        gate.open();
        // Places are free again: more calls than may be under way, one after the other.
        for (int i = 0; i < 20; ++i)
            QVERIFY(client::fetch(*transport, post("next")));
        for (const auto &ended : transport->take())
            QVERIFY(ended.call != call);
        transport.reset(); // with nothing under way, or something
    }

    void aTransportMayGoWhileCallsAreUnderWay()
    {
        Gatekeeper gate;
        HttpServer server([&](const HttpRequest &) {
            gate.wait();
            return HttpAnswer{};
        });
        auto transport = client::makeCurlTransport({.server = server.url()});
        for (int i = 0; i < 4; ++i)
            transport->start({.make = []() -> base::Result<client::Request> { return client::Request{}; },
                              .read = [](base::Result<client::Response>) {}});
        gate.waitUntilSomebodyWaits();
        transport.reset();
        gate.open();
    }

    void aRequestThatCannotBeMadeIsAnError()
    {
        HttpServer server(echo);
        const auto transport = client::makeCurlTransport({.server = server.url()});
        auto twoLines = post("hello");
        twoLines.fields.emplace_back("X-Name", "a\r\nX-Other: b");
        const auto refused = client::fetch(*transport, twoLines);
        QVERIFY(!refused && refused.error().code == ErrorCode::Invalid);
        const auto failed = std::make_shared<std::optional<ErrorCode>>();
        const auto call = transport->start(
            {.make = []() -> base::Result<client::Request> { return base::corrupt("nothing to send"); },
             .read = [failed](base::Result<client::Response> got) { *failed = got.error().code; }});
        pollfd ready{.fd = transport->descriptor(), .events = POLLIN, .revents = 0};
        QVERIFY(::poll(&ready, 1, 20'000) == 1);
        const auto ended = transport->take();
        QVERIFY(ended.size() == 1 && ended[0].call == call);
        QVERIFY(*failed == ErrorCode::Corrupt);
    }
};

QTEST_GUILESS_MAIN(CurlTransportTest)
#include "curl_transport_test.moc"
