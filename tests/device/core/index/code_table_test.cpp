#include "device/core/index/code_table.h"

#include "shared/base/crypto/digest.h"
#include "shared/base/random.h"

#include <QtTest/QtTest>

#include <algorithm>
#include <cstring>
#include <map>
#include <random>
#include <unordered_map>

using namespace voelgoed;
using domain::CodeHash;
using domain::Ordinal;
using index::CodeTable;

namespace {

CodeHash hashOf(std::uint32_t number)
{
    const base::Digest digest = base::sha256(base::bytesOf("code " + std::to_string(number)));
    CodeHash hash{};
    std::copy_n(digest.begin(), hash.size(), hash.begin());
    return hash;
}

struct Hasher
{
    std::size_t operator()(const CodeHash &hash) const
    {
        std::size_t value = 0;
        std::memcpy(&value, hash.data(), sizeof value);
        return value;
    }
};
using Model = std::unordered_map<CodeHash, std::uint32_t, Hasher>;

/// The table that a model describes, or nothing if one of its codes was not taken.
std::optional<CodeTable> tableOf(const Model &model)
{
    CodeTable table;
    for (const auto &[hash, ordinal] : model) {
        if (!table.add(hash, {ordinal}))
            return std::nullopt;
    }
    return table;
}

/// How many codes of the model the table leads elsewhere.
int wrongIn(const CodeTable &table, const Model &model)
{
    int wrong = 0;
    for (const auto &[hash, ordinal] : model)
        wrong += table.find(hash) != std::optional(Ordinal{ordinal});
    return wrong;
}

} // namespace

class CodeTableTest : public QObject
{
    Q_OBJECT

private slots:
    void anEmptyTableFindsNothing()
    {
        const CodeTable table;
        QVERIFY(!table.find(CodeHash{}));
        QVERIFY(!table.find(hashOf(1)));
        QCOMPARE(table.size(), std::size_t{0});
    }

    void twoHundredThousandCodesLeadWhereAPlainMapLeads()
    {
        constexpr std::uint32_t kCodes = 200'000;
        Model model;
        for (std::uint32_t n = 0; n < kCodes; ++n)
            model.emplace(hashOf(n), 1 + n / 2); // two codes a ticket
        const auto table = tableOf(model);
        QVERIFY(table);
        QCOMPARE(table->size(), std::size_t{kCodes});
        QCOMPARE(wrongIn(*table, model), 0);
        int strangers = 0;
        for (std::uint32_t n = kCodes; n < 2 * kCodes; ++n)
            strangers += table->find(hashOf(n)).has_value();
        QCOMPARE(strangers, 0);
    }

    void aCodeThatDiffersInOneBitIsNotFound()
    {
        Model model;
        for (std::uint32_t n = 0; n < 500; ++n)
            model.emplace(hashOf(n), n + 1);
        const auto table = tableOf(model);
        QVERIFY(table);
        for (const auto &[hash, ordinal] : model) {
            for (std::size_t bit = 0; bit < hash.size() * 8; ++bit) {
                CodeHash near = hash;
                near[bit / 8] ^= static_cast<std::byte>(1U << (bit % 8));
                QVERIFY2(!table->find(near), qPrintable(QString("code %1, bit %2").arg(ordinal).arg(bit)));
            }
        }
    }

