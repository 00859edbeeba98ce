#include "device/core/profile/enrolment.h"

#include <QFile>
#include <QTemporaryDir>
#include <QtTest/QtTest>

using namespace voelgoed;

namespace {

profile::Enrolment enrolment()
{
    return {.server = "https://gates.example:8443",
            .assignment = {.organization = {"018f3c52-7b1e-7cc0-9d3a-2f1f5b7a9c01"},
                           .organizationName = "Fees",
                           .events = {{"fest"}},
                           .gate = {"north"},
                           .checkpoint = {"main"},
                           .direction = domain::Direction::Exit},
            .revoked = true,
            .lock = "Bring it to the office"};
}

} // namespace

class EnrolmentTest : public QObject
{
    Q_OBJECT

    QTemporaryDir m_folder;
    std::string folder() const { return m_folder.path().toStdString(); }
    QString file() const { return m_folder.filePath("pairing.json"); }

private slots:
    void cleanup()
    {
        QFile::remove(file());
        QFile::remove(m_folder.filePath("requests"));
    }

    void aDeviceThatWasNeverPairedHasNone()
    {
        const auto loaded = profile::loadEnrolment(folder());
        QVERIFY(loaded && !*loaded);
    }

    void itIsReadAsItWasSavedAndForItsOwnerAlone()
    {
        QVERIFY(profile::saveEnrolment(folder(), enrolment()));
        const auto loaded = profile::loadEnrolment(folder());
        QVERIFY(loaded && *loaded && **loaded == enrolment());
        QVERIFY((QFile(file()).permissions() & (QFile::ReadGroup | QFile::ReadOther)) == 0);
        auto plain = enrolment();
        plain.revoked = false;
        plain.lock.reset();
        QVERIFY(profile::saveEnrolment(folder(), plain));
        QVERIFY(**profile::loadEnrolment(folder()) == plain);
    }

    void whatCannotBeReadIsNotTakenForNone_data()
    {
        QTest::addColumn<QByteArray>("text");
        const QByteArray good = QByteArray::fromStdString(profile::printEnrolment(enrolment()));
        QTest::newRow("nothing") << QByteArray();
        QTest::newRow("cut off") << good.left(good.size() / 2);
        QTest::newRow("no server") << QByteArray(good).replace("\"server\":\"https", "\"serve\":\"https");
        QTest::newRow("no address") << QByteArray(good).replace("https://", "ftp://");
        QTest::newRow("another field") << QByteArray(good).replace("{\"server\"", "{\"other\":1,\"server\"");
        QTest::newRow("not approved") << QByteArray(good).replace("approved", "pending");
        QTest::newRow("no key") << QByteArray(good).replace("server_key", "server_kex");
    }
    void whatCannotBeReadIsNotTakenForNone()
    {
        QFETCH(QByteArray, text);
        QFile out(file());
        QVERIFY(out.open(QIODevice::WriteOnly));
        out.write(text);
        out.close();
        const auto loaded = profile::loadEnrolment(folder());
        QVERIFY(!loaded && loaded.error().code == base::ErrorCode::Corrupt && !loaded.error().hint.empty());
    }

    void eachProgramThatSendsTakesAHigherNumber()
    {
        const base::Instant unset{}, now = *base::parseInstant("2026-12-05T18:00:00Z");
        QCOMPARE(profile::nextRequestBoot(folder(), unset).value, 1U);
        QCOMPARE(profile::nextRequestBoot(folder(), unset).value, 2U);
        const std::uint32_t later = profile::nextRequestBoot(folder(), now).value;
        QVERIFY(later > 200'000'000);
        // Also in the same moment, and with the clock set back.
        QCOMPARE(profile::nextRequestBoot(folder(), now).value, later + 1);
        QCOMPARE(profile::nextRequestBoot(folder(), unset).value, later + 2);
    }

    void whatIsRememberedOfItMayBeLost_data()
    {
        QTest::addColumn<QByteArray>("text");
        for (const char *bad : {"", "x", "-1", "4294967295", "99999999999"})
            QTest::newRow(bad) << QByteArray(bad);
    }
    void whatIsRememberedOfItMayBeLost()
    {
        QFETCH(QByteArray, text);
        const base::Instant now = *base::parseInstant("2026-12-05T18:00:00Z");
        const std::uint32_t before = profile::nextRequestBoot(folder(), now).value;
        QFile out(m_folder.filePath("requests"));
        QVERIFY(out.open(QIODevice::WriteOnly | QIODevice::Truncate));
        out.write(text);
        out.close();
        QVERIFY(profile::nextRequestBoot(folder(), now + std::chrono::seconds(1)).value > before);
    }

    // As on a full disk: the gate goes on.
    void whereNothingCanBeWrittenTheClockKeepsItRising()
    {
        const base::Instant now = *base::parseInstant("2026-12-05T18:00:00Z");
        const std::string nowhere = folder() + "/nowhere";
        const std::uint32_t one = profile::nextRequestBoot(nowhere, now).value;
        QVERIFY(profile::nextRequestBoot(nowhere, now + std::chrono::seconds(1)).value > one);
    }
};

QTEST_APPLESS_MAIN(EnrolmentTest)
#include "enrolment_test.moc"
