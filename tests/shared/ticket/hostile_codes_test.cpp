#include "shared/ticket/foreign.h"
#include "shared/ticket/t1.h"

#include "tests/shared/ticket/sample_ring.h"

#include "shared/base/random.h"
#include "shared/base/text.h"

#include <QtTest/QtTest>

using namespace voelgoed;
using namespace voelgoed::ticket;

Q_DECLARE_METATYPE(voelgoed::ticket::T1Problem)

namespace {

const QByteArray kGood = sample::kGolden;

QByteArray with(qsizetype at, const QByteArray &text)
{
    QByteArray changed = kGood;
    return changed.replace(at, text.size(), text);
}

/// The golden claims with one byte set to something else, signed as if the issuer had meant it.
T1Code claimedWith(std::size_t at, std::uint8_t value)
{
    const KeyRing ring = sample::ring();
    auto claimed = encodeClaims(sample::goldenClaims(), ring);
    claimed[at] = std::byte{value};
    return sample::signedAnyway(claimed, ring);
}

T1Problem problemOf(const T1Code &code)
{
    return std::get<T1Problem>(verifyT1(code, sample::ring()));
}

T1Code signatureOf(const char *hexR, const char *hexS)
{
    T1Code code = sample::codeOf(sample::kGolden);
    const auto r = *base::fromHex(hexR);
    const auto s = *base::fromHex(hexS);
    std::copy(r.begin(), r.end(), code.bytes.begin() + 16);
    std::copy(s.begin(), s.end(), code.bytes.begin() + 48);
    return code;
}

} // namespace

