#include "shared/ticket/pretix_sig1.h"

#include "tests/shared/ticket/sample_ring.h"

#include "shared/base/random.h"

#include <QtTest/QtTest>

using namespace voelgoed;
using namespace voelgoed::ticket;

namespace {

/// Computed from the description with another implementation; signed by the sample key.
const std::string kGolden =
    "OQcQmLLLP8LaBauS9Ssjs1r/74QHz/Dn9P8G4z5fznPylFMaNmEvgV316m992mYm0Ywb8n21vQw1/IDbSaLnTZA2SLJ4wYA2Pn"
    "PwoMGIMgBJnDROIdmNFR2MCFWCKAEAeAQA";
const std::string kKey =
    "LS0tLS1CRUdJTiBQVUJMSUMgS0VZLS0tLS0KTUNvd0JRWURLMlZ3QXlFQTZrcHNZK0tjVWdxKzlWQjdFeTdGK1pWSGRxNit2bnVTU"
    "Wg3cWFSUkcwaXc9Ci0tLS0tRU5EIFBVQkxJQyBLRVktLS0tLQo=";

const PretixTicket kTicket{.seed = "aB3dE6gH9",
                           .item = 4711,
                           .variation = 12,
                           .subevent = 99,
                           .validFrom = base::instantFromMillis(1'796'472'000'000),
                           .validUntil = base::instantFromMillis(1'796'508'000'000)};

std::string signedCode(const char *hexPayload)
{
    PretixEnvelope envelope{.payload = *base::fromHex(hexPayload)};
    envelope.signature = sample::signingKey().sign(envelope.payload);
    return printPretix(envelope);
}

base::VerifyingKey key()
{
    return sample::publicHalf(sample::signingKey());
}

} // namespace

class PretixSig1Test : public QObject
{
    Q_OBJECT

private slots:
    void aSignedCodeIsRead()
    {
        const auto ticket = verifyPretix(kGolden, key());
        QVERIFY(ticket);
        QCOMPARE(*ticket, kTicket);
    }

    void theKeyIsReadAsPretixWritesIt()
    {
        const auto read = pretixKey(kKey);
        QVERIFY(read);
        QCOMPARE(read->raw(), key().raw());
    }

    void whatIsNoSuchKeyIsRefused()
    {
        const auto encoded = [](const std::string &pem) { return base::toBase64(base::bytesOf(pem)); };
        for (const std::string &text :
             {std::string(), std::string("x"), encoded("-----BEGIN PUBLIC KEY-----\n"),
              encoded("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"),
              encoded("-----BEGIN PRIVATE KEY-----\nMCowBQYDK2VwAyEA\n-----END PRIVATE KEY-----\n"),
              std::string(5000, 'A')})
            QVERIFY2(!pretixKey(text), text.c_str());
    }

    void anotherSignerOrAChangeIsUnauthorized()
    {
        const auto other = verifyPretix(kGolden, sample::publicHalf(sample::signingKey(std::byte{8})));
        QVERIFY(!other);
        QCOMPARE(other.error().code, base::ErrorCode::Unauthorized);
        PretixEnvelope changed = *parsePretix(kGolden);
        changed.payload.back() ^= std::byte{1};
        const auto verified = verifyPretix(printPretix(changed), key());
        QVERIFY(!verified);
        QCOMPARE(verified.error().code, base::ErrorCode::Unauthorized);
    }

    void textsOfAnotherShapeMayBeOtherCodes_data()
    {
        QTest::addColumn<QByteArray>("text");
        const QByteArray good = QByteArray::fromStdString(kGolden);
        QTest::newRow("empty") << QByteArray();
        QTest::newRow("a random pretix code") << QByteArray("abcdefghjkmnpqrstuvwxyz23456789ab");
        QTest::newRow("cut off") << good.left(good.size() - 4);
        QTest::newRow("four characters more") << "AAAA" + good;
        QTest::newRow("not reversed") << QByteArray::fromStdString(std::string(good.rbegin(), good.rend()));
        QTest::newRow("a blank") << good + " ";
        QTest::newRow("version 2") << good.left(good.size() - 2) + "gA";
        QTest::newRow("too long") << QByteArray(4096, 'A');
    }
    void textsOfAnotherShapeMayBeOtherCodes()
    {
        QFETCH(QByteArray, text);
        const auto parsed = parsePretix(text.toStdString());
        QVERIFY(!parsed);
        QCOMPARE(parsed.error().code, base::ErrorCode::Invalid);
    }

