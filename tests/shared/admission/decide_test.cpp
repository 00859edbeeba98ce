#include "tests/shared/admission/sample.h"

#include <QtTest/QtTest>

using namespace voelgoed;
using namespace voelgoed::admission::sample;
using domain::Direction;
using domain::EventStatus;
using domain::Phrase;
using domain::Reason;
using domain::Reentry;

class DecideTest : public QObject
{
    Q_OBJECT

private slots:
    void theEventMustBeOpen_data()
    {
        QTest::addColumn<int>("status");
        QTest::addColumn<bool>("rescheduled");
        QTest::addColumn<bool>("test");
        QTest::addColumn<QString>("reason");
        const auto row = [](const char *name, EventStatus status, bool rescheduled, bool test, const char *reason) {
            QTest::newRow(name) << static_cast<int>(status) << rescheduled << test << reason;
        };
        row("draft", EventStatus::Draft, false, false, "event_not_open");
        row("draft, test", EventStatus::Draft, false, true, "ok");
        row("published", EventStatus::Published, false, false, "ok");
        row("published, test", EventStatus::Published, false, true, "ok");
        row("live", EventStatus::Live, false, false, "ok");
        row("ended", EventStatus::Ended, false, false, "event_not_open");
        row("ended, test", EventStatus::Ended, false, true, "event_not_open");
        row("archived", EventStatus::Archived, false, false, "event_not_open");
        row("cancelled", EventStatus::Cancelled, false, false, "event_cancelled");
        row("cancelled, test", EventStatus::Cancelled, false, true, "event_cancelled");
        row("postponed", EventStatus::Postponed, false, false, "event_not_open");
        row("postponed to a day", EventStatus::Postponed, true, false, "ok");
    }
    void theEventMustBeOpen()
    {
        QFETCH(int, status);
        QFETCH(bool, rescheduled);
        QFETCH(bool, test);
        Inputs inputs;
        inputs.event.event.status = static_cast<EventStatus>(status);
        if (rescheduled)
            inputs.event.event.rescheduledAt = at("2026-12-05T12:00:00Z");
        inputs.scan.test = test;
        QTEST(QString::fromStdString(reasonOf(inputs)), "reason");
    }

    void boundariesBelongToTheWindow_data()
    {
        QTest::addColumn<QString>("moment");
        QTest::addColumn<QString>("eventWindow");
        QTest::addColumn<QString>("ticketWindow");
        QTest::newRow("long before") << "2026-12-05T10:00:00Z"
                                     << "event_not_open"
                                     << "not_yet_valid";
        QTest::newRow("just before") << "2026-12-05T10:59:59.999Z"
                                     << "event_not_open"
                                     << "not_yet_valid";
        QTest::newRow("first moment") << "2026-12-05T11:00:00Z"
                                      << "ok"
                                      << "ok";
        QTest::newRow("last moment") << "2026-12-05T22:00:00Z"
                                     << "ok"
                                     << "ok";
        QTest::newRow("just after") << "2026-12-05T22:00:00.001Z"
                                    << "event_not_open"
                                    << "expired";
        QTest::newRow("1970") << "1970-01-01T00:00:00Z"
                              << "event_not_open"
                              << "not_yet_valid";
        QTest::newRow("2038") << "2038-01-19T03:14:08Z"
                              << "event_not_open"
                              << "expired";
        QTest::newRow("2106") << "2106-02-07T06:28:16Z"
                              << "event_not_open"
                              << "expired";
        QTest::newRow("9999") << "9999-12-31T23:59:59Z"
                              << "event_not_open"
                              << "expired";
    }
    void boundariesBelongToTheWindow()
    {
        QFETCH(QString, moment);
        const auto from = at("2026-12-05T11:00:00Z"), until = at("2026-12-05T22:00:00Z");
        Inputs ofEvent;
        ofEvent.scan.at = at(moment.toStdString());
        Inputs ofTicket = ofEvent;
        ofEvent.event.event.scanFrom = from;
        ofEvent.event.event.scanUntil = until;
        ofTicket.ticket().validFrom = from;
        ofTicket.ticket().validUntil = until;
        QTEST(QString::fromStdString(reasonOf(ofEvent)), "eventWindow");
        QTEST(QString::fromStdString(reasonOf(ofTicket)), "ticketWindow");
    }

