// The real gate program and a server over real sockets: pairing, the first download, and work beside it.
#include "device/gate/practice_event.h"
#include "shared/protocol/row.h"
#include "shared/ticket/foreign.h"
#include "tests/integration/running_gate.h"
#include "tests/support/paired_server.h"

#include <QTemporaryDir>
#include <QtTest/QtTest>

#include <chrono>

using namespace voelgoed;
using namespace voelgoed::integration;
using support::PairedServer;

namespace {

const domain::EventId kEvent{"practice"};

protocol::ListedTicket coded(std::uint32_t ordinal, const std::string &code)
{
    return {.ticket = {.ordinal = {ordinal}, .type = {"adult"}},
            .codes = {{ticket::foreignHash(code), 0, protocol::CodeKind::Foreign, false}}};
}

/// A server with the practice event, and a device's folder.
struct World
{
    base::SeededRandom random{5};
    gate::PracticeKeys keys = gate::PracticeKeys::make(random);
    gate::PracticeEvent event{
        keys, std::chrono::floor<std::chrono::hours>(std::chrono::system_clock::now()) - std::chrono::hours(1), random};
    base::SigningKey identity = *base::SigningKey::fromSeed(base::Bytes(32, std::byte{55}));
    support::FeedServer feed{kEvent, event.definition(), identity};
    PairedServer server;
    QTemporaryDir folder;

    explicit World(PairedServer::Security security = PairedServer::Security::Plain)
        : server((fill(), feed), identity, security)
    {
        server.assignment.organization = {"org"};
        server.assignment.organizationName = "Fees";
        server.assignment.events = {kEvent};
        server.assignment.gate = {"north"};
        server.assignment.checkpoint = {"main"};
    }
    void fill()
    {
        for (std::uint32_t n = 1; n <= 20; ++n)
            feed.put(coded(n, "CODE-" + std::to_string(n)));
    }
    QString data() const { return folder.filePath("device"); }
    QString qr() const { return QString::fromStdString(protocol::textOf(server.code())); }

    /// Pairs, as somebody who approves what was asked.
    Ran pair()
    {
        server.with([](PairedServer &s) { s.status.state = protocol::PairState::Approved; });
        return integration::gate({"pair", "--data", data(), "--qr", qr(), "--json", "--name", "North 1"});
    }
    std::size_t rows()
    {
        return server.with([](PairedServer &s) { return s.sync ? s.sync->rows.size() : 0; });
    }
    QJsonObject status() { return jsonOf(integration::gate({"status", "--data", data(), "--json"}).out); }
};

} // namespace

