#include "server/platform/secrets/password.h"
#include "server/platform/secrets/token.h"
#include "shared/base/crypto/system_random.h"

#include <QTest>

using namespace voelgoed;
using namespace voelgoed::secrets;

class SecretsTest : public QObject
{
    Q_OBJECT

private slots:
    /// From the reference implementation of Argon2 (phc-winner-argon2, src/test.c), version 0x13, argon2id.
    void publishedHashesHold_data()
    {
        QTest::addColumn<std::string>("hash");
        QTest::addColumn<std::string>("password");
        using namespace std::string_literals;
        QTest::newRow("two passes, 64 MiB")
            << "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"s
            << "password"s;
        QTest::newRow("256 KiB")
            << "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4"s
            << "password"s;
        QTest::newRow("two lanes")
            << "$argon2id$v=19$m=256,t=2,p=2$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc"s
            << "password"s;
        QTest::newRow("one pass")
            << "$argon2id$v=19$m=65536,t=1,p=1$c29tZXNhbHQ$9qWtwbpyPd3vm1rB1GThgPzZ3/ydHL92zKL+15XZypg"s
            << "password"s;
        QTest::newRow("another password")
            << "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$C4TWUs9rDEvq7w3+J4umqA32aWKB1+DSiRuBfYxFj94"s
            << "differentpassword"s;
        QTest::newRow("another salt")
            << "$argon2id$v=19$m=65536,t=2,p=1$ZGlmZnNhbHQ$vfMrBczELrFdWP0ZsfhWsRPaHppYdP3MVEMIVlqoFBw"s
            << "password"s;
    }
    void publishedHashesHold()
    {
        QFETCH(std::string, hash);
        QFETCH(std::string, password);
        QVERIFY(passwordHolds(hash, password));
        QVERIFY(!passwordHolds(hash, password + "x"));
        QVERIFY(needsRehash(hash));
    }

