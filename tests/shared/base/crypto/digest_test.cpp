#include "shared/base/crypto/digest.h"

#include <QtTest/QtTest>

#include <openssl/crypto.h>

#include <cstdlib>
#include <new>

using namespace voelgoed::base;

namespace {

std::size_t allocations = 0;

void *countedAllocate(std::size_t size, const char *, int)
{
    ++allocations;
    return std::malloc(size);
}

void *countedReallocate(void *old, std::size_t size, const char *, int)
{
    ++allocations;
    return std::realloc(old, size);
}

void release(void *old, const char *, int)
{
    std::free(old);
}

QByteArray hex(ByteView bytes)
{
    return QByteArray::fromStdString(toHex(bytes));
}

ByteView view(const QByteArray &bytes)
{
    return std::as_bytes(std::span(bytes.data(), bytes.size()));
}

} // namespace

class DigestTest : public QObject
{
    Q_OBJECT

private slots:
    /// FIPS 180-4, examples of SHA-256.
    void sha256GivesTheStandardsExamples_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QByteArray>("digest");
        QTest::newRow("empty") << QByteArray()
                               << QByteArray("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        QTest::newRow("one block") << QByteArray("abc")
                                   << QByteArray("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        QTest::newRow("two blocks") << QByteArray("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")
                                    << QByteArray("248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
        QTest::newRow("a million letters")
            << QByteArray(1'000'000, 'a')
            << QByteArray("cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
    }
    void sha256GivesTheStandardsExamples()
    {
        QFETCH(QByteArray, text);
        QFETCH(QByteArray, digest);
        QCOMPARE(hex(sha256(view(text))), digest);
    }

    void partsAreHashedAsOneText()
    {
        QCOMPARE(sha256({bytesOf("a"), bytesOf(""), bytesOf("bc")}), sha256(bytesOf("abc")));
        QCOMPARE(hmacSha256(bytesOf("key"), {bytesOf("a"), bytesOf("bc")}),
                 hmacSha256(bytesOf("key"), {bytesOf("abc")}));
    }

    /// RFC 4231 for SHA-256 and RFC 2202 for SHA-1, the same inputs.
    void hmacGivesTheStandardsExamples_data()
    {
        QTest::addColumn<QByteArray>("key");
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QByteArray>("with256");
        QTest::addColumn<QByteArray>("with1");
        QTest::newRow("case 1") << QByteArray(20, 0x0b) << QByteArray("Hi There")
                                << QByteArray("b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7")
                                << QByteArray("b617318655057264e28bc0b6fb378c8ef146be00");
        QTest::newRow("case 2, a short key")
            << QByteArray("Jefe") << QByteArray("what do ya want for nothing?")
            << QByteArray("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
            << QByteArray("effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
        QTest::newRow("case 3") << QByteArray(20, '\xaa') << QByteArray(50, '\xdd')
                                << QByteArray("773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe")
                                << QByteArray("125d7342b9ac11cd91a39af48aa17b4f63f175d3");
    }
    void hmacGivesTheStandardsExamples()
    {
        QFETCH(QByteArray, key);
        QFETCH(QByteArray, text);
        QFETCH(QByteArray, with256);
        QFETCH(QByteArray, with1);
        QCOMPARE(hex(hmacSha256(view(key), {view(text)})), with256);
        QCOMPARE(hex(hmacSha1(view(key), view(text))), with1);
    }

    /// RFC 4231, case 6, and RFC 2202, case 6.
    void aKeyLongerThanABlockIsHashedFirst()
    {
        const QByteArray text = "Test Using Larger Than Block-Size Key - Hash Key First";
        QCOMPARE(hex(hmacSha256(view(QByteArray(131, '\xaa')), {view(text)})),
                 QByteArray("60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"));
        QCOMPARE(hex(hmacSha1(view(QByteArray(80, '\xaa')), view(text))),
                 QByteArray("aa4ae5e15272d00e95705637ce8a3b55ed402112"));
    }

    void aDigestCostsAtMostOneAllocation()
    {
        const Digest first = sha256({bytesOf("some"), bytesOf("text")});
        const auto firstKeyed = hmacSha1(first, bytesOf("text"));
        QVERIFY(allocations > 0);
        allocations = 0;
        QCOMPARE(sha256({bytesOf("some"), bytesOf("text")}), first);
        QVERIFY(allocations <= 1);
        allocations = 0;
        QCOMPARE(hmacSha1(first, bytesOf("text")), firstKeyed);
        QVERIFY2(allocations <= 2, "an HMAC is two digests");
    }
};

int main(int argc, char **argv)
{
    // Before OpenSSL allocates anything, or it refuses.
    if (CRYPTO_set_mem_functions(countedAllocate, countedReallocate, release) != 1)
        return 1;
    DigestTest test;
    return QTest::qExec(&test, argc, argv);
}
#include "digest_test.moc"
