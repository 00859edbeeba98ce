#include "device/core/index/passage_book.h"

#include "shared/admission/history.h"
#include "tests/device/core/index/marks.h"

#include <QtTest/QtTest>

using namespace voelgoed;
using namespace std::chrono_literals;
using index::PassageBook;
using journal::Mark;
namespace sample = index::sample;

namespace {

const base::Instant kNow = *base::parseInstant("2026-12-05T18:00:00Z");

Mark markAt(std::uint64_t sequence, std::uint32_t ordinal)
{
    return {.row = {{"own"}, {1}, {sequence}},
            .ordinal = {ordinal},
            .checkpoint = {"main"},
            .gate = {"north"},
            .at = kNow + base::Milliseconds(sequence)};
}

bool isOf(const domain::Passage &passage, const Mark &mark)
{
    return passage.at == mark.at && passage.device == mark.row.device.text && passage.sequence == mark.row.sequence &&
           passage.nonce == std::to_string(mark.row.epoch.value) + "." + std::to_string(mark.row.sequence.value) &&
           passage.gate == mark.gate.text && passage.direction == mark.direction && passage.count == mark.count &&
           passage.overridden == mark.overridden;
}

bool areOf(const index::History &history, const std::vector<Mark> &marks)
{
    return std::equal(history.passages.begin(), history.passages.end(), marks.begin(), marks.end(), isOf);
}

/// Empty when the book holds exactly these marks, whichever way it is asked, or else what differs.
QByteArray difference(const PassageBook &book, const std::vector<Mark> &all)
{
    if (book.size() != all.size())
        return "the size";
    for (std::uint32_t ordinal = 0; ordinal <= 25; ++ordinal) {
        const auto of = [&](const std::vector<std::string> &checkpoints) {
            return sample::marksOf(all, {ordinal}, checkpoints);
        };
        const QByteArray where = "ticket " + QByteArray::number(ordinal);
        if (book.hasAny({ordinal}) == of(sample::kCheckpoints).empty())
            return where + ": whether there is any";
        if (!areOf(book.historyOf({ordinal}, domain::CheckpointId{}), of(sample::kCheckpoints)))
            return where + " everywhere";
        for (const std::string &checkpoint : sample::kCheckpoints) {
            if (!areOf(book.historyOf({ordinal}, domain::CheckpointId{checkpoint}), of({checkpoint})))
                return where + " at " + QByteArray::fromStdString(checkpoint);
        }
        const std::vector<domain::CheckpointId> two{{"camp"}, {"main"}};
        if (!areOf(book.historyOf({ordinal}, two), of({"main", "camp"})))
            return where + " at two";
    }
    std::vector<Mark> left = all;
    QByteArray odd;
    book.each([&](const Mark &mark) {
        const auto found = std::find(left.begin(), left.end(), mark);
        if (found == left.end())
            odd = "a passage that was never added, or one twice";
        else
            left.erase(found);
    });
    return odd;
}

} // namespace

class PassageBookTest : public QObject
{
    Q_OBJECT

private slots:
    void anEmptyBookHasNothing()
    {
        QCOMPARE(difference(PassageBook(), {}), QByteArray());
        QVERIFY(PassageBook().historyOf({domain::kOrdinalMax}, domain::CheckpointId{}).passages.empty());
    }

    void passagesOfAllDevicesAreHeldAsAPlainListHoldsThem_data()
    {
        QTest::addColumn<std::uint32_t>("seed");
        for (std::uint32_t seed = 1; seed <= 5; ++seed)
            QTest::addRow("evening %u", seed) << seed;
    }
    void passagesOfAllDevicesAreHeldAsAPlainListHoldsThem()
    {
        QFETCH(std::uint32_t, seed);
        sample::Marks marks(seed);
        PassageBook book;
        std::vector<Mark> model;
        for (int step = 0; step < 1'500; ++step) {
            if (model.empty() || marks.below(3) != 0) {
                model.push_back(marks.next(kNow + std::chrono::minutes(step), 5min, 6h));
                book.add(model.back());
            } else {
                const auto gone = model.begin() + marks.below(static_cast<std::uint32_t>(model.size()));
                book.remove(gone->row, gone->ordinal);
                model.erase(gone);
            }
            if (step % 100 == 0)
                QCOMPARE(difference(book, model), QByteArray());
        }
        QCOMPARE(difference(book, model), QByteArray());
        while (!model.empty()) {
            book.remove(model.back().row, model.back().ordinal);
            model.pop_back();
        }
        QCOMPARE(difference(book, model), QByteArray());
    }

