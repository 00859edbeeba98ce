#include "device/gate/request.h"

#include <QtTest/QtTest>

using namespace voelgoed;
using namespace voelgoed::gate;

namespace {

base::Bytes bytesOf(std::string_view text)
{
    const base::ByteView view = base::bytesOf(text);
    return {view.begin(), view.end()};
}

} // namespace

/// What other commands ask of a gate that runs, as a line.
class RequestTest : public QObject
{
    Q_OBJECT

private slots:
    void whatWasPrintedIsReadAgain()
    {
        const base::Bytes every = [] {
            base::Bytes all;
            for (int c = 0; c < 256; ++c)
                all.push_back(static_cast<std::byte>(c));
            return all;
        }();
        const std::vector<Request> requests{
            StatusRequest{},
            StatusRequest{Style::Json},
            ExportRequest{},
            WhyRequest{.code = bytesOf("T1")},
            WhyRequest{.code = every, .checkpoint = {"lounge"}, .gate = {"north"}, .style = Style::Json},
            WhyRequest{},
            LoadRequest{.bundle = "/media/stick/event.bundle", .trust = {}},
            LoadRequest{.bundle = "/a \"b\"\n\\c/\xc3\xa9.bundle",
                        .trust = base::Bytes(32, std::byte{7}),
                        .consent = LoadRequest::Consent::Given},
        };
        for (const Request &request : requests) {
            const std::string line = print(request);
            QVERIFY2(line.find('\n') == std::string::npos, line.c_str());
            const auto read = parseRequest(line);
            QVERIFY2(read, line.c_str());
            QCOMPARE(read->index(), request.index());
            QCOMPARE(print(*read), line);
        }
    }

    void everyFieldArrives()
    {
        const auto why = parseRequest(print(WhyRequest{.code = bytesOf(std::string_view("a\0b\xff", 4)),
                                                       .checkpoint = {"c"},
                                                       .gate = {"g"},
                                                       .style = Style::Json}));
        QVERIFY(why);
        const auto &asked = std::get<WhyRequest>(*why);
        QVERIFY(asked.code == bytesOf(std::string_view("a\0b\xff", 4)));
        QCOMPARE(asked.checkpoint.text, std::string("c"));
        QCOMPARE(asked.gate.text, std::string("g"));
        QVERIFY(asked.style == Style::Json);

        const auto load = parseRequest(print(LoadRequest{
            .bundle = "/b", .trust = base::Bytes(32, std::byte{9}), .consent = LoadRequest::Consent::Given}));
        QVERIFY(load);
        const auto &wanted = std::get<LoadRequest>(*load);
        QCOMPARE(wanted.bundle, std::string("/b"));
        QVERIFY(wanted.trust == base::Bytes(32, std::byte{9}));
        QVERIFY(wanted.consent == LoadRequest::Consent::Given);
    }

    void consentAndTrustAreNeverAssumed()
    {
        const auto load = parseRequest(R"({"verb":"load","bundle":"/b"})");
        QVERIFY(load);
        QVERIFY(!std::get<LoadRequest>(*load).trust);
        QVERIFY(std::get<LoadRequest>(*load).consent == LoadRequest::Consent::Ask);
        const auto empty = parseRequest(R"({"verb":"load","bundle":"/b","trust":"","yes":false})");
        QVERIFY(empty);
        QVERIFY(!std::get<LoadRequest>(*empty).trust);
        QVERIFY(std::get<LoadRequest>(*empty).consent == LoadRequest::Consent::Ask);
    }

    void whatIsNoRequestIsRefused_data()
    {
        QTest::addColumn<QByteArray>("line");
        QTest::newRow("nothing") << QByteArray();
        QTest::newRow("no JSON") << QByteArray("status");
        QTest::newRow("a list") << QByteArray(R"(["status"])");
        QTest::newRow("no verb") << QByteArray(R"({"json":true})");
        QTest::newRow("a verb that is none") << QByteArray(R"({"verb":"admit"})");
        QTest::newRow("a verb that is a number") << QByteArray(R"({"verb":1})");
        QTest::newRow("two verbs") << QByteArray(R"({"verb":"status","verb":"export"})");
        QTest::newRow("a field that is none") << QByteArray(R"({"verb":"status","admit":true})");
        QTest::newRow("another verb's field") << QByteArray(R"({"verb":"export","yes":true})");
        QTest::newRow("a flag that is a text") << QByteArray(R"({"verb":"load","bundle":"/b","yes":"true"})");
        QTest::newRow("a flag that is a number") << QByteArray(R"({"verb":"load","bundle":"/b","yes":1})");
        QTest::newRow("no bundle") << QByteArray(R"({"verb":"load"})");
        QTest::newRow("a key that is no digits") << QByteArray(R"({"verb":"load","bundle":"/b","trust":"xyz"})");
        QTest::newRow("a code of half a byte") << QByteArray(R"({"verb":"why","code":"abc"})");
        QTest::newRow("a code that is too long")
            << QByteArray("{\"verb\":\"why\",\"code\":\"") + QByteArray(5'000, 'a') + "\"}";
        QTest::newRow("something behind") << QByteArray(R"({"verb":"export"} x)");
        QTest::newRow("deep") << QByteArray(100'000, '[');
        QTest::newRow("deep inside") << QByteArray("{\"verb\":") + QByteArray(50, '[') + QByteArray(50, ']') + "}";
        QTest::newRow("no UTF-8") << QByteArray("{\"verb\":\"load\",\"bundle\":\"/\xff\"}");
        QTest::newRow("longer than a request may be")
            << QByteArray("{\"verb\":\"load\",\"bundle\":\"") + QByteArray(70'000, 'a') + "\"}";
    }
    void whatIsNoRequestIsRefused()
    {
        QFETCH(QByteArray, line);
        const auto read = parseRequest(line.toStdString());
        QVERIFY(!read);
        QCOMPARE(read.error().code, base::ErrorCode::Invalid);
        QVERIFY(!read.error().message.empty());
    }
};

QTEST_APPLESS_MAIN(RequestTest)
#include "request_test.moc"
