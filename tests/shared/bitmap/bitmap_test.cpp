#include "shared/bitmap/bitmap.h"

#include <QtTest/QtTest>

#include <random>
#include <set>

using namespace voelgoed;
using bitmap::Bitmap;
using domain::Ordinal;

namespace {

/// The plain way to keep a set of ordinals.
using Model = std::set<std::uint32_t>;

std::vector<Ordinal> ordinalsOf(const Model &model)
{
    std::vector<Ordinal> ordinals;
    for (const std::uint32_t value : model)
        ordinals.push_back({value});
    return ordinals;
}

Bitmap bitmapOf(const Model &model)
{
    Bitmap set;
    for (const std::uint32_t value : model)
        set.set({value});
    return set;
}

/// Empty when the two hold the same, or else where they differ.
QByteArray difference(const Bitmap &set, const Model &model, std::uint32_t upTo)
{
    if (set.count() != model.size() || set.empty() != model.empty())
        return "counts " + QByteArray::number(set.count()) + " and " + QByteArray::number(model.size());
    if (set.ordinals() != ordinalsOf(model))
        return "the ordinals are others, or in another order";
    for (std::uint32_t value = 0; value <= upTo; ++value) {
        if (set.test({value}) != model.contains(value))
            return "at " + QByteArray::number(value);
    }
    return {};
}

/// One row for each size at which a word, a block or the whole set ends.
void addSizes()
{
    QTest::addColumn<std::uint32_t>("size");
    for (const std::uint32_t size :
         {0U, 1U, 2U, 63U, 64U, 65U, 127U, 128U, 129U, 4'095U, 4'096U, 4'097U, 65'535U, 65'536U, 65'537U, 131'073U})
        QTest::addRow("%u ordinals", size) << size;
}

} // namespace

class BitmapTest : public QObject
{
    Q_OBJECT

private slots:
    void aRunOfOrdinalsHoldsExactlyItself_data() { addSizes(); }
    void aRunOfOrdinalsHoldsExactlyItself()
    {
        QFETCH(std::uint32_t, size);
        Model model;
        for (std::uint32_t value = 0; value < size; ++value)
            model.insert(model.end(), value);
        QCOMPARE(difference(bitmapOf(model), model, size + 130), QByteArray());
    }

    void theLastOrdinalOfARunCanBeTakenOutAlone_data() { addSizes(); }
    void theLastOrdinalOfARunCanBeTakenOutAlone()
    {
        QFETCH(std::uint32_t, size);
        Model model;
        for (std::uint32_t value = 0; value <= size; ++value)
            model.insert(model.end(), value);
        Bitmap set = bitmapOf(model);
        set.reset({size});
        model.erase(size);
        QCOMPARE(difference(set, model, size + 130), QByteArray());
        set.reset({size});
        QCOMPARE(difference(set, model, size + 130), QByteArray());
    }

    void randomOperationsGiveWhatAPlainSetGives_data()
    {
        QTest::addColumn<std::uint32_t>("below");
        for (const std::uint32_t below : {1U, 2U, 64U, 65U, 1'000U, 65'537U, 200'000U})
            QTest::addRow("ordinals below %u", below) << below;
    }
    void randomOperationsGiveWhatAPlainSetGives()
    {
        QFETCH(std::uint32_t, below);
        std::mt19937 random(below);
        Bitmap set;
        Model model;
        for (int step = 0; step < 20'000; ++step) {
            const std::uint32_t value = std::uniform_int_distribution<std::uint32_t>(0, below - 1)(random);
            if (random() % 3 != 0) {
                set.set({value});
                model.insert(value);
            } else {
                set.reset({value});
                model.erase(value);
            }
            if (set.test({value}) != model.contains(value))
                QFAIL(qPrintable(QString("step %1, ordinal %2").arg(step).arg(value)));
            if (step % 4'000 == 0)
                QCOMPARE(difference(set, model, below + 64), QByteArray());
        }
        QCOMPARE(difference(set, model, below + 64), QByteArray());
    }

    void theHighestOrdinalIsHeld()
    {
        Bitmap set;
        set.set({domain::kOrdinalMax});
        QVERIFY(set.test({domain::kOrdinalMax}));
        QVERIFY(!set.test({domain::kOrdinalMax - 1}));
        QVERIFY(!set.test({domain::kOrdinalMax + 1}));
        QCOMPARE(set.ordinals(), std::vector<Ordinal>{{domain::kOrdinalMax}});
        QVERIFY(set.bytes() >= (domain::kOrdinalMax + 1) / 8);
        set.reset({domain::kOrdinalMax});
        QVERIFY(set.empty());
    }

    void whatIsBehindTheEndIsNotHeldAndNeedsNoMemory()
    {
        Bitmap set;
        QVERIFY(!set.test({0}) && !set.test({domain::kOrdinalMax}) && !set.test({UINT32_MAX}));
        set.reset({domain::kOrdinalMax});
        set.reset({UINT32_MAX});
        QCOMPARE(set.bytes(), std::size_t{0});
        QVERIFY(set.empty());
    }

    void aMillionTicketsTakeAtMostTwice125Kilobytes()
    {
        Bitmap set;
        for (std::uint32_t value = 1; value <= 1'000'000; ++value)
            set.set({value});
        QCOMPARE(set.count(), std::size_t{1'000'000});
        QVERIFY(set.bytes() >= 125'000);
        QVERIFY(set.bytes() <= 250'000);
    }

    void mergingHoldsWhatEitherHeld_data()
    {
        QTest::addColumn<std::uint32_t>("one");
        QTest::addColumn<std::uint32_t>("other");
        for (const auto &[one, other] :
             {std::pair{0U, 0U}, {0U, 70U}, {70U, 0U}, {64U, 65U}, {65U, 64U}, {10U, 90'000U}})
            QTest::addRow("%u and %u", one, other) << one << other;
    }
    void mergingHoldsWhatEitherHeld()
    {
        QFETCH(std::uint32_t, one);
        QFETCH(std::uint32_t, other);
        Model first, second;
        for (std::uint32_t value = 0; value < one; value += 2)
            first.insert(value);
        for (std::uint32_t value = 0; value < other; value += 3)
            second.insert(value);
        const Bitmap added = bitmapOf(second);
        Bitmap merged = bitmapOf(first);
        merged.merge(added);
        Bitmap turned = added;
        turned.merge(bitmapOf(first));
        Model both = first;
        both.insert(second.begin(), second.end());
        QCOMPARE(difference(merged, both, 90'100), QByteArray());
        QVERIFY(merged == turned);
        QCOMPARE(difference(added, second, 90'100), QByteArray());
    }

    void setsAreEqualByWhatTheyHold()
    {
        Bitmap grown;
        grown.set({5});
        grown.set({100'000});
        grown.reset({100'000});
        Bitmap plain;
        plain.set({5});
        QVERIFY(grown == plain);
        QCOMPARE(grown.serialise(), plain.serialise());
        plain.set({6});
        QVERIFY(grown != plain);
    }
};

QTEST_GUILESS_MAIN(BitmapTest)
#include "bitmap_test.moc"
