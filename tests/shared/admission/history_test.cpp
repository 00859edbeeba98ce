#include "shared/admission/history.h"

#include <QtTest/QtTest>

#include <algorithm>
#include <random>

using namespace voelgoed;
using namespace voelgoed::domain;
using admission::Allowance;
using admission::History;

namespace {

base::Instant at(std::string_view text)
{
    return *base::parseInstant(text);
}

Row scanRow(const char *device, std::uint64_t sequence, base::Instant when, ScanRecord scan = {})
{
    if (scan.checkpoint.empty())
        scan.checkpoint = {"main"};
    if (scan.ordinal.value == 0)
        scan.ordinal = {7};
    if (scan.outcome.empty())
        scan.outcome = "admit";
    return {.key = {{device}, {1}, {sequence}}, .event = {"fest"}, .at = when, .what = std::move(scan)};
}

Row undoRow(const char *device, std::uint64_t sequence, RowKey row)
{
    return {.key = {{device}, {1}, {sequence}}, .event = {"fest"}, .at = {}, .what = UndoRecord{.row = std::move(row)}};
}

History historyOf(const std::vector<Row> &rows)
{
    History history({"fest"});
    for (const Row &row : rows)
        base::ensure(static_cast<bool>(history.add(row)), "a row of this test");
    return history;
}

const ZoneTable &utcZone()
{
    static const ZoneTable zone;
    return zone;
}

Allowance allowing(std::uint32_t admits, Reentry reentry = Reentry::Never)
{
    return {.admits = admits, .reentry = reentry, .closing = {utcZone(), {}}};
}

/// What everybody must agree on, as one value.
std::string digestOf(const History &history)
{
    std::string text;
    for (const admission::Count &count : history.counts()) {
        text += count.checkpoint.text + "/" + std::to_string(count.ordinal.value) + ":";
        const auto passages = history.passagesOf(count);
        for (const auto &p : passages)
            text += " " + p.row.device.text + std::to_string(p.row.sequence.value);
        for (const auto &d : doublesOf(passages, allowing(2, Reentry::AfterExit)))
            text += " double " + d.later.row.device.text + std::to_string(d.later.row.sequence.value) + " of " +
                    d.earlier.row.device.text + std::to_string(d.earlier.row.sequence.value);
        text += "\n";
    }
    return text;
}

/// An evening of three devices: entries, exits, refusals, tests, groups, overrides and what takes them back.
std::vector<Row> randomRows(std::mt19937 &random)
{
    const auto below = [&](unsigned n) { return static_cast<unsigned>(random() % n); };
    const char *const devices[]{"a", "b", "c"};
    std::vector<Row> rows;
    for (std::uint64_t i = 1; i <= 40; ++i) {
        const char *device = devices[below(3)];
        if (i > 5 && below(6) == 0) {
            rows.push_back(undoRow(device, i, rows[below(static_cast<unsigned>(rows.size()))].key));
            continue;
        }
        ScanRecord scan{.checkpoint = {below(2) == 0 ? "main" : "vip"},
                        .direction = below(3) == 0 ? Direction::Exit : Direction::Entry,
                        .ordinal = {1 + below(3)},
                        .count = static_cast<std::uint16_t>(1 + below(2)),
                        .test = below(8) == 0,
                        .outcome = below(5) == 0 ? "refuse" : "admit",
                        .overridden = below(8) == 0 ? "already_used" : ""};
        // Few moments, so that many are equal and the rest of the total order counts.
        rows.push_back(scanRow(device, i, at("2026-12-05T19:00:00Z") + std::chrono::seconds(below(12)), scan));
    }
    return rows;
}

} // namespace

