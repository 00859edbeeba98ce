#include "server/slices/scanning/plan.h"

#include "tests/server/slices/scanning/rows.h"

#include <QtTest/QtTest>

#include <algorithm>
#include <random>

using namespace voelgoed;
using protocol::RowOutcome;
using scanning::Brought;
using scanning::Facts;
using scanning::Plan;
using support::at;
using support::broughtOf;
using support::rowOf;

namespace {

/// An event with two checkpoints: one that a ticket passes once, one that may be left and entered again.
std::shared_ptr<const admission::Rulebook> rulebook()
{
    domain::EventDefinition definition;
    definition.event = {.id = {"018f3c52-7b1e-7cc0-9d3a-2f1f5b7a9c01"}, .name = "Fees"};
    definition.types = {{.id = {"adult"}, .name = "Adult"}, {.id = {"family"}, .name = "Family", .admits = 4}};
    definition.checkpoints = {{.id = {"main"}, .name = "Main"},
                              {.id = {"tent"}, .name = "Tent", .reentry = domain::Reentry::AfterExit}};
    auto compiled = admission::Rulebook::compile(std::move(definition));
    base::ensure(bool(compiled), "a test's rulebook");
    return std::make_shared<const admission::Rulebook>(std::move(*compiled));
}

/// A database in memory: batch after batch, and what it holds at the end.
struct Store
{
    Facts facts;
    std::vector<scanning::DoubleMark> doubles;
    std::vector<protocol::RowOutcome> outcomes;

    base::Instant receivedAt = at("23:00:00");

    Store() { facts.rulebook = rulebook(); }

    Plan take(const std::vector<Brought> &rows)
    {
        std::vector<const Brought *> pointers;
        for (const Brought &brought : rows) {
            pointers.push_back(&brought);
            if (const auto *undo = std::get_if<domain::UndoRecord>(&brought.row.what)) {
                for (const auto &[ordinal, passages] : facts.before) {
                    for (const protocol::PassageRecord &passage : passages) {
                        if (passage.row == undo->row)
                            facts.undone.emplace(passage.row, passage);
                    }
                }
            }
        }
        Plan plan = scanning::planBatch(facts, pointers, receivedAt);
        facts.head = plan.head;
        facts.history = plan.history;
        facts.undoneBefore.insert(plan.earlyUndos.begin(), plan.earlyUndos.end());
        for (const scanning::NewRow &made : plan.rows) {
            facts.known.emplace(made.brought->row.key, scanning::Known{made.brought->hash});
            if (made.feedSeq) {
                const auto passage = *protocol::decodePassage(made.passage);
                facts.before[passage.ordinal.value].push_back(passage);
            }
        }
        for (const scanning::CountKey &count : plan.recounted) {
            std::erase_if(doubles, [&](const scanning::DoubleMark &mark) {
                return mark.later.checkpoint.text == count.checkpoint && mark.later.ordinal.value == count.ordinal;
            });
        }
        doubles.insert(doubles.end(), plan.doubles.begin(), plan.doubles.end());
        return plan;
    }

    QStringList doubled() const
    {
        QStringList keys;
        for (const scanning::DoubleMark &mark : doubles) {
            keys << QString("%1/%2 after %3/%4")
                        .arg(mark.later.row.device.text.c_str())
                        .arg(mark.later.row.sequence.value)
                        .arg(mark.earlier.row.device.text.c_str())
                        .arg(mark.earlier.row.sequence.value);
        }
        keys.sort();
        return keys;
    }
};

} // namespace

