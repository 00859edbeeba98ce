#include "server/platform/redis/reply_reader.h"

#include <QtTest/QtTest>

using namespace voelgoed;
using redis::Answer;
using redis::Refusal;
using redis::Reply;
using namespace std::string_literals;

namespace {

std::vector<Answer> allOf(redis::ReplyReader &reader)
{
    std::vector<Answer> answers;
    for (;;) {
        auto answer = reader.next();
        base::ensure(bool(answer), "broken");
        if (!*answer)
            return answers;
        answers.push_back(std::move(**answer));
    }
}

void feed(redis::ReplyReader &reader, std::string_view text)
{
    reader.feed(std::span<const char>(text.data(), text.size()));
}

const std::string kConversation = "+OK\r\n:-7\r\n$3\r\na\0b\r\n$-1\r\n*-1\r\n*0\r\n-ERR no\r\n"
                                  "*3\r\n:1\r\n*2\r\n$1\r\nx\r\n$-1\r\n+y\r\n"
                                  "*2\r\n-WRONGTYPE a\r\n-ERR b\r\n$0\r\n\r\n"s;

const std::vector<Answer> &expected()
{
    using List = std::vector<Reply>;
    static const std::vector<Answer> kExpected{
        Reply{std::string("OK")},
        Reply{std::int64_t{-7}},
        Reply{std::string("a\0b", 3)},
        Reply{},
        Reply{},
        Reply{List{}},
        Refusal{"ERR no"},
        Reply{List{Reply{std::int64_t{1}}, Reply{List{Reply{std::string("x")}, Reply{}}}, Reply{std::string("y")}}},
        Refusal{"WRONGTYPE a"},
        Reply{std::string()}};
    return kExpected;
}

} // namespace

class ReplyReaderTest : public QObject
{
    Q_OBJECT

private slots:
    void everyKindOfReplyIsRead()
    {
        redis::ReplyReader reader;
        feed(reader, kConversation);
        QCOMPARE(allOf(reader), expected());
    }

    void repliesMayComeInPieces()
    {
        for (std::size_t piece = 1; piece < kConversation.size(); ++piece) {
            redis::ReplyReader reader;
            std::vector<Answer> answers;
            for (std::size_t at = 0; at < kConversation.size(); at += piece) {
                feed(reader, std::string_view(kConversation).substr(at, piece));
                for (Answer &answer : allOf(reader))
                    answers.push_back(std::move(answer));
            }
            QCOMPARE(answers, expected());
        }
    }

    void whatIsNoReplyBreaksTheReaderForGood_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::newRow("http") << QByteArray("HTTP/1.1 200 OK\r\n");
        QTest::newRow("no number") << QByteArray("$x\r\n");
        QTest::newRow("too many") << QByteArray("*4294967296\r\n");
        QTest::newRow("negative") << QByteArray("*-2\r\n");
        QTest::newRow("too deep") << QByteArray("*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n:1\r\n");
        QTest::newRow("of RESP3") << QByteArray("%1\r\n+a\r\n+b\r\n");
    }

    void whatIsNoReplyBreaksTheReaderForGood()
    {
        QFETCH(QByteArray, bytes);
        redis::ReplyReader reader;
        feed(reader, bytes.toStdString());
        QCOMPARE(reader.next().error().code, base::ErrorCode::Corrupt);
        feed(reader, "+OK\r\n");
        QCOMPARE(reader.next().error().code, base::ErrorCode::Corrupt);
    }

    void announcedSizesTakeNoMemory()
    {
        redis::ReplyReader reader;
        feed(reader, "*2147483647\r\n$9223372036854775807\r\nx");
        const auto next = reader.next();
        QVERIFY(next && !*next);
    }

    void aReplyWithoutEndIsCutOff()
    {
        redis::ReplyReader reader;
        const std::string part(std::size_t{1} << 20, 'x');
        feed(reader, "$9000000000\r\n");
        std::size_t fed = 0;
        base::Result<std::optional<Answer>> next = std::optional<Answer>();
        while (next && fed < 2 * redis::ReplyReader::kReplyMax) {
            feed(reader, part);
            fed += part.size();
            next = reader.next();
        }
        QCOMPARE(next.error().code, base::ErrorCode::Corrupt);
        QVERIFY(fed <= redis::ReplyReader::kReplyMax + part.size());
    }

    void aReplyIsReadAsWhatItIs()
    {
        QCOMPARE(*Reply{std::int64_t{5}}.integer(), 5);
        QCOMPARE(*Reply{std::string("-12")}.integer(), -12);
        for (const char *wrong : {"", "x", "1x", " 1", "9223372036854775808", "+1"})
            QCOMPARE(Reply{std::string(wrong)}.integer().error().code, base::ErrorCode::Corrupt);
        QCOMPARE(Reply{}.integer().error().code, base::ErrorCode::Corrupt);
        QCOMPARE(Reply{}.text().error().code, base::ErrorCode::Corrupt);
        QCOMPARE(Reply{std::int64_t{5}}.text().error().code, base::ErrorCode::Corrupt);
        QVERIFY(Reply{}.isNil());
        QVERIFY(!Reply{std::string("x")}.list());
    }
};

QTEST_APPLESS_MAIN(ReplyReaderTest)
#include "reply_reader_test.moc"
