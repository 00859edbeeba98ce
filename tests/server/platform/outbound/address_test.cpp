// Which addresses are called, and when to call again.
#include "server/platform/outbound/address.h"
#include "server/platform/outbound/retry_after.h"

#include <QTest>

using namespace voelgoed;
using namespace voelgoed::outbound;

class AddressTest : public QObject
{
    Q_OBJECT

private slots:
    void insideIsNotCalled_data()
    {
        QTest::addColumn<QString>("address");
        for (const char *address : {"0.0.0.0",
                                    "0.255.255.255",
                                    "10.0.0.1",
                                    "10.255.255.255",
                                    "100.64.0.1",
                                    "100.127.255.255",
                                    "127.0.0.1",
                                    "127.255.255.254",
                                    "169.254.169.254",
                                    "172.16.0.1",
                                    "172.31.255.255",
                                    "192.0.0.1",
                                    "192.0.2.1",
                                    "192.88.99.1",
                                    "192.168.0.1",
                                    "192.168.255.255",
                                    "198.18.0.1",
                                    "198.19.255.255",
                                    "198.51.100.1",
                                    "203.0.113.1",
                                    "224.0.0.1",
                                    "239.255.255.255",
                                    "240.0.0.1",
                                    "255.255.255.255",
                                    "::",
                                    "::1",
                                    "::ffff:127.0.0.1",
                                    "::ffff:8.8.8.8",
                                    "::127.0.0.1",
                                    "::ffff:0:10.0.0.1",
                                    "64:ff9b::10.0.0.1",
                                    "64:ff9b::169.254.169.254",
                                    "64:ff9b:1::8.8.8.8",
                                    "100::1",
                                    "2001::1",
                                    "2001:1ff:ffff::1",
                                    "2001:db8::1",
                                    "2002:7f00:1::1",
                                    "3fff::1",
                                    "4000::1",
                                    "fc00::1",
                                    "fd12:3456::1",
                                    "fe80::1",
                                    "fec0::1",
                                    "ff02::1",
                                    "ff0e::1"})
            QTest::newRow(address) << address;
    }
    void insideIsNotCalled()
    {
        QFETCH(QString, address);
        QVERIFY(!isPublic(boost::asio::ip::make_address(address.toStdString())));
    }

    void outsideIsCalled_data()
    {
        QTest::addColumn<QString>("address");
        for (const char *address :
             {"1.1.1.1",         "8.8.8.8",         "9.255.255.255",   "11.0.0.0",        "100.63.255.255",
              "100.128.0.0",     "126.255.255.255", "128.0.0.0",       "169.253.255.255", "172.15.255.255",
              "172.32.0.0",      "192.0.1.0",       "192.167.255.255", "198.17.255.255",  "198.20.0.0",
              "223.255.255.255", "2000::1",         "2001:200::1",     "2606:4700::1111", "2a00:1450:4001::1",
              "64:ff9b::8.8.8.8"})
            QTest::newRow(address) << address;
    }
    void outsideIsCalled()
    {
        QFETCH(QString, address);
        QVERIFY(isPublic(boost::asio::ip::make_address(address.toStdString())));
    }

    void aPauseIsSecondsOrADate_data()
    {
        QTest::addColumn<QString>("field");
        QTest::addColumn<qint64>("milliseconds"); // -1: none
        QTest::newRow("seconds") << "120" << qint64{120'000};
        QTest::newRow("none") << "0" << qint64{0};
        QTest::newRow("with blanks") << " 7 " << qint64{7'000};
        QTest::newRow("too long") << "100000000" << qint64{86'400'000};
        QTest::newRow("far too long") << "99999999999999999999" << qint64{86'400'000};
        QTest::newRow("a date") << "Sun, 06 Nov 1994 08:50:37 GMT" << qint64{60'000};
        QTest::newRow("a date that has passed") << "Sun, 06 Nov 1994 08:48:37 GMT" << qint64{0};
        QTest::newRow("a date far away") << "Sun, 06 Nov 2094 08:49:37 GMT" << qint64{86'400'000};
        QTest::newRow("empty") << "" << qint64{-1};
        QTest::newRow("negative") << "-1" << qint64{-1};
        QTest::newRow("a fraction") << "1.5" << qint64{-1};
        QTest::newRow("words") << "soon" << qint64{-1};
        QTest::newRow("a day that is none") << "Sun, 31 Feb 1994 08:49:37 GMT" << qint64{-1};
        QTest::newRow("an hour that is none") << "Sun, 06 Nov 1994 28:49:37 GMT" << qint64{-1};
        QTest::newRow("another zone") << "Sun, 06 Nov 1994 08:49:37 CET" << qint64{-1};
        QTest::newRow("signs in numbers") << "Sun, -6 Nov 1994 08:49:37 GMT" << qint64{-1};
    }
    void aPauseIsSecondsOrADate()
    {
        QFETCH(QString, field);
        QFETCH(qint64, milliseconds);
        const auto now = *base::parseInstant("1994-11-06T08:49:37Z");
        const auto pause = retryAfter(field.toStdString(), now);
        QCOMPARE(pause ? qint64(pause->count()) : -1, milliseconds);
    }
};

QTEST_APPLESS_MAIN(AddressTest)
#include "address_test.moc"
