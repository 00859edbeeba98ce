// Limits of the exchange's messages, and what becomes of damaged, hostile and newer ones.
#include "shared/protocol/packing.h"
#include "shared/protocol/row.h"
#include "tests/shared/protocol/sample_exchange.h"

#include <QtTest/QtTest>

using namespace voelgoed;
using base::Bytes;
using base::ErrorCode;

namespace {

template <class Decode>
void isRefusedWhereverItIsCut(const Bytes &whole, Decode decode)
{
    const auto message = decode(whole);
    QVERIFY(message);
    for (std::size_t size = 0; size < whole.size(); ++size) {
        const auto cut = decode(base::ByteView(whole).first(size));
        QVERIFY2(!cut || !(*cut == *message), qPrintable(QString("cut after %1").arg(size)));
    }
    for (std::size_t bit = 0; bit < whole.size() * 8; ++bit) {
        Bytes flipped = whole;
        flipped[bit / 8] ^= std::byte{1} << (bit % 8);
        const auto other = decode(flipped);
        QVERIFY2(!other || !(*other == *message), qPrintable(QString("bit %1").arg(bit)));
        if (!other)
            QVERIFY(other.error().code == ErrorCode::Invalid || other.error().code == ErrorCode::Unsupported);
    }
}

/// What a plain request's message says before its chains: version 1, device "d".
constexpr std::size_t kBeforeChains = 5;

protocol::Chain chainWith(std::size_t rows, std::size_t bytes)
{
    protocol::Chain chain = sample::request().own.front();
    chain.rows.assign(rows, Bytes(bytes));
    return chain;
}

/// Writes a reply whose slice was changed by `change`, without encode()'s own checks on it.
template <class Change>
base::Result<protocol::SyncReply> withSlice(Change change)
{
    protocol::SyncReply reply = sample::reply();
    change(*reply.feed);
    return protocol::decodeSyncReply(protocol::encode(reply));
}

} // namespace

class ExchangeTest : public QObject
{
    Q_OBJECT

private slots:
    void aDamagedRequest()
    {
        isRefusedWhereverItIsCut(protocol::encode(sample::request()), protocol::decodeSyncRequest);
    }
    void aDamagedAnswer() { isRefusedWhereverItIsCut(protocol::encode(sample::reply()), protocol::decodeSyncReply); }
    void aDamagedPassage() { isRefusedWhereverItIsCut(protocol::encode(sample::passage()), protocol::decodePassage); }

    void aRowThatCannotBeReadDoesNotKeepTheOthersBack()
    {
        protocol::SyncRequest request = sample::request();
        request.own.front().rows.front() = {std::byte{0xFF}, std::byte{0xFF}};
        const auto decoded = protocol::decodeSyncRequest(protocol::encode(request));
        QVERIFY(decoded && *decoded == request);
    }

    void aMessageHoldsWhatItMayAndNoMore_data()
    {
        QTest::addColumn<int>("rows");
        QTest::addColumn<int>("bytes");
        QTest::addColumn<bool>("good");
        QTest::newRow("500 rows") << 500 << 300 << true;
        QTest::newRow("501 rows") << 501 << 300 << false;
        QTest::newRow("1 MiB") << 2 << (1 << 19) << true;
        QTest::newRow("a little more") << 2 << (1 << 19) + 1 << false;
    }
    void aMessageHoldsWhatItMayAndNoMore()
    {
        QFETCH(int, rows);
        QFETCH(int, bytes);
        QFETCH(bool, good);
        // The second half of the rows is put behind the message by hand, since encode() does not write too much.
        protocol::SyncRequest request = sample::plainRequest();
        const Bytes plain = protocol::encode(request);
        const auto half = static_cast<std::size_t>(rows / 2);
        request.own = {chainWith(half, static_cast<std::size_t>(bytes))};
        Bytes message = protocol::encode(request);
        request.own = {chainWith(static_cast<std::size_t>(rows) - half, static_cast<std::size_t>(bytes))};
        const Bytes more = protocol::encode(request);
        const auto chain = base::ByteView(more).subspan(kBeforeChains, more.size() - plain.size());
        message.insert(message.begin() + kBeforeChains, chain.begin(), chain.end());
        const auto decoded = protocol::decodeSyncRequest(message);
        QCOMPARE(static_cast<bool>(decoded), good);
        if (decoded)
            QCOMPARE(decoded->own.size(), std::size_t{2});
    }

