#include "shared/base/crypto/ed25519.h"

#include <QtTest/QtTest>

using namespace voelgoed::base;

namespace {

Bytes hex(const QByteArray &text)
{
    return *fromHex(text.toStdString());
}

/// RFC 8032, section 7.1, test 2.
const Bytes kSeed = *fromHex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb");
const Bytes kPublic = *fromHex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
const Bytes kMessage = *fromHex("72");
const Bytes kSigned = *fromHex("92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
                               "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00");

/// The order of the group, RFC 8032, section 5.1: L = 2^252 + 27742317777372353535851937790883648493, little endian.
const Bytes kOrder = *fromHex("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");

Bytes plusOrder(Bytes signature)
{
    unsigned carry = 0;
    for (std::size_t i = 0; i < 32; ++i) {
        const unsigned sum =
            std::to_integer<unsigned>(signature[32 + i]) + std::to_integer<unsigned>(kOrder[i]) + carry;
        signature[32 + i] = static_cast<std::byte>(sum);
        carry = sum >> 8;
    }
    return signature;
}

} // namespace

class Ed25519Test : public QObject
{
    Q_OBJECT

private slots:
    /// RFC 8032, section 7.1.
    void signsAndVerifiesTheStandardsExamples_data()
    {
        QTest::addColumn<QByteArray>("seed");
        QTest::addColumn<QByteArray>("open");
        QTest::addColumn<QByteArray>("message");
        QTest::addColumn<QByteArray>("signature");
        QTest::newRow("test 1, empty") << QByteArray("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
                                       << QByteArray("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
                                       << QByteArray()
                                       << QByteArray("e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555"
                                                     "fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b");
        QTest::newRow("test 3, two bytes")
            << QByteArray("c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7")
            << QByteArray("fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025") << QByteArray("af82")
            << QByteArray("6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
                          "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a");
        QTest::newRow("test 2, one byte")
            << QByteArray("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb")
            << QByteArray("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c") << QByteArray("72")
            << QByteArray("92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
                          "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00");
    }
    void signsAndVerifiesTheStandardsExamples()
    {
        QFETCH(QByteArray, seed);
        QFETCH(QByteArray, open);
        QFETCH(QByteArray, message);
        QFETCH(QByteArray, signature);
        const auto key = SigningKey::fromSeed(hex(seed));
        QVERIFY(key);
        QCOMPARE(QByteArray::fromStdString(toHex(key->publicKey())), open);
        QCOMPARE(QByteArray::fromStdString(toHex(key->sign(hex(message)))), signature);
        QCOMPARE(key->seed(), hex(seed));
        const auto verifying = VerifyingKey::fromRaw(hex(open));
        QVERIFY(verifying);
        QVERIFY(verifying->verify(hex(message), hex(signature)));
    }

    void aChangeOfOneBitIsSeen()
    {
        const auto key = VerifyingKey::fromRaw(kPublic);
        QVERIFY(key && key->verify(kMessage, kSigned));
        for (std::size_t bit = 0; bit < kSigned.size() * 8; ++bit) {
            Bytes changed = kSigned;
            changed[bit / 8] ^= std::byte{1} << (bit % 8);
            QVERIFY2(!key->verify(kMessage, changed), qPrintable(QString::number(bit)));
        }
        QVERIFY(!key->verify(*fromHex("73"), kSigned));
        QVERIFY(!key->verify(*fromHex(""), kSigned));
    }

    void refusesASecondSpellingOfASignature()
    {
        const auto key = VerifyingKey::fromRaw(kPublic);
        QVERIFY(!key->verify(kMessage, plusOrder(kSigned)));
    }

    void refusesSignaturesOfAnotherLength()
    {
        const auto key = VerifyingKey::fromRaw(kPublic);
        Bytes longer = kSigned;
        longer.push_back(std::byte{0});
        QVERIFY(!key->verify(kMessage, longer));
        QVERIFY(!key->verify(kMessage, ByteView(kSigned).first(63)));
        QVERIFY(!key->verify(kMessage, {}));
        QVERIFY(!key->verify(kMessage, Bytes(64)));
    }

    void aKeyThatWasNeverMadeVerifiesNothing() { QVERIFY(!VerifyingKey().verify(kMessage, kSigned)); }

    /// The points whose order divides 8, in every spelling: with such a key, one signature fits many messages.
    void refusesPointsOfSmallOrder_data()
    {
        QTest::addColumn<QByteArray>("y");
        QTest::newRow("0, order 4") << QByteArray("0000000000000000000000000000000000000000000000000000000000000000");
        QTest::newRow("1, order 1") << QByteArray("0100000000000000000000000000000000000000000000000000000000000000");
        QTest::newRow("-1, order 2") << QByteArray("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f");
        QTest::newRow("order 8") << QByteArray("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05");
        QTest::newRow("order 8, other") << QByteArray(
            "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a");
        QTest::newRow("p for 0") << QByteArray("edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f");
        QTest::newRow("p+1 for 1") << QByteArray("eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f");
    }
    void refusesPointsOfSmallOrder()
    {
        QFETCH(QByteArray, y);
        Bytes point = hex(y);
        const auto key = VerifyingKey::fromRaw(kPublic);
        for (const std::byte sign : {std::byte{0}, std::byte{0x80}}) {
            point[31] ^= sign;
            QVERIFY(!VerifyingKey::fromRaw(point));
            Bytes signature = point;
            signature.resize(64);
            QVERIFY(!key->verify(kMessage, signature));
        }
    }

    /// R is the neutral point and S fits it: by the equation alone, the signature is good. A careless signer's key
    /// would be plain to see in it.
    void refusesASmallOrderSignatureThatFitsTheEquation()
    {
        const auto key = VerifyingKey::fromRaw(kPublic);
        const Bytes signature = *fromHex("0100000000000000000000000000000000000000000000000000000000000000"
                                         "675d054595fa17cb6a44e3ada6ca385e55667e41a63fdab0ac22d10000354002");
        QVERIFY(!key->verify(kMessage, signature));
    }

    void refusesWhatIsNoKey_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::newRow("empty") << QByteArray();
        QTest::newRow("31 bytes") << kBase.left(62);
        QTest::newRow("33 bytes") << kBase + "00";
        QTest::newRow("y = 2 has no x") << QByteArray("02") + QByteArray(62, '0');
        QTest::newRow("y = 3 spelt as p + 3") << QByteArray("f0") + QByteArray(60, 'f') + "7f";
        QTest::newRow("all ones") << QByteArray(64, 'f');
    }
    void refusesWhatIsNoKey()
    {
        QFETCH(QByteArray, bytes);
        const auto key = VerifyingKey::fromRaw(hex(bytes));
        QVERIFY(!key);
        QCOMPARE(key.error().code, ErrorCode::Invalid);
    }

    void takesEveryKeyThatASignerHas()
    {
        SeededRandom random(25519);
        for (int i = 0; i < 200; ++i) {
            const SigningKey key = SigningKey::generate(random);
            const auto verifying = VerifyingKey::fromRaw(key.publicKey());
            QVERIFY(verifying);
            QVERIFY(verifying->verify(kMessage, key.sign(kMessage)));
            QVERIFY(!verifying->verify(kMessage, kSigned));
        }
    }

    void aSeedOfAnotherLengthIsRefused()
    {
        QVERIFY(!SigningKey::fromSeed(Bytes(31)));
        QVERIFY(!SigningKey::fromSeed(Bytes(64)));
    }

    void fingerprintsAreGroupsOfFour()
    {
        PublicKey key;
        std::copy(kPublic.begin(), kPublic.end(), key.begin());
        QCOMPARE(fingerprint(key), std::string("39f7 13d0 a644 253f 0452 9421 b9f5 1b9b"));
    }

private:
    const QByteArray kBase = "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c";
};

QTEST_APPLESS_MAIN(Ed25519Test)
#include "ed25519_test.moc"
