#include "tests/device/core/journal/journals.h"

#include <QtTest/QtTest>

using namespace voelgoed;
using base::ErrorCode;
using domain::Outcome;
using domain::Sequence;
using journal::StoredRow;
using journal::sample::Chain;
using journal::sample::Device;
using journal::sample::kOwn;
using journal::sample::scanOf;
using support::CrashDisk;

namespace {

std::vector<journal::Mark> marksOf(Device &device)
{
    std::vector<journal::Mark> marks;
    const auto read = device.journal->eachMark([&](const journal::Mark &mark) { marks.push_back(mark); });
    base::ensure(static_cast<bool>(read), "marks can be read");
    return marks;
}

std::vector<std::uint64_t> numbersOf(const std::vector<StoredRow> &rows)
{
    std::vector<std::uint64_t> numbers;
    for (const StoredRow &row : rows)
        numbers.push_back(row.row.key.sequence.value);
    return numbers;
}

std::vector<std::uint64_t> doubtsOf(Device &device)
{
    const auto rows = device.journal->inDoubt();
    base::ensure(static_cast<bool>(rows), "rows in doubt can be read");
    std::vector<std::uint64_t> numbers;
    for (const domain::Row &row : *rows)
        numbers.push_back(row.key.sequence.value);
    return numbers;
}

using Numbers = std::vector<std::uint64_t>;

} // namespace

class JournalTest : public QObject
{
    Q_OBJECT

private slots:
    void init()
    {
        m_disk = std::make_unique<CrashDisk>("journal", 1);
        reopen();
    }
    void cleanup() { m_device.close(); }

    void aNewJournalIsEmptyAndSound()
    {
        QVERIFY(!m_device.journal->tail());
        QVERIFY(m_device.journal->verify());
        const auto counts = m_device.journal->counts();
        QVERIFY(counts);
        QCOMPARE(counts->rows + counts->scans + counts->admitted + counts->unacknowledged + counts->inDoubt,
                 std::uint64_t{0});
        QVERIFY(!*m_device.journal->find({1}));
    }

    void rowsAreGivenBackInOrderByteForByte_data()
    {
        QTest::addColumn<quint64>("after");
        QTest::addColumn<quint64>("limit");
        QTest::addColumn<Numbers>("expected");
        QTest::newRow("all") << quint64{0} << quint64{100} << Numbers{1, 2, 3, 4, 5, 6, 7};
        QTest::newRow("the first three") << quint64{0} << quint64{3} << Numbers{1, 2, 3};
        QTest::newRow("behind the third") << quint64{3} << quint64{3} << Numbers{4, 5, 6};
        QTest::newRow("the last") << quint64{6} << quint64{3} << Numbers{7};
        QTest::newRow("behind the last") << quint64{7} << quint64{3} << Numbers{};
        QTest::newRow("none at all") << quint64{0} << quint64{0} << Numbers{};
    }
    void rowsAreGivenBackInOrderByteForByte()
    {
        QFETCH(quint64, after);
        QFETCH(quint64, limit);
        QFETCH(Numbers, expected);
        const auto rows = m_chain.scans(7);
        QVERIFY(m_device.journal->append(rows, {7}));
        reopen();
        const auto read = m_device.journal->rowsAfter({after}, limit);
        QVERIFY(read);
        QCOMPARE(numbersOf(*read), expected);
        for (const StoredRow &row : *read) {
            const StoredRow &made = rows[row.row.key.sequence.value - 1];
            QVERIFY(row.bytes == made.bytes && row.hash == made.hash && row.row == made.row);
        }
    }

    void theTailIsTheLastRowAlsoAfterAnotherStart()
    {
        const auto rows = m_chain.scans(3);
        QVERIFY(m_device.journal->append(rows, {0}));
        const journal::Tail expected{{3}, {1}, rows[2].hash};
        QVERIFY(m_device.journal->tail() == expected);
        reopen();
        QVERIFY(m_device.journal->tail() == expected);
        QVERIFY(m_device.journal->verify());
    }

    void whatIsThereAlreadyIsPassedOver()
    {
        const auto rows = m_chain.scans(5);
        QVERIFY(m_device.journal->append({rows.begin(), rows.begin() + 3}, {0}));
        QVERIFY(m_device.journal->append(rows, {0}));
        QVERIFY(m_device.journal->append(rows, {0}));
        QVERIFY(m_device.journal->tail()->hash == rows[4].hash);
        QCOMPARE(m_device.journal->counts()->rows, std::uint64_t{5});
        QCOMPARE(marksOf(m_device).size(), std::size_t{5});
        QVERIFY(m_device.journal->verify());
    }

