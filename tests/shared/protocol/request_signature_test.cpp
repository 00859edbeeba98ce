#include "shared/protocol/request_signature.h"

#include "tests/shared/protocol/sample_messages.h"

#include <QtTest/QtTest>

#include <set>

using namespace voelgoed;
using protocol::ReplayWindow;

namespace {

const base::Bytes kBody(3, std::byte{7});

struct Sample
{
    std::string method = "POST";
    std::string target = "/v1/sync?x=1";
    base::Bytes body = kBody;
    protocol::RequestStamp stamp{.device = {"device"}, .boot = {7}, .counter = 3};

    base::Digest digest() const
    {
        return protocol::requestDigest({.method = method, .target = target, .body = body}, stamp);
    }
};

base::VerifyingKey key()
{
    return *base::VerifyingKey::fromRaw(sample::signer().publicKey());
}

} // namespace

class RequestSignatureTest : public QObject
{
    Q_OBJECT

private slots:
    /// What devices and servers in the field sign.
    void theSignedBytesStayWhatTheyAre()
    {
        const base::Digest digest = Sample().digest();
        QCOMPARE(base::toHex(digest), std::string("edca8dda205ef6fcfbca76253844680337068fb9487eb9f45399100a359663a2"));
        QCOMPARE(base::toHex(base::ByteView(protocol::signRequest(digest, sample::signer())).first(16)),
                 std::string("4b33ddf3e717584b5002789c736f606b"));
        QCOMPARE(base::toHex(base::ByteView(protocol::signReply(digest, 200, kBody, sample::signer())).first(16)),
                 std::string("804bcb08e67d46e975bff19bd74aaa5e"));
    }

    void everyPartOfARequestIsSigned()
    {
        const Sample good;
        const base::Signature signature = protocol::signRequest(good.digest(), sample::signer());
        QVERIFY(protocol::requestHolds(good.digest(), signature, key()));
        std::vector<Sample> others(8);
        others[0].method = "PUT";
        others[1].target = "/v1/sync?x=2";
        others[2].body.push_back(std::byte{0});
        others[3].stamp.device = {"devicf"};
        others[4].stamp.boot = {8};
        others[5].stamp.counter = 4;
        others[6].method = "POST/";
        others[6].target = "v1/sync?x=1"; // the same letters
        others[7].body.clear();
        for (const Sample &other : others)
            QVERIFY(!protocol::requestHolds(other.digest(), signature, key()));
        const auto stranger = *base::SigningKey::fromSeed(base::Bytes(32, std::byte{43}));
        QVERIFY(!protocol::requestHolds(good.digest(), protocol::signRequest(good.digest(), stranger), key()));
    }

    void anAnswerIsToOneRequest()
    {
        const base::Digest request = Sample().digest();
        const base::Signature signature = protocol::signReply(request, 200, kBody, sample::signer());
        QVERIFY(protocol::replyHolds(request, 200, kBody, signature, key()));
        Sample other;
        other.stamp.counter = 4;
        QVERIFY(!protocol::replyHolds(other.digest(), 200, kBody, signature, key()));
        QVERIFY(!protocol::replyHolds(request, 503, kBody, signature, key()));
        QVERIFY(!protocol::replyHolds(request, 200, {}, signature, key()));
        // A request's signature is none of an answer.
        QVERIFY(!protocol::replyHolds(request, 200, kBody, protocol::signRequest(request, sample::signer()), key()));
    }

    void fieldsAreReadAsTheyAreWritten()
    {
        const Sample good;
        const base::Signature signature = protocol::signRequest(good.digest(), sample::signer());
        const auto fields = protocol::fieldsOf(good.stamp, signature);
        QCOMPARE(fields.size(), std::size_t{4});
        const auto read = protocol::readStamp({.device = fields[0].second,
                                               .boot = fields[1].second,
                                               .counter = fields[2].second,
                                               .signature = fields[3].second});
        QVERIFY(read && read->stamp == good.stamp && read->signature == signature);
    }

