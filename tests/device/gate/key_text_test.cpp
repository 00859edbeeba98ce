#include "device/gate/key_text.h"

#include <QFile>
#include <QTemporaryDir>
#include <QtTest/QtTest>

using namespace voelgoed;

namespace {

// The public key of RFC 8032, 7.1, test 1, and the same in the form of RFC 8410.
constexpr const char *kDigits = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";
constexpr const char *kPemBody = "MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";

QByteArray pem(const QByteArray &body)
{
    return "-----BEGIN PUBLIC KEY-----\n" + body + "\n-----END PUBLIC KEY-----\n";
}

} // namespace

/// A signer's public key as people hand it over.
class KeyTextTest : public QObject
{
    Q_OBJECT

private slots:
    void aKeyIsReadFromText_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::newRow("with its algorithm") << QByteArray("ed25519:") + kDigits;
        QTest::newRow("digits alone") << QByteArray(kDigits);
        QTest::newRow("upper case digits") << QByteArray(kDigits).toUpper();
    }
    void aKeyIsReadFromText()
    {
        QFETCH(QByteArray, text);
        const auto key = gate::readTrustKey(text.toStdString());
        QVERIFY(key);
        QCOMPARE(base::toHex(*key), std::string(kDigits));
    }

    void aKeyIsReadFromAFile_data()
    {
        QTest::addColumn<QByteArray>("contents");
        const QByteArray digits = kDigits;
        QTest::newRow("with its algorithm") << "ed25519:" + digits;
        QTest::newRow("digits alone") << digits;
        QTest::newRow("a line end behind") << "ed25519:" + digits + "\n";
        QTest::newRow("CR LF behind") << "ed25519:" + digits + "\r\n";
        QTest::newRow("blanks around") << "  ed25519:" + digits + " \n";
        QTest::newRow("JSON") << "{\"public\":\"ed25519:" + digits + "\",\"bundle_seed\":\"00\"}\n";
        QTest::newRow("JSON, digits alone") << "{\"public\":\"" + digits + "\"}";
        QTest::newRow("PEM") << pem(kPemBody);
        QTest::newRow("PEM with CR LF") << pem(kPemBody).replace("\n", "\r\n");
        QTest::newRow("PEM with a text before") << "of the organizer\n" + pem(kPemBody);
    }
    void aKeyIsReadFromAFile()
    {
        QFETCH(QByteArray, contents);
        const auto key = gate::readTrustKey(write(contents));
        QVERIFY2(key, key ? "" : key.error().message.c_str());
        QCOMPARE(base::toHex(*key), std::string(kDigits));
    }

    void whatHoldsNoKeyIsRefusedAndNamed_data()
    {
        QTest::addColumn<QByteArray>("contents");
        const QByteArray digits = kDigits;
        QTest::newRow("nothing") << QByteArray();
        QTest::newRow("a line end") << QByteArray("\n");
        QTest::newRow("a digit short") << digits.chopped(1);
        QTest::newRow("a byte short") << digits.chopped(2);
        QTest::newRow("a byte more") << digits + "00";
        QTest::newRow("no digit") << digits.chopped(1) + "g";
        QTest::newRow("another algorithm") << "ed448:" + digits;
        QTest::newRow("algorithm twice") << "ed25519:ed25519:" + digits;
        QTest::newRow("two keys") << digits + "\n" + digits + "\n";
        QTest::newRow("a private half in PEM")
            << QByteArray("-----BEGIN PRIVATE KEY-----\n") + kPemBody + "\n-----END PRIVATE KEY-----\n";
        QTest::newRow("a private half in JSON") << "{\"bundle_seed\":\"" + digits + "\"}";
        QTest::newRow("JSON, no text") << QByteArray("{\"public\":7}");
        QTest::newRow("JSON, a list") << "[\"" + digits + "\"]";
        QTest::newRow("JSON, key twice") << "{\"public\":\"" + digits + "\",\"public\":\"" + digits + "\"}";
        QTest::newRow("PEM without end") << QByteArray("-----BEGIN PUBLIC KEY-----\n") + kPemBody;
        QTest::newRow("PEM, end first") << QByteArray("-----END PUBLIC KEY-----\n-----BEGIN PUBLIC KEY-----\n") +
                                               kPemBody;
        QTest::newRow("PEM, no base64") << pem("!!!!");
        QTest::newRow("PEM, cut") << pem(QByteArray(kPemBody).left(40));
        QTest::newRow("PEM, a key for X25519") << pem(QByteArray(kPemBody).replace("VwAyEA", "VuAyEA"));
        QTest::newRow("PEM, empty") << pem("");
        QTest::newRow("longer than a key file may be") << QByteArray(20'000, ' ') + digits;
        QTest::newRow("bytes") << QByteArray("\0\xff\x80", 3);
    }
    void whatHoldsNoKeyIsRefusedAndNamed()
    {
        QFETCH(QByteArray, contents);
        const std::string path = write(contents);
        const auto key = gate::readTrustKey(path);
        QVERIFY(!key);
        QCOMPARE(key.error().code, base::ErrorCode::Invalid);
        QVERIFY2(key.error().message.starts_with(path + ": "), key.error().message.c_str());
    }

    void whatIsNeitherKeyNorFileIsRefused()
    {
        for (const char *text : {"", "ed25519:", "nobody", "/none/key"}) {
            const auto key = gate::readTrustKey(text);
            QVERIFY2(!key, text);
            QCOMPARE(key.error().code, base::ErrorCode::Invalid);
            QVERIFY(!key.error().hint.empty());
        }
        const auto folder = gate::readTrustKey(m_folder.path().toStdString());
        QVERIFY(!folder);
        QCOMPARE(folder.error().code, base::ErrorCode::Unavailable);
    }

private:
    std::string write(const QByteArray &contents) const
    {
        QFile file(m_folder.filePath("key"));
        base::ensure(file.open(QIODevice::WriteOnly) && file.write(contents) == contents.size(), "a file for the key");
        return file.fileName().toStdString();
    }

    QTemporaryDir m_folder;
};

QTEST_APPLESS_MAIN(KeyTextTest)
#include "key_text_test.moc"
