#include "shared/ticket/rotating.h"

#include "tests/shared/ticket/sample_ring.h"

#include <QtTest/QtTest>

using namespace voelgoed;
using namespace voelgoed::ticket;
using namespace std::chrono_literals;

Q_DECLARE_METATYPE(voelgoed::ticket::T1Problem)

namespace {

const base::Instant kNow = base::instantFromMillis(1'796'472'000'000); // a multiple of 30 s

/// The golden rotating code as a wallet shows it at that moment.
T1Code shownAt(base::Instant at)
{
    T1Code code = sample::codeOf(sample::kGoldenRotating);
    code.rotating = rotatingPartAt(sample::rotatingClaims(), sample::ring(), at);
    return code;
}

auto check(const T1Code &code, const RotatingMoment &moment)
{
    return checkRotating({code, sample::rotatingClaims()}, sample::ring(), moment);
}

} // namespace

class RotatingTest : public QObject
{
    Q_OBJECT

private slots:
    /// RFC 6238, appendix B, SHA-1.
    void passwordsAreTheStandardsExamples_data()
    {
        QTest::addColumn<quint64>("seconds");
        QTest::addColumn<quint32>("password");
        QTest::newRow("1970-01-01") << quint64(59) << quint32(94287082);
        QTest::newRow("2005-03-18") << quint64(1111111109) << quint32(7081804);
        QTest::newRow("2005-03-18, two seconds later") << quint64(1111111111) << quint32(14050471);
        QTest::newRow("2009-02-13") << quint64(1234567890) << quint32(89005924);
        QTest::newRow("2033-05-18") << quint64(2000000000) << quint32(69279037);
        QTest::newRow("2603-10-11") << quint64(20000000000) << quint32(65353130);
    }
    void passwordsAreTheStandardsExamples()
    {
        QFETCH(quint64, seconds);
        QFETCH(quint32, password);
        QCOMPARE(totp8(base::bytesOf("12345678901234567890"), seconds / 30), password);
    }

    /// Computed from the description with another implementation.
    void theRotatingPartStaysAsItIs()
    {
        QCOMPARE(printT1(shownAt(kNow)), sample::kGoldenRotating + std::string("179647200052741650"));
        QCOMPARE(sample::codeOf(sample::kGoldenRotating + std::string("179647200052741650")), shownAt(kNow));
    }

    void aFreshPartIsAccepted()
    {
        for (const auto offset : {-90s, -30s, -1s, 0s, 30s, 90s}) {
            const auto checked = check(shownAt(kNow + offset), {.now = kNow});
            QVERIFY(std::holds_alternative<RotatingAccepted>(checked));
            const auto seconds = (kNow + offset).time_since_epoch() / 1000ms;
            QCOMPARE(std::get<RotatingAccepted>(checked).step, static_cast<std::uint64_t>(seconds / 30));
        }
    }

    void anythingElseIsStale_data()
    {
        QTest::addColumn<T1Problem>("found");
        QTest::addColumn<T1Problem>("expected");
        const auto row = [](const char *name, const auto &checked, T1Problem expected) {
            const auto *problem = std::get_if<T1Problem>(&checked);
            QTest::newRow(name) << (problem ? *problem : T1Problem::NotT1) << expected;
        };
        const std::uint64_t step = 1'796'472'000 / 30;
        row("no part", check(sample::codeOf(sample::kGoldenRotating), {.now = kNow}), T1Problem::RotatingMissing);
        row("91 s old", check(shownAt(kNow - 91s), {.now = kNow}), T1Problem::RotatingOutside);
        row("91 s ahead", check(shownAt(kNow + 91s), {.now = kNow}), T1Problem::RotatingOutside);
        row("from 1970", check(shownAt({}), {.now = kNow}), T1Problem::RotatingOutside);
        row("the same step again", check(shownAt(kNow + 29s), {.now = kNow, .lastStep = step}),
            T1Problem::RotatingUsed);
        row("an older step", check(shownAt(kNow - 30s), {.now = kNow, .lastStep = step}), T1Problem::RotatingUsed);

        T1Code code = shownAt(kNow);
        code.rotating->password ^= 1;
        row("another password", check(code, {.now = kNow}), T1Problem::RotatingWrong);
        code = shownAt(kNow);
        code.rotating->unixSeconds += 30;
        row("time moved to the next step", check(code, {.now = kNow}), T1Problem::RotatingWrong);

        T1Claims claims = sample::rotatingClaims();
        claims.generation = 1;
        code = shownAt(kNow);
        row("part of another generation", checkRotating({code, claims}, sample::ring(), {.now = kNow}),
            T1Problem::RotatingWrong);
        claims = sample::rotatingClaims();
        claims.ordinal = {8};
        row("part of another ticket", checkRotating({code, claims}, sample::ring(), {.now = kNow}),
            T1Problem::RotatingWrong);
        KeyRingParts parts = sample::ringParts();
        parts.rotation->front() ^= std::byte{1};
        row("another rotation key",
            checkRotating({code, sample::rotatingClaims()}, *KeyRing::make(parts), {.now = kNow}),
            T1Problem::RotatingWrong);
        parts.rotation.reset();
        row("no rotation key", checkRotating({code, sample::rotatingClaims()}, *KeyRing::make(parts), {.now = kNow}),
            T1Problem::RotatingUnexpected);
    }
    void anythingElseIsStale()
    {
        QFETCH(T1Problem, found);
        QFETCH(T1Problem, expected);
        QCOMPARE(found, expected);
        QCOMPARE(reasonOf(found), domain::Reason::StaleCode);
    }