    void otherContentsUnderANumberAreAConflictAndNothingOfTheBatchIsKept()
    {
        const auto rows = m_chain.scans(2);
        QVERIFY(m_device.journal->append(rows, {0}));
        StoredRow third = m_chain.next(scanOf(3));
        domain::Row other = rows[1].row;
        other.event = {"another"};
        const auto appended = m_device.journal->append({third, journal::sample::stored(other)}, {0});
        QVERIFY(!appended);
        QCOMPARE(static_cast<int>(appended.error().code), static_cast<int>(ErrorCode::Conflict));
        QVERIFY(appended.error().message.find("row 2") != std::string::npos);
        QCOMPARE(m_device.journal->tail()->sequence, Sequence{2});
        QCOMPARE(marksOf(m_device).size(), std::size_t{2});
        // The handle is as good as before.
        QVERIFY(!m_device.database->isBroken());
        QVERIFY(m_device.journal->append({third}, {0}));
        QVERIFY(m_device.journal->verify());
    }

    void onlyAnAdmissionOfATicketLeavesAMark_data()
    {
        QTest::addColumn<QString>("what");
        QTest::addColumn<bool>("marked");
        QTest::newRow("admitted") << "admitted" << true;
        QTest::newRow("refused") << "refused" << false;
        QTest::newRow("asked") << "asked" << false;
        QTest::newRow("undecided") << "undecided" << false;
        QTest::newRow("a test") << "test" << false;
        QTest::newRow("no ticket") << "nobody" << false;
        QTest::newRow("a word of a newer peer") << "word" << false;
    }
    void onlyAnAdmissionOfATicketLeavesAMark()
    {
        QFETCH(QString, what);
        QFETCH(bool, marked);
        domain::ScanRecord scan = scanOf(7, what == "refused"     ? Outcome::Refuse
                                            : what == "asked"     ? Outcome::Ask
                                            : what == "undecided" ? Outcome::Undecided
                                                                  : Outcome::Admit);
        scan.test = what == "test";
        if (what == "nobody")
            scan.ordinal = {};
        if (what == "word")
            scan.outcome = "admitted-by-a-newer-rule";
        QVERIFY(m_device.journal->append({m_chain.next(scan)}, {0}));
        reopen();
        QCOMPARE(marksOf(m_device).size(), std::size_t{marked});
        QCOMPARE(m_device.journal->counts()->admitted, std::uint64_t{marked});
        QVERIFY(m_device.journal->verify());
    }