/// The rows of the corpus of bad inputs that concern codes.
class HostileCodesTest : public QObject
{
    Q_OBJECT

private slots:
    void textsThatAreNoT1AreNamed_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<T1Problem>("problem");
        QTest::newRow("empty scan") << QByteArray() << T1Problem::NotT1;
        QTest::newRow("only a terminator") << QByteArray("\r\n") << T1Problem::NotT1;
        QTest::newRow("only the beginning") << QByteArray("T1") << T1Problem::NotT1;
        QTest::newRow("the greatest QR code, 7,089 digits") << QByteArray(7089, '1') << T1Problem::NotT1;
        QTest::newRow("the greatest QR code, 4,296 letters") << "T1" + QByteArray(4294, 'A') << T1Problem::NotT1;
        QTest::newRow("121 characters") << kGood.left(121) << T1Problem::NotT1;
        QTest::newRow("123 characters") << kGood + "0" << T1Problem::NotT1;
        QTest::newRow("a line end behind") << kGood + "\n" << T1Problem::NotT1;
        QTest::newRow("a blank before") << " " + kGood << T1Problem::NotT1;
        QTest::newRow("one illegal character, first") << with(2, "_") << T1Problem::IllegalCharacter;
        QTest::newRow("one illegal character, last") << with(121, "#") << T1Problem::IllegalCharacter;
        QTest::newRow("one NUL") << with(60, QByteArray(1, '\0')) << T1Problem::IllegalCharacter;
        QTest::newRow("a triple of 65,536") << with(2, "GGW") << T1Problem::OutOfRange;
        QTest::newRow("a last triple of 91,124") << with(119, ":::") << T1Problem::OutOfRange;
        QTest::newRow("lower case") << kGood.toLower() << T1Problem::NotT1;
        QTest::newRow("lower case behind T1") << "T1" + kGood.mid(2).toLower() << T1Problem::IllegalCharacter;
        QTest::newRow("spaced") << kGood.left(61) + " " + kGood.mid(61) << T1Problem::NotT1;
        QTest::newRow("full-width letters") << QString::fromLatin1("Ｔ１").toUtf8() + kGood.mid(2) << T1Problem::NotT1;
        QTest::newRow("a full-width digit inside, same length")
            << with(50, "\xef\xbc\x91") << T1Problem::IllegalCharacter;
        QTest::newRow("decimal with a letter") << "17" + QByteArray(192, '0') + "O" << T1Problem::IllegalCharacter;
        QTest::newRow("decimal of 2^640 and more") << "17" + QByteArray(193, '9') << T1Problem::OutOfRange;
        QTest::newRow("decimal, a digit short") << "17" + QByteArray(192, '0') << T1Problem::NotT1;
        QTest::newRow("decimal with a rotating part")
            << QByteArray(sample::kGoldenDecimal) + "179647200052741650" << T1Problem::NotT1;
        QTest::newRow("rotating part, a digit short") << kGood + "17964720005274165" << T1Problem::NotT1;
        QTest::newRow("rotating part, a sign") << kGood + "-79647200052741650" << T1Problem::IllegalCharacter;
        QTest::newRow("rotating part, a letter") << kGood + "17964720005274165A" << T1Problem::IllegalCharacter;
        QTest::newRow("Shift-JIS bytes") << with(40, "\x83\x65\x83\x58\x83\x67") << T1Problem::IllegalCharacter;
        QTest::newRow("GS1 separator inside") << with(40, "\x1d") << T1Problem::IllegalCharacter;
        QTest::newRow("AIM marker typed before") << "]Q1" + kGood << T1Problem::NotT1;
        QTest::newRow("ECI marker typed before") << "\\000026" + kGood << T1Problem::NotT1;
        QTest::newRow("escape sequence") << QByteArray("\x1b[2J\x1b[H") << T1Problem::NotT1;
        QTest::newRow("Ctrl-C and Ctrl-O") << QByteArray("\x03\x0f") << T1Problem::NotT1;
        QTest::newRow("URL") << QByteArray("https://example.org/T1") << T1Problem::NotT1;
        QTest::newRow("script") << QByteArray("javascript:alert(1)") << T1Problem::NotT1;
        QTest::newRow("file") << QByteArray("file:///etc/passwd") << T1Problem::NotT1;
        QTest::newRow("Wi-Fi settings") << QByteArray("WIFI:T:WPA;S:x;P:y;;") << T1Problem::NotT1;
        QTest::newRow("overlong UTF-8") << with(30, "\xc0\xaf") << T1Problem::IllegalCharacter;
        QTest::newRow("surrogate in UTF-8") << with(30, "\xed\xa0\x80") << T1Problem::IllegalCharacter;
        QTest::newRow("BOM in the middle") << with(30, "\xef\xbb\xbf") << T1Problem::IllegalCharacter;
    }
    void textsThatAreNoT1AreNamed()
    {
        QFETCH(QByteArray, text);
        QFETCH(T1Problem, problem);
        const auto parsed = parseT1(text.toStdString());
        QVERIFY(std::holds_alternative<T1Problem>(parsed));
        QCOMPARE(std::get<T1Problem>(parsed), problem);
        QCOMPARE(reasonOf(problem), domain::Reason::Unknown);
    }

    void codesThatTheSignerDidNotMakeAreForged_data()
    {
        QTest::addColumn<T1Problem>("found");
        QTest::addColumn<T1Problem>("expected");
        QTest::newRow("version 2") << problemOf(claimedWith(0, 0x20)) << T1Problem::OtherVersion;
        QTest::newRow("version 0") << problemOf(claimedWith(0, 0x00)) << T1Problem::OtherVersion;
        QTest::newRow("algorithm bits for a shared key")
            << problemOf(claimedWith(0, 0x14)) << T1Problem::UnknownAlgorithm;
        QTest::newRow("algorithm bits 3") << problemOf(claimedWith(0, 0x1C)) << T1Problem::UnknownAlgorithm;
        QTest::newRow("flag that nobody knows") << problemOf(claimedWith(0, 0x12)) << T1Problem::UnknownFlags;
        QTest::newRow("slot of no key") << problemOf(claimedWith(1, 9)) << T1Problem::UnknownSlot;
        QTest::newRow("slot of another key") << problemOf(claimedWith(1, 4)) << T1Problem::BadSignature;
        const char *zero = "0000000000000000000000000000000000000000000000000000000000000000";
        const char *order = "edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010";
        QTest::newRow("signature all zero") << problemOf(signatureOf(zero, zero)) << T1Problem::BadSignature;
        QTest::newRow("R of order 1, S zero")
            << problemOf(signatureOf("0100000000000000000000000000000000000000000000000000000000000000", zero))
            << T1Problem::BadSignature;
        QTest::newRow("R of order 8") << problemOf(signatureOf(
                                             "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05", zero))
                                      << T1Problem::BadSignature;
        QTest::newRow("S is the group order") << problemOf(signatureOf(zero, order)) << T1Problem::BadSignature;
    }
    void codesThatTheSignerDidNotMakeAreForged()
    {
        QFETCH(T1Problem, found);
        QFETCH(T1Problem, expected);
        QCOMPARE(found, expected);
        QCOMPARE(reasonOf(found), domain::Reason::Forged);
    }

    void aSignatureHasNoSecondSpelling()
    {
        T1Code code = sample::codeOf(sample::kGolden);
        const auto order = *base::fromHex("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");
        unsigned carry = 0;
        for (std::size_t i = 0; i < 32; ++i) {
            carry += std::to_integer<unsigned>(code.bytes[48 + i]) + std::to_integer<unsigned>(order[i]);
            code.bytes[48 + i] = static_cast<std::byte>(carry);
            carry >>= 8;
        }
        QCOMPARE(problemOf(code), T1Problem::BadSignature);
    }

    void aCodeOfAnotherEventIsToldApartWithoutItsKey()
    {
        T1Code code = sample::codeOf(sample::kGolden);
        code.bytes[5] ^= std::byte{1};
        QCOMPARE(problemOf(code), T1Problem::OtherEvent);
        code.bytes[1] = std::byte{200}; // a slot that this event does not have
        code.bytes[0] |= std::byte{0x0C};
        QCOMPARE(problemOf(code), T1Problem::OtherEvent);
        QCOMPARE(reasonOf(T1Problem::OtherEvent), domain::Reason::WrongEvent);
    }

    void ordinalZeroIsNoTicket()
    {
        T1Claims claims = sample::goldenClaims();
        claims.ordinal = {0};
        const KeyRing ring = sample::ring();
        const T1Code code = sample::signedAnyway(encodeClaims(claims, ring), ring);
        QCOMPARE(problemOf(code), T1Problem::NoOrdinal);
        QCOMPARE(reasonOf(T1Problem::NoOrdinal), domain::Reason::Forged);
    }

    void theExtremesOfEachFieldAreJustNumbers()
    {
        const KeyRing ring = sample::ring();
        const T1Claims greatest{.keySlot = sample::kSlot,
                                .ordinal = {0xFFFFFF},
                                .generation = 255,
                                .typeIndex = 255,
                                .zones = 0xFFFF,
                                .validFromHours = 65'535,
                                .durationHours = 254,
                                .rotating = false};
        T1Claims least{.keySlot = sample::kSlot, .ordinal = {1}, .zones = 0};
        for (const T1Claims &claims : {greatest, least}) {
            const auto code = issueT1(claims, ring, sample::signingKey());
            QVERIFY(code);
            QCOMPARE(std::get<T1Claims>(verifyT1(*code, ring)), claims);
        }
    }

    void whatIsIssuedIsSound()
    {
        const KeyRing ring = sample::ring();
        T1Claims claims = sample::goldenClaims();
        for (const std::uint32_t ordinal : {0U, 0x1000000U, UINT32_MAX}) {
            claims.ordinal = {ordinal};
            QVERIFY(!issueT1(claims, ring, sample::signingKey()));
        }
        claims = sample::goldenClaims();
        QVERIFY2(!issueT1(claims, ring, sample::signingKey(std::byte{8})), "the key of another slot");
        claims.keySlot = 9;
        QVERIFY2(!issueT1(claims, ring, sample::signingKey()), "a slot without a key");
        KeyRingParts parts = sample::ringParts();
        parts.rotation.reset();
        QVERIFY2(!issueT1(sample::rotatingClaims(), *KeyRing::make(parts), sample::signingKey()), "no rotation key");
    }

    void generationsDoNotBeginAgain()
    {
        QCOMPARE(*nextGeneration(0), std::uint8_t(1));
        QCOMPARE(*nextGeneration(254), std::uint8_t(255));
        QVERIFY(!nextGeneration(255));
    }

    void badKeyRingsAreRefused()
    {
        KeyRingParts parts = sample::ringParts();
        parts.keys.push_back(parts.keys.front());
        QVERIFY2(!KeyRing::make(parts), "two keys in one slot");
        parts = sample::ringParts();
        parts.identity.shortId = 0;
        QVERIFY2(!KeyRing::make(parts), "no short id");
        for (const int seconds : {-1, 0, 14, 31}) {
            parts = sample::ringParts();
            parts.rotationPeriod = std::chrono::seconds(seconds);
            QVERIFY2(!KeyRing::make(parts), "period");
        }
        parts = sample::ringParts();
        parts.keys.resize(KeyRing::kSlotsMax + 1);
        for (std::size_t i = 0; i < parts.keys.size(); ++i)
            parts.keys[i].slot = static_cast<std::uint8_t>(i);
        QVERIFY2(!KeyRing::make(parts), "too many slots");
        parts = sample::ringParts();
        parts.epoch = base::Instant::max();
        QVERIFY2(!KeyRing::make(parts), "an epoch that overflows");
    }

    void anyBytesAreACodeOrANamedProblem()
    {
        base::SeededRandom random(3);
        const KeyRing ring = sample::ring();
        for (int i = 0; i < 20'000; ++i) {
            std::string text = i % 2 == 0 ? sample::kGolden : sample::kGoldenDecimal;
            for (std::uint64_t changes = random.below(4); changes > 0; --changes)
                text[random.below(text.size())] = static_cast<char>(random.below(256));
            if (random.below(4) == 0)
                text.resize(random.below(200), '0');
            const auto parsed = parseT1(text);
            if (const auto *code = std::get_if<T1Code>(&parsed))
                QCOMPARE(printT1(*code), text);
            else
                QVERIFY(!describe(std::get<T1Problem>(parsed)).empty());
        }
    }
};

QTEST_APPLESS_MAIN(HostileCodesTest)
#include "hostile_codes_test.moc"