class HistoryTest : public QObject
{
    Q_OBJECT

private slots:
    void anyOrderAndRepetitionGivesTheSameHistory()
    {
        for (unsigned seed = 1; seed <= 200; ++seed) {
            std::mt19937 random(seed);
            std::vector<Row> rows = randomRows(random);
            const History once = historyOf(rows);
            const std::string digest = digestOf(once);
            QVERIFY(digest.size() > 20);
            for (int turn = 0; turn < 5; ++turn) {
                std::vector<Row> again = rows;
                again.insert(again.end(), rows.begin(), rows.begin() + static_cast<int>(random() % rows.size()));
                std::shuffle(again.begin(), again.end(), random);
                const History other = historyOf(again);
                QVERIFY2(other == once, qPrintable(QString::number(seed)));
                QCOMPARE(digestOf(other), digest);
            }
        }
    }

    void onlyAdmittedScansArePassages_data()
    {
        QTest::addColumn<QString>("outcome");
        QTest::addColumn<bool>("test");
        QTest::addColumn<int>("passages");
        QTest::newRow("admitted") << "admit" << false << 1;
        QTest::newRow("refused") << "refuse" << false << 0;
        QTest::newRow("asked") << "ask" << false << 0;
        QTest::newRow("undecided") << "undecided" << false << 0;
        QTest::newRow("a newer peer's word") << "ponder" << false << 0;
        QTest::newRow("a test") << "admit" << true << 0;
    }
    void onlyAdmittedScansArePassages()
    {
        QFETCH(QString, outcome);
        QFETCH(bool, test);
        const History history =
            historyOf({scanRow("a", 1, at("2026-12-05T19:00:00Z"), {.test = test, .outcome = outcome.toStdString()})});
        QTEST(static_cast<int>(history.passagesOf({{"main"}, {7}}).size()), "passages");
    }

    void whatWasTakenBackIsGoneWhicheverComesFirst()
    {
        const Row scan = scanRow("a", 1, at("2026-12-05T19:00:00Z"));
        const Row undo = undoRow("b", 9, scan.key);
        QVERIFY(historyOf({scan, undo}).passagesOf({{"main"}, {7}}).empty());
        QVERIFY(historyOf({undo, scan}) == historyOf({scan, undo}));
        QCOMPARE(historyOf({scan}).passagesOf({{"main"}, {7}}).size(), std::size_t{1});
    }

    void rowsOfAnotherEventChangeNothing()
    {
        Row row = scanRow("a", 1, at("2026-12-05T19:00:00Z"));
        row.event = {"other"};
        QVERIFY(historyOf({row}) == History({"fest"}));
    }

    void theSameKeyWithOtherContentsIsAConflict()
    {
        History history = historyOf({scanRow("a", 1, at("2026-12-05T19:00:00Z"))});
        const History before = history;
        const auto added = history.add(scanRow("a", 1, at("2026-12-05T19:00:01Z")));
        QVERIFY(!added);
        QCOMPARE(added.error().code, base::ErrorCode::Conflict);
        QVERIFY(history == before);
    }

    void tiesAreBrokenByDeviceThenSequence()
    {
        const auto moment = at("2026-12-05T19:00:00Z");
        const History history = historyOf({scanRow("b", 1, moment), scanRow("a", 9, moment), scanRow("a", 10, moment)});
        QStringList order;
        for (const auto &p : history.passagesOf({{"main"}, {7}}))
            order << QString::fromStdString(p.row.device.text + std::to_string(p.row.sequence.value));
        QCOMPARE(order.join(' '), QString("a9 a10 b1"));
    }

    void theLaterOfTwoOfflineGatesIsTheDoubleWhoeverUploadsFirst()
    {
        const Row first = scanRow("zulu", 1, at("2026-12-05T19:30:00Z"), {.gate = {"north"}});
        const Row second = scanRow("alpha", 1, at("2026-12-05T19:30:01Z"), {.gate = {"south"}});
        for (const auto &rows : {std::vector{first, second}, std::vector{second, first}}) {
            const History history = historyOf(rows);
            const auto passages = history.passagesOf({{"main"}, {7}});
            QCOMPARE(passages.size(), std::size_t{2}); // both stay
            const auto doubles = doublesOf(passages, allowing(1));
            QCOMPARE(doubles.size(), std::size_t{1});
            QVERIFY(doubles[0].later.row == second.key);
            QVERIFY(doubles[0].earlier.row == first.key);
            QCOMPARE(doubles[0].later.passage.gate, std::string_view("south"));
            QCOMPARE(doubles[0].earlier.passage.gate, std::string_view("north"));
        }
    }

