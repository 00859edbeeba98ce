#include "server/platform/metrics/families.h"

#include <QtTest/QtTest>

#include <thread>

using namespace voelgoed;
using metrics::Buckets;
using metrics::Family;
using metrics::Kind;

namespace {

constexpr Family kAsked{"vg_asked_total", "Questions", Kind::Counter, {"who", "result"}, Buckets::None, 5};
constexpr Family kOpen{"vg_open", "Open ones", Kind::Gauge};
constexpr Family kTook{"vg_took_seconds", "What it took", Kind::Histogram, {"what"}, Buckets::Db};

/// The lines that begin so, without comments.
QStringList lines(metrics::Registry &registry, const char *prefix)
{
    return QString::fromStdString(registry.text()).split('\n').filter(QRegularExpression(QString("^") + prefix));
}

} // namespace

class MetricsTest : public QObject
{
    Q_OBJECT

private slots:
    void theTextIsWhatPrometheusReads()
    {
        metrics::Registry registry;
        registry.gauge(kOpen).set(3);
        registry.counter(kAsked, {"gate", "yes"}).add();
        registry.counter(kAsked, {"gate", "yes"}).add(2);
        const std::string text = registry.text();
        QCOMPARE(text, std::string("# HELP vg_asked_total Questions\n# TYPE vg_asked_total counter\n"
                                   "vg_asked_total{result=\"yes\",who=\"gate\"} 3\n"
                                   "# HELP vg_open Open ones\n# TYPE vg_open gauge\nvg_open 3\n"));
    }

    void aHistogramCountsInItsBuckets()
    {
        metrics::Registry registry;
        const auto took = registry.histogram(kTook, {"x"});
        for (const double seconds : {0.0005, 0.001, 0.004, 0.5, 20.0})
            took.observe(seconds);
        QCOMPARE(
            lines(registry, "vg_took_seconds_bucket"),
            (QStringList{
                "vg_took_seconds_bucket{what=\"x\",le=\"0.001\"} 2",
                "vg_took_seconds_bucket{what=\"x\",le=\"0.005\"} 3", "vg_took_seconds_bucket{what=\"x\",le=\"0.01\"} 3",
                "vg_took_seconds_bucket{what=\"x\",le=\"0.05\"} 3", "vg_took_seconds_bucket{what=\"x\",le=\"0.1\"} 3",
                "vg_took_seconds_bucket{what=\"x\",le=\"0.5\"} 4", "vg_took_seconds_bucket{what=\"x\",le=\"1\"} 4",
                "vg_took_seconds_bucket{what=\"x\",le=\"5\"} 4", "vg_took_seconds_bucket{what=\"x\",le=\"10\"} 4",
                "vg_took_seconds_bucket{what=\"x\",le=\"+Inf\"} 5"}));
        QCOMPARE(lines(registry, "vg_took_seconds_count"), QStringList{"vg_took_seconds_count{what=\"x\"} 5"});
    }

    void tooManyValuesAreCountedAsOther()
    {
        metrics::Registry registry;
        for (int i = 0; i < 100; ++i)
            registry.counter(kAsked, {std::to_string(i), "yes"}).add();
        registry.counter(kAsked, {"3", "yes"}).add();
        const QStringList all = lines(registry, "vg_asked_total");
        QCOMPARE(all.size(), 6);
        QVERIFY(all.contains("vg_asked_total{result=\"other\",who=\"other\"} 95"));
        QVERIFY(all.contains("vg_asked_total{result=\"yes\",who=\"3\"} 2"));
    }

    void identitiesAreNoLabels()
    {
        metrics::Registry registry;
        registry.counter(kAsked, {"018f3c52-7b1e-7cc0-9d3a-2f1f5b7a9c01", "yes"}).add();
        QCOMPARE(lines(registry, "vg_asked_total"), QStringList{"vg_asked_total{result=\"yes\",who=\"other\"} 1"});
    }

    void valuesAreTamedAndQuoted()
    {
        metrics::Registry registry;
        registry.counter(kAsked, {"a\"b\\c\nd", std::string(5'000, 'x')}).add();
        const QStringList all = lines(registry, "vg_asked_total");
        QCOMPARE(all.size(), 1);
        QVERIFY(all[0].contains("who=\"a\\\"b\\\\c") && all[0].endsWith(" 1"));
        QVERIFY(all[0].size() < 300);
    }

    void gaugesAreRefreshedBeforeTheyAreRead()
    {
        metrics::Registry registry;
        const auto open = registry.gauge(kOpen);
        int value = 0;
        registry.beforeText([&] { open.set(++value); });
        QCOMPARE(lines(registry, "vg_open"), QStringList{"vg_open 1"});
        QCOMPARE(lines(registry, "vg_open"), QStringList{"vg_open 2"});
        open.add(-5);
        QCOMPARE(value, 2);
    }

    void threadsLoseNothing()
    {
        metrics::Registry registry;
        std::vector<std::thread> threads;
        for (int i = 0; i < 4; ++i)
            threads.emplace_back([&] {
                const auto took = registry.histogram(kTook, {"x"});
                for (int n = 0; n < 20'000; ++n) {
                    registry.counter(kAsked, {"a", "b"}).add();
                    took.observe(0.01);
                }
            });
        for (int i = 0; i < 50; ++i)
            registry.text(); // while they count
        for (std::thread &thread : threads)
            thread.join();
        QCOMPARE(lines(registry, "vg_asked_total"), QStringList{"vg_asked_total{result=\"b\",who=\"a\"} 80000"});
        QCOMPARE(lines(registry, "vg_took_seconds_count"), QStringList{"vg_took_seconds_count{what=\"x\"} 80000"});
    }

    void thePlatformsFamiliesAreWellNamed()
    {
        metrics::Registry registry;
        registry.histogram(metrics::kHttpSeconds, {"/v1/orgs", "200"}).observe(0.1);
        registry.histogram(metrics::kDatabaseSeconds, {"redis", "GET"}).observe(0.1);
        registry.counter(metrics::kDatabaseFailures, {"redis", "timeout"}).add();
        registry.counter(metrics::kCacheRequests, {"hot", "tenancy.sessions", "hit"}).add();
        registry.gauge(metrics::kJobs, {"cache", "available"}).set(1);
        registry.counter(metrics::kEvents, {"seating.seats.held.v1"}).add();
        registry.histogram(metrics::kPropagationSeconds).observe(0.1);
        registry.counter(metrics::kRateLimited, {"login.ip"}).add();
        registry.gauge(metrics::kRedisPending).set(1);
        registry.gauge(metrics::kRedisReconnects).set(1);
        QCOMPARE(registry.families().size(), 10U);
        QCOMPARE(std::string(registry.families()[0]->name), std::string("db_client_operation_duration_seconds"));
    }
};

QTEST_APPLESS_MAIN(MetricsTest)
#include "metrics_test.moc"
