// A gate and a server that talk over TLS, which trusts nothing but the key that the pairing code named.
#include "tests/integration/backstage.h"

#include <QtTest/QtTest>

using namespace voelgoed;
using integration::Backstage, integration::becomes, integration::jsonOf, integration::RunningGate, integration::World;

class EncryptedTest : public QObject
{
    Q_OBJECT

private:
    std::unique_ptr<Backstage> m_backstage;

    static QJsonObject status(const QString &data)
    {
        return jsonOf(integration::gate({"status", "--data", data, "--json"}).out);
    }

private slots:
    void initTestCase()
    {
        m_backstage = std::make_unique<Backstage>(World::Encrypted);
        QVERIFY(m_backstage->start());
        QVERIFY2(m_backstage->server.url().starts_with("https://"), m_backstage->server.url().c_str());
    }
    void cleanupTestCase() { QVERIFY(m_backstage->server.endsInOrder()); }

    void aGatePairsAndExchanges()
    {
        const QTemporaryDir folder;
        const QString data = folder.filePath("device");
        const base::Uuid event = m_backstage->makeEvent(50);
        QVERIFY(!m_backstage->pair(data, event).empty());
        RunningGate gate(data);
        QVERIFY2(gate.isUp(), gate.errors());
        for (int n = 1; n <= 20; ++n)
            QCOMPARE(gate.scan("CODE-" + QByteArray::number(n))["reason"].toString(), QString("ok"));
        QVERIFY(becomes([&] { return m_backstage->rows(event) == 20; }));
        gate.closeInput();
        QCOMPARE(gate.end(), 0);
        QVERIFY(status(data)["checksum_agrees"].toBool());
    }

    void aPairingCodeThatNamesAnotherKeyLeadsNowhere()
    {
        const QTemporaryDir folder;
        const QString data = folder.filePath("device");
        auto code =
            *protocol::parsePairingCode(Backstage::textOf(m_backstage->invite(m_backstage->makeEvent(1)), "qr"));
        code.pin[5] ^= std::byte{1};
        QProcess pairing;
        pairing.start(integration::program("voelgoed-gate"),
                      {"pair", "--data", data, "--qr", QString::fromStdString(protocol::textOf(code)), "--json"});
        // It tries again until it is told to end: the right server may come yet.
        QVERIFY(becomes([&] {
            pairing.waitForReadyRead(50);
            return pairing.state() == QProcess::NotRunning || pairing.readAllStandardError().contains("key");
        }));
        pairing.kill();
        pairing.waitForFinished();
        QVERIFY(m_backstage->devices("pending").as_array().empty());
    }

    // Somebody took the server's place: he is told nothing, and the gate goes on by itself until the right one is back.
    void aServerWithAnotherKeyAtTheSamePlaceGetsNothing()
    {
        const QTemporaryDir folder;
        const QString data = folder.filePath("device");
        const base::Uuid event = m_backstage->makeEvent(50);
        QVERIFY(!m_backstage->pair(data, event).empty());
        RunningGate gate(data);
        QVERIFY2(gate.isUp(), gate.errors());
        QCOMPARE(gate.scan("CODE-1")["reason"].toString(), QString("ok"));
        QVERIFY(becomes([&] { return status(data)["unacknowledged"].toInt() == 0; }));
        QCOMPARE(m_backstage->server.stop(), 0);
        {
            integration::ServerProcess other(World::Encrypted);
            other.listenAt(m_backstage->server.url());
            QVERIFY(other.start());
            QCOMPARE(gate.scan("CODE-2")["reason"].toString(), QString("ok"));
            QVERIFY(becomes([&] { return status(data)["exchange_trouble"].toString().contains("key"); }));
            QCOMPARE(status(data)["unacknowledged"].toInt(), 1);
            QCOMPARE(other.stop(), 0);
        }
        QVERIFY(m_backstage->server.start());
        QVERIFY(becomes([&] { return m_backstage->rows(event) == 2; }, 60'000));
        gate.closeInput();
        QCOMPARE(gate.end(), 0);
    }
};

QTEST_GUILESS_MAIN(EncryptedTest)
#include "encrypted_test.moc"