    void fieldsHaveOneSpelling_data()
    {
        QTest::addColumn<QByteArray>("device");
        QTest::addColumn<QByteArray>("boot");
        QTest::addColumn<QByteArray>("counter");
        QTest::addColumn<QByteArray>("signature");
        const QByteArray good = QByteArray(64, 'x').toBase64();
        QTest::newRow("no device") << QByteArray() << QByteArray("1") << QByteArray("1") << good;
        QTest::newRow("a blank") << QByteArray("a b") << QByteArray("1") << QByteArray("1") << good;
        QTest::newRow("a newline") << QByteArray("a\nb") << QByteArray("1") << QByteArray("1") << good;
        QTest::newRow("a long device") << QByteArray(129, 'a') << QByteArray("1") << QByteArray("1") << good;
        QTest::newRow("no boot") << QByteArray("a") << QByteArray() << QByteArray("1") << good;
        QTest::newRow("a negative boot") << QByteArray("a") << QByteArray("-1") << QByteArray("1") << good;
        QTest::newRow("a boot of 33 bits") << QByteArray("a") << QByteArray("4294967296") << QByteArray("1") << good;
        QTest::newRow("a leading zero") << QByteArray("a") << QByteArray("1") << QByteArray("01") << good;
        QTest::newRow("a plus") << QByteArray("a") << QByteArray("1") << QByteArray("+1") << good;
        QTest::newRow("a counter of 65 bits")
            << QByteArray("a") << QByteArray("1") << QByteArray("18446744073709551616") << good;
        QTest::newRow("no signature") << QByteArray("a") << QByteArray("1") << QByteArray("1") << QByteArray();
        QTest::newRow("63 bytes") << QByteArray("a") << QByteArray("1") << QByteArray("1")
                                  << QByteArray(63, 'x').toBase64();
        QTest::newRow("no base64") << QByteArray("a") << QByteArray("1") << QByteArray("1") << QByteArray(88, '.');
    }
    void fieldsHaveOneSpelling()
    {
        QFETCH(QByteArray, device);
        QFETCH(QByteArray, boot);
        QFETCH(QByteArray, counter);
        QFETCH(QByteArray, signature);
        const auto view = [](const QByteArray &bytes) {
            return std::string_view(bytes.constData(), static_cast<std::size_t>(bytes.size()));
        };
        const auto read = protocol::readStamp(
            {.device = view(device), .boot = view(boot), .counter = view(counter), .signature = view(signature)});
        QVERIFY(!read && read.error().code == base::ErrorCode::Unauthorized);
    }

    void aRequestIsTakenOnce()
    {
        ReplayWindow window;
        QVERIFY(!window.take({.device = {"d"}, .boot = {1}, .counter = 0}));
        QVERIFY(window.take({.device = {"d"}, .boot = {1}, .counter = 1}));
        QVERIFY(!window.take({.device = {"d"}, .boot = {1}, .counter = 1}));
        QVERIFY(window.take({.device = {"d"}, .boot = {1}, .counter = 3}));
        QVERIFY(window.take({.device = {"d"}, .boot = {1}, .counter = 2})); // it was overtaken
        QVERIFY(!window.take({.device = {"d"}, .boot = {1}, .counter = 2}));
        QVERIFY(!window.take({.device = {"d"}, .boot = {1}, .counter = 1}));
        QVERIFY(window.take({.device = {"d"}, .boot = {2}, .counter = 1}));
        QVERIFY(!window.take({.device = {"d"}, .boot = {1}, .counter = 9})); // of an earlier boot
    }

    void whateverTheOrderNoCounterIsTakenTwice()
    {
        base::SeededRandom random(7);
        ReplayWindow window;
        std::set<std::uint64_t> taken;
        std::uint64_t highest = 0;
        for (int i = 0; i < 20'000; ++i) {
            const std::uint64_t jump = random.below(20) == 0 ? random.below(200) : random.below(5);
            const std::uint64_t from = highest > 70 ? highest - 70 : 0;
            const std::uint64_t counter =
                1 + from + random.below(highest - from + 1) + (random.below(4) == 0 ? jump : 0);
            const bool isNew = !taken.contains(counter);
            const bool inReach = counter > highest || highest - counter <= 64;
            QCOMPARE(window.take({.device = {"d"}, .boot = {1}, .counter = counter}), isNew && inReach);
            if (isNew && inReach)
                taken.insert(counter);
            highest = std::max(highest, inReach ? counter : highest);
            QCOMPARE(window.highest, highest);
        }
        QVERIFY(taken.size() > 1'000);
        QVERIFY(window.take({.device = {"d"}, .boot = {1}, .counter = UINT64_MAX}));
        QVERIFY(!window.take({.device = {"d"}, .boot = {1}, .counter = UINT64_MAX}));
    }
};

QTEST_APPLESS_MAIN(RequestSignatureTest)
#include "request_signature_test.moc"