class ExchangeTest : public QObject
{
    Q_OBJECT

private slots:
    void aDeviceIsPairedOnceSomebodyHasComparedTheDigits()
    {
        World world;
        QProcess pairing;
        pairing.start(program("voelgoed-gate"), {"pair", "--data", world.data(), "--qr", world.qr(), "--json"});
        QVERIFY(pairing.waitForReadyRead(15'000));
        const QJsonObject pending = jsonOf(pairing.readLine());
        QCOMPARE(pending["state"].toString(), QString("pending"));
        QCOMPARE(pending["organization"].toString(), QString("Fees"));
        const auto key = world.server.with([](PairedServer &s) { return s.pairing->key; });
        QCOMPARE(pending["digits"].toString().toStdString(),
                 protocol::pairingDigits(world.identity.publicKey(), key, world.server.code().code));
        QVERIFY(!QFileInfo::exists(world.data() + "/pairing.json"));
        world.server.with([](PairedServer &s) { s.status.state = protocol::PairState::Approved; });
        QVERIFY(pairing.waitForFinished(15'000));
        QCOMPARE(pairing.exitCode(), 0);
        const QJsonObject approved = jsonOf(pairing.readLine());
        QCOMPARE(approved["state"].toString(), QString("approved"));
        QCOMPARE(approved["gate"].toString(), QString("north"));
        QVERIFY((QFileInfo(world.data() + "/pairing.json").permissions() & (QFile::ReadGroup | QFile::ReadOther)) == 0);
    }

    void aPairingThatIsNotApprovedLeavesNothing_data()
    {
        QTest::addColumn<int>("how");
        QTest::addColumn<int>("status");
        QTest::newRow("refused") << 0 << 3;
        QTest::newRow("expired") << 1 << 2;
        QTest::newRow("other digits") << 2 << 3;
        QTest::newRow("another server's key") << 3 << 3;
        QTest::newRow("a used code") << 4 << 2;
        QTest::newRow("nobody there") << 5 << 2;
    }
    void aPairingThatIsNotApprovedLeavesNothing()
    {
        QFETCH(int, how);
        QFETCH(int, status);
        World world;
        auto code = world.server.code();
        world.server.with([&](PairedServer &s) {
            s.status.state = how == 0   ? protocol::PairState::Refused
                             : how == 1 ? protocol::PairState::Expired
                                        : protocol::PairState::Approved;
            s.spoiledDigits = how == 2 ? "000000" : "";
        });
        if (how == 3)
            code.pin = base::SigningKey::fromSeed(base::Bytes(32, std::byte{56}))->publicKey();
        if (how == 4)
            code.code[0] ^= std::byte{1};
        if (how == 5)
            world.server.http().goAway();
        const Ran ran = integration::gate(
            {"pair", "--data", world.data(), "--qr", QString::fromStdString(protocol::textOf(code)), "--json"});
        QCOMPARE(ran.status, status);
        QVERIFY(!ran.err.isEmpty());
        QVERIFY(!QFileInfo::exists(world.data() + "/pairing.json"));
    }

    void wrongWordsAreNamed()
    {
        World world;
        QCOMPARE(integration::gate({"pair", "--data", world.data(), "--qr", "VGPAIR1:nonsense"}).status, 2);
        QCOMPARE(integration::gate({"pair", "--data", world.data()}).status, 2);
        QCOMPARE(
            integration::gate({"pair", "--data", world.data(), "--server", "ftp://x", "--code", "00", "--pin", "00"})
                .status,
            2);
        QVERIFY(integration::gate({"pair", "--data", world.data()}).err.contains("--qr"));
    }

    void aPairedGateFetchesItsListAndWorks_data()
    {
        QTest::addColumn<bool>("tls");
        QTest::newRow("plain, on the loopback") << false;
        QTest::newRow("TLS with a pinned key") << true;
    }
    void aPairedGateFetchesItsListAndWorks()
    {
        QFETCH(bool, tls);
        World world(tls ? PairedServer::Security::Tls : PairedServer::Security::Plain);
        QCOMPARE(world.pair().status, 0);
        RunningGate gate(world.data());
        QVERIFY2(gate.isUp(), gate.errors());
        QCOMPARE(gate.scan("CODE-1")["reason"].toString(), QString("ok"));
        QCOMPARE(gate.scan("NEW")["reason"].toString(), QString("unknown"));
        QVERIFY(becomes([&] { return world.rows() == 2; }));
        // What is sold now is known in a moment.
        world.server.with([](PairedServer &s) { s.feed.put(coded(50, "NEW")); });
        QVERIFY(becomes([&] { return gate.scan("NEW")["reason"].toString() == "ok"; }));
        const QJsonObject status = world.status();
        QCOMPARE(status["server"].toString().toStdString(), world.server.code().server);
        QVERIFY(status["checksum_agrees"].toBool());
        QVERIFY(!status["last_exchange"].toString().isEmpty());
        QVERIFY(!status["revoked"].toBool());
        gate.closeInput();
        QCOMPARE(gate.end(), 0);
        world.server.with([](PairedServer &s) {
            QVERIFY2(s.sync->complaints.empty(), s.sync->complaints.empty() ? "" : s.sync->complaints[0].c_str());
            QCOMPARE(s.sync->shifts.size(), std::size_t{1});
            QVERIFY(s.sync->shifts.begin()->second.closedAt);
            QCOMPARE(s.sync->shifts.begin()->second.gate.text, std::string("north"));
        });
        QCOMPARE(world.status()["unacknowledged"].toInteger(), 0); // also when no gate runs
        QVERIFY(world.status()["checksum_agrees"].toBool());
    }

    void aGateGoesOnWithoutItsServerAndCatchesUp()
    {
        World world;
        QCOMPARE(world.pair().status, 0);
        RunningGate gate(world.data());
        QVERIFY(gate.isUp());
        QCOMPARE(gate.scan("CODE-1")["reason"].toString(), QString("ok"));
        QVERIFY(becomes([&] { return world.rows() == 1; }));
        world.server.http().goAway();
        for (int n = 2; n <= 10; ++n)
            QCOMPARE(gate.scan("CODE-" + QByteArray::number(n))["reason"].toString(), QString("ok"));
        QCOMPARE(gate.scan("CODE-2")["reason"].toString(), QString("already_used"));
        QVERIFY(becomes([&] { return !world.status()["exchange_trouble"].toString().isEmpty(); }));
        QCOMPARE(world.status()["unacknowledged"].toInteger(), 10);
        world.server.http().comeBack();
        QVERIFY(becomes([&] { return world.rows() == 11; }, 60'000));
        gate.closeInput();
        QCOMPARE(gate.end(), 0);
    }

    void aGateThatIsKilledSendsTheRestTheNextTime()
    {
        World world;
        QCOMPARE(world.pair().status, 0);
        {
            RunningGate gate(world.data());
            QVERIFY(gate.isUp());
            world.server.http().goAway();
            for (int n = 1; n <= 5; ++n)
                QCOMPARE(gate.scan("CODE-" + QByteArray::number(n))["reason"].toString(), QString("ok"));
            gate.kill(SIGKILL);
        }
        world.server.http().comeBack();
        RunningGate again(world.data());
        QVERIFY(becomes([&] { return world.rows() == 5; }, 60'000));
        again.closeInput();
        QCOMPARE(again.end(), 0);
        world.server.with([](PairedServer &s) { QVERIFY(s.sync->complaints.empty()); });
    }

    void atTheEndOfItsInputEverythingIsSent()
    {
        World world;
        QCOMPARE(world.pair().status, 0);
        QCOMPARE(integration::gate({"run", "--data", world.data(), "--json"}).status, 0); // fetches the list
        QByteArray input;
        for (int n = 0; n < 1'200; ++n)
            input += "NOBODY-" + QByteArray::number(n) + "\n";
        const Ran ran = integration::gate({"run", "--data", world.data(), "--json"}, input);
        QCOMPARE(ran.status, 0);
        QCOMPARE(world.rows(), std::size_t{1'200});
        QVERIFY(!ran.err.contains("not everything"));
    }

    // As when the system ends it.
    void alsoOnASignalEverythingIsSent_data()
    {
        QTest::addColumn<int>("number");
        QTest::newRow("SIGTERM") << SIGTERM;
        QTest::newRow("SIGINT") << SIGINT;
        QTest::newRow("SIGHUP") << SIGHUP;
    }
    void alsoOnASignalEverythingIsSent()
    {
        QFETCH(int, number);
        World world;
        QCOMPARE(world.pair().status, 0);
        RunningGate gate(world.data(), {"--json", "--drain", "30"});
        QVERIFY(gate.isUp());
        world.server.http().goAway();
        for (int n = 1; n <= 5; ++n)
            QCOMPARE(gate.scan("CODE-" + QByteArray::number(n))["reason"].toString(), QString("ok"));
        QVERIFY(becomes([&] { return !world.status()["exchange_trouble"].toString().isEmpty(); }));
        world.server.http().comeBack();
        gate.signal(number);
        QCOMPARE(gate.end(60'000), 0);
        QCOMPARE(world.rows(), std::size_t{5});
        QVERIFY(!gate.errors().contains("not everything"));
    }

    void aSecondSignalWaitsForNoServer()
    {
        World world;
        QCOMPARE(world.pair().status, 0);
        RunningGate gate(world.data(), {"--json", "--drain", "600"});
        QVERIFY(gate.isUp());
        world.server.http().goAway();
        QCOMPARE(gate.scan("CODE-1")["reason"].toString(), QString("ok"));
        gate.signal(SIGTERM);
        QTest::qWait(1'000);
        QVERIFY(gate.isAlive());
        gate.signal(SIGTERM);
        QCOMPARE(gate.end(), 0);
        QVERIFY(gate.errors().contains("not everything"));
    }

    void aDrainIsNotWaitedForLongerThanSaid()
    {
        World world;
        QCOMPARE(world.pair().status, 0);
        QCOMPARE(integration::gate({"run", "--data", world.data()}).status, 0);
        world.server.http().goAway();
        const Ran ran = integration::gate({"run", "--data", world.data(), "--drain", "1"}, "CODE-1\n");
        QCOMPARE(ran.status, 0);
        QVERIFY(ran.err.contains("not everything"));
    }

    void offlineMeansOffline()
    {
        World world;
        QCOMPARE(world.pair().status, 0);
        QCOMPARE(integration::gate({"run", "--data", world.data()}).status, 0);
        const int before = world.server.with([](PairedServer &s) { return s.sync->exchanges; });
        QCOMPARE(integration::gate({"run", "--data", world.data(), "--offline"}, "CODE-1\n").status, 0);
        QCOMPARE(world.server.with([](PairedServer &s) { return s.sync->exchanges; }), before);
        QCOMPARE(world.rows(), std::size_t{0});
    }

    void aRevokedGateJudgesNobodyAndItsScansStillGoUp()
    {
        World world;
        QCOMPARE(world.pair().status, 0);
        RunningGate gate(world.data());
        QVERIFY(gate.isUp());
        QCOMPARE(gate.scan("CODE-1")["reason"].toString(), QString("ok"));
        world.server.with([](PairedServer &s) { s.sync->revoked = true; });
        QVERIFY(gate.complains("revoked"));
        QCOMPARE(gate.scan("CODE-2")["reason"].toString(), QString("fault"));
        QVERIFY(becomes([&] { return world.rows() == 2; }));
        QVERIFY(world.status()["revoked"].toBool());
        gate.closeInput();
        QCOMPARE(gate.end(), 0);
        // Nor where the server is left alone.
        const Ran offline = integration::gate({"run", "--data", world.data(), "--offline", "--json"}, "CODE-3\n");
        QVERIFY(offline.err.contains("revoked"));
        QVERIFY(!offline.out.contains("\"admit\""));
    }

    void theServersMessagesAreShown()
    {
        World world;
        QCOMPARE(world.pair().status, 0);
        RunningGate gate(world.data());
        QVERIFY(gate.isUp());
        world.server.with([](PairedServer &s) {
            s.sync->commands = {{"m-1", protocol::MessageCommand{"Doors open in five minutes"}}};
        });
        QVERIFY(gate.complains("Doors open in five minutes"));
        QVERIFY(becomes(
            [&] { return world.server.with([](PairedServer &s) { return s.sync->results.contains("m-1"); }); }));
        gate.closeInput();
        QCOMPARE(gate.end(), 0);
    }

    void theServersClockIsTheClock()
    {
        World world;
        world.server.with([](PairedServer &s) { s.clockAhead = std::chrono::minutes(30); });
        QCOMPARE(world.pair().status, 0);
        RunningGate gate(world.data());
        QVERIFY(gate.isUp());
        QVERIFY(becomes([&] { return world.status()["clock"].toString() == "anchored"; }));
        const qint64 offset = world.status()["clock_offset_ms"].toInteger();
        QVERIFY2(offset > 1'790'000 && offset < 1'810'000, qPrintable(QString::number(offset)));
        gate.closeInput();
        QCOMPARE(gate.end(), 0);
    }

    void aDownloadThatIsCutOffGoesOn()
    {
        World world;
        world.server.with([](PairedServer &s) {
            for (std::uint32_t n = 100; n < 6'000; ++n)
                s.feed.put(coded(n, "MORE-" + std::to_string(n)));
        });
        QCOMPARE(world.pair().status, 0);
        world.server.with([](PairedServer &s) { s.sync->cutSnapshotAfter = 40'000; });
        RunningGate gate(world.data());
        QVERIFY2(gate.isUp(), gate.errors());
        QCOMPARE(gate.scan("MORE-5999")["reason"].toString(), QString("ok"));
        QVERIFY(world.server.with([](PairedServer &s) { return s.sync->snapshots; }) > 2);
        gate.closeInput();
        QCOMPARE(gate.end(), 0);
    }
};

QTEST_GUILESS_MAIN(ExchangeTest)
#include "exchange_test.moc"
