#include "device/core/replica/bundle_file.h"
#include "shared/protocol/bundle_builder.h"
#include "tests/shared/protocol/sample_messages.h"

#include <QTemporaryDir>
#include <QtTest/QtTest>

#include <fstream>
#include <functional>

using namespace voelgoed;
using base::Bytes;
using base::ByteView;
using base::ErrorCode;

namespace {

template <class Message, class Decode>
void survivesDamage(const Message &message, Decode decode)
{
    const Bytes whole = protocol::encode(message);
    const auto checkOne = [&](const Bytes &bytes, const QString &where) {
        const auto decoded = decode(bytes);
        if (!decoded) {
            const ErrorCode code = decoded.error().code;
            QVERIFY2(code == ErrorCode::Invalid || code == ErrorCode::Unsupported || code == ErrorCode::Corrupt,
                     qPrintable(where));
            return;
        }
        // Something else than was sent, and said in the only way in which it can be.
        QVERIFY2(!(*decoded == message), qPrintable(where));
        QVERIFY2(protocol::encode(*decoded).size() <= bytes.size(), qPrintable(where));
    };
    for (std::size_t size = 0; size < whole.size(); ++size)
        checkOne(Bytes(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)),
                 QString("cut after %1").arg(size));
    for (std::size_t bit = 0; bit < whole.size() * 8; ++bit) {
        Bytes flipped = whole;
        flipped[bit / 8] ^= std::byte{1} << (bit % 8);
        const auto decoded = decode(flipped);
        // A known field can become one that nobody knows; what is left may then say the same if it said nothing new.
        QVERIFY2(!decoded || !(*decoded == message) || protocol::encode(*decoded) != flipped,
                 qPrintable(QString("bit %1").arg(bit)));
    }
}

/// A bundle of three chunks, in pieces.
struct Pieces
{
    Bytes head;
    std::vector<Bytes> chunks;
};