    void aHashHoldsForItsPasswordOnly()
    {
        const std::string hash = hashPassword("Correct Horse 1");
        QVERIFY(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        QVERIFY(passwordHolds(hash, "Correct Horse 1"));
        QVERIFY(!passwordHolds(hash, "Correct Horse 2"));
        QVERIFY(!passwordHolds(hash, ""));
        QVERIFY(!needsRehash(hash));
        // Another salt each time.
        QVERIFY(hashPassword("Correct Horse 1") != hash);
    }

    void aPasswordMayHoldAnyBytes()
    {
        const std::string password("Gr\xc3\xbc\xc3\x9f"
                                   "e\0nul 1",
                                   12);
        const std::string hash = hashPassword(password);
        QVERIFY(passwordHolds(hash, password));
        QVERIFY(!passwordHolds(hash, password.substr(0, password.find('\0'))));
    }

    void whatIsNoHashHoldsForNobody_data()
    {
        QTest::addColumn<QString>("hash");
        QTest::newRow("nothing") << "";
        QTest::newRow("text") << "password";
        QTest::newRow("another kind") << "$2b$10$abcdefghijklmnopqrstuuABCDEFGHIJKLMNOPQRSTUVWXYZ01234";
        QTest::newRow("argon2i")
            << "$argon2i$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$wWKIMhR9lyDFvRz9YTZweHKfbftvj+qf+YFY4NeBbtA";
        QTest::newRow("cut") << "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TK";
        QTest::newRow("no salt") << "$argon2id$v=19$m=256,t=2,p=1$$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4";
    }
    void whatIsNoHashHoldsForNobody()
    {
        QFETCH(QString, hash);
        QVERIFY(!passwordHolds(hash.toStdString(), "password"));
        QVERIFY(needsRehash(hash.toStdString()));
    }

    void nobodysHashCostsWhatOthersDo()
    {
        QVERIFY(!needsRehash(hashOfNobody()));
        QVERIFY(!passwordHolds(hashOfNobody(), "Password12345"));
    }

    void passwordsAreChecked_data()
    {
        QTest::addColumn<std::string>("password");
        QTest::addColumn<QString>("word");
        using namespace std::string_literals;
        QTest::newRow("good") << "Rivierklip 7"s
                              << "";
        QTest::newRow("the shortest") << "Abcdefgh1x"s
                                      << "";
        QTest::newRow("too short") << "Abcdefg1x"s
                                   << "too_short";
        QTest::newRow("nothing") << ""s
                                 << "too_short";
        QTest::newRow("no capital") << "abcdefgh1x"s
                                    << "too_simple";
        QTest::newRow("no small letter") << "ABCDEFGH1X"s
                                         << "too_simple";
        QTest::newRow("no digit") << "Abcdefghix"s
                                  << "too_simple";
        QTest::newRow("the one that everybody has") << "Password123"s
                                                    << "too_common";
        QTest::newRow("the same with signs") << "P-a-s-s-w-o-r-d-1!"s
                                             << "too_common";
        QTest::newRow("our own name") << "Voelgoed2026"s
                                      << "too_common";
        QTest::newRow("the longest") << "Ab1" + std::string(kPasswordMax - 3, 'x') << "";
        QTest::newRow("too long") << "Ab1" + std::string(kPasswordMax - 2, 'x') << "too_long";
    }
    void passwordsAreChecked()
    {
        QFETCH(std::string, password);
        QFETCH(QString, word);
        const auto checked = checkPassword(password);
        QCOMPARE(checked ? std::string() : checked.error().word, word.toStdString());
        QVERIFY(checked || (checked.error().code == base::ErrorCode::Invalid && !checked.error().hint.empty()));
    }

    void longPasswordsAreNotHashed()
    {
        const std::string tooLong(kPasswordMax + 1, 'x');
        QVERIFY(!passwordHolds(hashPassword(tooLong), tooLong));
    }

    void tokensSayWhatTheyAre_data()
    {
        QTest::addColumn<int>("kind");
        QTest::addColumn<QString>("prefix");
        QTest::newRow("session") << int(TokenKind::Session) << "vgs_";
        QTest::newRow("API key") << int(TokenKind::ApiKey) << "vgk_";
        QTest::newRow("invitation") << int(TokenKind::Invitation) << "vgi_";
        QTest::newRow("password reset") << int(TokenKind::Reset) << "vgp_";
    }
    void tokensSayWhatTheyAre()
    {
        QFETCH(int, kind);
        QFETCH(QString, prefix);
        base::SystemRandom random;
        const Token token = newToken(TokenKind(kind), random);
        QVERIFY(token.text.starts_with(prefix.toStdString()));
        QCOMPARE(token.text.size(), 47U);
        QCOMPARE(token.hash, base::sha256(base::bytesOf(token.text)));
        QCOMPARE(token.hash, hashOfToken(token.text));
        QVERIFY(newToken(TokenKind(kind), random).text != token.text);
        for (const TokenKind other : {TokenKind::Session, TokenKind::ApiKey, TokenKind::Invitation, TokenKind::Reset})
            QCOMPARE(isToken(other, token.text), other == TokenKind(kind));
    }

    void theBytesOfATokenAreTheRandomOnes()
    {
        struct Ones final : base::Random
        {
            void fill(std::span<std::byte> out) override { std::fill(out.begin(), out.end(), std::byte{0xff}); }
        } ones;
        QCOMPARE(newToken(TokenKind::Session, ones).text, "vgs_" + std::string(42, '_') + "8");
    }

    void whatIsNoTokenIsNone()
    {
        const std::string token = "vgs_" + std::string(43, 'A');
        QVERIFY(isToken(TokenKind::Session, token));
        for (const std::string &none :
             {token + "A", token.substr(1), "vgs_" + std::string(42, 'A') + "=", "vgs_" + std::string(42, 'A') + "+",
              "VGS_" + std::string(43, 'A'), std::string()})
            QVERIFY(!isToken(TokenKind::Session, none));
    }

    void secretsCompare()
    {
        const auto bytes = [](const char *text) { return base::bytesOf(text); };
        QVERIFY(isSame(bytes("secret"), bytes("secret")));
        QVERIFY(!isSame(bytes("secret"), bytes("secreT")));
        QVERIFY(!isSame(bytes("secret"), bytes("secre")));
        QVERIFY(isSame(bytes(""), bytes("")));
    }
};

QTEST_APPLESS_MAIN(SecretsTest)
#include "secrets_test.moc"
