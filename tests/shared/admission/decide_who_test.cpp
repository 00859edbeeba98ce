#include "tests/shared/admission/sample.h"

#include <QtTest/QtTest>

using namespace voelgoed;
using namespace voelgoed::admission::sample;
using domain::Direction;
using domain::EventStatus;
using domain::Phrase;
using domain::Reason;
using domain::Reentry;

/// Which ticket a code stands for, and what an answer names.
class DecideWhoTest : public QObject
{
    Q_OBJECT

private slots:
    void theSamePresentationIsKnownAgain_data()
    {
        QTest::addColumn<QString>("device");
        QTest::addColumn<QString>("nonce");
        QTest::addColumn<bool>("exit");
        QTest::addColumn<QString>("reason");
        QTest::newRow("the very same") << "d1"
                                       << "n1" << false << "ok_repeat";
        QTest::newRow("another device") << "d2"
                                        << "n1" << false << "already_used";
        QTest::newRow("another nonce") << "d1"
                                       << "n2" << false << "already_used";
        QTest::newRow("another direction") << "d1"
                                           << "n1" << true << "ok_exit";
        QTest::newRow("no nonce") << "d1"
                                  << "" << false << "already_used";
        QTest::newRow("no device") << ""
                                   << "n1" << false << "already_used";
    }
    void theSamePresentationIsKnownAgain()
    {
        QFETCH(QString, device);
        QFETCH(QString, nonce);
        QFETCH(bool, exit);
        Inputs inputs;
        inputs.history() = {entered("2026-12-05T11:00:00Z")};
        inputs.history()[0].nonce = "n1";
        inputs.scan.device.text = device.toStdString();
        inputs.scan.nonce = nonce.toStdString();
        inputs.scan.direction = exit ? Direction::Exit : Direction::Entry;
        QTEST(QString::fromStdString(reasonOf(inputs)), "reason");
    }

    void onlyOlderCodesAreSuperseded()
    {
        // A list may be behind: the ticket was reissued a minute ago, and its newest code is the one in hand.
        Inputs inputs;
        inputs.ticket().generation = 7;
        inputs.tickets[0].presentedGeneration = 6;
        QCOMPARE(reasonOf(inputs), std::string("superseded"));
        inputs.tickets[0].presentedGeneration = 7;
        QCOMPARE(reasonOf(inputs), std::string("ok"));
        inputs.tickets[0].presentedGeneration = 8;
        QCOMPARE(reasonOf(inputs), std::string("ok"));
    }

    void unlistedTicketsFollowThePolicy()
    {
        using domain::UnlistedPolicy;
        Inputs inputs;
        inputs.tickets[0].listed = false;
        QCOMPARE(reasonOf(inputs), std::string("ok"));
        QVERIFY(!decided(inputs).verdict.flagged);
        inputs.event.policy.unlisted = UnlistedPolicy::AdmitAndFlag;
        QCOMPARE(reasonOf(inputs), std::string("ok"));
        QVERIFY(decided(inputs).verdict.flagged);
        inputs.event.policy.unlisted = UnlistedPolicy::Hold;
        QCOMPARE(reasonOf(inputs), std::string("unconfirmed"));
        inputs.history() = {entered("2026-12-05T11:00:00Z")}; // a refusal says more
        QCOMPARE(reasonOf(inputs), std::string("already_used"));
        inputs.scan.direction = Direction::Exit;
        QCOMPARE(reasonOf(inputs), std::string("ok_exit"));
    }

    void anUnlistedTicketIsFlaggedAlsoWhenOverridden()
    {
        Inputs inputs;
        inputs.event.policy.unlisted = domain::UnlistedPolicy::AdmitAndFlag;
        inputs.tickets[0].listed = false;
        inputs.history() = {entered("2026-12-05T11:00:00Z")};
        QVERIFY(!decided(inputs).verdict.flagged); // refused: nothing to tell
        inputs.scan.override = {.by = {"boss"}, .why = "seen going out"};
        QCOMPARE(reasonOf(inputs), std::string("ok_override"));
        QVERIFY(decided(inputs).verdict.flagged);
    }

    void wrongGateNamesOneThatWouldTakeTheTicket_data()
    {
        QTest::addColumn<QString>("gates");
        QTest::addColumn<QString>("named");
        QTest::newRow("only one") << "south"
                                  << "South";
        QTest::newRow("first of two") << "south east"
                                      << "South";
        QTest::newRow("not a closed one") << "closed south"
                                          << "South";
        QTest::newRow("not one of another checkpoint") << "backstage south"
                                                       << "South";
        QTest::newRow("not one that serves exits only") << "way_out south"
                                                        << "South";
        QTest::newRow("a closed one rather than none") << "closed"
                                                       << "Closed";
    }
    void wrongGateNamesOneThatWouldTakeTheTicket()
    {
        QFETCH(QString, gates);
        QFETCH(QString, named);
        Inputs inputs;
        inputs.event.checkpoints.push_back({.id = {"stage"}, .name = "Stage"});
        inputs.event.gates.push_back({.id = {"east"}, .name = "East", .checkpoints = {{"main"}}});
        inputs.event.gates.push_back({.id = {"closed"}, .name = "Closed", .state = domain::GateState::Closed});
        inputs.event.gates.push_back({.id = {"backstage"}, .name = "Backstage", .checkpoints = {{"stage"}}});
        inputs.event.gates.push_back({.id = {"way_out"}, .name = "Way out", .servesEntry = false});
        inputs.event.types[0].gates.emplace();
        for (const QString &gate : gates.split(' '))
            inputs.event.types[0].gates->push_back({gate.toStdString()});
        const Decided got = decided(inputs);
        QCOMPARE(got.verdict.reason, Reason::WrongGate);
        QCOMPARE(got.verdict.explanation.phrase, Phrase::GoToGate);
        QCOMPARE(std::get<std::string_view>(got.verdict.explanation.facts[0]), std::string_view(named.toStdString()));
        inputs.ticket().gates = {{{"north"}}}; // a ticket's own gates replace its type's
        QCOMPARE(reasonOf(inputs), std::string("ok"));
        inputs.ticket().gates = {};
        inputs.scan.gate = {};
        QCOMPARE(reasonOf(inputs), std::string("ok")); // no gate, no check
    }

