#include "shared/domain/posix_rule.h"

#include <QtTest/QtTest>

using namespace voelgoed;
using namespace std::chrono;

class PosixRuleTest : public QObject
{
    Q_OBJECT

private slots:
    void readsRules_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<int>("offset");
        QTest::addColumn<int>("summer"); ///< -1: none
        QTest::addColumn<QString>("begins");
        QTest::addColumn<QString>("ends");
        QTest::newRow("no summer") << "SAST-2" << 120 << -1 << ""
                                   << "";
        QTest::newRow("a quoted name, minutes") << "<+0545>-5:45" << 345 << -1 << ""
                                                << "";
        QTest::newRow("Berlin") << "CET-1CEST,M3.5.0,M10.5.0/3" << 60 << 120 << "2040-03-25T01:00:00Z"
                                << "2040-10-28T01:00:00Z";
        QTest::newRow("New York") << "EST5EDT,M3.2.0,M11.1.0" << -300 << -240 << "2040-03-11T07:00:00Z"
                                  << "2040-11-04T06:00:00Z";
        QTest::newRow("half an hour") << "<+1030>-10:30<+11>-11,M10.1.0,M4.1.0" << 630 << 660 << "2040-10-06T15:30:00Z"
                                      << "2040-03-31T15:00:00Z";
        QTest::newRow("on the day before") << "<-02>2<-01>,M3.5.0/-1,M10.5.0/0" << -120 << -60 << "2040-03-25T01:00:00Z"
                                           << "2040-10-28T01:00:00Z";
        QTest::newRow("days later") << "EET-2EEST,M3.4.4/50,M10.4.4/50" << 120 << 180 << "2040-03-24T00:00:00Z"
                                    << "2040-10-26T23:00:00Z";
        QTest::newRow("winter is what is saved") << "IST-1GMT0,M10.5.0,M3.5.0/1" << 60 << 0 << "2040-10-28T01:00:00Z"
                                                 << "2040-03-25T01:00:00Z";
        QTest::newRow("days by number, without 29 February")
            << "AAA0BBB,J60/0,J300/0" << 0 << 60 << "2040-03-01T00:00:00Z"
            << "2040-10-26T23:00:00Z";
        QTest::newRow("days by number, with it") << "AAA0BBB,59/0,300/0" << 0 << 60 << "2040-02-29T00:00:00Z"
                                                 << "2040-10-26T23:00:00Z";
    }
    void readsRules()
    {
        QFETCH(QString, text);
        QFETCH(int, offset);
        QFETCH(int, summer);
        QFETCH(QString, begins);
        QFETCH(QString, ends);
        const auto rule = domain::parsePosixRule(text.toStdString());
        QVERIFY(rule);
        QCOMPARE(rule->offset, seconds(minutes(offset)));
        QCOMPARE(rule->summer.has_value(), summer != -1);
        if (!rule->summer)
            return;
        QCOMPARE(rule->summer->offset, seconds(minutes(summer)));
        QCOMPARE(base::formatInstant(domain::momentOf(rule->summer->begins, year(2040), rule->offset)),
                 begins.toStdString());
        QCOMPARE(base::formatInstant(domain::momentOf(rule->summer->ends, year(2040), rule->summer->offset)),
                 ends.toStdString());
    }

    void takesNothingElse_data()
    {
        QTest::addColumn<QString>("text");
        for (const char *text : {"", "CET", "CE-1", "CET-1CEST", "CET-1CEST,M3.5.0", "CET-1CEST,M3.5.0,M10.5.0/3x",
                                 "CET-1CEST,M13.5.0,M10.5.0", "CET-1CEST,M3.6.0,M10.5.0", "CET-1CEST,M3.5.7,M10.5.0",
                                 "CET-1CEST,J0,J1", "CET-1CEST,366,1", "<CET-1", "CET-25", "CET-1CEST,M3.5.0/168,J1"})
            QTest::newRow(text) << text;
    }
    void takesNothingElse()
    {
        QFETCH(QString, text);
        QVERIFY(!domain::parsePosixRule(text.toStdString()));
    }
};

QTEST_APPLESS_MAIN(PosixRuleTest)
#include "posix_rule_test.moc"
