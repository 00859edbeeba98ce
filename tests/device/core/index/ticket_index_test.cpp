#include "device/core/index/ticket_index.h"

#include <QtTest/QtTest>

#include <algorithm>
#include <map>
#include <random>
#include <set>

using namespace voelgoed;
using domain::CodeHash;
using domain::Ordinal;
using index::TicketIndex;

namespace {

CodeHash codeOf(std::uint32_t ticket, std::uint32_t number)
{
    CodeHash hash{};
    std::mt19937 random(ticket * 64 + number);
    for (std::byte &byte : hash)
        byte = static_cast<std::byte>(random());
    return hash;
}

struct Listed
{
    std::vector<CodeHash> codes;
    std::optional<Ordinal> addonOf;
};
using Model = std::map<std::uint32_t, Listed>;

/// Every third number is free, tickets have up to four codes, every fifth is an add-on.
Model sampleList(std::uint32_t tickets)
{
    Model model;
    for (std::uint32_t n = 1; n <= tickets; ++n) {
        if (n % 3 == 0)
            continue;
        Listed &listed = model[n];
        for (std::uint32_t code = 0; code < n % 5; ++code)
            listed.codes.push_back(codeOf(n, code));
        if (n % 5 == 0)
            listed.addonOf = Ordinal{1 + n % 7};
    }
    return model;
}

/// Empty when the index says what the model says of every ticket and code, or else where it does not.
QByteArray difference(const TicketIndex &index, const Model &model, std::uint32_t upTo)
{
    std::size_t codes = 0;
    std::map<std::uint32_t, std::vector<Ordinal>> addons;
    for (const auto &[ordinal, listed] : model) {
        codes += listed.codes.size();
        if (listed.addonOf)
            addons[listed.addonOf->value].push_back({ordinal});
    }
    if (index.codes() != codes)
        return "the number of codes";
    for (std::uint32_t n = 0; n <= upTo; ++n) {
        const QByteArray where = "ticket " + QByteArray::number(n);
        const auto listed = model.find(n);
        if (index.isListed({n}) != (listed != model.end()))
            return where + ": whether it is listed";
        if (index.addonsOf({n}) != addons[n])
            return where + ": its add-ons";
        for (std::uint32_t code = 0; code < 5; ++code) {
            const CodeHash hash = codeOf(n, code);
            const bool has =
                listed != model.end() && std::count(listed->second.codes.begin(), listed->second.codes.end(), hash) > 0;
            if (index.find(hash) != (has ? std::optional(Ordinal{n}) : std::nullopt))
                return where + ": code " + QByteArray::number(code);
        }
    }
    return {};
}

} // namespace

class TicketIndexTest : public QObject
{
    Q_OBJECT

private slots:
    void anEmptyIndexListsNothing() { QCOMPARE(difference(TicketIndex(), {}, 100), QByteArray()); }

    void aListIsHeldWhateverTheOrderInWhichItCame_data()
    {
        QTest::addColumn<bool>("reserve");
        QTest::newRow("with room reserved") << true;
        QTest::newRow("without") << false;
    }
    void aListIsHeldWhateverTheOrderInWhichItCame()
    {
        QFETCH(bool, reserve);
        const Model model = sampleList(2'000);
        std::vector<std::uint32_t> order;
        for (const auto &[ordinal, listed] : model)
            order.push_back(ordinal);
        std::mt19937 random(4);
        for (int i = 0; i < 4; ++i) {
            TicketIndex index;
            if (reserve)
                index.reserve(model.size());
            for (const std::uint32_t ordinal : order)
                QVERIFY(index.add({ordinal}, model.at(ordinal).codes, model.at(ordinal).addonOf));
            QCOMPARE(difference(index, model, 2'010), QByteArray());
            std::shuffle(order.begin(), order.end(), random);
        }
    }

    void addonsComeInAscendingOrder()
    {
        TicketIndex index;
        for (const std::uint32_t n : {9U, 4U, 7U})
            QVERIFY(index.add({n}, {}, Ordinal{1}));
        QCOMPARE(index.addonsOf({1}), (std::vector<Ordinal>{{4}, {7}, {9}}));
        QVERIFY(index.addonsOf({4}).empty());
    }

    void aTicketWithoutCodesIsListed()
    {
        TicketIndex index;
        QVERIFY(index.add({domain::kOrdinalMax}, {}, std::nullopt));
        QVERIFY(index.isListed({domain::kOrdinalMax}));
        QCOMPARE(index.codes(), std::size_t{0});
    }

    void twoTicketsOfOneCodeAreAConflict()
    {
        TicketIndex index;
        QVERIFY(index.add({1}, {codeOf(1, 0)}, std::nullopt));
        const auto added = index.add({2}, {codeOf(2, 0), codeOf(1, 0)}, std::nullopt);
        QVERIFY(!added);
        QCOMPARE(static_cast<int>(added.error().code), static_cast<int>(base::ErrorCode::Conflict));
        QVERIFY(!added.error().hint.empty());
        QCOMPARE(index.find(codeOf(1, 0)), std::optional(Ordinal{1}));
    }

    void memoryIsAboutThirtyTwoBytesACode()
    {
        TicketIndex index;
        index.reserve(50'000);
        for (std::uint32_t n = 1; n <= 50'000; ++n)
            QVERIFY(index.add({n}, {codeOf(n, 0)}, std::nullopt));
        QVERIFY2(index.bytes() < 50'000 * 33, qPrintable(QString::number(index.bytes())));
    }
};

QTEST_GUILESS_MAIN(TicketIndexTest)
#include "ticket_index_test.moc"
