// Exchanges that are not what a device has signed, or no message at all (reliability.md, section 3: 23, 26, 32), at a
// real server: refused, with nothing done.
#include "tests/integration/hostile_stage.h"

#include "shared/protocol/packing.h"

#include <QtTest/QtTest>

using namespace voelgoed;
using integration::HandDevice, integration::HostileStage;

class HostileRequestsTest : public QObject
{
    Q_OBJECT

private:
    std::unique_ptr<HostileStage> m_stage;

private slots:
    void initTestCase()
    {
        m_stage = std::make_unique<HostileStage>();
        QVERIFY(m_stage->start());
    }
    void cleanupTestCase()
    {
        QVERIFY(m_stage->isBounded());
        QVERIFY(m_stage->backstage.server.endsInOrder());
    }

    void whatIsNotSignedAsItStandsIsRefused_data()
    {
        QTest::addColumn<QString>("how");
        for (const char *how : {"sent twice", "an older counter", "another body", "another path", "another device",
                                "a key of one's own", "no signature", "half a signature", "no counter",
                                "a negative boot", "a counter of 65 bits", "a device of nobody", "no device at all"})
            QTest::newRow(how) << QString(how);
    }
    void whatIsNotSignedAsItStandsIsRefused()
    {
        QFETCH(QString, how);
        HandDevice device = m_stage->device(), other = m_stage->device();
        const base::Bytes bytes =
            protocol::encode(device.with({device.chain({m_stage->goodRow(device)})}, m_stage->id));
        auto request = device.prepared(base::textOf(bytes));
        const auto set = [&](std::string_view name, const std::string &value) {
            for (auto &[key, text] : request.fields) {
                if (key == name)
                    text = value;
            }
        };
        const auto drop = [&](std::string_view name) {
            std::erase_if(request.fields, [&](const auto &field) { return field.first == name; });
        };
        int rows = 0;
        if (how == "sent twice") {
            QCOMPARE(device.send(request).status, 200);
            rows = 1;
        } else if (how == "an older counter") {
            for (int i = 0; i < 70; ++i)
                QCOMPARE(device.send(device.with({}, m_stage->id)).status, 200);
        } else if (how == "another body")
            request.body.back() = static_cast<char>(request.body.back() ^ 1);
        else if (how == "another path")
            request.path += "?x=1";
        else if (how == "another device")
            set(protocol::kDeviceField, other.id().text);
        else if (how == "a key of one's own") {
            base::SeededRandom random(4711);
            const auto own = base::SigningKey::generate(random);
            const protocol::RequestStamp stamp{device.id(), {2}, 1'000};
            const auto digest =
                protocol::requestDigest({.method = "POST", .target = "/v1/sync", .body = base::ByteView(bytes)}, stamp);
            request.fields = protocol::fieldsOf(stamp, protocol::signRequest(digest, own));
        } else if (how == "no signature")
            drop(protocol::kSignatureField);
        else if (how == "half a signature")
            set(protocol::kSignatureField, std::string(42, 'A'));
        else if (how == "no counter")
            drop(protocol::kCounterField);
        else if (how == "a negative boot")
            set(protocol::kBootField, "-1");
        else if (how == "a counter of 65 bits")
            set(protocol::kCounterField, "36893488147419103232");
        else if (how == "a device of nobody")
            set(protocol::kDeviceField, "018f3c52-7b1e-7cc0-9d3a-2f1f5b7a9c01");
        else
            drop(protocol::kDeviceField);
        const auto answer = m_stage->backstage.http().ask(request);
        QVERIFY2(answer.status == 401, (std::to_string(answer.status) + answer.body).c_str());
        QVERIFY(!answer.code().empty());
        QCOMPARE(m_stage->backstage.rows(m_stage->event,
                                         "device IN ('" + device.id().text + "', '" + other.id().text + "')"),
                 rows);
        QCOMPARE(m_stage->backstage.http().get("/readyz").status, 200);
    }

    void aRequestIsTakenByOneServerAndOnce()
    {
        HandDevice device = m_stage->device();
        const auto first = device.with({device.chain({m_stage->goodRow(device)})}, m_stage->id);
        const auto request = device.prepared(base::textOf(protocol::encode(first)));
        const auto later = device.prepared(base::textOf(protocol::encode(device.with({}, m_stage->id))));
        QCOMPARE(device.send(later).status, 200);
        QCOMPARE(device.send(request).status, 200); // one that was overtaken
        const auto isTaken = [&] {
            const support::PlainHttp each = m_stage->backstage.http(); // of two servers both are asked
            return each.ask(request).status == 200 || each.ask(request).status == 200 ||
                   each.ask(later).status == 200 || each.ask(later).status == 200;
        };
        QVERIFY(!isTaken());
        m_stage->backstage.server.kill();
        QVERIFY(m_stage->backstage.server.start());
        QVERIFY(!isTaken());
        QVERIFY(m_stage->goesOn(device));
    }

    void whatIsNoMessageIsRefused_data()
    {
        QTest::addColumn<QByteArray>("body");
        QTest::addColumn<QString>("encoding");
        QTest::addColumn<int>("status");
        QTest::newRow("nothing") << QByteArray() << "" << 400;
        QTest::newRow("noise") << QByteArray(10'000, '\xa5') << "" << 400;
        QTest::newRow("JSON") << QByteArray("{\"device\": 1}") << "" << 400;
        QTest::newRow("a length that lies") << QByteArray("\x12\xff\xff\xff\xff\x0f", 6) << "" << 400;
        QTest::newRow("nested without end") << QByteArray(60'000, '\x1b') << "" << 400;
        QTest::newRow("5 MB") << QByteArray(5 << 20, 'x') << "" << 413;
        QTest::newRow("no zstd") << QByteArray(1'000, 'x') << "zstd" << 400;
        const base::Bytes bomb = protocol::pack(base::Bytes(std::size_t{512} << 20, std::byte{0}));
        QTest::newRow("a bomb of 512 MB")
            << QByteArray(base::textOf(bomb).data(), static_cast<qsizetype>(bomb.size())) << "zstd" << 413;
    }
    void whatIsNoMessageIsRefused()
    {
        QFETCH(QByteArray, body);
        QFETCH(QString, encoding);
        QFETCH(int, status);
        HandDevice device = m_stage->device();
        auto request = device.prepared(body.toStdString());
        if (!encoding.isEmpty())
            request.fields.emplace_back("Content-Encoding", encoding.toStdString());
        const auto answer = m_stage->backstage.http().ask(request);
        QVERIFY2(answer.status == status, (std::to_string(answer.status) + answer.body).c_str());
        QVERIFY(!answer.code().empty());
        QVERIFY(m_stage->goesOn(device));
    }
};

QTEST_GUILESS_MAIN(HostileRequestsTest)
#include "hostile_requests_test.moc"
