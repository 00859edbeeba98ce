#include "server/platform/limits/arithmetic.h"
#include "server/platform/limits/headers.h"
#include "server/platform/limits/login.h"

#include <QtTest/QtTest>

using namespace voelgoed;
using namespace std::chrono_literals;
using limits::Micros;
using limits::Policy;

namespace {

constexpr Micros kSecond = 1'000'000;
constexpr Policy kSmooth{.name = "smooth", .burst = 3, .rate = 2, .period = 1s};
constexpr Policy kWindow{.name = "window", .shape = Policy::Shape::Window, .rate = 3, .period = 10s};

/// A subject under one rule, and a clock that the test sets.
struct Bench
{
    limits::Rule rule;
    limits::Memory memory;
    Micros now = 1'700'000'000 * kSecond;

    /// "y2/500": allowed, 2 left, all back in 500 ms. "n0/500+200": denied, again in 200 ms.
    QString ask(std::int64_t cost = 1)
    {
        const limits::Look said = limits::look(rule, memory, now, cost);
        if (said.retry == 0)
            limits::take(rule, memory, now, cost);
        const limits::Look after = limits::look(rule, memory, now, 0);
        const QString state = QString::number(after.remaining) + "/" + QString::number(after.reset / 1'000);
        return said.retry == 0 ? "y" + state : "n" + state + "+" + QString::number(said.retry / 1'000);
    }
    QString askAfter(Micros time)
    {
        now += time;
        return ask();
    }
};

} // namespace

class ArithmeticTest : public QObject
{
    Q_OBJECT

private slots:
    void aSmoothLimitAllowsItsBurstAndThenEvenly()
    {
        Bench bench{.rule = limits::ruleOf(kSmooth)};
        QCOMPARE(bench.ask(), "y2/500");
        QCOMPARE(bench.ask(), "y1/1000");
        QCOMPARE(bench.ask(), "y0/1500");
        QCOMPARE(bench.ask(), "n0/1500+500");
        QCOMPARE(bench.askAfter(kSecond / 4), "n0/1250+250");
        QCOMPARE(bench.askAfter(kSecond / 4), "y0/1500");
        QCOMPARE(bench.ask(), "n0/1500+500");
        QCOMPARE(bench.askAfter(kSecond), "y1/1000");
        QCOMPARE(bench.askAfter(kSecond), "y2/500");
        QCOMPARE(bench.ask(3), "n2/500+500");
        QCOMPARE(bench.ask(2), "y0/1500");
    }

