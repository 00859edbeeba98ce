#include "server/platform/tiers/warm.h"

#include "tests/support/redis_process.h"
#include "tests/support/run_task.h"

#include <QtTest/QtTest>

#include <set>

using namespace voelgoed;
using namespace std::chrono_literals;
using tiers::WarmText;

namespace {

constexpr redis::Key kKey{"vg:{sys}:test:{name}", redis::KeyType::Hash, base::Milliseconds(600'000), "nothing"};

} // namespace

class WarmTest : public QObject
{
    Q_OBJECT

private:
    void check(test::RedisProcess::Kind kind)
    {
        test::RedisProcess process(kind);
        boost::asio::io_context context;
        redis::Client client(context.get_executor(), process.patient());
        base::SeededRandom random(7);
        std::vector<tiers::CacheResult> seen;
        tiers::Warm warm({client, random, kKey, [&seen](tiers::CacheResult result) { seen.push_back(result); }});
        const auto get = [&](const std::string &name) {
            const auto found = test::runTask(context, warm.get(redis::Tag::system(), {name}));
            base::ensure(bool(found), "no answer");
            return *found;
        };
        const auto put = [&](const std::string &name, WarmText text) {
            test::runTask(context, warm.put(redis::Tag::system(), {name}, std::move(text)));
        };
        QVERIFY(!get("a"));
        const std::string binary("two\0\r\nlines", 12);
        put("a", {2, binary});
        QCOMPARE(get("a"), std::optional(WarmText{2, binary}));
        put("a", {1, "older"});
        QCOMPARE(get("a"), std::optional(WarmText{2, binary}));
        put("a", {3, "newer"});
        QCOMPARE(get("a"), std::optional(WarmText{3, "newer"}));
        QVERIFY(!get("b"));
        std::set<std::int64_t> lives;
        for (int i = 0; i < 20; ++i) {
            const std::string name = "life" + std::to_string(i);
            put(name, {1, "x"});
            const std::vector<std::string> command{"PTTL", kKey.of(redis::Tag::system(), {name})};
            const auto left = test::runTask(context, client.call(command));
            QVERIFY(left);
            const std::int64_t life = left->integer().valueOr(-1);
            QVERIFY2(life > 470'000 && life <= 600'000, std::to_string(life).c_str());
            lives.insert(life / 1'000);
        }
        QVERIFY(lives.size() > 3); // they do not lapse together
        process.flush();
        QVERIFY(!get("a"));
        QCOMPARE(seen.front(), tiers::CacheResult::Miss);
        QVERIFY(std::count(seen.begin(), seen.end(), tiers::CacheResult::Hit) == 3);
        process.stop();
        QVERIFY(!test::runTask(context, warm.get(redis::Tag::system(), {"a"})));
        QCOMPARE(seen.back(), tiers::CacheResult::Failed);
        put("a", {4, "nowhere"});
    }

private slots:
    void textsAreKeptByVersionForAWhile() { check(test::RedisProcess::Kind::Alone); }
    void alsoInACluster() { check(test::RedisProcess::Kind::ClusterOfOne); }
};

QTEST_APPLESS_MAIN(WarmTest)
#include "warm_test.moc"