    void allowancesCountPersons_data()
    {
        // Persons in and out before, from 11:00 on, a minute apart; then `count` want to come in.
        QTest::addColumn<QString>("before");
        QTest::addColumn<int>("admits");
        QTest::addColumn<int>("count");
        QTest::addColumn<int>("reentry");
        QTest::addColumn<QString>("reason");
        QTest::addColumn<int>("remaining");
        const int never = static_cast<int>(Reentry::Never), afterExit = static_cast<int>(Reentry::AfterExit),
                  always = static_cast<int>(Reentry::Always);
        const auto row = [](const char *name) -> QTestData & { return QTest::newRow(name); };
        row("never: first") << "" << 1 << 1 << never << "ok" << 0;
        row("never: second") << "+1" << 1 << 1 << never << "already_used" << 0;
        row("never: after an exit") << "+1 -1" << 1 << 1 << never << "already_used" << 0;
        row("never: after a lone exit") << "-1" << 1 << 1 << never << "ok" << 0;
        row("never: two on a single") << "" << 1 << 2 << never << "already_used" << 1;
        row("never: group begins") << "" << 4 << 1 << never << "ok_group" << 3;
        row("never: group at once") << "" << 4 << 4 << never << "ok" << 0;
        row("never: group's last") << "+3" << 4 << 1 << never << "ok" << 0;
        row("never: one too many") << "+3" << 4 << 2 << never << "no_entries_left" << 1;
        row("never: group is in") << "+2 +2" << 4 << 1 << never << "no_entries_left" << 0;
        row("after exit: first") << "" << 1 << 1 << afterExit << "ok" << 0;
        row("after exit: still inside") << "+1" << 1 << 1 << afterExit << "already_used" << 0;
        row("after exit: went out") << "+1 -1" << 1 << 1 << afterExit << "ok_reentry" << 0;
        row("after exit: out twice") << "+1 -1 -1" << 1 << 1 << afterExit << "ok_reentry" << 0;
        row("after exit: lone exits save nothing up") << "-1 -1 +1" << 1 << 1 << afterExit << "already_used" << 0;
        row("after exit: some of a group out") << "+4 -2" << 4 << 2 << afterExit << "ok_reentry" << 0;
        row("after exit: fewer out than come in") << "+4 -1" << 4 << 2 << afterExit << "no_entries_left" << 1;
        row("after exit: out before the rest came") << "+2 -1" << 4 << 1 << afterExit << "ok_group" << 1;
        row("after exit: rest of the group") << "+2 -1" << 4 << 2 << afterExit << "ok" << 0;
        row("after exit: rest and one again") << "+2 -1" << 4 << 3 << afterExit << "ok_reentry" << 0;
        row("always: first") << "" << 1 << 1 << always << "ok" << 0;
        row("always: again") << "+1" << 1 << 1 << always << "ok_reentry" << 0;
        row("always: more than it admits") << "" << 1 << 2 << always << "ok_reentry" << 0;
        row("always: group") << "+1" << 4 << 1 << always << "ok_group" << 2;
        row("a ticket for 65535") << "" << 65535 << 65535 << never << "ok" << 0;
    }
    void allowancesCountPersons()
    {
        QFETCH(QString, before);
        QFETCH(int, admits);
        QFETCH(int, count);
        QFETCH(int, reentry);
        Inputs inputs;
        for (const QString &step : before.split(' ', Qt::SkipEmptyParts)) {
            auto passage = entered("2026-12-05T11:00:00Z", step.mid(1).toUShort());
            passage.at += std::chrono::minutes(inputs.history().size());
            passage.direction = step[0] == '-' ? Direction::Exit : Direction::Entry;
            inputs.history().push_back(passage);
        }
        inputs.checkpoint().reentry = static_cast<Reentry>(reentry);
        inputs.ticket().admits = static_cast<std::uint16_t>(admits);
        inputs.scan.count = static_cast<std::uint16_t>(count);
        const Decided got = decided(inputs);
        QTEST(QString::fromStdString(std::string(domain::word(got.verdict.reason))), "reason");
        QTEST(static_cast<int>(got.verdict.remaining), "remaining");
    }

