#include "server/platform/actions/action.h"
#include "server/platform/async/event.h"
#include "tests/support/server_bench.h"

#include <QtTest/QtTest>

using namespace voelgoed;
using actions::LoadClass;
using http::Method;

namespace {

struct Nothing
{};
BOOST_DESCRIBE_STRUCT(Nothing, (), ())

/// Holds its callers until it lets them go.
struct Door
{
    explicit Door(const async::Executor &executor) : opened(executor) {}

    async::Event opened;
    bool isOpen = false;
    int inside = 0, most = 0;
};

async::Task<base::Result<Nothing>> wait(actions::Context &, Door &door, Nothing)
{
    door.most = std::max(door.most, ++door.inside);
    while (!door.isOpen)
        co_await door.opened.wait();
    --door.inside;
    co_return Nothing{};
}

const std::vector<std::pair<std::string, LoadClass>> kClasses{{"critical", LoadClass::Critical},
                                                              {"write", LoadClass::Write},
                                                              {"read", LoadClass::Read},
                                                              {"report", LoadClass::Report}};

class Waiting final : public platform::Slice
{
public:
    Waiting(platform::Kernel &kernel, std::shared_ptr<Door> &door)
    {
        door = m_door = std::make_shared<Door>(kernel.executor);
        for (const auto &[name, load] : kClasses)
            kernel.actions.add({.name = m_names.emplace_back("waiting." + name),
                                .method = Method::Get,
                                .route = m_names.emplace_back("/v1/" + name),
                                .summary = "Waits",
                                .policy = access::Policy::signedIn(),
                                .load = load},
                               *door, &wait);
    }
    std::string_view name() const override { return "waiting"; }
    std::vector<pg::Migration> migrations() const override { return {}; }

private:
    std::shared_ptr<Door> m_door;
    std::deque<std::string> m_names;
};

} // namespace

/// What is refused when there is too much to do, and in which order.
class SheddingTest : public QObject
{
    Q_OBJECT

private:
    std::unique_ptr<test::Postgres> m_postgres;
    std::shared_ptr<Door> m_door;
    std::unique_ptr<test::ServerBench> m_bench;

    static test::Ask ask(const std::string &name)
    {
        return {test::member(test::tenant(1), access::Role::Owner), Method::Get, "/v1/" + name};
    }
    /// All at once, and then the door is opened: how many came in. Whoever was refused was told when to come again.
    int letIn(const std::vector<test::Ask> &asks, const std::string &counted)
    {
        m_door->isOpen = false;
        async::start(m_bench->kernel().executor, "whoever opens the door", [this]() -> async::Task<void> {
            // All of them are at the door by then: nothing that they do before takes time.
            co_await async::sleepFor(std::chrono::milliseconds(200));
            m_door->isOpen = true;
            m_door->opened.notify();
        });
        int in = 0;
        const auto replies = m_bench->callAll(asks);
        for (std::size_t i = 0; i < asks.size(); ++i) {
            if (asks[i].target == "/v1/" + counted)
                in += replies[i].status == 200 ? 1 : 0;
            if (replies[i].status == 200)
                continue;
            base::ensure(replies[i].status == 503 && replies[i].code() == "temporary_reduced_capacity",
                         replies[i].body.c_str());
            base::ensure(!replies[i].fields["Retry-After"].empty(), "no word of when to come again");
        }
        return in;
    }

private slots:
    void initTestCase()
    {
        m_postgres = std::make_unique<test::Postgres>();
        m_bench = std::make_unique<test::ServerBench>(
            *m_postgres, std::vector<test::ServerBench::MakeSlice>{[this](platform::Kernel &kernel) {
                return std::make_unique<Waiting>(kernel, m_door);
            }},
            test::ServerBench::Options{.callsMax = 20});
    }
    void cleanupTestCase()
    {
        m_door.reset(); // the slice's is the last
        m_bench.reset();
        m_postgres.reset();
    }

    void eachClassHasItsShare_data()
    {
        QTest::addColumn<QString>("name");
        QTest::addColumn<int>("share");
        QTest::newRow("reports") << "report" << 2;
        QTest::newRow("reads") << "read" << 10;
        QTest::newRow("writes") << "write" << 16;
        QTest::newRow("what gates do") << "critical" << 20;
    }
    void eachClassHasItsShare()
    {
        QFETCH(QString, name);
        QFETCH(int, share);
        QCOMPARE(letIn(std::vector<test::Ask>(30, ask(name.toStdString())), name.toStdString()), share);
        QCOMPARE(m_door->inside, 0);
        // Who has gone takes no place.
        QCOMPARE(letIn(std::vector<test::Ask>(30, ask(name.toStdString())), name.toStdString()), share);
    }

    void gatesComeInWhereOthersHaveTakenAllTheyMay()
    {
        std::vector<test::Ask> asks(30, ask("read"));
        for (const char *name : {"write", "critical"})
            asks.insert(asks.end(), 30, ask(name));
        QCOMPARE(letIn(asks, "critical"), 4);
        QCOMPARE(letIn(asks, "write"), 6);
        QCOMPARE(letIn(asks, "read"), 10);
        QCOMPARE(m_door->most, 20);
    }
};

QTEST_APPLESS_MAIN(SheddingTest)
#include "shedding_test.moc"
