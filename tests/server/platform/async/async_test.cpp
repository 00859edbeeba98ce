#include "server/platform/async/semaphore.h"
#include "server/platform/async/workers.h"

#include <QtTest/QtTest>

#include <boost/asio/io_context.hpp>

#include <thread>

using namespace voelgoed;
using async::Task;
using namespace std::chrono_literals;

class AsyncTest : public QObject
{
    Q_OBJECT

private slots:
    void whoWaitsForAnEventIsWoken()
    {
        boost::asio::io_context context;
        async::Event event(context.get_executor());
        QStringList heard;
        const auto listen = [&](QString name) -> Task<void> {
            co_await event.wait();
            heard << name;
        };
        async::start(context.get_executor(), "one", listen("one"));
        async::start(context.get_executor(), "two", listen("two"));
        async::start(context.get_executor(), "notifier", [&]() -> Task<void> {
            co_await async::sleepFor(1ms);
            event.notify();
        });
        context.run();
        QCOMPARE(heard, (QStringList{"one", "two"}));
    }

    void whoWaitsForALimitedTimeIsToldWhetherItCame()
    {
        boost::asio::io_context context;
        async::Event event(context.get_executor());
        QList<bool> came;
        async::start(context.get_executor(), "test", [&]() -> Task<void> {
            came << co_await event.waitFor(1ms);
            async::start(context.get_executor(), "notifier", [&]() -> Task<void> {
                co_await async::sleepFor(1ms);
                event.notify();
            });
            came << co_await event.waitFor(10s);
        });
        context.run();
        QCOMPARE(came, (QList<bool>{false, true}));
    }

    void permitsAreHandedOutInTurn()
    {
        boost::asio::io_context context;
        async::Semaphore semaphore(context.get_executor(), 1);
        QList<int> order;
        const auto work = [&](int number) -> Task<void> {
            const auto permit = co_await semaphore.acquire(10s);
            base::ensure(bool(permit), "no permit");
            order << number;
            co_await async::sleepFor(1ms);
            order << -number;
        };
        for (int i = 1; i <= 3; ++i)
            async::start(context.get_executor(), "worker", work(i));
        context.run();
        QCOMPARE(order, (QList<int>{1, -1, 2, -2, 3, -3}));
        QCOMPARE(semaphore.free(), 1U);
    }

    void whoWaitsTooLongOrInTooLongALineIsSentAway()
    {
        boost::asio::io_context context;
        async::Semaphore semaphore(context.get_executor(), 1, 1);
        QList<base::ErrorCode> codes;
        async::start(context.get_executor(), "holder", [&]() -> Task<void> {
            const auto permit = co_await semaphore.acquire(1s);
            co_await async::sleepFor(50ms);
        });
        const auto attempt = [&]() -> Task<void> {
            const auto permit = co_await semaphore.acquire(1ms);
            if (!permit)
                codes << permit.error().code;
        };
        async::start(context.get_executor(), "late", attempt());
        async::start(context.get_executor(), "later", attempt());
        context.run();
        QCOMPARE(codes, (QList<base::ErrorCode>{base::ErrorCode::Unavailable, base::ErrorCode::Timeout}));
        QCOMPARE(semaphore.free(), 1U);
        QCOMPARE(semaphore.waiting(), 0U);
    }

    void workLeavesTheServersThreadAndComesBack()
    {
        boost::asio::io_context context;
        async::Workers workers(1);
        std::thread::id worked, after;
        async::start(context.get_executor(), "test", [&]() -> Task<void> {
            worked = co_await workers.run([] { return std::this_thread::get_id(); });
            after = std::this_thread::get_id();
        });
        context.run();
        QVERIFY(worked != std::this_thread::get_id());
        QCOMPARE(after, std::this_thread::get_id());
    }
};

QTEST_APPLESS_MAIN(AsyncTest)
#include "async_test.moc"
