#include "shared/base/crypto/sealed.h"

#include "shared/base/crypto/system_random.h"

#include <QtTest/QtTest>

#include <type_traits>

using namespace voelgoed::base;

namespace {

/// RFC 7748, section 6.1.
const Bytes kAliceSecret = *fromHex("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a");
const Bytes kBobSecret = *fromHex("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb");

Sealer sealerTo(const ExchangePair &receiver)
{
    SeededRandom random(1);
    return *Sealer::to(receiver.open, random);
}

const ExchangePair kReceiver = *ExchangePair::fromSecret(kBobSecret);
const ByteView kContext = bytesOf("journal");

} // namespace

static_assert(!std::is_copy_constructible_v<Sealer>);

class SealedTest : public QObject
{
    Q_OBJECT

private slots:
    void publicHalvesAreTheStandardsExamples()
    {
        QCOMPARE(toHex(ExchangePair::fromSecret(kAliceSecret)->open),
                 std::string("8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a"));
        QCOMPARE(toHex(kReceiver.open),
                 std::string("de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f"));
        QVERIFY(!ExchangePair::fromSecret(Bytes(31)));
    }

    /// Computed from the format's description with another implementation (Python's hmac and cryptography).
    void theFormatStaysAsItIs()
    {
        Sealer sealer = sealerTo(kReceiver);
        QCOMPARE(toHex(sealer.ephemeral()),
                 std::string("40e913b735c3f408e7c85ca9bfbb5af8196911ea249fe96d4e96abafcbaa1d38"));
        QCOMPARE(toHex(sealer.seal(bytesOf("Guest 0001"), kContext)),
                 std::string("71f1c59f7b991fa4b8e42dbae7216ec52446066a3ad28597feb2"));
        QCOMPARE(toHex(sealer.seal({}, kContext)), std::string("8a8e9291c8609cbeed90bda420175585"));
        QCOMPARE(toHex(sealer.seal(bytesOf("a third text"), kContext)),
                 std::string("7d37ade67beec50a17fbcc23a517224a45a01bd5b714b80498e36219"));
        QCOMPARE(sealer.nextNumber(), std::uint64_t(3));
    }

    void textsAreOpenedInOrderAndGapsAreAllowed()
    {
        Sealer sealer = sealerTo(kReceiver);
        std::vector<Bytes> sealed;
        for (int i = 0; i < 50; ++i)
            sealed.push_back(sealer.seal(bytesOf(std::string(i, 'x')), kContext));
        auto opener = Opener::from(kReceiver, sealer.ephemeral());
        QVERIFY(opener);
        for (const std::size_t number : {0, 1, 2, 7, 8, 30, 49}) {
            const auto text = opener->open(number, sealed[number], kContext);
            QVERIFY(text);
            QCOMPARE(text->size(), number);
        }
        const auto back = opener->open(48, sealed[48], kContext);
        QVERIFY(!back);
        QCOMPARE(back.error().code, ErrorCode::Invalid);
        QVERIFY(!opener->open(49, sealed[49], kContext));
    }

    void whatWasChangedOrMeantForOthersStaysClosed_data()
    {
        QTest::addColumn<int>("change");
        QTest::newRow("a bit of the text") << 0;
        QTest::newRow("a bit of the tag") << 1;
        QTest::newRow("cut short") << 2;
        QTest::newRow("shorter than a tag") << 3;
        QTest::newRow("empty") << 4;
        QTest::newRow("another context") << 5;
        QTest::newRow("another receiver") << 6;
        QTest::newRow("another number") << 7;
    }
    void whatWasChangedOrMeantForOthersStaysClosed()
    {
        QFETCH(int, change);
        Sealer sealer = sealerTo(kReceiver);
        const Bytes good = sealer.seal(bytesOf("some text"), kContext);
        Bytes sealed = good;
        if (change == 0)
            sealed.front() ^= std::byte{1};
        if (change == 1)
            sealed.back() ^= std::byte{1};
        if (change >= 2 && change <= 4)
            sealed.resize(change == 2 ? sealed.size() - 1 : change == 3 ? 15 : 0);
        const ExchangePair other = *ExchangePair::fromSecret(kAliceSecret);
        auto opener = Opener::from(change == 6 ? other : kReceiver, sealer.ephemeral());
        const auto text = opener->open(change == 7 ? 1 : 0, sealed, change == 5 ? bytesOf("other") : kContext);
        QVERIFY(!text);
        QCOMPARE(text.error().code, ErrorCode::Unauthorized);
        if (change != 6)
            QVERIFY2(opener->open(0, good, kContext), "a failed call must change nothing");
    }

    void aLeapIsBounded()
    {
        Sealer sealer = sealerTo(kReceiver);
        auto opener = Opener::from(kReceiver, sealer.ephemeral());
        for (const std::uint64_t number : {Opener::kSkipMax + 1, UINT64_MAX}) {
            const auto text = opener->open(number, Bytes(40), kContext);
            QVERIFY(!text);
            QCOMPARE(text.error().code, ErrorCode::Invalid);
        }
    }

    /// RFC 7748, section 6.1: an all-zero agreement comes from a point of small order.
    void keysOfSmallOrderAreRefused_data()
    {
        QTest::addColumn<QByteArray>("key");
        QTest::newRow("0") << QByteArray(64, '0');
        QTest::newRow("1") << QByteArray("01") + QByteArray(62, '0');
        QTest::newRow("p") << QByteArray("ed") + QByteArray(60, 'f') + "7f";
        QTest::newRow("order 8") << QByteArray("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800");
    }
    void keysOfSmallOrderAreRefused()
    {
        QFETCH(QByteArray, key);
        ExchangeKey other;
        const Bytes bytes = *fromHex(key.toStdString());
        std::copy(bytes.begin(), bytes.end(), other.begin());
        SystemRandom random;
        QVERIFY(!Sealer::to(other, random));
        QVERIFY(!Opener::from(kReceiver, other));
    }

    void aSealerThatMovedGoesOnWhereItWas()
    {
        Sealer first = sealerTo(kReceiver);
        const Bytes one = first.seal(bytesOf("1"), kContext);
        Sealer second = std::move(first);
        const Bytes two = second.seal(bytesOf("2"), kContext);
        auto opener = Opener::from(kReceiver, second.ephemeral());
        QVERIFY(opener->open(0, one, kContext));
        QVERIFY(opener->open(1, two, kContext));
    }

    void fieldsComeBackAndNeverLookTheSame()
    {
        SystemRandom random;
        const Digest key = sha256(bytesOf("key"));
        const Bytes one = encryptField(key, bytesOf("Guest 0001"), kContext, random);
        const Bytes two = encryptField(key, bytesOf("Guest 0001"), kContext, random);
        QVERIFY(one != two);
        QCOMPARE(std::string(textOf(*decryptField(key, one, kContext))), std::string("Guest 0001"));
        QVERIFY(decryptField(key, encryptField(key, {}, kContext, random), kContext)->empty());
        QVERIFY(!decryptField(key, one, bytesOf("other")));
        QVERIFY(!decryptField(sha256(bytesOf("other")), one, kContext));
        for (const std::size_t size : {0, 11, 12, 27})
            QVERIFY(!decryptField(key, ByteView(one).first(size), kContext));
    }
};

QTEST_APPLESS_MAIN(SealedTest)
#include "sealed_test.moc"
