#include "server/slices/audit/heads.h"
#include "tests/support/services.h"

#include <QtTest/QtTest>

#include <fstream>

using namespace voelgoed;
using audit::Head;
using audit::Heads;

/// The newest seals that a server has seen, in their file.
class HeadsTest : public QObject
{
    Q_OBJECT

private:
    static base::Uuid organization(unsigned char number)
    {
        base::Uuid id{};
        id[15] = std::byte{number};
        return id;
    }
    static Head head(std::int64_t number)
    {
        Head made{.number = number};
        made.hash[0] = static_cast<std::byte>(number);
        return made;
    }

private slots:
    void whatWasSavedIsThereAgain()
    {
        const test::Folder folder;
        const std::string file = folder.path() + "/audit-heads.json";
        Heads first(file);
        first.saw(organization(1), head(3));
        first.saw(organization(2), head(7));
        first.saw(organization(1), head(2)); // never back
        QVERIFY(!Heads(file).of(organization(1)));
        QVERIFY(first.save());
        const Heads again(file);
        QCOMPARE(again.of(organization(1))->number, std::int64_t{3});
        QVERIFY(again.of(organization(1))->hash == head(3).hash);
        QCOMPARE(again.of(organization(2))->number, std::int64_t{7});
        QVERIFY(!again.of(organization(3)));
    }

    void aFileThatCannotBeReadIsBegunAnew_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::newRow("nothing") << QByteArray();
        QTest::newRow("no JSON") << QByteArray("{\"a");
        QTest::newRow("a list") << QByteArray("[1]");
        QTest::newRow("no organization") << QByteArray(R"({"x": {"number": 1, "hash": "00"}})");
        QTest::newRow("a short hash") << QByteArray(
            R"({"00000000-0000-0000-0000-000000000001": {"number": 1, "hash": "00"}})");
        QTest::newRow("no head") << QByteArray(R"({"00000000-0000-0000-0000-000000000001": 5})");
    }
    void aFileThatCannotBeReadIsBegunAnew()
    {
        QFETCH(QByteArray, text);
        const test::Folder folder;
        const std::string file = folder.path() + "/audit-heads.json";
        std::ofstream(file, std::ios::binary) << text.toStdString();
        Heads heads(file);
        QVERIFY(!heads.of(organization(1)));
        heads.saw(organization(1), head(1));
        QVERIFY(heads.save());
        QVERIFY(Heads(file).of(organization(1)));
    }

    void whatCannotBeWrittenIsSaid()
    {
        const test::Folder folder;
        Heads heads(folder.path() + "/nowhere/audit-heads.json");
        QVERIFY(heads.save()); // nothing to write
        heads.saw(organization(1), head(1));
        const auto saved = heads.save();
        QVERIFY(!saved && saved.error().message.find("cannot be written") != std::string::npos);
    }
};

QTEST_APPLESS_MAIN(HeadsTest)
#include "heads_test.moc"
