#include "server/platform/http/certificate.h"
#include "tests/server/platform/http/identities.h"

#include <QTest>

using namespace voelgoed;
using namespace voelgoed::http;

class CertificateTest : public QObject
{
    Q_OBJECT

    static CertificateRequest request()
    {
        CertificateRequest request;
        request.names = {"gate.example", "*.gate.example", "192.0.2.1", "2001:db8::1"};
        request.from = *base::parseInstant("2026-01-01T00:00:00Z");
        request.until = *base::parseInstant("2036-01-01T00:00:00Z");
        return request;
    }

    static base::SigningKey key() { return *base::SigningKey::fromSeed(base::Bytes(32, std::byte{7})); }

private slots:
    void itBelongsToItsKey()
    {
        const auto made = selfSigned(key(), request());
        QVERIFY(made);
        QVERIFY(made->certificatePem.starts_with("-----BEGIN CERTIFICATE-----\n"));
        QVERIFY(checkIdentity(*made));
        QCOMPARE(*certificatePin(made->certificatePem), publicKeyPin(key().publicKey()));
        QCOMPARE(selfSigned(key(), request())->certificatePem, made->certificatePem);
    }

    void whatDoesNotBelongTogetherIsSaid()
    {
        const TestIdentity one = TestIdentity::make(), other = TestIdentity::make();
        QVERIFY(checkIdentity(one.identity));
        QVERIFY(!checkIdentity({one.identity.certificatePem, other.identity.keyPem}));
        QVERIFY(!checkIdentity({one.identity.keyPem, one.identity.keyPem}));
        QVERIFY(!checkIdentity({one.identity.certificatePem, ""}));
        QVERIFY(!certificatePin("nonsense"));
    }

    void thePinIsTheOneThatOpensslWorksOut()
    {
        // openssl pkey -pubin -outform DER | sha256, of the key of RFC 8032, section 7.1, test 1.
        const auto raw = base::fromHex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
        base::PublicKey publicKey;
        std::copy(raw->begin(), raw->end(), publicKey.begin());
        QCOMPARE(publicKeyPin(publicKey), "sha256//BuP9j9opu2CrWVV95h7bCuzbIxE0vjDnW0Vfjht5L6k=");
    }

    void whatCannotBeWrittenIsRefused_data()
    {
        QTest::addColumn<QString>("name");
        QTest::newRow("a list") << "a.example,DNS:b.example";
        QTest::newRow("a line end") << "a\nb";
        QTest::newRow("nothing") << "";
        QTest::newRow("blanks") << "a b";
        QTest::newRow("too long") << QString(300, 'a');
    }
    void whatCannotBeWrittenIsRefused()
    {
        QFETCH(QString, name);
        CertificateRequest bad = request();
        bad.names = {name.toStdString()};
        QCOMPARE(selfSigned(key(), bad).error().code, base::ErrorCode::Invalid);
    }

    void timesAndNumbersMustMakeSense()
    {
        CertificateRequest bad = request();
        std::swap(bad.from, bad.until);
        QVERIFY(!selfSigned(key(), bad));
        bad = request();
        bad.serial = "xyz";
        QVERIFY(!selfSigned(key(), bad));
    }
};

QTEST_APPLESS_MAIN(CertificateTest)
#include "certificate_test.moc"
