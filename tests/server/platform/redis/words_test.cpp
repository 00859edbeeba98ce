#include "server/platform/redis/node.h"
#include "server/platform/redis/words.h"

#include <QtTest/QtTest>

#include <set>

using namespace voelgoed;
using base::ErrorCode;
using redis::Endpoint;
using redis::Meaning;
using redis::Reply;

namespace {

const Endpoint kAsked{.host = "10.0.0.1", .port = 7000, .unixPath = {}};

Reply number(std::int64_t value)
{
    return {value};
}

Reply text(std::string value)
{
    return {std::move(value)};
}

Reply list(std::vector<Reply> values)
{
    return {std::move(values)};
}

} // namespace

class WordsTest : public QObject
{
    Q_OBJECT

private slots:
    void errorsMeanWhatRedisMeans_data()
    {
        QTest::addColumn<QString>("refusal");
        QTest::addColumn<int>("meaning");
        QTest::addColumn<int>("code");
        const auto row = [](const char *refusal, Meaning meaning, ErrorCode code) {
            QTest::newRow(refusal) << refusal << int(meaning) << int(code);
        };
        row("MOVED 1 a:1", Meaning::Moved, ErrorCode::Unavailable);
        row("ASK 1 a:1", Meaning::Ask, ErrorCode::Unavailable);
        row("TRYAGAIN Multiple keys", Meaning::TryAgain, ErrorCode::Unavailable);
        row("LOADING Redis is loading", Meaning::Away, ErrorCode::Unavailable);
        row("CLUSTERDOWN The cluster is down", Meaning::Away, ErrorCode::Unavailable);
        row("MASTERDOWN Link with MASTER is down", Meaning::Away, ErrorCode::Unavailable);
        row("READONLY You can't write", Meaning::ReadOnly, ErrorCode::Unavailable);
        row("NOSCRIPT No matching script", Meaning::NoScript, ErrorCode::Invalid);
        row("WRONGTYPE Operation", Meaning::Failed, ErrorCode::Invalid);
        row("ERR MOVED is not the first word", Meaning::Failed, ErrorCode::Invalid);
        row("", Meaning::Failed, ErrorCode::Invalid);
    }

    void errorsMeanWhatRedisMeans()
    {
        QFETCH(QString, refusal);
        QFETCH(int, meaning);
        QFETCH(int, code);
        QCOMPARE(int(redis::meaningOf(refusal.toStdString())), meaning);
        QCOMPARE(int(redis::errorOf(refusal.toStdString()).code), code);
    }

    void aRedirectionIsRead()
    {
        const auto moved = redis::redirectionFrom("MOVED 3999 127.0.0.1:6381", kAsked);
        QCOMPARE(*moved, (redis::Redirection{3999, {.host = "127.0.0.1", .port = 6381, .unixPath = {}}}));
        QCOMPARE(redis::redirectionFrom("ASK 1 ::1:6381", kAsked)->to.host, std::string("::1"));
        QCOMPARE(redis::redirectionFrom("ASK 1 :6381", kAsked)->to.host, kAsked.host);
        QCOMPARE(redis::redirectionFrom("ASK 1 ?:6381", kAsked)->to.host, kAsked.host);
        const Endpoint socket{.host = {}, .port = 0, .unixPath = "/run/x"};
        QCOMPARE(redis::redirectionFrom("ASK 1 :0", socket)->to, socket);
        for (const char *wrong : {"MOVED", "MOVED 1", "MOVED 16384 a:1", "MOVED x a:1", "MOVED 1 a", "MOVED 1 a:0",
                                  "MOVED 1 a:65536", "MOVED -1 a:1"})
            QVERIFY2(!redis::redirectionFrom(wrong, kAsked), wrong);
    }

    void aMapOfSlotsIsRead()
    {
        const Reply map =
            list({list({number(0), number(8191), list({text("10.0.0.1"), number(7000), text("id"), list({})})}),
                  list({number(8192), number(16383), list({text(""), number(7001)}),
                        list({text("10.0.0.3"), number(7002)})})});
        const auto ranges = redis::slotRangesFrom(map, kAsked);
        QVERIFY(ranges);
        const std::vector<redis::SlotRange> expected{{0, 8191, {.host = "10.0.0.1", .port = 7000, .unixPath = {}}},
                                                     {8192, 16383, {.host = "10.0.0.1", .port = 7001, .unixPath = {}}}};
        QCOMPARE(*ranges, expected);
        QVERIFY(redis::slotRangesFrom(list({}), kAsked)->empty());
    }

    void whatIsNoMapIsCorrupt()
    {
        const Reply node = list({text("a"), number(1)});
        for (const Reply &wrong :
             {text("OK"), number(1), list({number(1)}), list({list({number(0), number(1)})}),
              list({list({number(0), number(16384), node})}), list({list({number(2), number(1), node})}),
              list({list({number(-1), number(1), node})}), list({list({number(0), number(1), list({text("a")})})}),
              list({list({number(0), number(1), list({text("a"), number(70000)})})}),
              list({list({number(0), number(1), list({number(5), text("x")})})})})
            QCOMPARE(redis::slotRangesFrom(wrong, kAsked).error().code, ErrorCode::Corrupt);
    }

    void pausesGrowAndDiffer()
    {
        base::SeededRandom random(1);
        std::set<std::int64_t> last;
        for (unsigned failed = 0; failed < 40; ++failed) {
            const auto whole = std::min<std::int64_t>(1'000, std::int64_t{10} << std::min(failed, 20U));
            const auto pause = redis::backoff(failed, random).count();
            QVERIFY(pause >= whole / 2 && pause <= whole);
            if (failed > 20)
                last.insert(pause);
        }
        QVERIFY(last.size() > 5);
    }
};

QTEST_APPLESS_MAIN(WordsTest)
#include "words_test.moc"