    void aMarkSaysWhatTheRowSays()
    {
        domain::ScanRecord scan = scanOf(77);
        scan.direction = domain::Direction::Exit;
        scan.count = 4;
        scan.reason = domain::word(domain::Reason::OkOverride);
        scan.overridden = domain::word(domain::Reason::AlreadyUsed);
        scan.rotatingStep = 123'456'789'012;
        const StoredRow row = m_chain.next(scan);
        QVERIFY(m_device.journal->append({row}, {0}));
        reopen();
        const journal::Mark expected{.row = row.row.key,
                                     .ordinal = {77},
                                     .checkpoint = {"main"},
                                     .gate = {"north"},
                                     .direction = domain::Direction::Exit,
                                     .count = 4,
                                     .overridden = true,
                                     .at = row.row.at,
                                     .rotatingStep = 123'456'789'012};
        QVERIFY(marksOf(m_device) == std::vector{expected});
        // Nobody came in.
        QCOMPARE(m_device.journal->counts()->admitted, std::uint64_t{0});
    }

    void takingBackRemovesTheMarkAndNoRow()
    {
        QVERIFY(m_device.journal->append(m_chain.scans(3), {0}));
        QVERIFY(
            m_device.journal->append({m_chain.next(domain::UndoRecord{.row = {kOwn, {1}, {2}}, .by = {"sup"}})}, {0}));
        // Of another device, and of a row that is not there: nothing here goes.
        QVERIFY(m_device.journal->append({m_chain.next(domain::UndoRecord{.row = {{"other"}, {1}, {1}}, .by = {"sup"}}),
                                          m_chain.next(domain::UndoRecord{.row = {kOwn, {2}, {1}}, .by = {"sup"}})},
                                         {0}));
        reopen();
        const auto marks = marksOf(m_device);
        QCOMPARE(marks.size(), std::size_t{2});
        QCOMPARE(marks[0].ordinal.value + marks[1].ordinal.value, 4U);
        QCOMPARE(m_device.journal->counts()->rows, std::uint64_t{6});
        QCOMPARE(m_device.journal->counts()->scans, std::uint64_t{3});
        QCOMPARE(m_device.journal->counts()->admitted, std::uint64_t{2});
        QVERIFY(m_device.journal->verify());
    }

    void whatWasNotAcknowledgedIsCounted_data()
    {
        QTest::addColumn<QString>("acknowledged");
        QTest::addColumn<quint64>("open");
        QTest::newRow("never") << QString() << quint64{5};
        QTest::newRow("nothing") << "0" << quint64{5};
        QTest::newRow("some") << "3" << quint64{2};
        QTest::newRow("all") << "5" << quint64{0};
        QTest::newRow("more than there are") << "9" << quint64{0};
    }
    void whatWasNotAcknowledgedIsCounted()
    {
        QFETCH(QString, acknowledged);
        QFETCH(quint64, open);
        QVERIFY(m_device.journal->append(m_chain.scans(5), {0}));
        if (!acknowledged.isEmpty())
            QVERIFY(storage::setSetting(*m_device.database, "acknowledged", acknowledged.toStdString()));
        reopen();
        QCOMPARE(m_device.journal->counts()->unacknowledged, std::uint64_t{open});
    }

    void anAcknowledgementThatIsNoNumberIsCorrupt()
    {
        QVERIFY(storage::setSetting(*m_device.database, "acknowledged", "all of them"));
        const auto counts = m_device.journal->counts();
        QVERIFY(!counts);
        QCOMPARE(static_cast<int>(counts.error().code), static_cast<int>(ErrorCode::Corrupt));
    }

    void rowsBehindTheLastShownAreInDoubtFromTheNextStartOn()
    {
        const auto rows = m_chain.scans(5);
        QVERIFY(m_device.journal->append({rows.begin(), rows.begin() + 3}, {2}));
        QVERIFY(m_device.journal->append({rows.begin() + 3, rows.end()}, {3}));
        QCOMPARE(m_device.journal->shownThrough(), Sequence{3});
        QVERIFY(doubtsOf(m_device).empty());
        reopen();
        QCOMPARE(m_device.journal->shownThrough(), Sequence{3});
        QVERIFY(*m_device.journal->wasShown({3}));
        QVERIFY(!*m_device.journal->wasShown({4}));
        QVERIFY(m_device.journal->settleTail());
        QCOMPARE(doubtsOf(m_device), (Numbers{4, 5}));
        QCOMPARE(m_device.journal->counts()->inDoubt, std::uint64_t{2});
        QCOMPARE(m_device.journal->shownThrough(), Sequence{5});
        QVERIFY(!*m_device.journal->wasShown({4}) && !*m_device.journal->wasShown({5}) &&
                *m_device.journal->wasShown({3}));
        // Once, however often it starts.
        reopen();
        QVERIFY(m_device.journal->settleTail());
        QCOMPARE(doubtsOf(m_device), (Numbers{4, 5}));
    }

    void whatWasShownOnceMoreIsNeverInDoubtAgain()
    {
        QVERIFY(m_device.journal->append(m_chain.scans(2), {0}));
        reopen();
        QVERIFY(m_device.journal->settleTail());
        QVERIFY(m_device.journal->settleDoubt({1}));
        QCOMPARE(doubtsOf(m_device), Numbers{2});
        QVERIFY(*m_device.journal->wasShown({1}));
        reopen();
        QVERIFY(m_device.journal->settleTail());
        QCOMPARE(doubtsOf(m_device), Numbers{2});
        QCOMPARE(m_device.journal->counts()->inDoubt, std::uint64_t{1});
        QVERIFY(m_device.journal->settleDoubt({9})); // not in doubt: fine
        QCOMPARE(doubtsOf(m_device), Numbers{2});
    }

    void whatWasShownNeverGoesBack()
    {
        QVERIFY(m_device.journal->append(m_chain.scans(4), {0}));
        QVERIFY(m_device.journal->markShown({4}));
        QVERIFY(m_device.journal->markShown({2}));
        QCOMPARE(m_device.journal->shownThrough(), Sequence{4});
        QVERIFY(m_device.journal->append({m_chain.next(scanOf(5))}, {1}));
        QCOMPARE(m_device.journal->shownThrough(), Sequence{4});
        reopen();
        QCOMPARE(m_device.journal->shownThrough(), Sequence{4});
        QVERIFY(m_device.journal->settleTail());
        QCOMPARE(doubtsOf(m_device), Numbers{5});
    }

    void everyDamageIsFoundAndNamed_data()
    {
        QTest::addColumn<QString>("sql");
        QTest::addColumn<QString>("named");
        const auto row = [](const char *name, const char *sql, const char *named) {
            QTest::newRow(name) << sql << named;
        };
        row("nothing", "SELECT 1", "");
        row("the first row gone", "DELETE FROM journal WHERE seq = 1", "before row 2");
        row("a row gone", "DELETE FROM journal WHERE seq = 3", "before row 4");
        row("the last row gone, its mark left", "DELETE FROM journal WHERE seq = 6", "a mark without its row 6");
        row("a row under another number", "UPDATE journal SET seq = 60 WHERE seq = 6", "row 60 holds another row");
        row("another epoch", "UPDATE journal SET epoch = 2 WHERE seq = 3", "row 3 holds another row");
        row("another kind", "UPDATE journal SET kind = 1 WHERE seq = 3", "row 3");
        row("another row's bytes", "UPDATE journal SET body = (SELECT body FROM journal WHERE seq = 2) WHERE seq = 3",
            "row 3 holds another row");
        row("no bytes", "UPDATE journal SET body = x'' WHERE seq = 3", "row 3");
        row("a byte less", "UPDATE journal SET body = substr(body, 1, length(body) - 1) WHERE seq = 3", "row 3");
        row("another check", "UPDATE journal SET digest = x'0011223344556677' WHERE seq = 3",
            "row 3 is not what was written");
        row("a mark gone", "DELETE FROM passage WHERE seq = 3", "row 3 without its mark");
        row("a mark of another ticket", "UPDATE passage SET ordinal = 9 WHERE seq = 3", "row 3 without its mark");
        row("a mark with more persons", "UPDATE passage SET persons = 9 WHERE seq = 3", "row 3 without its mark");
        row("a mark of a row that never was",
            "INSERT INTO passage SELECT device, epoch, 60, ordinal, checkpoint, gate, direction, persons, overridden, "
            "at, "
            "rotating FROM passage WHERE seq = 3",
            "a mark without its row 60");
        row("the mark of what was taken back",
            "INSERT INTO passage SELECT device, epoch, 4, ordinal, checkpoint, gate, "
            "direction, persons, overridden, at, rotating FROM passage WHERE seq = 3",
            "row 4");
    }
    void everyDamageIsFoundAndNamed()
    {
        QFETCH(QString, sql);
        QFETCH(QString, named);
        QVERIFY(m_device.journal->append(m_chain.scans(4), {0}));
        QVERIFY(m_device.journal->append(
            {m_chain.next(domain::UndoRecord{.row = {kOwn, {1}, {4}}, .by = {"sup"}}), m_chain.next(scanOf(6))}, {0}));
        reopen();
        QVERIFY(m_device.journal->verify());
        QVERIFY(m_device.database->execute(sql.toStdString()));
        const auto verified = m_device.journal->verify();
        QCOMPARE(static_cast<bool>(verified), named.isEmpty());
        if (named.isEmpty())
            return;
        QCOMPARE(static_cast<int>(verified.error().code), static_cast<int>(ErrorCode::Corrupt));
        QVERIFY2(verified.error().message.find(named.toStdString()) != std::string::npos,
                 verified.error().message.c_str());
    }

    void aRowThatDoesNotContinueTheOneBeforeIsFound()
    {
        QVERIFY(m_device.journal->append(m_chain.scans(2), {0}));
        domain::Row row = m_chain.next(scanOf(3)).row;
        row.previous[31] ^= std::byte{1};
        QVERIFY(m_device.journal->append({journal::sample::stored(row)}, {0}));
        const auto verified = m_device.journal->verify();
        QVERIFY(!verified);
        QVERIFY2(verified.error().message.find("row 3 does not continue") != std::string::npos,
                 verified.error().message.c_str());
    }

    void aRowOfAnotherDeviceInThisJournalIsFound()
    {
        domain::Row row = m_chain.next(scanOf(1)).row;
        row.key.device = {"device-2"};
        QVERIFY(m_device.journal->append({journal::sample::stored(row)}, {0}));
        QVERIFY(!m_device.journal->verify());
    }

private:
    void reopen()
    {
        m_device.close();
        auto opened = Device::open(*m_disk);
        base::ensure(static_cast<bool>(opened), "the journal opens");
        m_device = std::move(*opened);
        if (!m_device.journal->tail())
            m_chain = {};
    }

    std::unique_ptr<CrashDisk> m_disk;
    Device m_device;
    Chain m_chain;
};

QTEST_GUILESS_MAIN(JournalTest)
#include "journal_test.moc"
