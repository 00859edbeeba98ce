#include "server/platform/tiers/cached.h"

#include "tests/support/hand_clock.h"

#include <QtTest/QtTest>

#include <boost/asio/io_context.hpp>

using namespace voelgoed;
using async::Task;
using base::Result;
using namespace std::chrono_literals;

namespace {

/// A cache of texts over a source that a test scripts.
struct Bench
{
    boost::asio::io_context context;
    support::HandClock clock;
    base::SeededRandom random{7};
    int loads = 0;
    std::map<std::string, std::string> source;
    bool isAway = false;
    std::function<Task<void>()> whileLoading;
    using Cache = tiers::Cached<std::string, std::string>;
    std::unique_ptr<Cache> cache;

    explicit Bench(tiers::CacheOptions options = {})
    {
        cache = std::make_unique<Cache>(Cache::Parts{context.get_executor(), clock, random}, options,
                                        [this](std::string key) { return load(std::move(key)); });
    }

    Task<Result<Cache::Shared>> load(std::string key)
    {
        ++loads;
        co_await async::yield();
        if (whileLoading)
            co_await whileLoading();
        if (isAway)
            co_return base::Error{base::ErrorCode::Unavailable, "away", {}};
        const auto found = source.find(key);
        co_return found == source.end() ? nullptr : std::make_shared<const std::string>(found->second);
    }

    /// What each key gives: "?" for a failure, "-" for none.
    QStringList get(const std::vector<std::string> &keys)
    {
        QStringList answers;
        for (const std::string &key : keys) {
            async::start(context.get_executor(), "get", [this, key, &answers]() -> Task<void> {
                const auto value = co_await cache->get(key);
                answers << (!value ? "?" : *value ? QString::fromStdString(**value) : "-");
            });
        }
        context.restart();
        context.run();
        return answers;
    }
};

} // namespace

class CachedTest : public QObject
{
    Q_OBJECT

private slots:
    void aThousandWhoMissTogetherLoadOnce()
    {
        Bench bench;
        bench.source["a"] = "1";
        const QStringList answers = bench.get(std::vector<std::string>(1000, "a"));
        QCOMPARE(answers.size(), 1000);
        QCOMPARE(answers.count("1"), 1000);
        QCOMPARE(bench.loads, 1);
        QCOMPARE(bench.cache->figures().joined, 999U);
    }

    void aValueIsServedUntilItIsNoLongerFresh()
    {
        Bench bench({.fresh = 10s});
        bench.source["a"] = "1";
        bench.get({"a"});
        bench.source["a"] = "2";
        bench.clock.pass(8s);
        QCOMPARE(bench.get({"a"}), QStringList{"1"});
        bench.clock.pass(4s);
        QCOMPARE(bench.get({"a"}), QStringList{"2"});
        QCOMPARE(bench.loads, 2);
    }

    void valuesThatWereLoadedTogetherDoNotLapseTogether()
    {
        Bench bench({.fresh = 100s});
        std::vector<std::string> keys;
        for (int i = 0; i < 200; ++i)
            keys.push_back(std::to_string(i));
        for (const std::string &key : keys)
            bench.source[key] = key;
        bench.get(keys);
        bench.clock.pass(100s);
        bench.loads = 0;
        bench.get(keys);
        QVERIFY2(bench.loads > 60 && bench.loads < 140, qPrintable(QString::number(bench.loads)));
    }

    void thatThereIsNoneIsRememberedForAWhile()
    {
        Bench bench({.missing = 5s});
        QCOMPARE(bench.get({"a"}), QStringList{"-"});
        bench.source["a"] = "1";
        QCOMPARE(bench.get({"a"}), QStringList{"-"});
        bench.clock.pass(6s);
        QCOMPARE(bench.get({"a"}), QStringList{"1"});
    }

    void anOldValueIsServedWhileTheSourceIsAwayAndNotForEver()
    {
        Bench bench({.fresh = 10s, .staleMax = 60s});
        bench.source["a"] = "1";
        bench.get({"a"});
        bench.isAway = true;
        bench.clock.pass(30s);
        QCOMPARE(bench.get({"a", "b"}), (QStringList{"1", "?"}));
        bench.clock.pass(60s);
        QCOMPARE(bench.get({"a"}), QStringList{"?"});
        QCOMPARE(bench.cache->figures().stale, 1U);
    }

    void whatWasInvalidatedWhileItWasLoadedIsNotKept()
    {
        Bench bench;
        bench.source["a"] = "old";
        bench.whileLoading = [&]() -> Task<void> {
            bench.cache->invalidate("a");
            co_return;
        };
        bench.get({"a"});
        bench.whileLoading = {};
        bench.source["a"] = "new";
        QCOMPARE(bench.get({"a"}), QStringList{"new"});
    }

    void whoAsksAfterAnInvalidationDoesNotGetWhatWasLoadedBefore()
    {
        Bench bench;
        bench.source["a"] = "1";
        bool isLate = false;
        QString late;
        bench.whileLoading = [&]() -> Task<void> {
            if (std::exchange(isLate, true))
                co_return;
            bench.cache->invalidate("a");
            async::start(bench.context.get_executor(), "late", [&]() -> Task<void> {
                const auto value = co_await bench.cache->get("a");
                late = value && *value ? QString::fromStdString(**value) : "?";
            });
            co_await async::yield();
        };
        QCOMPARE(bench.get({"a"}), QStringList{"1"});
        QCOMPARE(late, QString("1"));
        QCOMPARE(bench.loads, 2); // each its own
        QCOMPARE(bench.cache->figures().joined, 0U);
        QCOMPARE(bench.get({"a"}), QStringList{"1"});
        QCOMPARE(bench.loads, 2); // and the later one was kept
    }

    void refreshingAheadServesTheOldValueMeanwhile()
    {
        Bench bench({.fresh = 100s, .refreshAhead = true});
        bench.source["a"] = "1";
        bench.get({"a"});
        bench.source["a"] = "2";
        bench.clock.pass(89s);
        QCOMPARE(bench.get({"a", "a"}), (QStringList{"1", "1"}));
        QCOMPARE(bench.get({"a"}), QStringList{"2"});
        QCOMPARE(bench.loads, 2);
    }

    void theLeastUsedGoesWhenThereIsNoRoom()
    {
        Bench bench({.capacity = 2});
        for (const char *key : {"a", "b", "c"})
            bench.source[key] = key;
        bench.get({"a"});
        bench.get({"b"});
        bench.get({"a"});
        bench.get({"c"});
        bench.loads = 0;
        bench.get({"a", "c"});
        QCOMPARE(bench.loads, 0);
        bench.get({"b"});
        QCOMPARE(bench.loads, 1);
        QCOMPARE(bench.cache->figures().size, 2U);
    }

    void whatMatchesIsInvalidated()
    {
        Bench bench;
        bench.source["a"] = "1";
        bench.source["b"] = "2";
        bench.get({"a", "b"});
        bench.cache->invalidateIf([](const std::string &, const std::string &value) { return value == "1"; });
        bench.loads = 0;
        bench.get({"a", "b"});
        QCOMPARE(bench.loads, 1);
    }
};

QTEST_APPLESS_MAIN(CachedTest)
#include "cached_test.moc"