    void doublesFollowTheAllowance_data()
    {
        // A passage is "+2" (two persons in), "-1" (one out), "!1" (one in by override); doubles by their positions.
        QTest::addColumn<QString>("story");
        QTest::addColumn<int>("admits");
        QTest::addColumn<int>("reentry");
        QTest::addColumn<QString>("doubles");
        const int never = static_cast<int>(Reentry::Never), afterExit = static_cast<int>(Reentry::AfterExit),
                  always = static_cast<int>(Reentry::Always);
        QTest::newRow("once") << "+1" << 1 << never << "";
        QTest::newRow("twice") << "+1 +1" << 1 << never << "1";
        QTest::newRow("three times") << "+1 +1 +1" << 1 << never << "1 2";
        QTest::newRow("never: an exit gives nothing back") << "+1 -1 +1" << 1 << never << "2";
        QTest::newRow("override is never a double") << "+1 !1" << 1 << never << "";
        QTest::newRow("override first uses the ticket up") << "!1 +1" << 1 << never << "1";
        QTest::newRow("a group within its number") << "+2 +2" << 4 << never << "";
        QTest::newRow("a group beyond its number") << "+3 +2" << 4 << never << "1";
        QTest::newRow("after exit: out and in again") << "+1 -1 +1" << 1 << afterExit << "";
        QTest::newRow("after exit: in without going out") << "+1 +1" << 1 << afterExit << "1";
        QTest::newRow("after exit: half of a group out") << "+4 -2 +2" << 4 << afterExit << "";
        QTest::newRow("after exit: more in than went out") << "+4 -1 +2" << 4 << afterExit << "2";
        QTest::newRow("after exit: an exit without an entry counts nothing") << "-1 +1 +1" << 1 << afterExit << "2";
        QTest::newRow("always") << "+1 +1 +1" << 1 << always << "";
    }
    void doublesFollowTheAllowance()
    {
        QFETCH(QString, story);
        QFETCH(int, admits);
        QFETCH(int, reentry);
        std::vector<Row> rows;
        for (const QString &step : story.split(' ')) {
            const auto number = rows.size() + 1;
            rows.push_back(scanRow("a", number, at("2026-12-05T19:00:00Z") + std::chrono::minutes(number),
                                   {.direction = step[0] == '-' ? Direction::Exit : Direction::Entry,
                                    .count = step.mid(1).toUShort(),
                                    .overridden = step[0] == '!' ? "already_used" : ""}));
        }
        const History history = historyOf(rows);
        QStringList found;
        for (const auto &d : doublesOf(history.passagesOf({{"main"}, {7}}),
                                       allowing(static_cast<unsigned>(admits), static_cast<Reentry>(reentry))))
            found << QString::number(d.later.row.sequence.value - 1);
        QTEST(found.join(' '), "doubles");
    }

    void aClosingBetweenTwoEntriesMakesTheSecondNoDouble()
    {
        const std::chrono::seconds closeAt = std::chrono::hours(4);
        const Allowance allowance{
            .admits = 1, .reentry = Reentry::AfterExit, .closing = {utcZone(), std::span(&closeAt, 1)}};
        const History night =
            historyOf({scanRow("a", 1, at("2026-12-05T19:00:00Z")), scanRow("a", 2, at("2026-12-06T03:59:59Z"))});
        const History nextDay =
            historyOf({scanRow("a", 1, at("2026-12-05T19:00:00Z")), scanRow("a", 2, at("2026-12-06T04:00:00Z"))});
        QCOMPARE(doublesOf(night.passagesOf({{"main"}, {7}}), allowance).size(), std::size_t{1});
        QCOMPARE(doublesOf(nextDay.passagesOf({{"main"}, {7}}), allowance).size(), std::size_t{0});
    }
};

QTEST_APPLESS_MAIN(HistoryTest)
#include "history_test.moc"
