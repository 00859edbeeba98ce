#include "shared/protocol/chain.h"

#include "shared/protocol/row.h"
#include "tests/shared/protocol/sample_messages.h"

#include <QtTest/QtTest>

using namespace voelgoed;

namespace {

constexpr std::size_t kRows = 5;

domain::Row rowOf(std::uint64_t number, const domain::RowHash &previous)
{
    domain::Row row = sample::scanRow();
    row.key.sequence = {number};
    row.previous = previous;
    return row;
}

protocol::Chain chain()
{
    protocol::Chain made;
    domain::Row row;
    domain::RowHash previous{};
    for (std::uint64_t n = 1; n <= kRows; ++n) {
        row = rowOf(n, previous);
        made.rows.push_back(protocol::encode(row));
        previous = protocol::hashOf(made.rows.back());
    }
    made.head = protocol::signedHead(row.key, previous, sample::signer());
    return made;
}

base::VerifyingKey key()
{
    return *base::VerifyingKey::fromRaw(sample::signer().publicKey());
}

} // namespace

class ChainTest : public QObject
{
    Q_OBJECT

private slots:
    void oneSignatureVouchesForAllRows()
    {
        QVERIFY(protocol::headHolds(chain().head, key()));
        QCOMPARE(protocol::vouchedFrom(chain()), std::size_t{0});
    }

    void everythingInAHeadIsSigned()
    {
        const protocol::ChainHead good = chain().head;
        auto other = good;
        other.row.device.text += "x";
        QVERIFY(!protocol::headHolds(other, key()));
        other = good;
        other.row.epoch.value += 1;
        QVERIFY(!protocol::headHolds(other, key()));
        other = good;
        other.row.sequence.value += 1;
        QVERIFY(!protocol::headHolds(other, key()));
        other = good;
        other.hash[31] ^= std::byte{1};
        QVERIFY(!protocol::headHolds(other, key()));
        other = good;
        other.signature[0] ^= std::byte{1};
        QVERIFY(!protocol::headHolds(other, key()));
        const auto stranger = *base::SigningKey::fromSeed(base::Bytes(32, std::byte{43}));
        QVERIFY(!protocol::headHolds(protocol::signedHead(good.row, good.hash, stranger), key()));
    }

    void aChangedRowTakesTheVouchingFromThoseBeforeItOnly_data()
    {
        QTest::addColumn<int>("row");
        for (int row = 0; row < static_cast<int>(kRows); ++row)
            QTest::addRow("row %d", row) << row;
    }
    void aChangedRowTakesTheVouchingFromThoseBeforeItOnly()
    {
        QFETCH(int, row);
        const auto at = static_cast<std::size_t>(row);
        protocol::Chain changed = chain();
        changed.rows[at].back() ^= std::byte{1};
        QCOMPARE(protocol::vouchedFrom(changed), at + 1);
        protocol::Chain shortened = chain();
        shortened.rows.erase(shortened.rows.begin() + row);
        QCOMPARE(protocol::vouchedFrom(shortened), at);
        protocol::Chain garbage = chain();
        garbage.rows[at] = {std::byte{0xFF}};
        QCOMPARE(protocol::vouchedFrom(garbage), at + 1);
    }

    void rowsOfAnotherDeviceOrEpochAreNotVouchedFor()
    {
        protocol::Chain made = chain();
        made.head.row.device = {"other"};
        QCOMPARE(protocol::vouchedFrom(made), kRows);
        made = chain();
        made.head.row.epoch.value += 1;
        QCOMPARE(protocol::vouchedFrom(made), kRows);
        made = chain();
        made.head.row.sequence.value += 1;
        QCOMPARE(protocol::vouchedFrom(made), kRows);
    }

    void aRowThatOnlyANewerPeerCanReadIsVouchedForToo()
    {
        // A row without contents that are known here: what it is linked by is there.
        protocol::Chain made = chain();
        auto row = rowOf(kRows + 1, protocol::hashOf(made.rows.back()));
        row.what = domain::UndoRecord{.row = row.key, .by = {}, .why = {}};
        base::Bytes newer = protocol::encode(row);
        // Field 12 goes to the end of the message; field 13 is one that nobody knows yet.
        std::size_t undo = 0;
        for (std::size_t at = 0; at + 1 < newer.size(); ++at) {
            if (newer[at] == std::byte{0x62} && std::to_integer<std::size_t>(newer[at + 1]) == newer.size() - at - 2)
                undo = at;
        }
        QVERIFY(undo > 0);
        newer[undo] = std::byte{0x6A};
        QVERIFY(!protocol::decodeRow(newer));
        QVERIFY(protocol::decodeRow(newer).error().code == base::ErrorCode::Unsupported);
        const auto link = protocol::decodeLink(newer);
        QVERIFY(link && link->key == row.key && link->previous == row.previous);
        made.rows.push_back(newer);
        made.head = protocol::signedHead(row.key, protocol::hashOf(newer), sample::signer());
        QCOMPARE(protocol::vouchedFrom(made), std::size_t{0});
    }
};

QTEST_APPLESS_MAIN(ChainTest)
#include "chain_test.moc"