    void numbersOutOfRangeAreRefused()
    {
        QVERIFY(withSlice([](protocol::FeedSlice &) {}));
        QVERIFY(!withSlice([](protocol::FeedSlice &slice) { slice.after = slice.through + 1; }));
        QVERIFY(!withSlice([](protocol::FeedSlice &slice) { slice.head = slice.through - 1; }));
        QVERIFY(!withSlice([](protocol::FeedSlice &slice) { slice.head = UINT64_MAX; }));
        QVERIFY(!withSlice([](protocol::FeedSlice &slice) { slice.changes[0].sequence = slice.after; }));
        QVERIFY(!withSlice([](protocol::FeedSlice &slice) { slice.changes[3].sequence = slice.through + 1; }));
        QVERIFY(!withSlice([](protocol::FeedSlice &slice) { std::swap(slice.changes[0], slice.changes[1]); }));
        QVERIFY(!withSlice([](protocol::FeedSlice &slice) { slice.changes[1] = slice.changes[0]; }));
        QVERIFY(!withSlice([](protocol::FeedSlice &slice) { slice.cursor.resize(protocol::kCursorMax + 1); }));
        QVERIFY(!withSlice([](protocol::FeedSlice &slice) { slice.head += 1; })); // with a checksum of the head
        QVERIFY(!withSlice(
            [](protocol::FeedSlice &slice) { slice.changes.assign(protocol::kSliceMax + 1, slice.changes[3]); }));
    }

    void anotherVersionIsNamed()
    {
        auto request = sample::request();
        request.version = 2;
        const auto newer = protocol::decodeSyncRequest(protocol::encode(request));
        QVERIFY(!newer && newer.error().code == ErrorCode::Unsupported);
        auto reply = sample::reply();
        reply.version = 2;
        const auto answer = protocol::decodeSyncReply(protocol::encode(reply));
        QVERIFY(!answer && answer.error().code == ErrorCode::Unsupported);
    }

    void aNewerPeersFieldsArePassedOver()
    {
        const auto request = protocol::decodeSyncRequest(sample::withUnknownField(protocol::encode(sample::request())));
        QVERIFY(request && *request == sample::request());
        const auto reply = protocol::decodeSyncReply(sample::withUnknownField(protocol::encode(sample::reply())));
        QVERIFY(reply && *reply == sample::reply());
        const auto passage = protocol::decodePassage(sample::withUnknownField(protocol::encode(sample::passage())));
        QVERIFY(passage && *passage == sample::passage());
    }

    void aNewerPeersCommandIsSaidToBeOne()
    {
        // {id "c-9", field 500 "newer"} as the last command of a reply.
        Bytes command{std::byte{0x0A}, std::byte{3}, std::byte{'c'}, std::byte{'-'}, std::byte{'9'}};
        command = sample::withUnknownField(command);
        Bytes message = protocol::encode(sample::plainReply());
        message.push_back(std::byte{0x42}); // field 8
        message.push_back(static_cast<std::byte>(command.size()));
        message.insert(message.end(), command.begin(), command.end());
        const auto reply = protocol::decodeSyncReply(message);
        QVERIFY(reply);
        QCOMPARE(reply->commands.size(), std::size_t{1});
        QCOMPARE(reply->commands[0].id, std::string("c-9"));
        QVERIFY(std::holds_alternative<protocol::UnknownCommand>(reply->commands[0].what));
    }

    void rowsWithOneOutcomeAreOneRun()
    {
        std::vector<protocol::OutcomeRun> runs;
        using enum protocol::RowOutcome;
        for (std::uint64_t n = 1; n <= 4; ++n)
            protocol::addOutcome(runs, {{"d"}, {1}, {n}}, Accepted);
        protocol::addOutcome(runs, {{"d"}, {1}, {5}}, Quarantined, "unreadable");
        protocol::addOutcome(runs, {{"d"}, {1}, {6}}, Quarantined, "unvouched");
        protocol::addOutcome(runs, {{"d"}, {1}, {8}}, Quarantined, "unvouched");
        protocol::addOutcome(runs, {{"d"}, {2}, {9}}, Quarantined, "unvouched");
        protocol::addOutcome(runs, {{"e"}, {2}, {10}}, Quarantined, "unvouched");
        const std::vector<protocol::OutcomeRun> expected{{{{"d"}, {1}, {1}}, 4, Accepted, ""},
                                                         {{{"d"}, {1}, {5}}, 1, Quarantined, "unreadable"},
                                                         {{{"d"}, {1}, {6}}, 1, Quarantined, "unvouched"},
                                                         {{{"d"}, {1}, {8}}, 1, Quarantined, "unvouched"},
                                                         {{{"d"}, {2}, {9}}, 1, Quarantined, "unvouched"},
                                                         {{{"e"}, {2}, {10}}, 1, Quarantined, "unvouched"}};
        QVERIFY(runs == expected);
    }

    void whatIsPackedUnpacksAndNothingElseDoes()
    {
        const Bytes plain = protocol::encode(sample::reply());
        const Bytes packed = protocol::pack(plain);
        const auto unpacked = protocol::unpack(packed, plain.size());
        QVERIFY(unpacked && *unpacked == plain);
        QVERIFY(!protocol::unpack(packed, plain.size() - 1));
        for (std::size_t size = 0; size < packed.size(); ++size)
            QVERIFY(!protocol::unpack(base::ByteView(packed).first(size), plain.size()));
        QVERIFY(protocol::unpack(protocol::pack({}), 0));
    }
};

QTEST_APPLESS_MAIN(ExchangeTest)
#include "exchange_test.moc"
