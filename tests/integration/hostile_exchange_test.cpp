// Bad inputs of an exchange (reliability.md, section 3: 10, 16, 18, 32 to 35), at a real server: refused or set aside,
// and in nobody's way.
#include "tests/integration/hostile_stage.h"

#include <QtTest/QtTest>

#include <limits>

using namespace voelgoed;
using integration::becomes, integration::HandDevice, integration::HostileStage, integration::saidOf;

namespace {

using Change = std::function<void(domain::Row &)>;
constexpr auto kSmallest = std::numeric_limits<std::int64_t>::min();
constexpr auto kLargest = std::numeric_limits<std::int64_t>::max();
const std::string kNul("a\0b", 3);

} // namespace

Q_DECLARE_METATYPE(Change)

class HostileExchangeTest : public QObject
{
    Q_OBJECT

private:
    std::unique_ptr<HostileStage> m_stage;

    /// How many rows of the device were set aside.
    std::string asideOf(const std::string &table, const HandDevice &device) const
    {
        return m_stage->backstage.desk->execute("SELECT count(*) FROM scanning." + table + " WHERE brought_by = '" +
                                                device.id().text + "'");
    }

private slots:
    void initTestCase()
    {
        m_stage = std::make_unique<HostileStage>();
        QVERIFY(m_stage->start());
    }
    void cleanupTestCase()
    {
        QVERIFY(m_stage->isBounded());
        QVERIFY(m_stage->backstage.server.endsInOrder());
    }

