#include "server/platform/redis/command.h"
#include "server/platform/redis/slot.h"

#include <QtTest/QtTest>

using namespace voelgoed;
using redis::Command;
using namespace std::string_literals;

class CommandTest : public QObject
{
    Q_OBJECT

private slots:
    void aCommandIsWrittenAsRedisReadsIt()
    {
        std::string text;
        redis::append(text, Command{"SET", std::string("a\0b", 3), ""});
        redis::append(text, Command{"PING"});
        QCOMPARE(text, "*3\r\n$3\r\nSET\r\n$3\r\na\0b\r\n$0\r\n\r\n*1\r\n$4\r\nPING\r\n"s);
    }

    void theFirstKeyIsFound_data()
    {
        QTest::addColumn<QString>("command");
        QTest::addColumn<QString>("key");
        QTest::newRow("get") << "get k"
                             << "k";
        QTest::newRow("several") << "DEL k l m"
                                 << "k";
        QTest::newRow("script") << "EVALSHA abc 2 k l x"
                                << "k";
        QTest::newRow("script without keys") << "EVAL text 0 x"
                                             << "";
        QTest::newRow("function") << "FCALL f 1 k"
                                  << "k";
        QTest::newRow("counted") << "ZUNION 2 k l"
                                 << "k";
        QTest::newRow("behind a word") << "OBJECT ENCODING k"
                                       << "k";
        QTest::newRow("bitop") << "BITOP AND k l"
                               << "k";
        QTest::newRow("stream") << "XADD k * f v"
                                << "k";
        QTest::newRow("streams") << "XREAD COUNT 2 streams k l 0 0"
                                 << "k";
        QTest::newRow("group") << "XREADGROUP GROUP g c STREAMS k >"
                               << "k";
        QTest::newRow("group made") << "XGROUP CREATE k g $"
                                    << "k";
        QTest::newRow("publish") << "PUBLISH c m"
                                 << "";
        QTest::newRow("ping") << "PING"
                              << "";
        QTest::newRow("scan") << "SCAN 0"
                              << "";
        QTest::newRow("cut off") << "EVAL text"
                                 << "";
        QTest::newRow("streams cut off") << "XREAD COUNT 2"
                                         << "";
    }

    void theFirstKeyIsFound()
    {
        QFETCH(QString, command);
        QFETCH(QString, key);
        Command words;
        for (const QString &word : command.split(' '))
            words.push_back(word.toStdString());
        const auto found = redis::keyOf(words);
        QCOMPARE(found.has_value(), !key.isEmpty());
        QCOMPARE(std::string(found.value_or("")), key.toStdString());
    }

    void slotsAreThoseOfTheSpecification_data()
    {
        QTest::addColumn<QByteArray>("key");
        QTest::addColumn<int>("slot");
        QTest::newRow("check value of the CRC") << QByteArray("123456789") << 0x31C3 % 16384;
        QTest::newRow("empty") << QByteArray("") << 0;
        QTest::newRow("foo") << QByteArray("foo") << 12182;
        QTest::newRow("bar") << QByteArray("bar") << 5061;
        QTest::newRow("tag") << QByteArray("x{foo}y") << 12182;
        QTest::newRow("the first tag counts") << QByteArray("{foo}{bar}") << 12182;
    }

    void slotsAreThoseOfTheSpecification()
    {
        QFETCH(QByteArray, key);
        QFETCH(int, slot);
        QCOMPARE(int(redis::slotOf(key.toStdString())), slot);
    }

    void theTagIsWhatTheSpecificationSays_data()
    {
        QTest::addColumn<QString>("key");
        QTest::addColumn<QString>("tag");
        QTest::newRow("one") << "{user1000}.following"
                             << "user1000";
        QTest::newRow("empty") << "foo{}{bar}"
                               << "foo{}{bar}";
        QTest::newRow("double") << "foo{{bar}}zap"
                                << "{bar";
        QTest::newRow("second") << "foo{bar}{zap}"
                                << "bar";
        QTest::newRow("open") << "foo{bar"
                              << "foo{bar";
        QTest::newRow("closed before") << "foo}bar{x"
                                       << "foo}bar{x";
    }

    void theTagIsWhatTheSpecificationSays()
    {
        QFETCH(QString, key);
        QFETCH(QString, tag);
        const std::string text = key.toStdString();
        QCOMPARE(std::string(redis::hashTagOf(text)), tag.toStdString());
    }

    void aCommandThatIsTooLargeIsInvalid()
    {
        QVERIFY(redis::check(Command{"SET", "k", std::string(redis::kCommandMax / 2, 'x')}));
        QVERIFY(!redis::check(Command{"SET", "k", std::string(redis::kCommandMax, 'x')}));
    }

    void namesForMetricsAreFewAndTame()
    {
        QCOMPARE(redis::nameOf(Command{"hgetall", "k"}), std::string("HGETALL"));
        QCOMPARE(redis::nameOf(Command{"a\n{b}\xff"}), std::string("AB"));
        QCOMPARE(redis::nameOf(Command{std::string(1'000, 'x')}).size(), std::size_t(20));
        QCOMPARE(redis::nameOf(Command{}), std::string());
    }
};

QTEST_APPLESS_MAIN(CommandTest)
#include "command_test.moc"
