#include "server/platform/log/redact.h"

#include <QtTest/QtTest>

using namespace voelgoed;
using log::Fact;

class RedactTest : public QObject
{
    Q_OBJECT

private slots:
    void keysThatNameSecretsOrPeopleAreKnown_data()
    {
        QTest::addColumn<bool>("secret");
        for (const char *key :
             {"token",       "accessToken",   "access_token", "ACCESS-TOKEN", "password",     "new_password",
              "secret",      "client_secret", "code",         "ticket_code",  "pairing.code", "authorization",
              "Cookie",      "set-cookie",    "email",        "holder_email", "name",         "first_name",
              "lastName",    "pin",           "api_key",      "apiKey",       "totp",         "signature",
              "private_key", "phone"})
            QTest::newRow(key) << true;
        for (const char *key :
             {"organization", "event", "gate", "rows", "status", "status_code", "error_code", "file_name", "codec",
              "pinned", "tokenizer", "spin", "device", "url", "key", "path", "ip", ""})
            QTest::newRow(key) << false;
    }

    void keysThatNameSecretsOrPeopleAreKnown()
    {
        QFETCH(bool, secret);
        QCOMPARE(log::isSecretKey(QTest::currentDataTag()), secret);
    }

    void valuesThatLookLikeSecretsAreKnown_data()
    {
        QTest::addColumn<QString>("value");
        const QString code =
            "T1" + QString("8UADZCKFEOEDJOD2KC54EM-DX.CH8FSKDQ$D.OE44E5$CS44+8DK44OEC3EFGVCD2").repeated(2);
        QTest::newRow("bearer") << "Bearer abc";
        QTest::newRow("bearer in a line") << "sent Authorization: bearer xyz to it";
        QTest::newRow("web token")
            << "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U";
        QTest::newRow("base64") << "q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQ";
        QTest::newRow("hexadecimal") << "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
        QTest::newRow("in a query") << "/v1/invitations?t=q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQ";
        QTest::newRow("in a path") << "/v1/invitations/q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQ/accept";
        QTest::newRow("signed code") << code;
        QTest::newRow("signed code in a line") << "read " + code;
        QTest::newRow("signed code with blanks") << code.left(30) + "  " + code.mid(30);
        QTest::newRow("decimal code") << "17" + QString("0123456789").repeated(19);
        QTest::newRow("mail") << "for anna@example.org, twice";
        QTest::newRow("mail in brackets") << "<anna@example.org>";
        QTest::newRow("url with a password") << "postgresql://vg_app:hunter@localhost/x";
        // Of each kind of our own, also one that chance made look like a word.
        for (const char *kind : {"vgs_", "vgk_", "vgt_", "vgi_", "vgp_"})
            QTest::newRow(kind) << QString(kind) + QString("aaaaaaaaaaaa").repeated(3);
        QTest::newRow("said") << "password=hunter2";
        QTest::newRow("said with a blank") << "password: hunter2";
        QTest::newRow("said in JSON") << "{\"pin\":\"1234\"}";
    }

    void valuesThatLookLikeSecretsAreKnown()
    {
        QFETCH(QString, value);
        QVERIFY(log::looksSecret(value.toStdString()));
        const std::string shown = log::redactedText(value.toStdString());
        QVERIFY(shown.find(log::kMasked) != std::string::npos);
        for (const char *secret : {"hunter", "anna", "abc", "xyz", "q83v", "9f86", "8UAD", "1234", "eyJ"})
            QVERIFY2(shown.find(secret) == std::string::npos, shown.c_str());
    }

    void whatIsNoSecretStaysAsItIs_data()
    {
        QTest::addColumn<QString>("value");
        for (const char *value :
             {"", " ", "connected", "an error of the database: relation \"tickets\" does not exist",
              "018f3c52-7b1e-7cc0-9d3a-2f1f5b7a9c01",
              "/v1/orgs/018f3c52-7b1e-7cc0-9d3a-2f1f5b7a9c01/events/018f3c52-7b1e-7cc0-9d3a-2f1f5b7a9c02",
              "vg:{018f3c52-7b1e-7cc0-9d3a-2f1f5b7a9c01.018f3c52-7b1e-7cc0-9d3a-2f1f5b7a9c02}:scan:claims:main",
              "2026-12-05T18:00:00.250Z", "127.0.0.1:6379", "[2001:db8::1]:443",
              "unix:/var/lib/voelgoed/redis/redis.sock", "redis://127.0.0.1:7000",
              "https://tickets.example.org/v1/sync", "MOVED 3999 127.0.0.1:6381",
              "WRONGTYPE Operation against a key holding the wrong kind of value", "seating: release pinned holds",
              "http_server_request_duration_seconds", "redis: no answer in time", "12345678901234567890"})
            QTest::newRow(value) << value;
    }

    void whatIsNoSecretStaysAsItIs()
    {
        QFETCH(QString, value);
        QCOMPARE(log::redactedText(value.toStdString()), value.toStdString());
    }

    void onlyTheSecretOfALineIsMasked()
    {
        QCOMPARE(log::redactedText("mail to anna@example.org was refused"),
                 std::string("mail to [masked] was refused"));
        QCOMPARE(log::redactedText("a\tBearer  x\nb"), std::string("a\tBearer  [masked]\nb"));
    }

    void factsAreMaskedByKeyOrByValue()
    {
        const auto facts = log::redacted({{"token", "short"},
                                          {"pin", 1234},
                                          {"code", 1.5},
                                          {"has_password", true},
                                          {"rows", 500},
                                          {"seen", "Bearer abc"},
                                          {"gate", "north"}});
        const std::vector<Fact::Value> expected{
            std::string("[masked]"), std::string("[masked]"),        std::string("[masked]"), true,
            std::int64_t{500},       std::string("Bearer [masked]"), std::string("north")};
        for (std::size_t i = 0; i < facts.size(); ++i)
            QVERIFY2(facts[i].value == expected[i], facts[i].key.c_str());
    }

    // It looks like a key, and is what finds the other lines.
    void aTraceIsShownAndNothingElseUnderItsName()
    {
        const std::string trace = "4bf92f3577b34da6a3ce929d0e0e4736", secret = "q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQ";
        const auto facts =
            log::redacted({{"trace_id", trace}, {"other", trace}, {"trace_id", secret}, {"trace_id", trace + trace}});
        QCOMPARE(std::get<std::string>(facts[0].value), trace);
        for (std::size_t i = 1; i < facts.size(); ++i)
            QCOMPARE(std::get<std::string>(facts[i].value), std::string(log::kMasked));
    }

    void textsAreTamedAndCut()
    {
        const auto facts = log::redacted({{"a", "x\x1b[31m\ny"}, {"b", std::string(5'000, 'x')}, {"k\n", "v"}});
        QCOMPARE(std::get<std::string>(facts[0].value).find('\x1b'), std::string::npos);
        QCOMPARE(std::get<std::string>(facts[0].value).find('\n'), std::string::npos);
        QVERIFY(std::get<std::string>(facts[1].value).size() < 600);
        QCOMPARE(facts[2].key.find('\n'), std::string::npos);
    }
};

QTEST_APPLESS_MAIN(RedactTest)
#include "redact_test.moc"