class PlanTest : public QObject
{
    Q_OBJECT

private slots:
    /// Of a ticket in no list only who read its code knows how many persons it is for.
    void aSignedTicketForManyInNoListLetsInAsManyAsItsCodeSays()
    {
        const auto of = [](std::uint64_t sequence, std::uint16_t admits, const char *device = "gate-a") {
            domain::Row row = rowOf(
                {.device = device, .sequence = sequence, .when = at("19:30:00") + std::chrono::seconds(sequence)});
            std::get<domain::ScanRecord>(row.what).unlistedAdmits = admits;
            return row;
        };
        Store store;
        QCOMPARE(store.take({broughtOf(of(1, 3))}).settled.front().outcome, RowOutcome::Accepted);
        QCOMPARE(store.take({broughtOf(of(2, 3, "gate-b"))}).settled.front().outcome, RowOutcome::Accepted);
        QCOMPARE(store.take({broughtOf(of(3, 3))}).settled.front().outcome, RowOutcome::Accepted);
        QCOMPARE(store.take({broughtOf(of(4, 3))}).settled.front().outcome, RowOutcome::Double);
        // What takes one back says nothing of it, and what is known stays known.
        store.take({broughtOf(support::undoOf({.sequence = 5, .when = at("19:31:00")}, of(4, 3).key))});
        QCOMPARE(store.doubled(), QStringList());
        // What a device says for which nobody vouches lets nobody in.
        Brought stolen = broughtOf(of(7, 65'535, "stolen"));
        stolen.unverified = true;
        store.take({stolen, broughtOf(of(8, 3))});
        QVERIFY(!store.doubled().isEmpty());
        // Once it is in the list, the list says it.
        store.facts.types.emplace(7, domain::TicketTypeId{"adult"});
        QCOMPARE(store.take({broughtOf(of(6, 3))}).settled.front().outcome, RowOutcome::Double);
    }

    void aNewRowIsAcceptedAndTheSameAgainIsARepeat()
    {
        Store store;
        const auto first = store.take({broughtOf(rowOf({}))});
        QCOMPARE(first.settled.front().outcome, RowOutcome::Accepted);
        QCOMPARE(first.rows.size(), 1U);
        const auto second = store.take({broughtOf(rowOf({})), broughtOf(rowOf({}))});
        QCOMPARE(second.settled.at(0).outcome, RowOutcome::Repeat);
        QCOMPARE(second.settled.at(1).outcome, RowOutcome::Repeat);
        QVERIFY(second.rows.empty());
        QCOMPARE(second.head, first.head);
    }

    void theSameNumberWithOtherContentIsSetAsideAndTheRestGoesOn()
    {
        Store store;
        store.take({broughtOf(rowOf({}))});
        const auto plan =
            store.take({broughtOf(rowOf({.ordinal = 8})), broughtOf(rowOf({.sequence = 2, .ordinal = 9}))});
        QCOMPARE(plan.settled.at(0).outcome, RowOutcome::Quarantined);
        QCOMPARE(plan.settled.at(0).reason, std::string("same_number_other_content"));
        QCOMPARE(plan.settled.at(1).outcome, RowOutcome::Accepted);
        QCOMPARE(plan.quarantined.size(), 1U);
    }

    // The owner's check 9.
    void theLaterOfTwoGatesIsTheDoubleWhoeverUploadsFirst()
    {
        const Brought early = broughtOf(rowOf({.device = "gate-b", .when = at("19:30:00")}));
        const Brought late = broughtOf(rowOf({.device = "gate-a", .when = at("19:30:01")}));
        Store earlyFirst, lateFirst;
        earlyFirst.take({early});
        QCOMPARE(earlyFirst.take({late}).settled.front().outcome, RowOutcome::Double);
        lateFirst.take({late});
        QCOMPARE(lateFirst.take({early}).settled.front().outcome, RowOutcome::Accepted);
        QCOMPARE(earlyFirst.doubled(), QStringList{"gate-a/1 after gate-b/1"});
        QCOMPARE(lateFirst.doubled(), earlyFirst.doubled());
    }

    // The owner's check 8.
    void anyOrderAndGroupingOfUploadsEndsTheSame()
    {
        std::vector<Brought> rows;
        for (std::uint32_t ordinal = 1; ordinal <= 6; ++ordinal) {
            for (const char *device : {"gate-a", "gate-b", "gate-c"}) {
                rows.push_back(
                    broughtOf(rowOf({.device = device,
                                     .sequence = ordinal,
                                     .ordinal = ordinal,
                                     .when = at("19:30:00") + std::chrono::seconds((ordinal * 7 + device[5]) % 5)})));
            }
        }
        Store reference;
        reference.take(rows);
        std::mt19937 random(3);
        for (int round = 0; round < 50; ++round) {
            std::shuffle(rows.begin(), rows.end(), random);
            Store store;
            for (std::size_t i = 0; i < rows.size();) {
                const std::size_t count = std::min<std::size_t>(1 + random() % 5, rows.size() - i);
                store.take({rows.begin() + static_cast<std::ptrdiff_t>(i),
                            rows.begin() + static_cast<std::ptrdiff_t>(i + count)});
                i += random() % 4 == 0 && count > 1 ? count - 1 : count; // some are sent twice
            }
            QCOMPARE(store.doubled(), reference.doubled());
            QVERIFY(store.facts.history == reference.facts.history);
            QCOMPARE(store.facts.head, reference.facts.head);
        }
        QCOMPARE(reference.doubled().size(), 12);
    }

    void aCheckpointsOwnRulesSayWhatIsADouble()
    {
        Store store;
        domain::Row out = rowOf({.sequence = 2, .when = at("19:40:00"), .checkpoint = "tent", .reason = "ok_exit"});
        std::get<domain::ScanRecord>(out.what).direction = domain::Direction::Exit;
        store.take({broughtOf(rowOf({.checkpoint = "tent"})), broughtOf(out),
                    broughtOf(rowOf({.sequence = 3, .when = at("19:50:00"), .checkpoint = "tent"}))});
        QVERIFY(store.doubled().isEmpty());
        store.take({broughtOf(rowOf({.sequence = 4, .when = at("19:55:00"), .checkpoint = "tent"}))});
        QCOMPARE(store.doubled(), QStringList{"gate-a/4 after gate-a/3"});
    }

    void anotherCheckpointIsNoDouble()
    {
        Store store;
        store.take({broughtOf(rowOf({})), broughtOf(rowOf({.sequence = 2, .checkpoint = "tent"}))});
        QVERIFY(store.doubled().isEmpty());
    }

    void aTicketOfSeveralPersonsIsGoodForSoMany()
    {
        Store store;
        store.facts.types[7] = {"family"};
        for (std::uint64_t n = 1; n <= 4; ++n)
            store.take({broughtOf(rowOf({.sequence = n, .when = at("19:30:00") + std::chrono::seconds(n)}))});
        QVERIFY(store.doubled().isEmpty());
        store.take({broughtOf(rowOf({.sequence = 5, .when = at("19:31:00")}))});
        QCOMPARE(store.doubled().size(), 1);
    }

    void anAdmissionByOverrideIsNeverADouble()
    {
        Store store;
        store.take({broughtOf(rowOf({}))});
        store.take(
            {broughtOf(rowOf({.sequence = 2, .when = at("19:31:00"), .reason = "ok_override", .override_ = "lead"}))});
        QVERIFY(store.doubled().isEmpty());
    }

    void whatWasTakenBackIsNoPassageAndNoDouble()
    {
        Store store;
        const Brought second = broughtOf(rowOf({.device = "gate-b", .when = at("19:31:00")}));
        store.take({broughtOf(rowOf({})), second});
        QCOMPARE(store.doubled().size(), 1);
        const auto plan = store.take(
            {broughtOf(support::undoOf({.device = "gate-b", .sequence = 2, .when = at("19:32:00")}, second.row.key))});
        QVERIFY(store.doubled().isEmpty());
        QCOMPARE(plan.gates.at({"main", "gate of gate-b"}).entries, -1);
    }

    // Whoever has a stolen device's key makes no ticket of others good again; its own rows are its own.
    void aRevokedDeviceTakesBackNothingOfOthers()
    {
        Store store;
        const Brought first = broughtOf(rowOf({})), own = broughtOf(rowOf({.device = "gate-b", .ordinal = 2}));
        store.take({first, own});
        Brought foreign =
            broughtOf(support::undoOf({.device = "gate-b", .sequence = 2, .when = at("19:32:00")}, first.row.key));
        foreign.unverified = true;
        const auto plan = store.take({foreign});
        QVERIFY(plan.settled.front().outcome == protocol::RowOutcome::Unverified);
        QVERIFY(plan.gates.empty() && plan.earlyUndos.empty() && !plan.rows.front().feedSeq);
        Brought early = broughtOf(
            support::undoOf({.device = "gate-b", .sequence = 3, .when = at("19:32:00")}, {{"gate-a"}, {1}, {99}}));
        early.unverified = true;
        QVERIFY(store.take({early}).earlyUndos.empty());
        Brought ofItsOwn =
            broughtOf(support::undoOf({.device = "gate-b", .sequence = 4, .when = at("19:33:00")}, own.row.key));
        ofItsOwn.unverified = true;
        QCOMPARE(store.take({ofItsOwn}).gates.at({"main", "gate of gate-b"}).entries, -1);
    }

    void anAdmissionIsTakenBackInItsOwnBatch()
    {
        Store store;
        const Brought first = broughtOf(rowOf({}));
        const auto plan =
            store.take({first, broughtOf(support::undoOf({.sequence = 2, .when = at("19:32:00")}, first.row.key))});
        QCOMPARE(plan.gates.at({"main", "gate of gate-a"}).entries, 0);
        QCOMPARE(plan.claims.size(), 1U);
        QCOMPARE(plan.claims.front().entries, 0);
        QVERIFY(!plan.claims.front().first);
    }

    void whatWasTakenBackBeforeItCameHasNeverCounted()
    {
        const Brought first = broughtOf(rowOf({})),
                      second = broughtOf(rowOf({.device = "gate-b", .when = at("19:31:00")})),
                      undo = broughtOf(
                          support::undoOf({.device = "gate-b", .sequence = 2, .when = at("19:32:00")}, second.row.key));
        std::vector<const Brought *> order{&first, &second, &undo};
        std::sort(order.begin(), order.end());
        do {
            for (const bool together : {false, true}) {
                Store store;
                std::int64_t entries = 0;
                std::vector<std::vector<Brought>> batches;
                for (const Brought *row : order) {
                    if (batches.empty() || !together)
                        batches.emplace_back();
                    batches.back().push_back(*row);
                }
                for (const auto &batch : batches) {
                    const Plan plan = store.take(batch);
                    for (const auto &[gate, delta] : plan.gates)
                        entries += delta.entries;
                    QCOMPARE(plan.settled.size(), batch.size());
                }
                QCOMPARE(entries, 1);
                QVERIFY(store.doubled().isEmpty());
                QCOMPARE(scanning::standing(store.facts.before.begin()->second).size(), 1U);
            }
        } while (std::next_permutation(order.begin(), order.end()));
    }

    void takingBackASecondTimeTakesNothing()
    {
        Store store;
        const Brought first = broughtOf(rowOf({}));
        std::int64_t entries = 0;
        for (const Brought &row :
             {first, broughtOf(support::undoOf({.sequence = 2, .when = at("19:32:00")}, first.row.key)),
              broughtOf(support::undoOf({.sequence = 3, .when = at("19:33:00")}, first.row.key))}) {
            const Plan plan = store.take({row});
            for (const auto &[gate, delta] : plan.gates)
                entries += delta.entries;
        }
        QCOMPARE(entries, 0);
    }

    void refusalsAndTestsAreNobodysPassage()
    {
        Store store;
        const auto plan = store.take({broughtOf(rowOf({.outcome = "refuse", .reason = "already_used"})),
                                      broughtOf(rowOf({.sequence = 2, .test = true}))});
        QCOMPARE(plan.rows.size(), 2U);
        QCOMPARE(plan.head, 0);
        QVERIFY(!plan.rows.at(0).feedSeq && !plan.rows.at(1).feedSeq);
        QCOMPARE(plan.gates.at({"main", "gate of gate-a"}).refused, 1);
        QCOMPARE(plan.gates.at({"main", "gate of gate-a"}).entries, 0);
        QCOMPARE(plan.sessions.at("shift of gate-a").scans, 2);
    }

    void aDeviceThatWasRevokedSinceIsTakenAndMarked()
    {
        Store store;
        Brought brought = broughtOf(rowOf({}));
        brought.unverified = true;
        QCOMPARE(store.take({brought}).settled.front().outcome, RowOutcome::Unverified);
    }
};

QTEST_APPLESS_MAIN(PlanTest)
#include "plan_test.moc"
