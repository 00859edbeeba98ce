// A real gate and a real server in step, whatever breaks between them.
#include "device/core/client/curl_transport.h"
#include "device/core/profile/enrolment.h"
#include "device/core/profile/identity.h"
#include "device/core/replica/replica.h"
#include "device/core/sync/signed_call.h"
#include "tests/integration/backstage.h"
#include "tests/support/cutting_proxy.h"

#include <QtTest/QtTest>

using namespace voelgoed;
using integration::Backstage, integration::becomes, integration::coded, integration::jsonOf, integration::RunningGate;

namespace {

QByteArray code(int n)
{
    return "CODE-" + QByteArray::number(n);
}

} // namespace

class ServerExchangeTest : public QObject
{
    Q_OBJECT

private:
    std::unique_ptr<Backstage> m_backstage;

    static QJsonObject status(const QString &data)
    {
        return jsonOf(integration::gate({"status", "--data", data, "--json"}).out);
    }
    /// Every row of the gate is at the server, and each once.
    bool agrees(const QString &data, const base::Uuid &event)
    {
        return m_backstage->rows(event) == status(data)["journal_rows"].toInt() &&
               status(data)["unacknowledged"].toInt() == 0;
    }
    /// What the server answers to a device's question from this place in the feed.
    static base::Result<protocol::SyncReply> ask(const QString &data, const base::Uuid &event,
                                                 const protocol::Position &position)
    {
        const std::string folder = data.toStdString();
        const auto identity = profile::loadIdentity(folder);
        const auto enrolment = profile::loadEnrolment(folder);
        const domain::Epoch boot =
            profile::nextRequestBoot(folder, std::chrono::floor<base::Milliseconds>(std::chrono::system_clock::now()));
        base::ensure(identity && enrolment && *enrolment, "the folder of a paired device");
        const base::PublicKey pin = (*enrolment)->assignment.server;
        const auto parties = std::make_shared<const sync::Parties>(sync::Parties{
            .device = identity->device, .signing = identity->signing, .server = *base::VerifyingKey::fromRaw(pin)});
        const auto heard = std::make_shared<sync::Heard>();
        sync::Draft draft{.request = {.device = identity->device, .event = {base::toText(event)}, .position = position},
                          .rows = {}};
        const auto transport =
            client::makeCurlTransport({.server = (*enrolment)->server, .pin = pin, .userAgent = "test"});
        transport->start(sync::exchangeCall(parties, {.device = identity->device, .boot = boot, .counter = 1},
                                            std::move(draft), heard));
        base::ensure(becomes([&] { return !transport->take().empty(); }, 30'000), "the exchange's end");
        return heard->reply;
    }

private slots:
    void initTestCase()
    {
        m_backstage = std::make_unique<Backstage>();
        QVERIFY(m_backstage->start());
    }
    void cleanupTestCase() { QVERIFY(m_backstage->server.endsInOrder()); }

    void scansThatAreMadeAtTheGateAreInPostgresOnce()
    {
        QTemporaryDir folder;
        const QString data = folder.filePath("device");
        const base::Uuid event = m_backstage->makeEvent(700);
        QVERIFY(!m_backstage->pair(data, event).empty());
        RunningGate gate(data);
        QVERIFY2(gate.isUp(), gate.errors());
        for (int n = 1; n <= 600; ++n)
            QCOMPARE(gate.scan(code(n))["reason"].toString(), QString("ok"));
        QCOMPARE(gate.scan(code(1))["reason"].toString(), QString("already_used"));
        QCOMPARE(gate.scan("NOBODY")["reason"].toString(), QString("unknown"));
        QVERIFY(becomes([&] { return m_backstage->rows(event) == 602; }));
        QCOMPARE(m_backstage->rows(event, "outcome = 'admit' AND feed_seq IS NOT NULL"), 600);
        gate.closeInput();
        QCOMPARE(gate.end(), 0);
        QVERIFY(agrees(data, event));
        const QJsonObject after = status(data);
        QVERIFY2(after["checksum_agrees"].toBool(), QJsonDocument(after).toJson());
        QVERIFY(!after["last_exchange"].toString().isEmpty());
        QVERIFY(std::abs(after["clock_offset_ms"].toInteger()) < 2'000);
        QCOMPARE(m_backstage->desk->execute("SELECT sum(entries) FROM scanning.occupancy WHERE event_id = '" +
                                            base::toText(event) + "'"),
                 std::string("600"));
        // The shift, as it began and ended.
        QCOMPARE(m_backstage->desk->execute("SELECT count(*) || ' ' || sum(scans) || ' ' || bool_and(closed_at IS NOT "
                                            "NULL) FROM scanning.sessions WHERE event_id = '" +
                                            base::toText(event) + "'"),
                 std::string("1 602 true"));
    }

    void whatChangesAtTheServerIsKnownAtTheGate()
    {
        QTemporaryDir folder;
        const QString data = folder.filePath("device");
        const base::Uuid event = m_backstage->makeEvent(5);
        QVERIFY(!m_backstage->pair(data, event).empty());
        RunningGate gate(data);
        QVERIFY2(gate.isUp(), gate.errors());
        auto cancelled = coded(1, "CODE-1");
        cancelled.ticket.state = domain::TicketState::Cancelled;
        m_backstage->desk->put(event, {cancelled, coded(9, "NEW")});
        // The cancelled one has not been asked for before: whoever asks too early has used it.
        QVERIFY(becomes([&] { return status(data)["cursor"].toObject()["sequence"].toInt() == 8; }));
        QCOMPARE(gate.scan("CODE-1")["reason"].toString(), QString("cancelled"));
        QCOMPARE(gate.scan("NEW")["reason"].toString(), QString("ok"));
        QVERIFY(becomes([&] { return agrees(data, event) && status(data)["checksum_agrees"].toBool(); }));
        gate.closeInput();
        QCOMPARE(gate.end(), 0);
    }

    void anAdmissionAtOneGateIsKnownAtTheOther()
    {
        QTemporaryDir folder;
        const QString north = folder.filePath("north"), south = folder.filePath("south");
        const base::Uuid event = m_backstage->makeEvent(5);
        QVERIFY(!m_backstage->pair(north, event).empty());
        QVERIFY(!m_backstage->pair(south, event).empty());
        RunningGate first(north), second(south);
        QVERIFY2(first.isUp() && second.isUp(), first.errors() + second.errors());
        QCOMPARE(first.scan("CODE-1")["reason"].toString(), QString("ok"));
        QVERIFY(becomes([&] { return status(south)["cursor"].toObject()["sequence"].toInt() == 7; }));
        QCOMPARE(second.scan("CODE-1")["reason"].toString(), QString("already_used"));
        for (RunningGate *gate : {&first, &second}) {
            gate->closeInput();
            QCOMPARE(gate->end(), 0);
        }
        QCOMPARE(m_backstage->rows(event), 2);
    }

    void aServerThatIsKilledInTheMiddleLosesNothing()
    {
        QTemporaryDir folder;
        const QString data = folder.filePath("device");
        const base::Uuid event = m_backstage->makeEvent(300);
        QVERIFY(!m_backstage->pair(data, event).empty());
        RunningGate gate(data);
        QVERIFY2(gate.isUp(), gate.errors());
        int n = 0;
        for (int round = 0; round < 2; ++round) {
            for (int i = 0; i < 50; ++i)
                QCOMPARE(gate.scan(code(++n))["reason"].toString(), QString("ok"));
            m_backstage->server.kill();
            for (int i = 0; i < 50; ++i)
                QCOMPARE(gate.scan(code(++n))["reason"].toString(), QString("ok"));
            QVERIFY(m_backstage->server.start());
            QVERIFY(becomes([&] { return m_backstage->rows(event) == n; }, 60'000));
        }
        gate.closeInput();
        QCOMPARE(gate.end(20'000), 0);
        QVERIFY(agrees(data, event));
        QVERIFY(status(data)["checksum_agrees"].toBool());
    }

    void aGateThatIsKilledInTheMiddleOfAnUploadGoesOnWithTheRest()
    {
        QTemporaryDir folder;
        const QString data = folder.filePath("device");
        const base::Uuid event = m_backstage->makeEvent(5);
        QVERIFY(!m_backstage->pair(data, event).empty());
        QCOMPARE(integration::gate({"run", "--data", data, "--json"}).status, 0); // fetches the list
        QByteArray input;
        for (int n = 0; n < 6'000; ++n)
            input += "NOBODY-" + QByteArray::number(n) + "\n";
        QCOMPARE(integration::gate({"run", "--data", data, "--json", "--offline"}, input).status, 0);
        for (int kills = 0; kills < 3; ++kills) {
            const int before = m_backstage->rows(event);
            RunningGate gate(data);
            QVERIFY(becomes([&] { return m_backstage->rows(event) > before || before == 6'000; }, 30'000));
            gate.kill(SIGKILL);
        }
        QCOMPARE(integration::gate({"run", "--data", data, "--json", "--drain", "60"}).status, 0);
        QCOMPARE(m_backstage->rows(event), 6'000);
        QVERIFY(agrees(data, event));
        QCOMPARE(m_backstage->desk->execute("SELECT count(*) FROM scanning.quarantine WHERE event_id = '" +
                                            base::toText(event) + "'"),
                 std::string("0"));
    }

    void aFirstDownloadThatIsCutOffGoesOnWhereItWas()
    {
        QTemporaryDir folder;
        const QString data = folder.filePath("device");
        const base::Uuid event = m_backstage->makeEvent(20'000);
        // Another server has made another file, from which it would begin anew.
        support::CuttingProxy line(m_backstage->server.portOfOne());
        const base::Json invitation = m_backstage->invite(event);
        QVERIFY(!m_backstage->pair(data, Backstage::qrAt(invitation, line.port())).empty());
        constexpr std::uint64_t kEach = 100'000;
        line.cutAfter(kEach);
        RunningGate gate(data);
        QVERIFY(becomes([&] { return line.cuts() == 2; }, 30'000));
        // Cut off from the server's side, too, and then for good.
        m_backstage->server.kill();
        QVERIFY(m_backstage->server.start());
        QVERIFY2(becomes([&] { return gate.isUp(); }, 60'000), gate.errors());
        line.cutAfter(0);
        QCOMPARE(gate.scan("CODE-20000")["reason"].toString(), QString("ok"));
        QVERIFY(becomes([&] { return m_backstage->rows(event) == 1; }, 30'000));
        QVERIFY(line.cuts() >= 3);
        gate.closeInput();
        QCOMPARE(gate.end(20'000), 0);
    }

    void aRevokedGateReadsNothingMoreAndItsScansAreTaken()
    {
        QTemporaryDir folder;
        const QString data = folder.filePath("device");
        const base::Uuid event = m_backstage->makeEvent(5);
        const std::string device = m_backstage->pair(data, event);
        QVERIFY(!device.empty());
        QCOMPARE(integration::gate({"run", "--data", data, "--json"}).status, 0);
        QCOMPARE(integration::gate({"run", "--data", data, "--json", "--offline"}, "CODE-1\nCODE-2\n").status, 0);
        const int sequence = status(data)["cursor"].toObject()["sequence"].toInt();
        QCOMPARE(m_backstage->revoke(device), 200);
        m_backstage->desk->put(event, {coded(9, "NEW")});
        RunningGate gate(data);
        QVERIFY2(gate.complains("revoked"), gate.errors());
        QCOMPARE(gate.scan("CODE-3")["reason"].toString(), QString("fault"));
        QVERIFY(becomes([&] { return m_backstage->rows(event, "unverified") == 3; }));
        gate.closeInput();
        QCOMPARE(gate.end(), 0);
        const QJsonObject after = status(data);
        QVERIFY(after["revoked"].toBool());
        QCOMPARE(after["cursor"].toObject()["sequence"].toInt(), sequence);
        QCOMPARE(after["unverified"].toInt(), 3);
        // Nor by asking in other ways.
        const auto reply = ask(data, event, {});
        QVERIFY2(reply, reply ? "" : reply.error().message.c_str());
        QVERIFY(reply->standing == protocol::Standing::Revoked);
        QVERIFY(!reply->feed && !reply->snapshot && reply->commands.empty());
    }

    // The owner's check 11.
    void aGateThatIsRevokedWhileItListensIsToldSoon()
    {
        QTemporaryDir folder;
        const QString data = folder.filePath("device");
        const base::Uuid event = m_backstage->makeEvent(5);
        const std::string device = m_backstage->pair(data, event);
        RunningGate gate(data);
        QVERIFY2(gate.isUp(), gate.errors());
        QVERIFY(becomes([&] { return status(data)["checksum_agrees"].toBool(); }));
        QCOMPARE(m_backstage->revoke(device), 200);
        m_backstage->desk->put(event, {coded(9, "NEW")});
        QVERIFY2(gate.complains("revoked"), gate.errors());
        QCOMPARE(status(data)["cursor"].toObject()["sequence"].toInt(), 6);
        gate.closeInput();
        QCOMPARE(gate.end(), 0);
    }

    void aCursorThatIsNotThisFeedsLeadsToASnapshotAndNeverToAGap_data()
    {
        QTest::addColumn<QString>("how");
        QTest::newRow("made up") << "made up";
        QTest::newRow("of another event") << "foreign";
        QTest::newRow("one bit of it") << "bit";
        QTest::newRow("ahead of the list that it is said to be of") << "ahead";
        QTest::newRow("of another epoch") << "epoch";
        QTest::newRow("none") << "none";
    }
    void aCursorThatIsNotThisFeedsLeadsToASnapshotAndNeverToAGap()
    {
        QFETCH(QString, how);
        QTemporaryDir folder;
        const QString data = folder.filePath("device"), other = folder.filePath("other");
        const base::Uuid event = m_backstage->makeEvent(5), elsewhere = m_backstage->makeEvent(5);
        QVERIFY(!m_backstage->pair(data, event).empty());
        QVERIFY(!m_backstage->pair(other, elsewhere).empty());
        const auto genuine = cursorOf(data, event), foreign = cursorOf(other, elsewhere);
        QVERIFY(!genuine.cursor.empty() && !foreign.cursor.empty());
        const auto good = ask(data, event, genuine);
        QVERIFY(good && good->feed && !good->snapshot && good->feed->after == genuine.sequence);
        protocol::Position position = genuine;
        if (how == "made up")
            position.cursor = base::Bytes(genuine.cursor.size(), std::byte{7});
        else if (how == "foreign")
            position.cursor = foreign.cursor;
        else if (how == "bit")
            position.cursor.back() ^= std::byte{1};
        else if (how == "ahead")
            position.sequence = genuine.sequence - 1;
        else if (how == "epoch")
            position.epoch = genuine.epoch + 1;
        else
            position.cursor.clear();
        const auto reply = ask(data, event, position);
        QVERIFY2(reply, reply ? "" : reply.error().message.c_str());
        QVERIFY(reply->snapshot && !reply->feed);
        QVERIFY(reply->snapshot->reason ==
                (how == "none" ? protocol::SnapshotReason::First : protocol::SnapshotReason::Cursor));
        // Another event's feed is not read with any cursor.
        const auto stranger = ask(data, elsewhere, foreign);
        QVERIFY(!stranger || (!stranger->feed && !stranger->snapshot));
    }

    // sync.md: equal cursor with unequal checksum means fetch the snapshot again, and raise an alarm.
    void aDeviceThatHoldsAnotherListGetsItAnewAndIsLookedAt()
    {
        QTemporaryDir folder;
        const QString data = folder.filePath("device");
        const base::Uuid event = m_backstage->makeEvent(5);
        const std::string device = m_backstage->pair(data, event);
        protocol::Position position = cursorOf(data, event);
        const auto incidents = [&] {
            return m_backstage->desk->execute(
                "SELECT coalesce(string_agg(kind || ' ' || severity || ' ' || subject, ', '), '') "
                "FROM scanning.incidents WHERE event_id = '" +
                base::toText(event) + "'");
        };
        const auto right = ask(data, event, position);
        QVERIFY2(right, right ? "" : right.error().message.c_str());
        QVERIFY(!right->snapshot);
        QCOMPARE(incidents(), std::string());
        position.checksum.toggle(1, 7, base::bytesOf("a bit that was flipped"));
        for (int again = 0; again < 2; ++again) {
            const auto wrong = ask(data, event, position);
            QVERIFY2(wrong, wrong ? "" : wrong.error().message.c_str());
            QVERIFY(wrong->snapshot && wrong->snapshot->reason == protocol::SnapshotReason::Checksum);
            QCOMPARE(incidents(), "checksum warning " + device);
        }
        QCOMPARE(
            m_backstage->desk->execute("SELECT count(*) FROM platform.outbox WHERE event::jsonb->'data'->>'kind' = "
                                       "'checksum' AND topic LIKE 'scanning:event:%'"),
            std::string("1"));
    }

private:
    /// Where the gate of this folder stands, once it has fetched its list.
    protocol::Position cursorOf(const QString &data, const base::Uuid &event)
    {
        base::ensure(integration::gate({"run", "--data", data, "--json"}).status == 0, "a gate that fetches its list");
        auto database = storage::Database::open({.path = data.toStdString() + "/gate.db", .vfs = {}});
        base::ensure(static_cast<bool>(database), "the gate's file");
        auto replica = replica::Replica::open(**database);
        base::ensure(static_cast<bool>(replica), "the gate's list");
        const auto &head = replica->head();
        base::ensure(head && head->cursor.event.text == base::toText(event), "the gate's place");
        return {.epoch = head->cursor.epoch,
                .sequence = head->cursor.sequence,
                .cursor = head->resume,
                .checksum = head->checksum,
                .history = head->history};
    }
};

QTEST_GUILESS_MAIN(ServerExchangeTest)
#include "server_exchange_test.moc"