    void whoDoesNotKnowTheTimeCannotTellFreshFromOld()
    {
        const auto found = [](base::Instant shown, std::optional<std::uint64_t> last) {
            const auto checked =
                check(shownAt(shown), {.now = kNow, .trust = domain::TimeTrust::NotBefore, .lastStep = last});
            const auto *problem = std::get_if<T1Problem>(&checked);
            return problem ? *problem : T1Problem::NotT1;
        };
        QCOMPARE(found(kNow, {}), T1Problem::RotatingUncertain);
        QCOMPARE(found(kNow + 2h, {}), T1Problem::RotatingUncertain);
        QCOMPARE(reasonOf(T1Problem::RotatingUncertain), domain::Reason::Fault);
        // What is wrong at any time is wrong now.
        QCOMPARE(found(kNow - 2h, {}), T1Problem::RotatingOutside);
        QCOMPARE(found(kNow, 1'796'472'000 / 30), T1Problem::RotatingUsed);
    }

    void theNextStepIsAcceptedAfterTheLast()
    {
        const std::uint64_t step = 1'796'472'000 / 30;
        const auto checked = check(shownAt(kNow), {.now = kNow, .lastStep = step - 1});
        QVERIFY(std::holds_alternative<RotatingAccepted>(checked));
    }

    void aCodeThatNeedsNoPartIsGoodWithoutOneAndCheckedWithOne()
    {
        const T1Claims claims = sample::goldenClaims();
        T1Code code = sample::codeOf(sample::kGolden);
        QVERIFY(
            std::holds_alternative<RotatingNotNeeded>(checkRotating({code, claims}, sample::ring(), {.now = kNow})));
        code.rotating = rotatingPartAt(claims, sample::ring(), kNow);
        QVERIFY(std::holds_alternative<RotatingAccepted>(checkRotating({code, claims}, sample::ring(), {.now = kNow})));
        code.rotating->password ^= 1;
        QCOMPARE(std::get<T1Problem>(checkRotating({code, claims}, sample::ring(), {.now = kNow})),
                 T1Problem::RotatingWrong);
    }

    void thePeriodIsTheEvents()
    {
        KeyRingParts parts = sample::ringParts();
        parts.rotationPeriod = 15s;
        const KeyRing quick = *KeyRing::make(parts);
        T1Code code = sample::codeOf(sample::kGoldenRotating);
        code.rotating = rotatingPartAt(sample::rotatingClaims(), quick, kNow + 15s);
        const auto checked =
            checkRotating({code, sample::rotatingClaims()}, quick, {.now = kNow, .lastStep = 1'796'472'000 / 15});
        QVERIFY(std::holds_alternative<RotatingAccepted>(checked));
        QVERIFY(std::holds_alternative<T1Problem>(check(code, {.now = kNow})));
    }

    void aGateWhoseClockIsLostRefuses()
    {
        for (const auto now : {base::kEarliest, base::kLatest}) {
            const auto checked = check(shownAt(kNow), {.now = now});
            QCOMPARE(std::get<T1Problem>(checked), T1Problem::RotatingOutside);
        }
        QVERIFY(!rotatingPartAt(sample::rotatingClaims(), sample::ring(), base::kLatest));
    }
};

QTEST_APPLESS_MAIN(RotatingTest)
#include "rotating_test.moc"
