#include "shared/ticket/t1.h"

#include "tests/shared/ticket/sample_ring.h"

#include "shared/base/random.h"

#include <QtTest/QtTest>

using namespace voelgoed;
using namespace voelgoed::ticket;

namespace {

T1Claims anyClaims(base::Random &random)
{
    return {.keySlot = sample::kSlot,
            .ordinal = {static_cast<std::uint32_t>(1 + random.below(domain::kOrdinalMax))},
            .generation = static_cast<std::uint8_t>(random.below(256)),
            .typeIndex = static_cast<std::uint8_t>(random.below(256)),
            .zones = static_cast<std::uint16_t>(random.below(65'536)),
            .validFromHours = static_cast<std::uint16_t>(random.below(65'536)),
            .durationHours = static_cast<std::uint8_t>(random.below(256)),
            .rotating = random.below(2) == 1};
}

} // namespace

class T1Test : public QObject
{
    Q_OBJECT

private slots:
    void aGoldenCodeSaysWhatItAlwaysSaid_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<bool>("rotating");
        QTest::newRow("base45") << QByteArray(sample::kGolden) << false;
        QTest::newRow("decimal") << QByteArray(sample::kGoldenDecimal) << false;
        QTest::newRow("rotating") << QByteArray(sample::kGoldenRotating) << true;
    }
    void aGoldenCodeSaysWhatItAlwaysSaid()
    {
        QFETCH(QByteArray, text);
        QFETCH(bool, rotating);
        const T1Code code = sample::codeOf(text.toStdString());
        QCOMPARE(code.shortId(), 0xA1B2C3U);
        QCOMPARE(QByteArray::fromStdString(printT1(code)), text);
        const auto verified = verifyT1(code, sample::ring());
        QVERIFY(std::holds_alternative<T1Claims>(verified));
        QCOMPARE(std::get<T1Claims>(verified), rotating ? sample::rotatingClaims() : sample::goldenClaims());
    }

    void bothFormsAreOneCode()
    {
        QCOMPARE(sample::codeOf(sample::kGolden).bytes, sample::codeOf(sample::kGoldenDecimal).bytes);
    }

    void issuingMakesTheGoldenCodesAgain()
    {
        const auto code = issueT1(sample::goldenClaims(), sample::ring(), sample::signingKey());
        QVERIFY(code);
        QCOMPARE(printT1(*code), std::string(sample::kGolden));
        const auto rotating = issueT1(sample::rotatingClaims(), sample::ring(), sample::signingKey());
        QVERIFY(rotating);
        QCOMPARE(printT1(*rotating), std::string(sample::kGoldenRotating));
    }

    void whatIsIssuedComesBack()
    {
        base::SeededRandom random(1);
        const KeyRing ring = sample::ring();
        for (int i = 0; i < 300; ++i) {
            const T1Claims claims = anyClaims(random);
            T1Code code = *issueT1(claims, ring, sample::signingKey());
            code.form = i % 2 == 0 ? T1Form::Base45 : T1Form::Decimal;
            const std::string text = printT1(code);
            QCOMPARE(text.size(), i % 2 == 0 ? std::size_t(122) : std::size_t(195));
            QCOMPARE(sample::codeOf(text), code);
            QCOMPARE(std::get<T1Claims>(verifyT1(code, ring)), claims);
        }
    }

    void whateverBytesAreParsedPrintTheSameText()
    {
        base::SeededRandom random(2);
        for (int i = 0; i < 2000; ++i) {
            T1Code code;
            random.fill(code.bytes);
            code.form = i % 2 == 0 ? T1Form::Base45 : T1Form::Decimal;
            if (i % 4 == 0)
                code.rotating = {static_cast<std::int64_t>(random.below(10'000'000'000)),
                                 static_cast<std::uint32_t>(random.below(100'000'000))};
            const std::string text = printT1(code);
            QCOMPARE(sample::codeOf(text), code);
            QCOMPARE(printT1(sample::codeOf(text)), text);
        }
    }

    void aBitChangedAnywhereIsRefused()
    {
        const KeyRing ring = sample::ring();
        const T1Code good = sample::codeOf(sample::kGolden);
        for (std::size_t bit = 0; bit < kT1Size * 8; ++bit) {
            T1Code changed = good;
            changed.bytes[bit / 8] ^= std::byte{1} << (bit % 8);
            QVERIFY2(std::holds_alternative<T1Problem>(verifyT1(changed, ring)), qPrintable(QString::number(bit)));
        }
    }

    void eachLiveSlotSignsAndARetiredOneRevokesWhatItSigned()
    {
        T1Claims claims = sample::goldenClaims();
        claims.keySlot = 4;
        const auto code = issueT1(claims, sample::ring(), sample::signingKey(std::byte{8}));
        QVERIFY(code);
        QCOMPARE(std::get<T1Claims>(verifyT1(*code, sample::ring())), claims);

        KeyRingParts parts = sample::ringParts();
        parts.keys.back().retired = true;
        const KeyRing retired = *KeyRing::make(parts);
        QCOMPARE(std::get<T1Problem>(verifyT1(*code, retired)), T1Problem::RetiredKey);
        QCOMPARE(reasonOf(T1Problem::RetiredKey), domain::Reason::Revoked);
        QVERIFY(!issueT1(claims, retired, sample::signingKey(std::byte{8})));
        // What it never signed is as forged as ever.
        T1Code forged = *code;
        forged.bytes[9] ^= std::byte{1};
        QCOMPARE(std::get<T1Problem>(verifyT1(forged, retired)), T1Problem::BadSignature);
        parts.keys.pop_back();
        QCOMPARE(std::get<T1Problem>(verifyT1(*code, *KeyRing::make(parts))), T1Problem::UnknownSlot);
    }

    void aCodeIsBoundToOrganizationAndEvent()
    {
        const T1Code code = sample::codeOf(sample::kGolden);
        KeyRingParts parts = sample::ringParts();
        parts.identity.organization[0] ^= std::byte{1};
        QCOMPARE(std::get<T1Problem>(verifyT1(code, *KeyRing::make(parts))), T1Problem::BadSignature);
        parts = sample::ringParts();
        parts.identity.event[15] ^= std::byte{1};
        QCOMPARE(std::get<T1Problem>(verifyT1(code, *KeyRing::make(parts))), T1Problem::BadSignature);
    }

    void windowsAreCountedFromTheEpoch_data()
    {
        QTest::addColumn<int>("from");
        QTest::addColumn<int>("duration");
        QTest::addColumn<QString>("start");
        QTest::addColumn<QString>("end");
        QTest::newRow("no limit") << 0 << 0 << ""
                                  << "2026-12-05T22:00:00Z";
        QTest::newRow("from the first hour") << 1 << 0 << "2026-12-01T01:00:00Z"
                                             << "2026-12-05T22:00:00Z";
        QTest::newRow("six hours") << 24 << 6 << "2026-12-02T00:00:00Z"
                                   << "2026-12-02T06:00:00Z";
        QTest::newRow("six hours from the epoch") << 0 << 6 << ""
                                                  << "2026-12-01T06:00:00Z";
        QTest::newRow("as the type says") << 24 << 255 << "2026-12-02T00:00:00Z"
                                          << "type";
        QTest::newRow("the last hour and 254 more") << 65'535 << 254 << "2034-05-23T15:00:00Z"
                                                    << "2034-06-03T05:00:00Z";
    }
    void windowsAreCountedFromTheEpoch()
    {
        QFETCH(int, from);
        QFETCH(int, duration);
        QFETCH(QString, start);
        QFETCH(QString, end);
        T1Claims claims = sample::goldenClaims();
        claims.validFromHours = static_cast<std::uint16_t>(from);
        claims.durationHours = static_cast<std::uint8_t>(duration);
        const T1Window window = windowOf(claims, sample::ring());
        QCOMPARE(QString::fromStdString(window.from ? base::formatInstant(*window.from) : ""), start);
        const std::string until = window.until           ? base::formatInstant(*window.until)
                                  : window.untilTypeSays ? "type"
                                                         : "";
        QCOMPARE(QString::fromStdString(until), end);
    }

    void anEventWithoutAnEndHasCodesWithoutOne()
    {
        KeyRingParts parts = sample::ringParts();
        parts.endsAt.reset();
        T1Claims claims = sample::goldenClaims();
        claims.durationHours = T1Claims::kUntilEventEnds;
        QCOMPARE(windowOf(claims, *KeyRing::make(parts)).until, std::optional<base::Instant>());
    }

    void nothingLiesAfterTheLastMoment()
    {
        KeyRingParts parts = sample::ringParts();
        parts.epoch = base::kLatest;
        T1Claims claims = sample::goldenClaims();
        claims.validFromHours = 65'535;
        claims.durationHours = 254;
        const T1Window window = windowOf(claims, *KeyRing::make(parts));
        QCOMPARE(window.from, std::optional(base::kLatest));
        QCOMPARE(window.until, std::optional(base::kLatest));
    }
};

QTEST_APPLESS_MAIN(T1Test)
#include "t1_test.moc"
