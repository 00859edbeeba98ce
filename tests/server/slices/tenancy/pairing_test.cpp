#include "shared/base/text.h"
#include "shared/protocol/pairing.h"
#include "shared/protocol/request_signature.h"
#include "tests/server/slices/tenancy/tenancy_bench.h"

#include <QtTest/QtTest>

using namespace voelgoed;
using http::Method;
using test::TenancyBench;

/// How a device is let in, by what it says of itself.
class PairingTest : public QObject
{
    Q_OBJECT

private:
    std::unique_ptr<test::Postgres> m_postgres;
    std::unique_ptr<TenancyBench> m_bench;
    TenancyBench::Organization m_one;
    base::SeededRandom m_random{5};

    /// A device of that name with a code of its own.
    test::Reply pair(const std::string &name)
    {
        const auto key = base::SigningKey::generate(m_random);
        const auto invited = m_bench->ask(m_one.owner, Method::Post, "/v1/devices/codes", boost::json::object());
        const auto code = protocol::parsePairingCode(invited.text("qr"));
        base::ensure(bool(code), ("no code: " + invited.body).c_str());
        const auto now = m_bench->server.clock().now().wall;
        const domain::DeviceId id{base::toText(base::makeUuid(now, m_random))};
        const std::string body = protocol::toJson(protocol::PairRequest{
            .code = code->code, .device = id, .key = key.publicKey(), .name = name, .model = "test", .version = "1"});
        const protocol::RequestStamp stamp{id, {1}, 1};
        const auto digest = protocol::requestDigest(
            {.method = "POST", .target = "/v1/devices/pair", .body = base::bytesOf(body)}, stamp);
        test::Ask ask{access::Actor::nobody(), Method::Post, "/v1/devices/pair", base::Json(body)};
        for (const auto &[field, value] : protocol::fieldsOf(stamp, protocol::signRequest(digest, key)))
            ask.fields.emplace_back(field, value);
        return m_bench->server.call(std::move(ask));
    }
    std::string nameOf(const test::Reply &paired) const
    {
        return m_bench->server.execute("SELECT name FROM tenancy.devices WHERE id = '" + paired.text("pairing") + "'");
    }

private slots:
    void initTestCase()
    {
        m_postgres = std::make_unique<test::Postgres>();
        m_bench = std::make_unique<TenancyBench>(*m_postgres);
        m_one = m_bench->create("pairing");
    }
    void cleanupTestCase()
    {
        m_bench.reset();
        m_postgres.reset();
    }

    void aLongNameIsCutBetweenLetters_data()
    {
        QTest::addColumn<QByteArray>("name");
        QTest::addColumn<QByteArray>("kept");
        const QByteArray most(99, 'x');
        QTest::newRow("short") << QByteArray("Noordhek één") << QByteArray("Noordhek één");
        QTest::newRow("between letters") << most + "yz" << most + "y";
        QTest::newRow("in a letter of two bytes") << most + "é" << most;
        QTest::newRow("in one of four") << most.left(98) + "\xf0\x9f\x8e\xab" << most.left(98);
    }
    void aLongNameIsCutBetweenLetters()
    {
        QFETCH(QByteArray, name);
        QFETCH(QByteArray, kept);
        const auto paired = pair(name.toStdString());
        QVERIFY2(paired.status == 200, paired.body.c_str());
        QCOMPARE(QByteArray::fromStdString(nameOf(paired)), kept);
    }
};

QTEST_GUILESS_MAIN(PairingTest)
#include "pairing_test.moc"
