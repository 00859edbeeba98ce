#include "shared/protocol/pairing.h"

#include "tests/shared/protocol/sample_exchange.h"

#include <QtTest/QtTest>

using namespace voelgoed;
using base::ErrorCode;

namespace {

protocol::PairRequest request()
{
    return {.code = sample::pairingCode().code,
            .device = {"7b1d2f8e-0000-4000-8000-00000000002a"},
            .key = sample::signer().publicKey(),
            .name = "North 1",
            .model = "box \"A\"",
            .version = "0.4.0"};
}

} // namespace

class PairingTest : public QObject
{
    Q_OBJECT

private slots:
    /// What servers in the field print.
    void aCodesTextStaysWhatItIs()
    {
        const std::string text = protocol::textOf(sample::pairingCode());
        QCOMPARE(text, std::string("VGPAIR1:ChpodHRwczovL2dhdGVzLmV4YW1wbGU6ODQ0MxIgGX9rI-FshTLGq8g4-s1ep4m-"
                                   "DHaykgM0A5v6iz02jWEaEPDx8vP09fb3-Pn6-_z9_v8"));
        const auto read = protocol::parsePairingCode(text);
        QVERIFY(read && *read == sample::pairingCode());
    }

    void aCodeHasOneSpelling()
    {
        const std::string good = protocol::textOf(sample::pairingCode());
        for (std::size_t size = 0; size < good.size(); ++size)
            QVERIFY(!protocol::parsePairingCode(good.substr(0, size)));
        for (std::size_t at = 0; at < good.size(); ++at) {
            for (int byte = 0; byte < 256; ++byte) {
                std::string other = good;
                other[at] = static_cast<char>(byte);
                const auto read = protocol::parsePairingCode(other);
                QVERIFY(!read || protocol::textOf(*read) == other);
            }
        }
        QVERIFY(!protocol::parsePairingCode(good + "="));
        QVERIFY(!protocol::parsePairingCode(good + "A"));
        QVERIFY(!protocol::parsePairingCode(" " + good));
        QVERIFY(!protocol::parsePairingCode(std::string(1'000'000, 'A')));
    }

    void anAddressIsASchemeAHostAndPerhapsAPort_data()
    {
        QTest::addColumn<QString>("address");
        QTest::addColumn<bool>("good");
        for (const char *good : {"https://gates.example", "https://gates.example:8443", "http://127.0.0.1:8080",
                                 "http://[::1]:80", "https://[2001:db8::1]", "http://localhost", "https://a:65535"})
            QTest::newRow(good) << good << true;
        for (const char *bad : {"",
                                "https://",
                                "gates.example",
                                "ftp://gates.example",
                                "HTTPS://gates.example",
                                "https://gates.example/",
                                "https://gates.example/v1",
                                "https://user@gates.example",
                                "https://user:word@gates.example",
                                "https://gates.example:",
                                "https://gates.example:0",
                                "https://gates.example:65536",
                                "https://gates.example:080",
                                "https://gates.example:8443x",
                                "https://gates example",
                                "https://gates\nexample",
                                "https://[::1",
                                "https://[]",
                                "https://::1",
                                "https://gates.example?x",
                                "https://gates.example#x",
                                "file:///etc/passwd",
                                "javascript:alert(1)",
                                "https://g\xc3\xa4tes.example"})
            QTest::newRow(*bad ? bad : "empty") << bad << false;
    }
    void anAddressIsASchemeAHostAndPerhapsAPort()
    {
        QFETCH(QString, address);
        QFETCH(bool, good);
        QCOMPARE(static_cast<bool>(protocol::checkServerAddress(address.toStdString())), good);
    }

    void sixDigitsComeFromBothKeysAndTheCode()
    {
        const auto code = sample::pairingCode();
        auto deviceKey = sample::signer().publicKey();
        const std::string digits = protocol::pairingDigits(code.pin, deviceKey, code.code);
        QCOMPARE(digits, std::string("396557"));
        deviceKey[0] ^= std::byte{1};
        QVERIFY(protocol::pairingDigits(code.pin, deviceKey, code.code) != digits);
        // Whatever the number, there are six.
        auto other = code.code;
        for (int i = 0; i < 100; ++i) {
            other[0] = static_cast<std::byte>(i);
            QCOMPARE(protocol::pairingDigits(code.pin, deviceKey, other).size(), std::size_t{6});
        }
    }

    void bodiesAreReadAsTheyAreWritten()
    {
        const auto sent = protocol::parsePairRequest(protocol::toJson(request()));
        QVERIFY(sent && *sent == request());
        const protocol::PairReply reply{.pairing = "p-1", .organization = "Fees", .digits = "004711"};
        const auto answered = protocol::parsePairReply(protocol::toJson(reply));
        QVERIFY(answered && *answered == reply);
        for (const auto state : {protocol::PairState::Pending, protocol::PairState::Approved,
                                 protocol::PairState::Refused, protocol::PairState::Expired}) {
            protocol::PairStatus status{.state = state, .assignment = {}};
            if (state == protocol::PairState::Approved)
                status.assignment = sample::assignment();
            const auto read = protocol::parsePairStatus(protocol::toJson(status));
            QVERIFY(read && *read == status);
        }
    }

    void whatANewerPeerAddsIsPassedOver()
    {
        const auto reply =
            protocol::parsePairReply(R"({"pairing": "p", "organization": "o", "digits": "1", "newer": {"a": [1]}})");
        QVERIFY(reply && reply->pairing == "p");
    }

    void bodiesThatSayTooLittleOrTooMuchAreRefused_data()
    {
        QTest::addColumn<QString>("json");
        const QString request = QString::fromStdString(protocol::toJson(::request()));
        QTest::newRow("nothing") << "";
        QTest::newRow("no object") << "[]";
        QTest::newRow("no code") << QString(request).replace("\"code\"", "\"cod\"");
        QTest::newRow("a short code") << QString(request).replace("f0f1f2", "f0f1");
        QTest::newRow("no hexadecimal") << QString(request).replace("f0f1f2", "f0f1g2");
        QTest::newRow("a long name") << QString(request).replace("North 1", QString(201, 'a'));
        QTest::newRow("a number") << QString(request).replace("\"North 1\"", "1");
        QTest::newRow("100 kB") << QString(request).replace("North 1", QString(100'000, 'a'));
        QTest::newRow("deep") << QString("[").repeated(100'000);
    }
    void bodiesThatSayTooLittleOrTooMuchAreRefused()
    {
        QFETCH(QString, json);
        QVERIFY(!protocol::parsePairRequest(json.toStdString()));
    }

    void anApprovalWithoutAnAssignmentIsNone()
    {
        QVERIFY(!protocol::parsePairStatus(R"({"state": "approved"})"));
        QVERIFY(!protocol::parsePairStatus(R"({"state": "maybe"})"));
        QVERIFY(protocol::parsePairStatus(R"({"state": "pending"})"));
    }
};

QTEST_APPLESS_MAIN(PairingTest)
#include "pairing_test.moc"