    void codesThatBeginAtOneSlotAreKeptApart_data()
    {
        QTest::addColumn<std::uint8_t>("fill");
        QTest::newRow("at the first slot") << std::uint8_t{0};
        QTest::newRow("in the middle") << std::uint8_t{0x80};
        QTest::newRow("at the last slot, going on at the first") << std::uint8_t{0xFF};
    }
    void codesThatBeginAtOneSlotAreKeptApart()
    {
        QFETCH(std::uint8_t, fill);
        // The eight bytes that choose the slot are the same in all of them.
        const auto crowded = [fill](std::uint32_t number) {
            CodeHash hash;
            hash.fill(static_cast<std::byte>(fill));
            std::memcpy(hash.data() + 12, &number, sizeof number);
            return hash;
        };
        Model model;
        for (std::uint32_t n = 0; n < 2'000; ++n)
            model.emplace(crowded(n), n + 1);
        const auto table = tableOf(model);
        QVERIFY(table);
        QCOMPARE(table->size(), model.size());
        QCOMPARE(wrongIn(*table, model), 0);
        for (std::uint32_t n = 2'000; n < 2'100; ++n)
            QVERIFY(!table->find(crowded(n)));
    }

    void everyCodeIsFoundAtEverySizeOnTheWay()
    {
        CodeTable table;
        for (std::uint32_t n = 0; n < 700; ++n) {
            QVERIFY(!table.find(hashOf(n)));
            QVERIFY(table.add(hashOf(n), {n + 1}));
            QCOMPARE(table.size(), std::size_t{n} + 1);
            for (std::uint32_t before = 0; before <= n; ++before)
                QCOMPARE(table.find(hashOf(before)), std::optional(Ordinal{before + 1}));
        }
    }

    void roomThatWasReservedIsEnough()
    {
        CodeTable table;
        table.reserve(10'000);
        const std::size_t before = table.bytes();
        for (std::uint32_t n = 0; n < 10'000; ++n)
            QVERIFY(table.add(hashOf(n), {n + 1}));
        QCOMPARE(table.bytes(), before);
        QVERIFY(table.add(hashOf(10'000), {7}));
        QVERIFY(table.bytes() > before);
        QCOMPARE(table.find(hashOf(10'000)), std::optional(Ordinal{7}));
        QCOMPARE(table.find(hashOf(0)), std::optional(Ordinal{1}));
    }

    void reservingAmongCodesKeepsThem()
    {
        CodeTable table;
        for (std::uint32_t n = 0; n < 100; ++n)
            QVERIFY(table.add(hashOf(n), {n + 1}));
        for (const std::size_t room : {std::size_t{0}, std::size_t{100}, std::size_t{5'000}}) {
            table.reserve(room);
            QCOMPARE(table.size(), std::size_t{100});
            for (std::uint32_t n = 0; n < 100; ++n)
                QCOMPARE(table.find(hashOf(n)), std::optional(Ordinal{n + 1}));
        }
    }

    void aCodeTakesAbout32BytesWhereTheSizeWasKnown()
    {
        CodeTable table;
        table.reserve(100'000);
        QVERIFY2(table.bytes() <= 3'210'000, qPrintable(QString::number(table.bytes())));
    }

    void theSameCodeOfTheSameTicketIsTakenOnce()
    {
        CodeTable table;
        QVERIFY(table.add(hashOf(1), {5}));
        QVERIFY(table.add(hashOf(1), {5}));
        QCOMPARE(table.size(), std::size_t{1});
    }

    void aCodeThatLeadsToAnotherTicketIsAConflictAndStaysWhereItWas()
    {
        CodeTable table;
        QVERIFY(table.add(hashOf(1), {5}));
        const auto added = table.add(hashOf(1), {6});
        QVERIFY(!added);
        QCOMPARE(static_cast<int>(added.error().code), static_cast<int>(base::ErrorCode::Conflict));
        QCOMPARE(added.error().message, std::string("one code leads to tickets 5 and 6"));
        QCOMPARE(table.find(hashOf(1)), std::optional(Ordinal{5}));
        QCOMPARE(table.size(), std::size_t{1});
    }

    void aCodeThatIsForgottenLeavesTheOthers()
    {
        // Adding and forgetting at random, in a table that is as full as it gets, beside a plain map.
        base::SeededRandom random(3);
        CodeTable table;
        table.reserve(500);
        std::map<std::uint32_t, std::uint32_t> known;
        for (int i = 0; i < 50'000; ++i) {
            const auto n = static_cast<std::uint32_t>(random.below(600));
            if (random.below(2) == 0 && known.size() < 500) {
                const bool added = static_cast<bool>(table.add(hashOf(n), {n + 1}));
                QVERIFY(added);
                known[n] = n + 1;
            } else if (random.below(10) == 0) {
                table.remove(hashOf(n), {n + 2}); // another ticket's
            } else {
                table.remove(hashOf(n), {n + 1});
                known.erase(n);
            }
            QCOMPARE(table.size(), known.size());
            if (i % 50 != 0)
                continue;
            for (std::uint32_t k = 0; k < 600; ++k)
                QCOMPARE(table.find(hashOf(k)), known.contains(k) ? std::optional(Ordinal{known[k]}) : std::nullopt);
        }
        CodeTable empty;
        empty.remove(hashOf(1), {1});
        QCOMPARE(empty.size(), std::size_t{0});
    }
};

QTEST_GUILESS_MAIN(CodeTableTest)
#include "code_table_test.moc"
