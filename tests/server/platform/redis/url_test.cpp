#include "server/platform/redis/url.h"

#include <QtTest/QtTest>

using namespace voelgoed;
using redis::Address;
using redis::Endpoint;

Q_DECLARE_METATYPE(voelgoed::redis::Address)

class UrlTest : public QObject
{
    Q_OBJECT

private slots:
    void aUrlIsRead_data()
    {
        QTest::addColumn<QString>("url");
        QTest::addColumn<Address>("address");
        const Endpoint local{.host = "localhost", .port = 6379, .unixPath = {}};
        QTest::newRow("host") << "redis://localhost" << Address{.endpoint = local};
        QTest::newRow("slash") << "redis://localhost/" << Address{.endpoint = local};
        QTest::newRow("port") << "redis://10.0.0.1:7000" << Address{.endpoint = {.host = "10.0.0.1", .port = 7000}};
        QTest::newRow("six") << "redis://[::1]:7000" << Address{.endpoint = {.host = "::1", .port = 7000}};
        QTest::newRow("six alone") << "redis://[::1]" << Address{.endpoint = {.host = "::1", .port = 6379}};
        QTest::newRow("database") << "redis://localhost/12" << Address{.endpoint = local, .database = 12};
        QTest::newRow("password") << "redis://:p%40@localhost" << Address{.endpoint = local, .password = "p@"};
        QTest::newRow("user") << "redis://me:a:b@localhost/1"
                              << Address{.endpoint = local, .user = "me", .password = "a:b", .database = 1};
        QTest::newRow("unix") << "unix:/run/x.sock" << Address{.endpoint = {.unixPath = "/run/x.sock"}};
        QTest::newRow("unix with slashes") << "unix:///run/x.sock" << Address{.endpoint = {.unixPath = "/run/x.sock"}};
    }

    void aUrlIsRead()
    {
        QFETCH(QString, url);
        QFETCH(Address, address);
        const auto read = redis::parseUrl(url.toStdString());
        QVERIFY(read);
        QCOMPARE(*read, address);
    }

    void whatIsNoUrlIsRefusedWithoutItsPassword_data()
    {
        QTest::addColumn<QString>("url");
        for (const char *url :
             {"", "redis:", "redis://", "redis://:secret@", "redis://:secret@h:0", "redis://:secret@h:99999",
              "redis://:secret@h:x", "redis://:secret@h/x", "redis://:secret@h/99999", "redis://secret@h",
              "redis://:secret%2@h", "redis://:secret%zz@h", "redis://:secret@[::1", "redis://[::1]7000",
              "unix:relative", "unix:", "http://:secret@h", "rediss://:secret@h"})
            QTest::newRow(url) << url;
        QTest::newRow("long path") << "unix:/" + QString(200, 'x');
    }

    void whatIsNoUrlIsRefusedWithoutItsPassword()
    {
        QFETCH(QString, url);
        const auto read = redis::parseUrl(url.toStdString());
        QVERIFY(!read);
        const bool tls = url.startsWith("rediss");
        QCOMPARE(read.error().code, tls ? base::ErrorCode::Unsupported : base::ErrorCode::Invalid);
        QVERIFY((read.error().message + read.error().hint).find("secret") == std::string::npos);
    }
};

QTEST_APPLESS_MAIN(UrlTest)
#include "url_test.moc"