    void aLateRowTakesItsPlaceInTheTotalOrder()
    {
        PassageBook book;
        Mark own = markAt(7, 1), same = markAt(3, 1), late = markAt(9, 1);
        own.at = same.at = kNow;
        same.row.device = {"another"}; // the same moment: by device, whatever the number
        late.at = kNow - 1h;
        late.row.device = {"zulu"};
        for (const Mark &mark : {own, same, late})
            book.add(mark);
        QVERIFY(areOf(book.historyOf({1}, domain::CheckpointId{"main"}), {late, same, own}));
    }

    void whatIsNotThereIsNotTakenOut_data()
    {
        QTest::addColumn<QString>("device");
        QTest::addColumn<std::uint32_t>("epoch");
        QTest::addColumn<std::uint64_t>("sequence");
        QTest::addColumn<std::uint32_t>("ordinal");
        QTest::newRow("another device") << "other" << 1U << std::uint64_t{7} << 1U;
        QTest::newRow("another epoch") << "own" << 2U << std::uint64_t{7} << 1U;
        QTest::newRow("another number") << "own" << 1U << std::uint64_t{8} << 1U;
        QTest::newRow("another ticket") << "own" << 1U << std::uint64_t{7} << 2U;
        QTest::newRow("a ticket without any") << "own" << 1U << std::uint64_t{7} << 3U;
        QTest::newRow("a ticket behind all") << "own" << 1U << std::uint64_t{7} << domain::kOrdinalMax;
    }
    void whatIsNotThereIsNotTakenOut()
    {
        QFETCH(QString, device);
        QFETCH(std::uint32_t, epoch);
        QFETCH(std::uint64_t, sequence);
        QFETCH(std::uint32_t, ordinal);
        PassageBook book;
        book.add(markAt(7, 1));
        book.add(markAt(6, 2));
        book.remove({{device.toStdString()}, {epoch}, {sequence}}, {ordinal});
        QCOMPARE(difference(book, {markAt(7, 1), markAt(6, 2)}), QByteArray());
    }

    void takenOutTwiceIsTakenOutOnce()
    {
        PassageBook book;
        book.add(markAt(1, 1));
        book.add(markAt(2, 1));
        book.remove(markAt(1, 1).row, {1});
        book.remove(markAt(1, 1).row, {1});
        QCOMPARE(difference(book, {markAt(2, 1)}), QByteArray());
    }

    void aHistoryOutlivesChangesOfTheBook()
    {
        PassageBook book;
        book.add(markAt(1, 1));
        const index::History history = book.historyOf({1}, domain::CheckpointId{"main"});
        for (std::uint32_t n = 2; n < 2'000; ++n) {
            Mark mark = markAt(n, n % 20);
            mark.gate = {"gate " + std::to_string(n)};
            book.add(mark);
        }
        book.remove(markAt(1, 1).row, {1});
        QVERIFY(areOf(history, {markAt(1, 1)}));
    }

    void aPresentationIsNamedByEpochAndNumber()
    {
        QCOMPARE(admission::nonceOf({12}, {345}), std::string("12.345"));
        QVERIFY(admission::nonceOf({1}, {23}) != admission::nonceOf({12}, {3}));
    }
};

QTEST_GUILESS_MAIN(PassageBookTest)
#include "passage_book_test.moc"
