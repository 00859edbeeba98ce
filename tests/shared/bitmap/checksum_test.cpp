#include "shared/bitmap/checksum.h"

#include <QtTest/QtTest>

#include <algorithm>
#include <random>
#include <set>

using namespace voelgoed;
using bitmap::RollingChecksum;

namespace {

struct Row
{
    std::uint8_t kind = 0;
    std::uint32_t key = 0;
    std::string text;
};

void toggle(RollingChecksum &sum, const Row &row)
{
    sum.toggle(row.kind, row.key, base::bytesOf(row.text));
}

RollingChecksum sumOf(const std::vector<Row> &rows)
{
    RollingChecksum sum;
    for (const Row &row : rows)
        toggle(sum, row);
    return sum;
}

std::vector<Row> manyRows()
{
    std::vector<Row> rows;
    for (std::uint32_t i = 0; i < 500; ++i)
        rows.push_back({static_cast<std::uint8_t>(i % 3), i / 3, "row " + std::to_string(i)});
    return rows;
}

} // namespace

class ChecksumTest : public QObject
{
    Q_OBJECT

private slots:
    /// The first 16 bytes of: printf '\1\0\0\0\7abc' | sha256sum. Stored and sent: they may never change.
    void aRowsDigestIsTheOneThatIsWrittenDown_data()
    {
        QTest::addColumn<std::uint8_t>("kind");
        QTest::addColumn<std::uint32_t>("key");
        QTest::addColumn<QByteArray>("row");
        QTest::addColumn<QByteArray>("hex");
        QTest::newRow("an empty row") << std::uint8_t{0} << 0U << QByteArray()
                                      << QByteArray("8855508aade16ec573d21e6a485dfd0a");
        QTest::newRow("three bytes") << std::uint8_t{1} << 7U << QByteArray("abc")
                                     << QByteArray("ece37d7787c47d404080ff8c84b04672");
        QTest::newRow("each byte of the key counts")
            << std::uint8_t{255} << 0x01020304U << QByteArray("abc") << QByteArray("41f946930f3df90423064fb98b759222");
        QTest::newRow("a NUL inside") << std::uint8_t{2} << 0xFFFFFFU << QByteArray("a\0b", 3)
                                      << QByteArray("3285cc5accdad2c6aa13b396f5a5b727");
    }
    void aRowsDigestIsTheOneThatIsWrittenDown()
    {
        QFETCH(std::uint8_t, kind);
        QFETCH(std::uint32_t, key);
        QFETCH(QByteArray, row);
        QFETCH(QByteArray, hex);
        QCOMPARE(QByteArray::fromStdString(sumOf({{kind, key, row.toStdString()}}).text()), hex);
    }

    void nothingSumsUpToZeros() { QCOMPARE(RollingChecksum().text(), std::string(32, '0')); }

    void theOrderDoesNotMatter()
    {
        std::vector<Row> rows = manyRows();
        const RollingChecksum expected = sumOf(rows);
        std::mt19937 random(1);
        for (int i = 0; i < 20; ++i) {
            std::shuffle(rows.begin(), rows.end(), random);
            QCOMPARE(sumOf(rows).text(), expected.text());
        }
    }

    void takingARowOutUndoesAddingIt()
    {
        const std::vector<Row> rows = manyRows();
        RollingChecksum sum = sumOf(rows);
        const std::string before = sum.text();
        const Row added{9, 9, "new"};
        toggle(sum, added);
        QVERIFY(sum.text() != before);
        toggle(sum, added);
        QCOMPARE(sum.text(), before);
        for (const Row &row : rows)
            toggle(sum, row);
        QCOMPARE(sum.text(), std::string(32, '0'));
    }

    void changesOneByOneGiveWhatARebuildGives()
    {
        std::vector<Row> rows = manyRows();
        RollingChecksum sum = sumOf(rows);
        std::mt19937 random(2);
        for (int i = 0; i < 300; ++i) {
            Row &row = rows[random() % rows.size()];
            toggle(sum, row);
            row.text += "*";
            toggle(sum, row);
        }
        QCOMPARE(sum.text(), sumOf(rows).text());
    }

    void twoPartsCombineToTheWhole()
    {
        const std::vector<Row> rows = manyRows();
        const auto middle = rows.begin() + 123;
        RollingChecksum left = sumOf({rows.begin(), middle});
        left.combine(sumOf({middle, rows.end()}));
        QVERIFY(left == sumOf(rows));
        left.combine(left);
        QVERIFY(left == RollingChecksum());
    }

    void aSumGoesOnFromItsValue()
    {
        const std::vector<Row> rows = manyRows();
        RollingChecksum stored(sumOf(rows).value());
        toggle(stored, {1, 2, "x"});
        RollingChecksum kept = sumOf(rows);
        toggle(kept, {1, 2, "x"});
        QVERIFY(stored == kept);
    }

    void everySingleChangeGivesAnotherSum()
    {
        const Row row{3, 0x00ABCDEF, "0123456789abcdef"};
        std::set<std::string> seen{sumOf({row}).text()};
        const auto isNew = [&](const Row &changed) { return seen.insert(sumOf({changed}).text()).second; };
        for (int bit = 0; bit < 8; ++bit)
            QVERIFY(isNew({static_cast<std::uint8_t>(row.kind ^ (1 << bit)), row.key, row.text}));
        for (int bit = 0; bit < 32; ++bit)
            QVERIFY(isNew({row.kind, row.key ^ (1U << bit), row.text}));
        for (std::size_t bit = 0; bit < row.text.size() * 8; ++bit) {
            Row changed = row;
            changed.text[bit / 8] = static_cast<char>(changed.text[bit / 8] ^ (1 << (bit % 8)));
            QVERIFY2(isNew(changed), qPrintable(QString("bit %1 of the row").arg(bit)));
        }
        for (std::size_t length = 0; length < row.text.size(); ++length)
            QVERIFY2(isNew({row.kind, row.key, row.text.substr(0, length)}),
                     qPrintable(QString("cut at %1").arg(length)));
    }

    void aRowGoneAddedOrMovedToAnotherKeyShows()
    {
        const std::vector<Row> rows = manyRows();
        const std::string whole = sumOf(rows).text();
        for (std::size_t i = 0; i < rows.size(); i += 7) {
            std::vector<Row> changed = rows;
            changed.erase(changed.begin() + static_cast<std::ptrdiff_t>(i));
            QVERIFY(sumOf(changed).text() != whole);
            changed = rows;
            std::swap(changed[i].text, changed[(i + 1) % rows.size()].text);
            QVERIFY(sumOf(changed).text() != whole);
        }
    }
};

QTEST_GUILESS_MAIN(ChecksumTest)
#include "checksum_test.moc"
