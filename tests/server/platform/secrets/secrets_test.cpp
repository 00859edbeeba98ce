#include "server/platform/secrets/password.h"
#include "server/platform/secrets/token.h"
#include "shared/base/crypto/system_random.h"

#include <QtTest/QtTest>

using namespace voelgoed;
using secrets::TokenKind;

class SecretsTest : public QObject
{
    Q_OBJECT

private slots:
    void aPasswordHoldsForItselfAlone()
    {
        const std::string hash = secrets::hashPassword("Sterk3Wagwoord");
        QVERIFY(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        QVERIFY(secrets::passwordHolds(hash, "Sterk3Wagwoord"));
        QVERIFY(!secrets::passwordHolds(hash, "Sterk3Wagwoorc"));
        QVERIFY(!secrets::passwordHolds(hash, ""));
        QVERIFY(!secrets::passwordHolds("", "Sterk3Wagwoord"));
        QVERIFY(!secrets::passwordHolds("$argon2id$v=19$m=1,t=1,p=1$x$y", "Sterk3Wagwoord"));
    }

    void twoHashesOfOnePasswordDiffer()
    {
        QVERIFY(secrets::hashPassword("Sterk3Wagwoord") != secrets::hashPassword("Sterk3Wagwoord"));
    }

    void nobodysHashIsAHashThatTakesAsLong()
    {
        QVERIFY(secrets::hashOfNobody().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        QVERIFY(!secrets::passwordHolds(secrets::hashOfNobody(), "Sterk3Wagwoord"));
    }

    void theRulesOfPasswordsAreTheOwners_data()
    {
        QTest::addColumn<QString>("password");
        QTest::addColumn<QString>("word");
        QTest::newRow("good") << "Sterk3Wagwoord"
                              << "";
        QTest::newRow("ten characters") << "Abcdefghi1"
                                        << "";
        QTest::newRow("nine characters") << "Abcdefgh1"
                                         << "too_short";
        QTest::newRow("no capital") << "sterk3wagwoord"
                                    << "too_simple";
        QTest::newRow("no small letter") << "STERK3WAGWOORD"
                                         << "too_simple";
        QTest::newRow("no digit") << "SterkeWagwoord"
                                  << "too_simple";
        QTest::newRow("what everybody tries") << "Password1234"
                                              << "too_common";
        QTest::newRow("the same with signs") << "P.assword-2026!"
                                             << "too_common";
        QTest::newRow("empty") << ""
                               << "too_short";
    }
    void theRulesOfPasswordsAreTheOwners()
    {
        QFETCH(QString, password);
        QFETCH(QString, word);
        const auto checked = secrets::checkPassword(password.toStdString());
        QCOMPARE(checked ? QString() : QString::fromStdString(checked.error().word), word);
    }

    void tokensAreToldByTheirPrefixAndStoredAsHashes()
    {
        base::SystemRandom random;
        for (const TokenKind kind : {TokenKind::Session, TokenKind::ApiKey, TokenKind::Invitation}) {
            const auto token = secrets::newToken(kind, random);
            QVERIFY(secrets::isToken(kind, token.text));
            QVERIFY(token.hash == secrets::hashOfToken(token.text));
            QVERIFY(token.text != secrets::newToken(kind, random).text);
            QVERIFY(token.text.find_first_of("+/=") == std::string::npos);
            for (const TokenKind other : {TokenKind::Session, TokenKind::ApiKey, TokenKind::Invitation})
                QCOMPARE(secrets::isToken(other, token.text), other == kind);
        }
        QVERIFY(!secrets::isToken(TokenKind::Session, "vgs_short"));
        QVERIFY(!secrets::isToken(TokenKind::Session, ""));
    }
};

QTEST_APPLESS_MAIN(SecretsTest)
#include "secrets_test.moc"
