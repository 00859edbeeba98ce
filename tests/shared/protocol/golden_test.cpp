#include "shared/protocol/cursor.h"
#include "tests/shared/protocol/sample_exchange.h"
#include "tests/support/places.h"

#include <QtTest/QtTest>

#include <fstream>
#include <sstream>

using namespace voelgoed;

namespace {

const std::string kFolder = std::string(test::sourceFolder()) + "/tests/data/protocol/v1/";

base::Bytes golden(const std::string &name)
{
    std::ifstream file(kFolder + name + ".bin", std::ios::binary);
    std::stringstream text;
    text << file.rdbuf();
    const std::string all = text.str();
    const base::ByteView view = base::bytesOf(all);
    return {view.begin(), view.end()};
}

/// With VOELGOED_WRITE_GOLDEN set, files that are missing are written: for a new message. One that is there is what
/// devices in the field send, and is never written again.
void writeIfAsked(const std::string &name, const base::Bytes &bytes)
{
    if (qEnvironmentVariableIsSet("VOELGOED_WRITE_GOLDEN") && golden(name).empty())
        std::ofstream(kFolder + name + ".bin", std::ios::binary) << base::textOf(bytes);
}

template <class Message, class Decode>
void staysWhatItIs(const std::string &name, const Message &message, Decode decode)
{
    const base::Bytes encoded = protocol::encode(message);
    writeIfAsked(name, encoded);
    const base::Bytes kept = golden(name);
    QVERIFY2(!kept.empty(), name.c_str());
    QCOMPARE(base::toHex(encoded), base::toHex(kept));
    const auto decoded = decode(kept);
    QVERIFY2(decoded, decoded ? "" : decoded.error().message.c_str());
    QVERIFY(*decoded == message);
}

} // namespace

/// The bytes of version 1, as devices and servers in the field send and keep them. A change that makes one of these
/// fail needs a new version of its message.
class GoldenTest : public QObject
{
    Q_OBJECT

private slots:
    void definition() { staysWhatItIs("definition", sample::definition(), protocol::decodeDefinition); }
    void ticket() { staysWhatItIs("ticket", sample::ticket(), protocol::decodeTicket); }
    void plainTicket() { staysWhatItIs("ticket_plain", sample::plainTicket(), protocol::decodeTicket); }
    void scanRow() { staysWhatItIs("row_scan", sample::scanRow(), protocol::decodeRow); }
    void unlistedScan() { staysWhatItIs("row_scan_unlisted", sample::unlistedScan(), protocol::decodeRow); }
    void unlistedPassage() { staysWhatItIs("passage_unlisted", sample::unlistedPassage(), protocol::decodePassage); }
    void exchangeUpAfterFailures()
    {
        staysWhatItIs("exchange_up_failures", sample::requestAfterFailures(), protocol::decodeSyncRequest);
    }
    void undoRow() { staysWhatItIs("row_undo", sample::undoRow(), protocol::decodeRow); }
    void page() { staysWhatItIs("page", sample::page(), protocol::decodePage); }
    void passage() { staysWhatItIs("passage", sample::passage(), protocol::decodePassage); }
    void exchangeUp() { staysWhatItIs("exchange_up", sample::request(), protocol::decodeSyncRequest); }
    void exchangeDown() { staysWhatItIs("exchange_down", sample::reply(), protocol::decodeSyncReply); }
    void plainExchangeUp() { staysWhatItIs("exchange_up_plain", sample::plainRequest(), protocol::decodeSyncRequest); }
    void plainExchangeDown() { staysWhatItIs("exchange_down_plain", sample::plainReply(), protocol::decodeSyncReply); }

    /// A bundle's manifest with what later versions put into it.
    void bundleHeadWithPassages()
    {
        auto manifest = sample::manifest();
        manifest.resume = {std::byte{7}};
        manifest.passages = 1;
        protocol::togglePassage(manifest.history, protocol::encode(sample::passage()));
        const base::Bytes encoded = protocol::encodeBundleHead(manifest, sample::signer());
        writeIfAsked("bundle_head_passages", encoded);
        const base::Bytes kept = golden("bundle_head_passages");
        QCOMPARE(base::toHex(encoded), base::toHex(kept));
        const auto read = protocol::decodeBundleHead(base::ByteView(kept).subspan(protocol::kBundleHeaderSize));
        QVERIFY(read && *read == manifest);
    }

    void cursor()
    {
        const base::Digest key = base::sha256(base::bytesOf("key"));
        const auto scope = base::bytesOf("org/event");
        const auto sealed = protocol::sealCursor({.epoch = 2, .sequence = 4'711}, scope, key);
        QCOMPARE(base::toHex(sealed), std::string("0100000002000000000000126723dbaef6aa55c15d2830013c3cd47187"));
        const auto opened = protocol::openCursor(sealed, scope, key);
        QVERIFY(opened && *opened == (protocol::FeedPoint{2, 4'711}));
        QVERIFY(!protocol::openCursor(sealed, base::bytesOf("org/other"), key));
        QVERIFY(!protocol::openCursor(sealed, scope, base::sha256(base::bytesOf("other"))));
        for (std::size_t bit = 0; bit < sealed.size() * 8; ++bit) {
            base::Bytes flipped = sealed;
            flipped[bit / 8] ^= std::byte{1} << (bit % 8);
            const auto forged = protocol::openCursor(flipped, scope, key);
            QVERIFY(!forged && forged.error().code == base::ErrorCode::Unauthorized);
        }
        for (std::size_t size = 0; size < sealed.size(); ++size)
            QVERIFY(!protocol::openCursor(base::ByteView(sealed).first(size), scope, key));
    }

    void bundleHead()
    {
        const base::Bytes encoded = protocol::encodeBundleHead(sample::manifest(), sample::signer());
        writeIfAsked("bundle_head", encoded);
        const base::Bytes kept = golden("bundle_head");
        QCOMPARE(base::toHex(encoded), base::toHex(kept));
        const auto rest = protocol::bundleHeadSize(kept);
        QVERIFY(rest);
        QCOMPARE(*rest, kept.size() - protocol::kBundleHeaderSize);
        const auto manifest = protocol::decodeBundleHead(base::ByteView(kept).subspan(protocol::kBundleHeaderSize));
        QVERIFY(manifest);
        QVERIFY(*manifest == sample::manifest());
    }

    /// How well zstd packs is its own affair; that what was packed once unpacks is ours.
    void chunk()
    {
        writeIfAsked("chunk", protocol::packChunk(sample::page()));
        const base::Bytes kept = golden("chunk");
        const auto page = protocol::unpackChunk(kept, {base::sha256(kept), static_cast<std::uint32_t>(kept.size()), 4});
        QVERIFY(page);
        QVERIFY(*page == sample::page());
    }

    void rowHash()
    {
        QCOMPARE(base::toHex(protocol::hashOf(golden("row_scan"))), base::toHex(base::sha256(golden("row_scan"))));
    }
};

QTEST_APPLESS_MAIN(GoldenTest)
#include "golden_test.moc"