    void aBadRowIsInNobodysWay_data()
    {
        QTest::addColumn<Change>("change");
        QTest::addColumn<QString>("said"); // how it begins
        const auto scan = [](auto change) {
            return Change([change](domain::Row &row) { change(std::get<domain::ScanRecord>(row.what)); });
        };
        const auto at = [](std::int64_t millis) {
            return Change([millis](domain::Row &row) { row.at = row.wall = base::instantFromMillis(millis); });
        };
        const auto event = [](std::string id) { return Change([id](domain::Row &row) { row.event = {id}; }); };
        QTest::newRow("1970") << at(0) << "accepted";
        QTest::newRow("before 1970") << at(-1) << "accepted";
        QTest::newRow("the end of 32 bits, signed") << at(2'147'483'648'000) << "accepted";
        QTest::newRow("the end of 32 bits") << at(4'294'967'296'000) << "accepted";
        QTest::newRow("the last of the year 9999") << at(base::millisOf(base::kLatest)) << "accepted";
        QTest::newRow("the end of time") << at(kLargest) << "";
        QTest::newRow("the beginning of time") << at(kSmallest) << "";
        QTest::newRow("a clock that ran before the boot")
            << Change([](domain::Row &row) { row.sinceBoot = base::Milliseconds(kSmallest); }) << "";
        QTest::newRow("a clock that runs for ever")
            << Change([](domain::Row &row) { row.sinceBoot = base::Milliseconds(kLargest); }) << "";
        QTest::newRow("the last ordinal") << scan([](auto &s) { s.ordinal = {0xFFFFFF}; }) << "accepted";
        QTest::newRow("an ordinal beyond all") << scan([](auto &s) { s.ordinal = {0xFFFFFFFF}; }) << "";
        QTest::newRow("many persons") << scan([](auto &s) { s.count = 0xFFFF; }) << "";
        QTest::newRow("nobody") << scan([](auto &s) { s.count = 0; }) << "";
        QTest::newRow("a NUL in a gate") << scan([](auto &s) { s.gate = {kNul}; }) << "quarantined";
        QTest::newRow("a NUL in a checkpoint") << scan([](auto &s) { s.checkpoint = {kNul}; }) << "quarantined";
        QTest::newRow("a NUL in a shift") << scan([](auto &s) { s.session = {kNul}; }) << "quarantined";
        QTest::newRow("a NUL in an operator") << scan([](auto &s) { s.operatedBy = {kNul}; }) << "quarantined";
        QTest::newRow("a NUL in an outcome") << scan([](auto &s) { s.outcome = kNul; }) << "quarantined";
        QTest::newRow("a NUL in a reason") << scan([](auto &s) { s.reason = kNul; }) << "quarantined";
        QTest::newRow("a NUL in an override") << scan([](auto &s) {
            s.override = domain::Override{{kNul}, kNul};
        }) << "quarantined";
        QTest::newRow("terminal codes in a gate") << scan([](auto &s) { s.gate = {"\x1b[2J\x03\x0f"}; }) << "";
        QTest::newRow("writing that turns round") << scan([](auto &s) {
            s.gate = {"\xe2\x80\xae"
                      "north\xe2\x80\x8b"};
        }) << "";
        QTest::newRow("a gate of 100 kB") << scan([](auto &s) { s.gate = {std::string(100'000, 'g')}; }) << "";
        QTest::newRow("SQL in a gate") << scan([](auto &s) { s.gate = {"'); DROP TABLE scanning.scans; --"}; })
                                       << "accepted";
        QTest::newRow("no event") << event("") << "quarantined";
        QTest::newRow("an event that is no id") << event("'); DROP") << "quarantined";
        QTest::newRow("an event of nobody") << event("018f3c52-7b1e-7cc0-9d3a-2f1f5b7a9c01") << "quarantined";
        QTest::newRow("the last number that there is")
            << Change([](domain::Row &row) { row.key.sequence.value = kLargest; }) << "accepted";
        QTest::newRow("a number beyond them")
            << Change([](domain::Row &row) { row.key.sequence.value = std::uint64_t{1} << 63; }) << "no message";
        QTest::newRow("no number") << Change([](domain::Row &row) { row.key.sequence.value = 0; }) << "quarantined";
        QTest::newRow("the last epoch") << Change([](domain::Row &row) { row.key.epoch.value = 0xFFFFFFFF; })
                                        << "accepted";
    }
    void aBadRowIsInNobodysWay()
    {
        QFETCH(Change, change);
        QFETCH(QString, said);
        HandDevice device = m_stage->device();
        const domain::Row before = m_stage->goodRow(device);
        domain::Row bad = m_stage->goodRow(device);
        change(bad);
        const domain::Row after = m_stage->goodRow(device);
        auto request = device.with({device.chain({before}), device.chain({bad}), device.chain({after})}, m_stage->id);
        request.epoch = {1};
        const auto answer = device.send(request);
        if (said == "no message") { // no gate can write it, so that nothing of it is believed
            QCOMPARE(answer.status, 400);
            QCOMPARE(answer.code, std::string("invalid_input"));
            QCOMPARE(m_stage->rowsOf(device), 0);
            QVERIFY(m_stage->goesOn(device));
            return;
        }
        QVERIFY2(answer.status == 200, answer.code.c_str());
        QCOMPARE(saidOf(*answer.reply, before.key), std::string("accepted"));
        QCOMPARE(saidOf(*answer.reply, after.key), std::string("accepted"));
        const std::string here = saidOf(*answer.reply, bad.key);
        QVERIFY2(!here.empty(), "every row is told what became of it");
        QVERIFY2(QString::fromStdString(here).startsWith(said), here.c_str());
        QVERIFY(answer.reply->acknowledged.size() >= 1);
        // And said again, nothing else happens.
        const auto again = device.send(request);
        QCOMPARE(again.status, 200);
        QCOMPARE(saidOf(*again.reply, before.key), std::string("repeat"));
        QCOMPARE(m_stage->rowsOf(device), here.starts_with("quar") ? 2 : 3);
        QCOMPARE(asideOf("quarantine", device), here.starts_with("quar") ? "1" : "0");
        QVERIFY(m_stage->goesOn(device));
    }

    void whatIsBesideTheRowsIsInTheirWayNeither_data()
    {
        QTest::addColumn<QString>("what");
        for (const char *what : {"shift", "shift of another event", "shift without end", "shift at the end of time",
                                 "software", "network", "command", "command's note", "times", "chain of nobody",
                                 "chain without rows", "another's rows under one's own name"})
            QTest::newRow(what) << QString(what);
    }
    void whatIsBesideTheRowsIsInTheirWayNeither()
    {
        QFETCH(QString, what);
        HandDevice device = m_stage->device(), other = m_stage->device();
        const domain::Row row = m_stage->goodRow(device);
        auto request = device.with({device.chain({row})}, m_stage->id);
        protocol::ShiftNote shift{.session = {"s"},
                                  .event = {m_stage->id},
                                  .gate = {"north"},
                                  .operatedBy = {"a"},
                                  .openedAt = request.at,
                                  .closedAt = {}};
        if (what == "shift")
            shift.session.text = shift.gate.text = shift.operatedBy.text = kNul;
        else if (what == "shift of another event")
            shift.event = {"018f3c52-7b1e-7cc0-9d3a-2f1f5b7a9c01"};
        else if (what == "shift without end")
            shift.session = {std::string(protocol::kNoteMax, 's')};
        else if (what == "shift at the end of time")
            shift.openedAt = base::instantFromMillis(kLargest);
        if (what.startsWith("shift"))
            request.shifts = {shift};
        else if (what == "software")
            request.health.software = kNul;
        else if (what == "network")
            request.health.network = kNul;
        else if (what == "command")
            request.commands = {{.id = kNul, .note = {}}};
        else if (what == "command's note")
            request.commands = {{.id = "018f3c52-7b1e-7cc0-9d3a-2f1f5b7a9c01", .note = kNul}};
        else if (what == "times")
            request.sinceBoot = base::Milliseconds(kSmallest);
        else if (what == "chain of nobody") {
            protocol::Chain chain = device.chain({m_stage->goodRow(device)});
            chain.head.row.device = {kNul};
            request.carried = {chain};
        } else if (what == "chain without rows") {
            protocol::Chain chain = device.chain({row});
            chain.rows.clear();
            request.own.push_back(chain);
        } else {
            request.own.push_back(other.chain({m_stage->goodRow(other)}, &device.key()));
        }
        if (what == "times")
            request.epoch = {1};
        const auto answer = device.send(request);
        if (what == "chain without rows") { // no gate can write it
            QCOMPARE(answer.status, 400);
            QCOMPARE(answer.code, std::string("invalid_input"));
            return;
        }
        QVERIFY2(answer.status == 200, (std::to_string(answer.status) + " " + answer.code).c_str());
        QCOMPARE(saidOf(*answer.reply, row.key), std::string("accepted"));
        QCOMPARE(m_stage->rowsOf(device), 1);
        QCOMPARE(m_stage->rowsOf(other), 0);
        QVERIFY(m_stage->goesOn(device));
        // That the others are there is still known.
        const std::string seen =
            "SELECT last_seen_at IS NOT NULL FROM tenancy.devices WHERE id = '" + other.id().text + "'";
        other.send(other.with({}, m_stage->id));
        QVERIFY(becomes([&] { return m_stage->backstage.desk->execute(seen) == "t"; }, 60'000));
    }

    void rowsComeInAnyOrderWithHolesAndAgain()
    {
        HandDevice device = m_stage->device();
        std::vector<domain::Row> rows;
        for (int i = 0; i < 6; ++i)
            rows.push_back(m_stage->goodRow(device));
        const auto chain = [&](std::size_t from, std::size_t to) {
            return device.chain(
                {rows.begin() + static_cast<std::ptrdiff_t>(from), rows.begin() + static_cast<std::ptrdiff_t>(to)});
        };
        const auto said = [&](const HandDevice::Answer &answer, std::size_t i) {
            return saidOf(*answer.reply, rows[i].key);
        };
        const auto last = device.send(device.with({chain(4, 6), chain(0, 1)}, m_stage->id));
        QCOMPARE(said(last, 4), std::string("accepted"));
        QCOMPARE(said(last, 0), std::string("accepted"));
        const auto twice = device.send(device.with({chain(4, 5), chain(4, 5), chain(1, 2)}, m_stage->id));
        QCOMPARE(said(twice, 4), std::string("repeat"));
        QCOMPARE(said(twice, 1), std::string("accepted"));
        const auto holes = device.send(device.with({chain(2, 4)}, m_stage->id));
        QCOMPARE(said(holes, 3), std::string("accepted"));
        QCOMPARE(m_stage->rowsOf(device), 6);
        // One number with other content.
        domain::Row forged = rows[2];
        std::get<domain::ScanRecord>(forged.what).outcome = "refuse";
        const auto other = device.send(device.with({device.chain({forged})}, m_stage->id));
        QCOMPARE(saidOf(*other.reply, forged.key), std::string("quarantined same_number_other_content"));
        QCOMPARE(m_stage->rowsOf(device, "outcome = 'refuse'"), 0);
    }

    void rowsOfADeviceThatStandsNowhereAreKeptByItsOrganization()
    {
        HandDevice device = m_stage->device();
        m_stage->backstage.desk->execute(
            "UPDATE tenancy.devices SET event_id = NULL, gate_id = NULL, checkpoint_id = NULL WHERE id = '" +
            device.id().text + "'");
        QTest::qWait(1'500); // longer than a device is remembered
        domain::Row foreign = m_stage->goodRow(device), none = m_stage->goodRow(device);
        foreign.event = {"018f3c52-7b1e-7cc0-9d3a-2f1f5b7a9c01"};
        none.event = {""};
        const domain::Row good = m_stage->goodRow(device);
        for (int time = 0; time < 2; ++time) {
            const auto answer = device.send(
                device.with({device.chain({foreign}), device.chain({none}), device.chain({good})}, m_stage->id));
            QVERIFY2(answer.status == 200, answer.code.c_str());
            QCOMPARE(saidOf(*answer.reply, foreign.key), std::string("quarantined no_such_event"));
            QCOMPARE(saidOf(*answer.reply, none.key), std::string("quarantined no_such_event"));
            QCOMPARE(saidOf(*answer.reply, good.key), std::string(time == 0 ? "accepted" : "repeat"));
            QCOMPARE(asideOf("strays", device), std::string("2"));
            QCOMPARE(asideOf("quarantine", device), std::string("0"));
        }
    }

    // The owner's check 12: nothing of another event. What was decided there is not lost, and somebody looks at it.
    void rowsOfAnEventAtWhichADeviceNeverStoodAreMarked()
    {
        const std::string other = base::toText(m_stage->backstage.makeEvent(3));
        HandDevice device = m_stage->device();
        const domain::Row here = m_stage->goodRow(device), there = device.scan(other, 1);
        const auto answer = device.send(device.with({device.chain({here}), device.chain({there})}, m_stage->id));
        QVERIFY2(answer.status == 200, answer.code.c_str());
        QCOMPARE(saidOf(*answer.reply, here.key), std::string("accepted"));
        QCOMPARE(saidOf(*answer.reply, there.key), std::string("unverified"));
        const std::string incident =
            "SELECT string_agg(kind, ',') FROM scanning.incidents WHERE event_id = '" + other + "'";
        QCOMPARE(m_stage->backstage.desk->execute(incident), std::string("device_not_assigned"));
        // And it reads nothing there.
        auto reading = device.with({}, other);
        reading.position = protocol::Position{};
        const auto read = device.send(reading);
        QVERIFY2(read.status == 200, read.code.c_str());
        QVERIFY(!read.reply->feed && !read.reply->snapshot);
        // Once it was put there, what it brings is any device's, also after it was put back.
        for (const std::string &event : {other, m_stage->id}) {
            const auto put =
                m_stage->backstage.http().post("/v1/devices/" + device.id().text + "/assign",
                                               {{"event", event}, {"gate", "north"}}, m_stage->backstage.token);
            QVERIFY2(put.status == 200, put.body.c_str());
        }
        const domain::Row later = device.scan(other, 2);
        QCOMPARE(saidOf(*device.send(device.with({device.chain({later})}, m_stage->id)).reply, later.key),
                 std::string("accepted"));
    }

    // Not even to a device that would keep them: they go out as the definition says now.
    void namesAreInNoListOfAnEventThatKeepsThemBack()
    {
        const base::Uuid event = m_stage->backstage.makeEvent(0);
        const std::string id = base::toText(event);
        HandDevice device(m_stage->backstage.server.http(), m_stage->backstage.invite(event), m_stage->backstage.token,
                          77);
        auto ticket = integration::coded(1, "CODE-1");
        ticket.ticket.holder = "Sarie Botha";
        m_stage->backstage.desk->put(event, {ticket});
        const auto names = [&] {
            QStringList found;
            const auto list = device.download(id);
            for (const protocol::Change &change : list.value_or(std::vector<protocol::Change>())) {
                if (const auto *listed = std::get_if<protocol::TicketChange>(&change.what))
                    found << QString::fromStdString(listed->holder);
            }
            return found;
        };
        const auto say = [&](bool namesOnDevices) {
            auto definition = *protocol::decodeDefinition(*base::fromHex(m_stage->backstage.desk->execute(
                "SELECT encode(definition, 'hex') FROM scanning.feeds WHERE event_id = '" + id + "'")));
            definition.event.policy.namesOnDevices = namesOnDevices;
            m_stage->backstage.desk->put(event, definition);
        };
        say(false);
        QCOMPARE(names(), QStringList{""});
        say(true);
        QCOMPARE(names(), QStringList{"Sarie Botha"});
        say(false);
        QCOMPARE(names(), QStringList{""});
    }

    void oneDevicesMessageIsNotAnothers()
    {
        HandDevice device = m_stage->device(), other = m_stage->device();
        const auto answer = device.send(other.with({other.chain({m_stage->goodRow(other)})}, m_stage->id));
        QCOMPARE(answer.status, 400);
        QCOMPARE(m_stage->rowsOf(other), 0);
        // Carried, it is the other's, as it is signed so.
        auto request = device.with({}, m_stage->id);
        const domain::Row row = m_stage->goodRow(other);
        request.carried = {other.chain({row})};
        const auto carried = device.send(request);
        QCOMPARE(saidOf(*carried.reply, row.key), std::string("accepted"));
        QCOMPARE(m_stage->rowsOf(other, "source = 'carried'"), 1);
    }

    void rowsOfARevokedDeviceAreMarkedWhoeverBringsThem()
    {
        HandDevice device = m_stage->device(), other = m_stage->device();
        QCOMPARE(m_stage->backstage.revoke(device.id().text), 200);
        const domain::Row own = m_stage->goodRow(device), carried = m_stage->goodRow(device);
        QVERIFY(becomes([&] {
            const auto answer = device.send(device.with({}, m_stage->id));
            return answer.reply && answer.reply->standing == protocol::Standing::Revoked;
        }));
        const auto answer = device.send(device.with({device.chain({own})}, m_stage->id));
        QCOMPARE(saidOf(*answer.reply, own.key), std::string("unverified"));
        QVERIFY(!answer.reply->feed && !answer.reply->snapshot && answer.reply->commands.empty());
        auto request = other.with({}, m_stage->id);
        request.carried = {device.chain({carried})};
        QCOMPARE(saidOf(*other.send(request).reply, carried.key), std::string("unverified"));
    }
};

QTEST_GUILESS_MAIN(HostileExchangeTest)
#include "hostile_exchange_test.moc"
