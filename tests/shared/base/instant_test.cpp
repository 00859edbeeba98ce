#include "shared/base/instant.h"

#include <QtTest/QtTest>

using namespace voelgoed::base;

class InstantTest : public QObject
{
    Q_OBJECT

private slots:
    void readsWhatRfc3339Allows_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<qint64>("millis");
        QTest::newRow("utc") << "2026-12-05T11:00:00Z" << qint64(1796468400000);
        QTest::newRow("offset") << "2026-12-05T13:00:00+02:00" << qint64(1796468400000);
        QTest::newRow("negative offset") << "2026-12-05T08:30:00-02:30" << qint64(1796468400000);
        QTest::newRow("fraction") << "2026-12-05t11:00:00.25z" << qint64(1796468400250);
        QTest::newRow("long fraction") << "2026-12-05 11:00:00.2509999Z" << qint64(1796468400250);
        QTest::newRow("epoch") << "1970-01-01T00:00:00Z" << qint64(0);
        QTest::newRow("leap second") << "2016-12-31T23:59:60Z" << qint64(1483228800000);
        QTest::newRow("after 2038") << "2106-02-07T06:28:16Z" << qint64(4294967296000);
        QTest::newRow("before 1970") << "1969-12-31T23:59:59Z" << qint64(-1000);
        QTest::newRow("the first one") << "0001-01-01T00:00:00Z" << qint64(-62135596800000);
        QTest::newRow("the last one") << "9999-12-31T23:59:59.999Z" << qint64(253402300799999);
    }
    void readsWhatRfc3339Allows()
    {
        QFETCH(QString, text);
        QFETCH(qint64, millis);
        const auto at = parseInstant(text.toStdString());
        QVERIFY(at);
        QCOMPARE(millisOf(*at), millis);
    }

    void refusesEverythingElse_data()
    {
        QTest::addColumn<QString>("text");
        for (const char *text :
             {"", "2026-12-05", "2026-12-05T11:00:00", "2026-13-05T11:00:00Z", "2026-02-29T11:00:00Z",
              "2026-12-05T24:00:00Z", "2026-12-05T11:60:00Z", "2026-12-05T11:00:61Z", "2026-12-05T11:00:00.Z",
              "2026-12-05T11:00:00Z ", "2026-12-05T11:00:00+24:00", "2026-12-05T11:00:00+0200", "26-12-05T11:00:00Z",
              "2026-12-5T11:00:00Z", "0000-12-31T23:59:59Z", "+2026-12-05T11:00:00Z"})
            QTest::newRow(text) << text;
    }
    void refusesEverythingElse()
    {
        QFETCH(QString, text);
        QVERIFY(!parseInstant(text.toStdString()));
    }

    void writesWhatItReads()
    {
        for (const char *text : {"2026-12-05T11:00:00Z", "2026-12-05T11:00:00.250Z", "1970-01-01T00:00:00Z",
                                 "1969-12-31T23:59:59.999Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999Z"})
            QCOMPARE(formatInstant(*parseInstant(text)), std::string(text));
    }
};

QTEST_APPLESS_MAIN(InstantTest)
#include "instant_test.moc"
