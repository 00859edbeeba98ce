// A real gate and a real server come to know each other.
#include "tests/integration/backstage.h"

#include <QtTest/QtTest>

using namespace voelgoed;
using integration::Backstage, integration::jsonOf, integration::program;

class ServerPairingTest : public QObject
{
    Q_OBJECT

private:
    std::unique_ptr<Backstage> m_backstage;
    base::Uuid m_event{};

    static bool isPaired(const QString &data) { return QFileInfo::exists(data + "/pairing.json"); }
    QString qr(const base::Json &invitation) const
    {
        return QString::fromStdString(Backstage::textOf(invitation, "qr"));
    }
    std::size_t devicesOf(const char *status) const { return m_backstage->devices(status).as_array().size(); }

private slots:
    void initTestCase()
    {
        m_backstage = std::make_unique<Backstage>();
        QVERIFY(m_backstage->start());
        m_event = m_backstage->makeEvent(3);
    }
    void cleanupTestCase() { QVERIFY(m_backstage->server.endsInOrder()); }

    void onlyTheDigitsThatTheDeviceShowsLetItIn()
    {
        QTemporaryDir folder;
        const QString data = folder.filePath("device");
        QProcess pairing;
        pairing.start(program("voelgoed-gate"),
                      {"pair", "--data", data, "--qr", qr(m_backstage->invite(m_event)), "--json", "--name", "Noord"});
        QVERIFY(pairing.waitForReadyRead(30'000));
        const QJsonObject pending = jsonOf(pairing.readLine());
        QCOMPARE(pending["state"].toString(), QString("pending"));
        QCOMPARE(pending["organization"].toString(), QString("Fees"));
        const base::Json devices = m_backstage->devices("pending");
        QCOMPARE(devices.as_array().size(), std::size_t{1});
        const base::Json &device = devices.at(0);
        QCOMPARE(Backstage::textOf(device, "name"), std::string("Noord"));
        const std::string digits = Backstage::textOf(device, "digits");
        QCOMPARE(pending["digits"].toString().toStdString(), digits);
        const std::string other = digits == "000000" ? "000001" : "000000";
        QCOMPARE(m_backstage->approve(Backstage::textOf(device, "id"), other), 400);
        QVERIFY(!isPaired(data));
        QCOMPARE(m_backstage->approve(Backstage::textOf(device, "id"), digits), 200);
        QVERIFY(pairing.waitForFinished(30'000));
        QCOMPARE(pairing.exitCode(), 0);
        const QJsonObject approved = jsonOf(pairing.readLine());
        QCOMPARE(approved["state"].toString(), QString("approved"));
        QCOMPARE(approved["gate"].toString(), QString("north"));
        QCOMPARE(approved["event"].toString().toStdString(), base::toText(m_event));
        QVERIFY(isPaired(data));
        QVERIFY(!QFileInfo::exists(data + "/pairing-begun"));
    }

    void theThreePartsOfTheCodeDoAsWellAsItsPicture()
    {
        QTemporaryDir folder;
        const base::Json code = m_backstage->invite(m_event);
        const auto part = [&](const char *name) { return QString::fromStdString(Backstage::textOf(code, name)); };
        QProcess pairing;
        pairing.start(program("voelgoed-gate"),
                      {"pair", "--data", folder.filePath("device"), "--server", part("server"), "--code", part("code"),
                       "--pin", part("pin"), "--json"});
        QVERIFY(!m_backstage->approveWhatIsShown(pairing).empty());
        QVERIFY(pairing.waitForFinished(30'000));
        QCOMPARE(pairing.exitCode(), 0);
    }

    void whoeverIsKilledWhileHeWaitsGoesOnWithTheSameCommand()
    {
        QTemporaryDir folder;
        const QString data = folder.filePath("device");
        const QStringList words{"pair", "--data", data, "--qr", qr(m_backstage->invite(m_event)), "--json"};
        QString digits;
        {
            QProcess pairing;
            pairing.start(program("voelgoed-gate"), words);
            QVERIFY(pairing.waitForReadyRead(30'000));
            digits = jsonOf(pairing.readLine())["digits"].toString();
            pairing.kill();
            QVERIFY(pairing.waitForFinished());
        }
        QProcess again;
        again.start(program("voelgoed-gate"), words);
        QVERIFY(again.waitForReadyRead(30'000));
        const QJsonObject pending = jsonOf(again.readLine());
        QCOMPARE(pending["digits"].toString(), digits);
        QCOMPARE(pending["organization"].toString(), QString("Fees"));
        again.kill();
        QVERIFY(again.waitForFinished());
        // Also when it is approved while nobody waits.
        QProcess third;
        const std::size_t active = devicesOf("active");
        const base::Json pendingDevices = m_backstage->devices("pending");
        QCOMPARE(pendingDevices.as_array().size(), std::size_t{1});
        QCOMPARE(m_backstage->approve(Backstage::textOf(pendingDevices.at(0), "id"), digits.toStdString()), 200);
        third.start(program("voelgoed-gate"), words);
        QVERIFY(third.waitForFinished(30'000));
        QCOMPARE(third.exitCode(), 0);
        QCOMPARE(devicesOf("active"), active + 1);
        QVERIFY(isPaired(data));
    }

    void whoeverIsInterruptedHasPairedNothing()
    {
        QTemporaryDir folder;
        const QString data = folder.filePath("device");
        QProcess pairing;
        pairing.start(program("voelgoed-gate"),
                      {"pair", "--data", data, "--qr", qr(m_backstage->invite(m_event)), "--json"});
        QVERIFY(pairing.waitForReadyRead(30'000));
        ::kill(static_cast<pid_t>(pairing.processId()), SIGINT);
        QVERIFY(pairing.waitForFinished(5'000));
        QVERIFY(pairing.exitStatus() == QProcess::CrashExit || pairing.exitCode() != 0);
        QVERIFY(!isPaired(data));
    }

    void whatIsNoGoodIsRefusedWithItsReason_data()
    {
        QTest::addColumn<QString>("how");
        QTest::addColumn<int>("status");
        QTest::addColumn<QString>("said");
        QTest::newRow("another server's key") << "pin" << 3 << "signed";
        QTest::newRow("a used code") << "used" << 2 << "code is used";
        QTest::newRow("an old code") << "old" << 2 << "five minutes";
        QTest::newRow("a code that never was") << "made up" << 2 << "code is used";
    }
    void whatIsNoGoodIsRefusedWithItsReason()
    {
        QFETCH(QString, how);
        QFETCH(int, status);
        QFETCH(QString, said);
        QTemporaryDir folder;
        const base::Json invitation = m_backstage->invite(m_event);
        auto code = *protocol::parsePairingCode(Backstage::textOf(invitation, "qr"));
        if (how == "pin")
            code.pin = base::SigningKey::fromSeed(base::Bytes(32, std::byte{9}))->publicKey();
        else if (how == "used")
            QVERIFY(!m_backstage->pair(folder.filePath("first"), qr(invitation)).empty());
        else if (how == "old")
            m_backstage->desk->execute("UPDATE tenancy.device_codes SET expires_at = now() - interval '1 second'");
        else
            code.code[0] ^= std::byte{1};
        const QString data = folder.filePath("device");
        const auto ran = integration::gate(
            {"pair", "--data", data, "--qr", QString::fromStdString(protocol::textOf(code)), "--json"});
        QCOMPARE(ran.status, status);
        QVERIFY2(ran.err.contains(said.toUtf8()), ran.err);
        QVERIFY(!isPaired(data));
    }

    void aRevokedDeviceIsNotPairedAgain()
    {
        QTemporaryDir folder;
        const QString data = folder.filePath("device");
        const std::string device = m_backstage->pair(data, m_event);
        QVERIFY(!device.empty());
        QCOMPARE(m_backstage->revoke(device), 200);
        const auto ran =
            integration::gate({"pair", "--data", data, "--qr", qr(m_backstage->invite(m_event)), "--json"});
        QCOMPARE(ran.status, 3);
        QVERIFY2(ran.err.contains("revoked"), ran.err);
    }

    void aDeviceThatIsTurnedAwayWhileItWaitsSaysSo()
    {
        QTemporaryDir folder;
        QProcess pairing;
        pairing.start(program("voelgoed-gate"), {"pair", "--data", folder.filePath("device"), "--qr",
                                                 qr(m_backstage->invite(m_event)), "--json"});
        QVERIFY(pairing.waitForReadyRead(30'000));
        const std::string digits = jsonOf(pairing.readLine())["digits"].toString().toStdString();
        const base::Json waiting = m_backstage->devices("pending");
        for (const base::Json &device : waiting.as_array()) {
            if (Backstage::textOf(device, "digits") == digits)
                QCOMPARE(m_backstage->revoke(Backstage::textOf(device, "id")), 200);
        }
        QVERIFY(pairing.waitForFinished(30'000));
        QCOMPARE(pairing.exitCode(), 3);
        QVERIFY(pairing.readAllStandardError().contains("refused"));
    }
};

QTEST_GUILESS_MAIN(ServerPairingTest)
#include "server_pairing_test.moc"