    void addonsAreMatched_data()
    {
        // Candidates: the code's ticket, then its add-ons; "T" is taken here, "t" taken but not valid now, "-" neither.
        QTest::addColumn<QString>("candidates");
        QTest::addColumn<bool>("match");
        QTest::addColumn<QString>("reason");
        QTest::addColumn<int>("judged");
        QTest::newRow("alone") << "T" << true << "ok" << 0;
        QTest::newRow("the add-on") << "-T" << true << "ok" << 1;
        QTest::newRow("the base rather than others") << "T-" << true << "ok" << 0;
        QTest::newRow("two") << "-TT" << true << "ambiguous" << 0;
        QTest::newRow("base and add-on") << "TT" << true << "ambiguous" << 0;
        QTest::newRow("the one that is valid now") << "-tT" << true << "ok" << 2;
        QTest::newRow("several, none valid now") << "-tt" << true << "not_yet_valid" << 1;
        QTest::newRow("one, not valid now") << "-t" << true << "not_yet_valid" << 1;
        QTest::newRow("three, two valid now") << "TtT" << true << "ambiguous" << 0;
        QTest::newRow("none taken") << "--" << true << "wrong_type" << 0;
        QTest::newRow("without matching") << "-T" << false << "wrong_type" << 0;
        QTest::newRow("without matching, base taken") << "TT" << false << "ok" << 0;
    }
    void addonsAreMatched()
    {
        QFETCH(QString, candidates);
        QFETCH(bool, match);
        Inputs inputs;
        inputs.checkpoint().matchAddons = match;
        inputs.checkpoint().types = {{{"adult"}}};
        inputs.tickets.clear();
        inputs.histories.assign(static_cast<std::size_t>(candidates.size()), {});
        for (const QChar kind : candidates) {
            domain::Ticket ticket{.ordinal = {static_cast<std::uint32_t>(inputs.tickets.size() + 1)},
                                  .type = {kind == '-' ? "family" : "adult"}};
            if (kind == 't')
                ticket.validFrom = at("2026-12-05T20:00:00Z");
            inputs.tickets.push_back({.ticket = ticket});
        }
        const Decided got = decided(inputs);
        QTEST(QString::fromStdString(std::string(domain::word(got.verdict.reason))), "reason");
        QTEST(static_cast<int>(got.verdict.candidate), "judged");
    }

    void aWithdrawnAddonIsNotGoodThroughItsBaseTicket()
    {
        Inputs inputs;
        inputs.checkpoint().matchAddons = true;
        inputs.checkpoint().types = {{{"family"}}};
        inputs.tickets.push_back(
            {.ticket = {.ordinal = {8}, .type = {"family"}, .state = domain::TicketState::Revoked}});
        inputs.histories.emplace_back();
        QCOMPARE(reasonOf(inputs), std::string("revoked"));
    }

    void theAddonThatIsRepeatedIsTheOneNamed()
    {
        Inputs inputs;
        inputs.checkpoint().matchAddons = true;
        inputs.tickets.push_back({.ticket = {.ordinal = {8}, .type = {"family"}}});
        inputs.histories.push_back({entered("2026-12-05T11:00:00Z")});
        inputs.histories[1][0].nonce = "n1";
        const Decided got = decided(inputs);
        QCOMPARE(got.verdict.reason, Reason::OkRepeat);
        QCOMPARE(got.verdict.candidate, std::size_t{1});
    }

    void alreadyUsedSaysWhenAndWhere()
    {
        Inputs inputs;
        inputs.history() = {entered("2026-12-05T11:00:00Z"), left("2026-12-05T11:05:00Z")};
        Decided got = decided(inputs);
        QCOMPARE(got.verdict.explanation.phrase, Phrase::EnteredAt);
        QVERIFY(got.verdict.explanation.facts[0] == domain::Fact(at("2026-12-05T11:00:00Z")));
        QVERIFY(got.verdict.explanation.facts[1] == domain::Fact(std::string_view("North")));
        inputs.history()[0].gate = {};
        got = decided(inputs);
        QCOMPARE(got.verdict.explanation.phrase, Phrase::EnteredAtTime);
    }

    void aUsedTicketNeverBecomesGoodByWaiting_data()
    {
        QTest::addColumn<QString>("later");
        QTest::newRow("at once") << "2026-12-05T11:00:00Z";
        QTest::newRow("301 s") << "2026-12-05T11:05:01Z";
        QTest::newRow("an hour") << "2026-12-05T12:00:00Z";
        QTest::newRow("the next day") << "2026-12-06T11:00:00Z";
        QTest::newRow("years") << "2036-12-06T11:00:00Z";
        QTest::newRow("a late upload from before") << "2026-12-05T10:59:00Z";
    }
    void aUsedTicketNeverBecomesGoodByWaiting()
    {
        QFETCH(QString, later);
        Inputs inputs;
        inputs.history() = {entered("2026-12-05T11:00:00Z")};
        inputs.scan.at = at(later.toStdString());
        inputs.scan.gate = {"south"};
        QCOMPARE(reasonOf(inputs), std::string("already_used"));
    }
};

QTEST_APPLESS_MAIN(DecideWhoTest)
#include "decide_who_test.moc"
