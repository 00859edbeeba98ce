#include "shared/ticket/foreign.h"
#include "tests/support/practice_gate.h"

#include <QtTest/QtTest>

using namespace voelgoed;
using namespace std::chrono_literals;
using domain::Outcome;
using domain::Reason;
using support::present;

class EngineTest : public QObject
{
    Q_OBJECT

private slots:
    void everyKindOfCodeFindsItsTicket()
    {
        Gate gate;
        const auto own = present(*gate.engine, gate.practice.signedCode(1));
        QCOMPARE(own.reason, Reason::Ok);
        QCOMPARE(own.ordinal.value, 1U);
        QVERIFY(own.durable);
        const auto foreign = present(*gate.engine, gate.practice.foreignCode(3));
        QCOMPARE(foreign.reason, Reason::Ok);
        QCOMPARE(foreign.ordinal.value, 43U);
        const auto typed = present(*gate.engine, " " + gate.practice.typedCode(2) + " ");
        QCOMPARE(typed.reason, Reason::Ok);
        QCOMPARE(typed.ordinal.value, 2U);
        // One ticket, whichever of its codes is shown.
        QCOMPARE(present(*gate.engine, gate.practice.signedCode(2)).reason, Reason::AlreadyUsed);
    }

    void badCodesAreRefusedAndWrittenDown_data()
    {
        QTest::addColumn<QByteArray>("code");
        QTest::addColumn<int>("reason");
        const auto row = [](const char *name, QByteArray code, Reason reason) {
            QTest::newRow(name) << std::move(code) << static_cast<int>(reason);
        };
        row("a stranger", "STRANGER", Reason::Unknown);
        row("a URL", "https://example.org/?a=1", Reason::Unknown);
        row("Wi-Fi", "WIFI:S:x;P:y;;", Reason::Unknown);
        row("JavaScript", "javascript:alert(1)", Reason::Unknown);
        row("NUL inside", QByteArray("A\0B", 3), Reason::Unknown);
        row("only control characters", "\x01\x02\x1b", Reason::Unknown);
        row("an escape sequence", "\x1b]0;owned\x07", Reason::Unknown);
        row("not UTF-8", "\xff\xfe\xc0\xaf", Reason::Unknown);
        row("direction override",
            "\xe2\x80\xae"
            "42",
            Reason::Unknown);
        row("T1 with an illegal character", "T1" + QByteArray(119, '0') + "a", Reason::Unknown);
        row("T1 of zeros", "T1" + QByteArray(120, '0'), Reason::Forged);
        row("decimal T1 of zeros", "17" + QByteArray(193, '0'), Reason::Forged);
        row("decimal T1 too large", "17" + QByteArray(193, '9'), Reason::Unknown);
        row("7,089 digits", QByteArray(7089, '7'), Reason::Unknown);
        row("512 bytes", QByteArray(512, 'x'), Reason::Unknown);
        row("lower case", "t1" + QByteArray(120, '0'), Reason::Unknown);
        row("an SQL statement", "'); DROP TABLE journal;--", Reason::Unknown);
    }
    void badCodesAreRefusedAndWrittenDown()
    {
        QFETCH(QByteArray, code);
        QFETCH(int, reason);
        Gate gate;
        const auto judged = present(*gate.engine, code.toStdString());
        QCOMPARE(static_cast<int>(judged.reason), reason);
        QVERIFY(judged.durable);
        const auto row = gate.engine->vault().journal().find(judged.row->sequence);
        QVERIFY(row && *row);
        const auto &scan = std::get<domain::ScanRecord>((*row)->row.what);
        QCOMPARE(scan.outcome, std::string("refuse"));
        QVERIFY(!scan.sealedCode.empty());
    }

    void whatWasReadOpensWithTheServersKeyAlone()
    {
        Gate gate;
        const auto first = present(*gate.engine, "FIRST");
        const auto second = present(*gate.engine, "SECOND");
        auto &journal = gate.engine->vault().journal();
        const auto one = journal.find(first.row->sequence);
        const auto two = journal.find(second.row->sequence);
        QVERIFY(one && *one && two && *two);
        QVERIFY((*one)->row.sealEphemeral.has_value());
        QVERIFY(!(*two)->row.sealEphemeral.has_value());
        auto opener = base::Opener::from(gate.practice.keys.seal, *(*one)->row.sealEphemeral);
        QVERIFY(opener);
        const auto &scan = std::get<domain::ScanRecord>((*two)->row.what);
        const auto text = opener->open(scan.sealNumber, scan.sealedCode, scan.codeHash);
        QVERIFY(text);
        QCOMPARE(std::string(base::textOf(*text)), std::string("SECOND"));
        QVERIFY(base::textOf((*two)->bytes).find("SECOND") == std::string_view::npos);
    }