    void eachEnvelopeHasOneText()
    {
        base::SeededRandom random(6);
        for (std::size_t size = 0; size < 300; ++size) {
            PretixEnvelope envelope;
            envelope.payload.resize(size);
            random.fill(envelope.payload);
            random.fill(envelope.signature);
            const std::string text = printPretix(envelope);
            QCOMPARE(*parsePretix(text), envelope);
            QCOMPARE(printPretix(*parsePretix(text)), text);
        }
    }

    void payloadsAreReadAsProtocolBuffers_data()
    {
        QTest::addColumn<QByteArray>("hex");
        QTest::addColumn<qint64>("item");
        QTest::newRow("empty: all fields have their defaults") << QByteArray("") << qint64(0);
        QTest::newRow("item 1") << QByteArray("1001") << qint64(1);
        QTest::newRow("the last of two counts") << QByteArray("10011002") << qint64(2);
        QTest::newRow("a number spelt long") << QByteArray("108100") << qint64(1);
        QTest::newRow("-1") << QByteArray("10ffffffffffffffffff01") << qint64(-1);
        QTest::newRow("unknown number 7") << QByteArray("38ff011001") << qint64(1);
        QTest::newRow("unknown text 15") << QByteArray("7a03616263"
                                                       "1001")
                                         << qint64(1);
        QTest::newRow("unknown 8 bytes") << QByteArray("79"
                                                       "0000000000000000"
                                                       "1001")
                                         << qint64(1);
        QTest::newRow("unknown 4 bytes") << QByteArray("7d"
                                                       "00000000"
                                                       "1001")
                                         << qint64(1);
        QTest::newRow("unknown empty text") << QByteArray("7a00"
                                                          "1001")
                                            << qint64(1);
        QTest::newRow("times of 0 are none") << QByteArray("2800"
                                                           "3000"
                                                           "1001")
                                             << qint64(1);
    }
    void payloadsAreReadAsProtocolBuffers()
    {
        QFETCH(QByteArray, hex);
        QFETCH(qint64, item);
        const auto ticket = verifyPretix(signedCode(hex.constData()), key());
        QVERIFY(ticket);
        QCOMPARE(ticket->item, item);
        QVERIFY(!ticket->validFrom && !ticket->validUntil);
    }

    void signedNonsenseIsCorrupt_data()
    {
        QTest::addColumn<QByteArray>("hex");
        QTest::newRow("tag without a value") << QByteArray("10");
        QTest::newRow("number without an end") << QByteArray("10ffffff");
        QTest::newRow("number of eleven bytes") << QByteArray("10ffffffffffffffffffff01");
        QTest::newRow("number above 64 bits") << QByteArray("10ffffffffffffffffff02");
        QTest::newRow("field 0") << QByteArray("0001");
        QTest::newRow("field number above 2^29") << QByteArray("ffffffff7f01");
        QTest::newRow("text longer than the payload") << QByteArray("0a05616263");
        QTest::newRow("text of 2^63 bytes") << QByteArray("0affffffffffffffff7f61");
        QTest::newRow("wire type 3, a group") << QByteArray("7b7c");
        QTest::newRow("wire type 6") << QByteArray("7e");
        QTest::newRow("item as text") << QByteArray("1203616263");
        QTest::newRow("seed as number") << QByteArray("0801");
        QTest::newRow("seed that is no UTF-8") << QByteArray("0a02c0af");
        QTest::newRow("cut 8 bytes") << QByteArray("79000000");
        QTest::newRow("a time after 9999") << QByteArray("28ffffffffffffffff7f");
        QTest::newRow("a time before 1970") << QByteArray("28ffffffffffffffffff01");
    }
    void signedNonsenseIsCorrupt()
    {
        QFETCH(QByteArray, hex);
        const auto ticket = verifyPretix(signedCode(hex.constData()), key());
        QVERIFY(!ticket);
        QCOMPARE(ticket.error().code, base::ErrorCode::Corrupt);
    }
};

QTEST_APPLESS_MAIN(PretixSig1Test)
#include "pretix_sig1_test.moc"