    void aTicketsOwnNumberReplacesItsTypes()
    {
        Inputs inputs;
        inputs.ticket().type = {"family"};
        QCOMPARE(decided(inputs).verdict.remaining, 3U);
        inputs.ticket().admits = 1;
        QCOMPARE(reasonOf(inputs), std::string("ok"));
    }

    void whoIsInsideIsBookedOutAtClosing()
    {
        Inputs inputs;
        inputs.checkpoint().reentry = Reentry::AfterExit;
        inputs.checkpoint().closeAt = std::chrono::hours(4); // 02:00 UTC
        inputs.history() = {entered("2026-12-05T11:00:00Z")};
        inputs.scan.at = at("2026-12-06T01:59:59.999Z");
        QCOMPARE(reasonOf(inputs), std::string("already_used"));
        inputs.scan.at = at("2026-12-06T02:00:00Z");
        QCOMPARE(reasonOf(inputs), std::string("ok_reentry"));
        inputs.checkpoint().reentry = Reentry::Never; // closing gives nothing back
        QCOMPARE(reasonOf(inputs), std::string("already_used"));
    }

    void theZonesOtherCheckpointsCloseForThemselves()
    {
        Inputs inputs;
        inputs.checkpoint().reentry = Reentry::AfterExit;
        inputs.checkpoint().zone = {{"floor"}};
        inputs.checkpoint().rules = R"({"or": [{"==": [{"var": "entry_status"}, "present"]}]})";
        inputs.event.checkpoints.push_back(
            {.id = {"side"}, .name = "Side", .zone = {{"floor"}}, .closeAt = std::chrono::hours(4)});
        inputs.history() = {entered("2026-12-05T11:00:00Z")};
        inputs.scan.at = at("2026-12-06T03:00:00Z");
        QCOMPARE(reasonOf(inputs), std::string("already_used"));
    }

    void roomIsCountedInPersons_data()
    {
        QTest::addColumn<int>("inside");
        QTest::addColumn<int>("count");
        QTest::addColumn<bool>("fits");
        QTest::newRow("empty") << 0 << 1 << true;
        QTest::newRow("the last place") << 9 << 1 << true;
        QTest::newRow("full") << 10 << 1 << false;
        QTest::newRow("a group that just fits") << 7 << 3 << true;
        QTest::newRow("a group that does not") << 8 << 3 << false;
    }
    void roomIsCountedInPersons()
    {
        QFETCH(int, inside);
        QFETCH(int, count);
        QFETCH(bool, fits);
        Inputs zone;
        zone.ticket().admits = 3;
        zone.scan.count = static_cast<std::uint16_t>(count);
        Inputs gate = zone;
        zone.checkpoint().capacity = 10;
        zone.state.insideHere = static_cast<std::uint32_t>(inside);
        gate.event.gates[0].capacity = 10;
        gate.state.throughGate = static_cast<std::uint32_t>(inside);
        QCOMPARE(decided(gate).verdict.admits(), true); // it only warns
        gate.event.gates[0].capacityMode = domain::CapacityMode::Stop;
        QCOMPARE(decided(gate).verdict.admits(), fits);
        QCOMPARE(decided(zone).verdict.admits(), fits);
        if (!fits) {
            QCOMPARE(reasonOf(gate), std::string("gate_full"));
            QCOMPARE(reasonOf(zone), std::string("zone_full"));
        }
        gate.scan.gate = {};
        QCOMPARE(decided(gate).verdict.admits(), true); // no gate, no check
    }
};

QTEST_APPLESS_MAIN(DecideTest)
#include "decide_test.moc"
