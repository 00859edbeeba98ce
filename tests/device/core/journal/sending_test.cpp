#include "tests/device/core/journal/journals.h"

#include <QtTest/QtTest>

using namespace voelgoed;
using namespace voelgoed::journal;
using sample::Chain, sample::Device;

class SendingTest : public QObject
{
    Q_OBJECT

    support::CrashDisk m_disk{"sending", 3};
    Device m_device;
    Chain m_chain;

    void reopen()
    {
        m_device.close();
        auto device = Device::open(m_disk);
        QVERIFY(device);
        m_device = std::move(*device);
    }
    std::vector<std::uint64_t> outgoing(std::uint64_t after, const Journal::OutgoingLimits &limits = {})
    {
        const auto rows = m_device.journal->outgoing({after}, limits);
        std::vector<std::uint64_t> numbers;
        for (std::size_t i = 0; rows && i < rows->size(); ++i)
            numbers.push_back((*rows)[i].sequence.value);
        return numbers;
    }

private slots:
    void init()
    {
        m_device.close();
        for (const char *file : {"gate.db", "gate.db-wal", "gate.db-shm"})
            m_disk.remove(file);
        m_chain = {};
        reopen();
    }

    void rowsGoAsTheyWereMade()
    {
        const auto rows = m_chain.scans(3);
        m_chain.epoch = {2};
        const auto later = m_chain.scans(1);
        QVERIFY(m_device.journal->append(rows, {}));
        QVERIFY(m_device.journal->append(later, {}));
        const auto sent = m_device.journal->outgoing({1}, {});
        QVERIFY(sent && sent->size() == 3);
        QVERIFY((*sent)[0] == (OutgoingRow{{2}, {1}, rows[1].bytes}));
        QVERIFY((*sent)[2] == (OutgoingRow{{4}, {2}, later[0].bytes}));
    }

    void asManyGoAsFit()
    {
        const auto rows = m_chain.scans(5);
        QVERIFY(m_device.journal->append(rows, {}));
        const std::size_t size = rows[0].bytes.size();
        using Numbers = std::vector<std::uint64_t>;
        QCOMPARE(outgoing(0, {.rows = 2}), (Numbers{1, 2}));
        QCOMPARE(outgoing(0, {.bytes = 3 * size}), (Numbers{1, 2, 3}));
        QCOMPARE(outgoing(0, {.bytes = 3 * size - 1}), (Numbers{1, 2}));
        QCOMPARE(outgoing(0, {.bytes = 1}), (Numbers{1})); // it would wait for ever
        QCOMPARE(outgoing(5), Numbers{});
        QCOMPARE(outgoing(2), (Numbers{3, 4, 5}));
    }

    void anAcknowledgementStaysAndNeverGoesBack()
    {
        QVERIFY(m_device.journal->append(m_chain.scans(5), {}));
        QCOMPARE(m_device.journal->acknowledgedThrough()->value, std::uint64_t{0});
        QVERIFY(m_device.journal->acknowledge({3}, {}));
        reopen();
        QCOMPARE(m_device.journal->acknowledgedThrough()->value, std::uint64_t{3});
        QCOMPARE(m_device.journal->counts()->unacknowledged, std::uint64_t{2});
        QVERIFY(m_device.journal->acknowledge({2}, {}));
        QCOMPARE(m_device.journal->acknowledgedThrough()->value, std::uint64_t{3});
    }

    void whatTheServerSaidOfRowsIsKept()
    {
        QVERIFY(m_device.journal->append(m_chain.scans(5), {}));
        QVERIFY(m_device.journal->acknowledge({4}, {{{2}, "double", ""}, {{3}, "quarantined", "unvouched"}}));
        QVERIFY(m_device.journal->acknowledge({5}, {{{5}, "quarantined", "unreadable"}}));
        reopen();
        const std::vector<RowFate> expected{
            {{5}, "quarantined", "unreadable"}, {{3}, "quarantined", "unvouched"}, {{2}, "double", ""}};
        QVERIFY(*m_device.journal->fates(10) == expected);
        QCOMPARE(m_device.journal->fates(1)->size(), std::size_t{1});
        const auto counts = m_device.journal->counts();
        QVERIFY(counts && counts->notAccepted ==
                              (std::map<std::string, std::uint64_t, std::less<>>{{"double", 1}, {"quarantined", 2}}));
        QVERIFY(m_device.journal->verify());
    }

    void numbersThatARepairGaveUpAreNoRowsToSend()
    {
        const auto rows = m_chain.scans(3);
        Remains remains{.rows = {rows[0], rows[2]}, .gaps = {{{2}, {2}}, {{4}, {1'000'003}}}, .shown = {3}};
        remains.numberedThrough = {1'000'003};
        QVERIFY(m_device.journal->restore(remains));
        using Numbers = std::vector<std::uint64_t>;
        QCOMPARE(outgoing(0), (Numbers{1, 3}));
        QVERIFY(m_device.journal->acknowledge({1}, {}));
        QCOMPARE(m_device.journal->counts()->unacknowledged, std::uint64_t{1});
        QVERIFY(m_device.journal->acknowledge({3}, {}));
        QCOMPARE(m_device.journal->counts()->unacknowledged, std::uint64_t{0});
    }

    void aShiftIsToldWhenItBeginsAndWhenItEnds()
    {
        const Shift first{.session = {"a"},
                          .event = {"fest"},
                          .gate = {"north"},
                          .operatedBy = {"thandi"},
                          .openedAt = sample::kStart,
                          .closedAt = {}};
        QVERIFY(m_device.journal->beginShift(first));
        const auto begun = m_device.journal->shiftsToTell(10);
        QVERIFY(begun && *begun == std::vector<Shift>{first});
        // It ends while its beginning is on its way.
        QVERIFY(m_device.journal->endShift(first.session, sample::kStart + std::chrono::hours(1)));
        QVERIFY(m_device.journal->toldShifts(*begun));
        const auto ended = m_device.journal->shiftsToTell(10);
        QVERIFY(ended && ended->size() == 1 && ended->front().closedAt);
        QVERIFY(m_device.journal->toldShifts(*ended));
        QVERIFY(m_device.journal->shiftsToTell(10)->empty());
        // A late word of its beginning changes nothing.
        QVERIFY(m_device.journal->toldShifts(*begun));
        reopen();
        QVERIFY(m_device.journal->shiftsToTell(10)->empty());
        Shift second = first;
        second.session = {"b"};
        QVERIFY(m_device.journal->beginShift(second));
        second.session = {"c"};
        QVERIFY(m_device.journal->beginShift(second)); // which ends the one before
        QCOMPARE(m_device.journal->shiftsToTell(10)->size(), std::size_t{2});
        QCOMPARE(m_device.journal->shiftsToTell(1)->size(), std::size_t{1});
    }

    void whatWasTakenBackIsListed()
    {
        QVERIFY(m_device.journal->append(m_chain.scans(2), {}));
        const domain::RowKey other{{"other"}, {4}, {9}};
        QVERIFY(m_device.journal->append({m_chain.next(domain::UndoRecord{.row = other, .by = {}, .why = {}})}, {}));
        QVERIFY(*m_device.journal->undone() == std::set<domain::RowKey>{other});
    }
};

QTEST_APPLESS_MAIN(SendingTest)
#include "sending_test.moc"