    void aRowSaysWhichGenerationsCodeWasRead()
    {
        support::CrashDisk disk("engine", 5);
        support::ListGate gate(disk.name());
        gate.addForeign(1, "NEW", 2);
        gate.list[0].codes.push_back({ticket::foreignHash("OLD"), 1, protocol::CodeKind::Foreign, false});
        QVERIFY(gate.load());
        auto engine = gate.start();
        QVERIFY(engine);
        for (const auto &[code, generation] : {std::pair("OLD", 1), std::pair("NEW", 2), std::pair("NONE", 0)}) {
            const auto judged = present(**engine, code);
            const auto row = (*engine)->vault().journal().find(judged.row->sequence);
            QVERIFY(row && *row);
            QCOMPARE(int{std::get<domain::ScanRecord>((*row)->row.what).generation}, generation);
        }
    }

    void guessingTypedCodesIsSlowedDown()
    {
        Gate gate;
        for (int i = 0; i < 5; ++i)
            QCOMPARE(present(*gate.engine, "ABCD-EFGH-JKMN" + std::to_string(i)).reason, Reason::Unknown);
        // The sixth is not even looked up; a minute later it is.
        const auto waiting = present(*gate.engine, gate.practice.typedCode(7));
        QCOMPARE(waiting.reason, Reason::Unknown);
        QVERIFY2(waiting.explanation.find("wait a minute") != std::string::npos, waiting.explanation.c_str());
        gate.practice.clock.pass(61s);
        QCOMPARE(present(*gate.engine, gate.practice.typedCode(7)).reason, Reason::Ok);
    }

    void anothersBarcodesDoNotSlowTypingDown()
    {
        Gate gate;
        for (int i = 0; i < 50; ++i)
            QCOMPARE(present(*gate.engine, "60012345678" + std::to_string(10 + i)).reason, Reason::Unknown);
        QCOMPARE(present(*gate.engine, gate.practice.typedCode(7)).reason, Reason::Ok);
    }

    void aTestScanCountsNowhere()
    {
        Gate gate;
        const std::string code = gate.practice.foreignCode(1);
        const base::ByteView bytes = base::bytesOf(code);
        const auto tried = gate.engine->judge({.read = {.code = {bytes.begin(), bytes.end()}}, .test = true});
        QCOMPARE(tried.reason, Reason::Ok);
        QVERIFY(tried.test);
        QCOMPARE(gate.engine->passages().size(), std::size_t{0});
        QCOMPARE(present(*gate.engine, code).reason, Reason::Ok);
    }

    void whatWasTakenBackCanBeUsedAgain()
    {
        Gate gate;
        const auto admitted = present(*gate.engine, gate.practice.foreignCode(1));
        QVERIFY(gate.engine->undo({.row = *admitted.row, .by = {"sup"}, .why = "nobody passed", .notPassed = true}));
        QCOMPARE(present(*gate.engine, gate.practice.foreignCode(1)).reason, Reason::Ok);
        gate.engine->shown();
        gate.engine->idle();
        QVERIFY(!gate.engine->undo({.row = *admitted.row, .by = {"sup"}, .why = "again"}));
        gate.restart();
        QCOMPARE(present(*gate.engine, gate.practice.foreignCode(1)).reason, Reason::AlreadyUsed);
    }

    void aSupervisorsOverrideIsRecordedAsOne()
    {
        Gate gate;
        present(*gate.engine, gate.practice.foreignCode(1));
        const std::string code = gate.practice.foreignCode(1);
        const base::ByteView bytes = base::bytesOf(code);
        const auto overridden = gate.engine->judge(
            {.read = {.code = {bytes.begin(), bytes.end()}}, .override = domain::Override{{"sup"}, "lost wristband"}});
        QCOMPARE(overridden.reason, Reason::OkOverride);
        QCOMPARE(overridden.overridden, std::optional(Reason::AlreadyUsed));
    }

    void aScanInDoubtIsGreenOnceMoreAndNeverAThirdTime()
    {
        Gate gate;
        const auto lost = present(*gate.engine, gate.practice.foreignCode(1)); // the power goes before it is shown
        gate.restart();
        gate.practice.clock.pass(10s);
        const auto again = present(*gate.engine, gate.practice.foreignCode(1));
        QCOMPARE(again.reason, Reason::OkRepeat);
        QCOMPARE(again.row, lost.row);
        gate.restart();
        QCOMPARE(present(*gate.engine, gate.practice.foreignCode(1)).reason, Reason::AlreadyUsed);
        QCOMPARE(gate.engine->passages().size(), std::size_t{1});
    }

    void afterAMinuteAScanInDoubtIsLikeAnyOther()
    {
        Gate gate;
        present(*gate.engine, gate.practice.foreignCode(1));
        gate.restart();
        gate.practice.clock.pass(61s);
        QCOMPARE(present(*gate.engine, gate.practice.foreignCode(1)).reason, Reason::AlreadyUsed);
    }