Pieces threeChunks(const base::SigningKey &signer)
{
    protocol::BundleBuilder builder(sample::definition());
    for (std::uint32_t n = 1; n <= 4'500; ++n) {
        protocol::ListedTicket listed = sample::plainTicket();
        listed.ticket.ordinal = {n};
        builder.add(listed);
    }
    auto parts = builder.finish({.cursor = {{"fest"}, 1, 4'501}, .madeAt = base::Instant()}, signer);
    return {std::move(parts.head), std::move(parts.chunks)};
}

} // namespace

class DamageTest : public QObject
{
    Q_OBJECT

private slots:
    void aDamagedDefinition() { survivesDamage(sample::definition(), protocol::decodeDefinition); }
    void aDamagedTicket() { survivesDamage(sample::ticket(), protocol::decodeTicket); }
    void aDamagedScan() { survivesDamage(sample::scanRow(), protocol::decodeRow); }
    void aDamagedUndo() { survivesDamage(sample::undoRow(), protocol::decodeRow); }

    void numbersThatNoStoreKeepsAreRefused_data()
    {
        QTest::addColumn<quint64>("number");
        QTest::addColumn<bool>("good");
        QTest::newRow("0") << quint64(0) << false;
        QTest::newRow("1") << quint64(1) << true;
        QTest::newRow("2^63 - 1") << quint64(INT64_MAX) << true;
        QTest::newRow("2^63") << quint64(INT64_MAX) + 1 << false;
        QTest::newRow("2^64 - 1") << quint64(UINT64_MAX) << false;
    }
    void numbersThatNoStoreKeepsAreRefused()
    {
        QFETCH(quint64, number);
        QFETCH(bool, good);
        auto scan = sample::scanRow();
        scan.key.sequence = {number};
        QCOMPARE(static_cast<bool>(protocol::decodeRow(protocol::encode(scan))), good);
        auto undo = sample::undoRow();
        std::get<domain::UndoRecord>(undo.what).row.sequence = {number};
        QCOMPARE(static_cast<bool>(protocol::decodeRow(protocol::encode(undo))), good);
        auto manifest = sample::manifest();
        manifest.cursor.sequence = number;
        const Bytes head = protocol::encodeBundleHead(manifest, sample::signer());
        QCOMPARE(static_cast<bool>(protocol::decodeBundleHead(ByteView(head).subspan(protocol::kBundleHeaderSize))),
                 good || number == 0); // nothing has happened yet
    }

    void everyBitOfABundlesHeadCounts()
    {
        const Bytes head = protocol::encodeBundleHead(sample::manifest(), sample::signer());
        for (std::size_t bit = 0; bit < head.size() * 8; ++bit) {
            Bytes flipped = head;
            flipped[bit / 8] ^= std::byte{1} << (bit % 8);
            const auto rest = protocol::bundleHeadSize(flipped);
            if (!rest)
                continue;
            const ByteView body = ByteView(flipped).subspan(protocol::kBundleHeaderSize);
            QVERIFY2(*rest != body.size() || !protocol::decodeBundleHead(body), qPrintable(QString("bit %1").arg(bit)));
        }
        for (std::size_t size = 0; size < head.size(); ++size) {
            const ByteView cut = ByteView(head).first(size);
            const auto rest = protocol::bundleHeadSize(cut);
            QVERIFY(!rest || size < protocol::kBundleHeaderSize + *rest);
            if (size >= protocol::kBundleHeaderSize)
                QVERIFY(!protocol::decodeBundleHead(cut.subspan(protocol::kBundleHeaderSize)));
        }
    }

    void everyBitOfAChunkCounts()
    {
        const Bytes packed = protocol::packChunk(sample::page());
        const protocol::BundleChunk expected{base::sha256(packed), static_cast<std::uint32_t>(packed.size()), 4};
        QVERIFY(protocol::unpackChunk(packed, expected));
        for (std::size_t bit = 0; bit < packed.size() * 8; ++bit) {
            Bytes flipped = packed;
            flipped[bit / 8] ^= std::byte{1} << (bit % 8);
            const auto unpacked = protocol::unpackChunk(flipped, expected);
            QVERIFY(!unpacked && unpacked.error().code == ErrorCode::Corrupt);
        }
        for (std::size_t size = 0; size < packed.size(); ++size)
            QVERIFY(!protocol::unpackChunk(ByteView(packed).first(size), expected));
        auto fewer = expected;
        fewer.changes = 3;
        QVERIFY(!protocol::unpackChunk(packed, fewer));
    }

    void aChunkOfItsSignersOwnMakingIsNoBombEither_data()
    {
        QTest::addColumn<QByteArray>("packed");
        // zstd frames (RFC 8878, 3.1.1): magic, descriptor, content size, blocks.
        const QByteArray magic = QByteArray::fromHex("28b52ffd");
        // One block of run-length bytes says "128 kB of zeros" in four bytes; 32,768 of them are 4 GB.
        const QByteArray last = QByteArray::fromHex("03001000"), more = QByteArray::fromHex("02001000");
        QTest::newRow("4 GB that it names")
            << magic + QByteArray::fromHex("e00000000001000000") + more.repeated(32'767) + last;
        QTest::newRow("4 GB, and it names 20 bytes")
            << magic + QByteArray::fromHex("2014") + more.repeated(32'767) + last;
        QTest::newRow("no size named") << magic + QByteArray::fromHex("0058") + last;
        QTest::newRow("a dictionary") << magic + QByteArray::fromHex("210114") + last;
        QTest::newRow("no zstd") << QByteArray("PK\x03\x04");
        QTest::newRow("nothing") << QByteArray();
        QTest::newRow("a skippable frame") << QByteArray::fromHex("502a4d1804000000") + "abcd";
    }
    void aChunkOfItsSignersOwnMakingIsNoBombEither()
    {
        QFETCH(QByteArray, packed);
        const ByteView bytes =
            base::bytesOf(std::string_view(packed.constData(), static_cast<std::size_t>(packed.size())));
        const auto page =
            protocol::unpackChunk(bytes, {base::sha256(bytes), static_cast<std::uint32_t>(bytes.size()), 1});
        QVERIFY(!page);
        QVERIFY(page.error().code == ErrorCode::Invalid);
    }

    void anotherVersionIsNamed()
    {
        Bytes head = protocol::encodeBundleHead(sample::manifest(), sample::signer());
        head[9] = std::byte{2};
        const auto format = protocol::bundleHeadSize(head);
        QVERIFY(!format && format.error().code == ErrorCode::Unsupported);
        QVERIFY(format.error().message.find("version 2") != std::string::npos);
        Bytes manifest = sample::manifestIn(protocol::encodeBundleHead(sample::manifest(), sample::signer()));
        QCOMPARE(manifest[0], std::byte{0x08}); // field 1, a number
        manifest[1] = std::byte{2};
        const auto newer = protocol::decodeBundleHead(sample::headAround(manifest, sample::signer()));
        QVERIFY(!newer && newer.error().code == ErrorCode::Unsupported);
        QVERIFY(!newer.error().hint.empty());
    }

    void anothersSignatureDoesNotHold()
    {
        const auto other = *base::SigningKey::fromSeed(Bytes(32, std::byte{43}));
        const Bytes manifest = sample::manifestIn(protocol::encodeBundleHead(sample::manifest(), sample::signer()));
        const auto forged = protocol::decodeBundleHead(sample::headAround(manifest, other));
        QVERIFY(!forged && forged.error().code == ErrorCode::Unauthorized);
        // A signer that is no key at all, a point of small order, signs nothing.
        auto keyless = sample::manifest();
        Bytes body = manifest;
        const Bytes name(keyless.signer.begin(), keyless.signer.end());
        const auto at = std::search(body.begin(), body.end(), name.begin(), name.end());
        std::fill(at, at + 32, std::byte{0});
        QVERIFY(!protocol::decodeBundleHead(sample::headAround(body, other)));
    }

    void chunksMustBeThoseThatWereSignedWhereTheyWereSigned_data()
    {
        QTest::addColumn<int>("how");
        QTest::newRow("whole") << 0;
        QTest::newRow("two swapped") << 1;
        QTest::newRow("one missing") << 2;
        QTest::newRow("one twice") << 3;
        QTest::newRow("one twice instead of another") << 4;
        QTest::newRow("something behind them") << 5;
        QTest::newRow("of another bundle") << 6;
    }
    void chunksMustBeThoseThatWereSignedWhereTheyWereSigned()
    {
        QFETCH(int, how);
        Pieces pieces = threeChunks(sample::signer());
        QCOMPARE(pieces.chunks.size(), std::size_t{3});
        if (how == 1)
            std::swap(pieces.chunks[0], pieces.chunks[1]);
        if (how == 2)
            pieces.chunks.erase(pieces.chunks.begin() + 1);
        if (how == 3)
            pieces.chunks.insert(pieces.chunks.begin(), pieces.chunks[0]);
        if (how == 4)
            pieces.chunks[1] = pieces.chunks[0];
        if (how == 5)
            pieces.chunks.push_back({std::byte{0}});
        if (how == 6)
            pieces.chunks[2] = threeChunks(*base::SigningKey::fromSeed(Bytes(32, std::byte{9}))).chunks[1];
        const QTemporaryDir folder;
        const std::string path = folder.filePath("bundle").toStdString();
        {
            std::ofstream file(path, std::ios::binary);
            file << base::textOf(pieces.head);
            for (const Bytes &chunk : pieces.chunks)
                file << base::textOf(chunk);
        }
        auto bundle = replica::BundleFile::open(path);
        bool good = static_cast<bool>(bundle);
        for (std::size_t i = 0; good && i < bundle->manifest().chunks.size(); ++i)
            good = static_cast<bool>(bundle->chunk(i));
        QCOMPARE(good, how == 0);
    }

    void aBundleThatIsCutAnywhereIsRefused()
    {
        protocol::BundleBuilder builder(sample::definition());
        builder.add(sample::plainTicket());
        const auto parts = builder.finish({.cursor = {{"fest"}, 1, 2}, .madeAt = base::Instant()}, sample::signer());
        Bytes whole = parts.head;
        whole.insert(whole.end(), parts.chunks[0].begin(), parts.chunks[0].end());
        const QTemporaryDir folder;
        const std::string path = folder.filePath("bundle").toStdString();
        for (std::size_t size = 0; size < whole.size(); ++size) {
            std::ofstream(path, std::ios::binary) << base::textOf(ByteView(whole).first(size));
            const auto opened = replica::BundleFile::open(path);
            QVERIFY2(!opened, qPrintable(QString::number(size)));
            QVERIFY2(opened.error().message.find(path) == 0, opened.error().message.c_str());
        }
    }
};

QTEST_APPLESS_MAIN(DamageTest)
#include "damage_test.moc"