    void aDenialTakesNothing()
    {
        Bench bench{.rule = limits::ruleOf(kSmooth)};
        bench.ask(3);
        for (int i = 0; i < 1'000; ++i)
            QCOMPARE(bench.ask(), "n0/1500+500");
        QCOMPARE(bench.askAfter(kSecond / 2), "y0/1500");
    }

    void aWindowNeverAllowsMoreInAnyStretch()
    {
        Bench bench{.rule = limits::ruleOf(kWindow)};
        QCOMPARE(bench.ask(), "y2/10000");
        QCOMPARE(bench.askAfter(4 * kSecond), "y1/10000");
        QCOMPARE(bench.askAfter(4 * kSecond), "y0/10000");
        QCOMPARE(bench.ask(), "n0/10000+2000");
        QCOMPARE(bench.ask(2), "n0/10000+6000");
        QCOMPARE(bench.askAfter(2 * kSecond - 1), "n0/8000+0");
        QCOMPARE(bench.askAfter(1), "y0/10000");
        QCOMPARE(bench.ask(), "n0/10000+4000");
        QCOMPARE(bench.ask(4), "n0/10000+10000");
        QCOMPARE(bench.askAfter(60 * kSecond), "y2/10000");
    }

    void aWindowHoldsForRandomRequests()
    {
        base::SeededRandom random(7);
        Bench bench{.rule = limits::ruleOf({.name = "w", .shape = Policy::Shape::Window, .rate = 60, .period = 60s})};
        std::deque<Micros> allowed;
        std::size_t denied = 0;
        for (int i = 0; i < 20'000; ++i) {
            bench.now += static_cast<Micros>(random.below(kSecond));
            if (bench.ask().startsWith('y'))
                allowed.push_back(bench.now);
            else
                ++denied;
            const auto recent =
                std::count_if(allowed.begin(), allowed.end(), [&](Micros at) { return at > bench.now - 60 * kSecond; });
            QVERIFY(recent <= 60);
            while (!allowed.empty() && allowed.front() < bench.now - 120 * kSecond)
                allowed.pop_front();
        }
        QVERIFY(denied > 0);
    }

    void whatIsRememberedOfASmoothLimitHoldsItsRate()
    {
        base::SeededRandom random(8);
        Bench bench{.rule = limits::ruleOf({.name = "s", .burst = 20, .rate = 1'000, .period = 60s})};
        const Micros begin = bench.now;
        std::int64_t allowed = 0;
        for (int i = 0; i < 100'000; ++i) {
            bench.now += static_cast<Micros>(random.below(kSecond / 20));
            allowed += bench.ask().startsWith('y');
            QVERIFY(allowed <= 20 + (bench.now - begin) / (60 * kSecond / 1'000));
        }
        QVERIFY(allowed > (bench.now - begin) / (60 * kSecond / 1'000) - 20);
    }

    void aClockThatWasSetBackDeniesForNoLongerThanItWentBack()
    {
        for (const Policy &policy : {kSmooth, kWindow}) {
            Bench bench{.rule = limits::ruleOf(policy)};
            while (bench.ask().startsWith('y')) {}
            bench.now -= 3'600 * kSecond;
            QVERIFY(bench.ask().startsWith('n'));
            QVERIFY(bench.askAfter(3'600 * kSecond + 10 * kSecond).startsWith('y'));
        }
    }

    void aProcessHasItsShareAndAtLeastOne()
    {
        QCOMPARE(limits::ruleOf({.name = "s", .burst = 30, .rate = 10, .period = 1s}, 3).most, 10);
        QCOMPARE(limits::ruleOf({.name = "s", .burst = 30, .rate = 10, .period = 1s}, 3).step, 300'000);
        QCOMPARE(limits::ruleOf({.name = "s", .burst = 2, .rate = 10, .period = 1s}, 3).most, 1);
        QCOMPARE(limits::ruleOf(limits::kLoginBoth, 4).most, 2);
        QCOMPARE(limits::ruleOf(limits::kLoginBoth, 40).most, 1);
    }

    void headersSayWhatIsLeft()
    {
        const std::vector<limits::Ask> asks{{&kSmooth, "a"}, {&kWindow, "b"}};
        limits::Decision decision;
        decision.each = {{.allowed = true, .remaining = 2, .resetAfter = 500ms},
                         {.allowed = false, .remaining = 0, .retryAfter = 2001ms, .resetAfter = 9s}};
        decision.outcome = decision.each[1];
        const auto headers = limits::headersOf(decision, asks);
        const std::vector<std::pair<std::string, std::string>> expected{
            {"RateLimit-Policy", "\"smooth\";q=2;w=1, \"window\";q=3;w=10"},
            {"RateLimit", "\"smooth\";r=2;t=1, \"window\";r=0;t=9"},
            {"Retry-After", "3"}};
        QCOMPARE(headers, expected);
        decision.outcome = decision.each[0];
        QCOMPARE(limits::headersOf(decision, asks).size(), 2U);
    }

    void subjectsDoNotSayWhoTheyAre()
    {
        const std::string subject = limits::subjectOf("Anna@Example.org");
        QCOMPARE(subject, limits::subjectOf("anna@example.ORG"));
        QCOMPARE(subject.size(), std::size_t(32));
        QVERIFY(subject != limits::subjectOf("anna@example.net"));
        for (const limits::Ask &ask : limits::loginAsks("203.0.113.7", "anna@example.org"))
            QVERIFY(ask.subject.find("anna") == std::string::npos);
    }

    void anIpv6CustomerIsOneSubject()
    {
        QCOMPARE(limits::networkOf("203.0.113.7"), std::string("203.0.113.7"));
        QCOMPARE(limits::networkOf("::ffff:203.0.113.7"), std::string("203.0.113.7"));
        QCOMPARE(limits::networkOf("2001:db8:1:2:3:4:5:6"), std::string("2001:db8:1:2::/64"));
        QCOMPARE(limits::networkOf("2001:db8:1:2:ffff::1"), limits::networkOf("2001:db8:1:2::9"));
        QCOMPARE(limits::networkOf("no address"), std::string("no address"));
    }
};

QTEST_APPLESS_MAIN(ArithmeticTest)
#include "arithmetic_test.moc"
