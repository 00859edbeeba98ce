#include "device/core/profile/identity.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QtTest/QtTest>

#include <memory>
#include <set>

using namespace voelgoed;
using base::ErrorCode;

namespace {

QByteArray contentsOf(const QString &path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

} // namespace

/// Who a device is: made once, and never another.
class IdentityTest : public QObject
{
    Q_OBJECT

private slots:
    void init()
    {
        m_folder = std::make_unique<QTemporaryDir>();
        m_file = m_folder->filePath("device.json");
    }

    void itIsMadeOnceAndReadFromThenOn()
    {
        base::SeededRandom random(1);
        QVERIFY(profile::loadIdentity(folder()).error().code == ErrorCode::NotFound);
        const auto made = profile::loadOrMakeIdentity(folder(), random);
        QVERIFY(made);
        for (int i = 0; i < 2; ++i) {
            const auto again = profile::loadOrMakeIdentity(folder(), random);
            QVERIFY(again);
            QCOMPARE(again->device.text, made->device.text);
            QVERIFY(again->signing.publicKey() == made->signing.publicKey());
            QVERIFY(again->dataKey == made->dataKey);
        }
        const base::ByteView message = base::bytesOf("who signs this");
        const auto key = base::VerifyingKey::fromRaw(made->signing.publicKey());
        QVERIFY(key && key->verify(message, profile::loadIdentity(folder())->signing.sign(message)));
    }

    void onlyItsOwnerCanReadIt()
    {
        base::SeededRandom random(1);
        QVERIFY(profile::loadOrMakeIdentity(folder(), random));
        QCOMPARE(QFile::permissions(m_file) & 0x0FFF & ~(QFile::ReadUser | QFile::WriteUser), QFile::Permissions());
        QVERIFY(!QFile::exists(m_file + ".new"));
    }

    void whatCannotBeReadIsNeverMadeAnew_data()
    {
        QTest::addColumn<QByteArray>("contents");
        QTest::newRow("empty") << QByteArray();
        QTest::newRow("no JSON") << QByteArray("device");
        QTest::newRow("an array") << QByteArray("[]");
        QTest::newRow("nothing in it") << QByteArray("{}");
        const QByteArray key(64, 'a');
        const auto with = [](const QByteArray &device, const QByteArray &seed, const QByteArray &data) {
            return QByteArray("{\"device\":\"" + device + "\",\"signing_seed\":\"" + seed + "\",\"data_key\":\"" +
                              data + "\"}");
        };
        QTest::newRow("no device") << with("", key, key);
        QTest::newRow("a short seed") << with("d", key.left(62), key);
        QTest::newRow("a long key") << with("d", key, key + "00");
        QTest::newRow("not hex") << with("d", key, QByteArray(64, 'g'));
        QTest::newRow("cut off") << with("d", key, key).chopped(9);
        QTest::newRow("something behind it") << with("d", key, key) + "x";
        QTest::newRow("a field that nobody knows") << with("d", key, key).chopped(1) + ",\"x\":1}";
        QTest::newRow("a field twice") << with("d", key, key).chopped(1) + ",\"device\":\"e\"}";
        QTest::newRow("longer than it can be") << with("d", key, key) + QByteArray(5000, ' ');
    }
    void whatCannotBeReadIsNeverMadeAnew()
    {
        QFETCH(QByteArray, contents);
        QFile file(m_file);
        QVERIFY(file.open(QIODevice::WriteOnly) && file.write(contents) == contents.size());
        file.close();
        base::SeededRandom random(1);
        const auto identity = profile::loadOrMakeIdentity(folder(), random);
        QVERIFY(!identity);
        QVERIFY(identity.error().code == ErrorCode::Corrupt || identity.error().code == ErrorCode::Invalid);
        QVERIFY2(identity.error().message.find(m_file.toStdString()) == 0, identity.error().message.c_str());
        QCOMPARE(contentsOf(m_file), contents);
        // The keys in it are nobody's to see.
        QVERIFY(identity.error().message.find(std::string(62, 'a')) == std::string::npos);
    }

    void aFolderThatIsNotThereIsNamed()
    {
        base::SeededRandom random(1);
        const auto identity = profile::loadOrMakeIdentity(folder() + "/none", random);
        QVERIFY(!identity);
        QVERIFY(identity.error().message.find("/none") != std::string::npos);
    }

    void uuidsAreRandomOnesOfVersion4()
    {
        base::SeededRandom random(7);
        static const QRegularExpression shape("^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$");
        std::set<std::string> seen;
        for (int i = 0; i < 1'000; ++i) {
            const std::string uuid = profile::makeUuid(random);
            QVERIFY2(shape.match(QString::fromStdString(uuid)).hasMatch(), uuid.c_str());
            QVERIFY(seen.insert(uuid).second);
        }
    }

private:
    std::string folder() const { return m_folder->path().toStdString(); }

    std::unique_ptr<QTemporaryDir> m_folder;
    QString m_file;
};

QTEST_APPLESS_MAIN(IdentityTest)
#include "identity_test.moc"