    void aScanThatWasShownIsNeverInDoubt()
    {
        Gate gate;
        present(*gate.engine, gate.practice.foreignCode(1));
        gate.engine->shown();
        present(*gate.engine, gate.practice.foreignCode(2));
        gate.restart();
        QCOMPARE(present(*gate.engine, gate.practice.foreignCode(1)).reason, Reason::AlreadyUsed);
        QCOMPARE(present(*gate.engine, gate.practice.foreignCode(2)).reason, Reason::OkRepeat);
    }

    void aShiftGoesOnAfterARestartAndEndsWithTheOperator()
    {
        Gate gate;
        auto &journal = gate.engine->vault().journal();
        const auto first = journal.openShift();
        QVERIFY(first && *first);
        gate.restart();
        QCOMPARE((*gate.engine->vault().journal().openShift())->session, (*first)->session);
        QVERIFY(gate.engine->takePost({.checkpoint = {"main"}, .gate = {"north"}, .operatedBy = {"thandi"}}));
        const auto shifts = gate.engine->vault().journal().shifts();
        QVERIFY(shifts);
        QCOMPARE(shifts->size(), std::size_t{2});
        QCOMPARE(std::count_if(shifts->begin(), shifts->end(), [](const auto &s) { return !s.closedAt; }), 1);
        QVERIFY(gate.engine->leavePost());
        QVERIFY(!*gate.engine->vault().journal().openShift());
    }

    void aGateStandsOnlyWhereItServes()
    {
        support::CrashDisk disk("engine", 5);
        support::ListGate gate(disk.name());
        gate.addForeign(1, "A");
        protocol::Definition definition = gate.event.definition();
        definition.event.gates = {{.id = {"in"}, .name = "In", .checkpoints = {{"main"}}, .servesExit = false},
                                  {.id = {"back"}, .name = "Back", .checkpoints = {{"vip"}}}};
        definition.event.checkpoints.push_back({.id = {"vip"}, .name = "VIP"});
        gate.definition = definition;
        auto engine = gate.start();
        QVERIFY(engine && gate.loadInto(**engine));
        const auto refusal = [&](const char *at, const char *checkpoint, domain::Direction direction) {
            const auto taken = (*engine)->takePost({.checkpoint = {checkpoint}, .gate = {at}, .direction = direction});
            return taken ? std::string() : taken.error().message + "|" + taken.error().hint;
        };
        using domain::Direction;
        QCOMPARE(refusal("in", "main", Direction::Entry), std::string());
        QCOMPARE(refusal("", "vip", Direction::Exit), std::string());
        QCOMPARE(refusal("in", "vip", Direction::Entry),
                 std::string("gate \"in\" does not serve checkpoint \"vip\"|It serves: main"));
        QCOMPARE(refusal("in", "main", Direction::Exit),
                 std::string("gate \"in\" lets nobody out|Its direction is entry."));
        QVERIFY(refusal("side", "main", Direction::Entry).find("Its gates: in, back") != std::string::npos);
    }

    void aFullDiskIsRescuedAndMended()
    {
        Gate gate;
        gate.disk.setCapacity(gate.disk.used());
        QCOMPARE(present(*gate.engine, gate.practice.foreignCode(1)).reason, Reason::Ok);
        bool rescued = false;
        for (std::uint32_t n = 2; n <= 40; ++n) {
            const auto judged = present(*gate.engine, gate.practice.foreignCode(n));
            QCOMPARE(judged.reason, Reason::Ok);
            QVERIFY(judged.durable);
            rescued = rescued || judged.rescued;
            gate.engine->shown();
        }
        QVERIFY(rescued);
        QCOMPARE(gate.engine->vault().state(), vault::StorageState::Rescue);
        QCOMPARE(present(*gate.engine, gate.practice.foreignCode(40)).reason, Reason::AlreadyUsed);
        gate.disk.setCapacity(UINT64_MAX);
        gate.engine->idle();
        QCOMPARE(gate.engine->vault().state(), vault::StorageState::Good);
        QCOMPARE(gate.engine->vault().journal().counts()->admitted, std::uint64_t{40});
        gate.restart();
        QCOMPARE(present(*gate.engine, gate.practice.foreignCode(40)).reason, Reason::AlreadyUsed);
        QCOMPARE(gate.engine->passages().size(), std::size_t{40});
    }

private:
    /// A started gate on a disk of its own.
    struct Gate
    {
        support::CrashDisk disk{"engine", 5};
        support::PracticeGate practice{disk, 40};
        std::unique_ptr<scan::Engine> engine;

        Gate()
        {
            const auto loaded = practice.load();
            base::ensure(static_cast<bool>(loaded), "the practice event loads");
            restart();
        }
        /// As after kill -9: nothing that was only in memory is left.
        void restart()
        {
            engine.reset();
            auto started = practice.start();
            base::ensure(static_cast<bool>(started), "the gate starts");
            engine = std::move(*started);
        }
    };
};

QTEST_APPLESS_MAIN(EngineTest)
#include "engine_test.moc"
