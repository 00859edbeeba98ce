#include "server/platform/actions/dispatcher.h"
#include "shared/base/json.h"
#include "tests/server/platform/jobs/world.h"

#include <algorithm>
#include <deque>

using namespace voelgoed;
using namespace voelgoed::test;
using async::Task;
using base::Json;
using base::Result;

namespace {

/// Keeps the trail in memory.
class Trail final : public work::AuditSink
{
public:
    std::vector<std::string> entries;

    void record(const work::AuditEntry &entry, const Circumstances &, std::vector<pg::Query> &) override
    {
        entries.push_back(entry.action + " " + base::toText(entry.before) + " " + base::toText(entry.after));
    }
};

/// Whoever it is said to be.
class Known final : public actions::Authenticator
{
public:
    access::Actor actor;

    bool isMeant(const http::Request &) const override { return true; }
    Task<Result<std::optional<access::Actor>>> authenticate(const http::Request &) override { co_return actor; }
};

access::Actor person(const base::Uuid &organization, access::Role role = access::Role::Admin)
{
    access::Actor actor;
    actor.kind = access::ActorKind::User;
    actor.id = uuidOf(7);
    actor.organization = organization;
    actor.role = role;
    return actor;
}

} // namespace

/// What people may do with jobs.
class ActionsTest : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase() { m_postgres = std::make_unique<Postgres>(); }
    void cleanupTestCase()
    {
        m_world.reset();
        m_postgres.reset();
    }
    void init()
    {
        m_dispatcher.reset();
        m_registry = {};
        m_trail.entries.clear();
        m_world = std::make_unique<World>(*m_postgres);
        m_world->addDone();
        m_world->server().database.setAuditSink(m_trail);
        jobs::addJobActions(m_registry, m_world->server().jobs);
        m_dispatcher.emplace(actions::Dispatcher::Parts{.registry = m_registry,
                                                        .database = m_world->server().database,
                                                        .aside = m_world->server().database,
                                                        .clock = m_world->server().clock,
                                                        .random = m_world->server().random,
                                                        .throttle = nullptr,
                                                        .report = {},
                                                        .serveSocket = {}});
        m_dispatcher->addAuthenticator(m_known);
    }
    void cleanup() { m_dispatcher.reset(); }

    void jobsAreListedLatestFirstInPages()
    {
        for (int i = 0; i < 7; ++i)
            m_world->enqueue(m_world->make("count", std::to_string(i)));
        m_world->enqueue(m_world->make("count", "other"), kOther);
        std::vector<std::string> seen;
        Json in{{"limit", 3}};
        for (int pages = 1;; ++pages) {
            const auto page = call("jobs.list", in);
            QVERIFY(page);
            for (const Json &job : page->json.at("data").as_array())
                seen.emplace_back(job.at("args").at("n").as_string());
            if (!page->json.at("has_more").as_bool()) {
                QCOMPARE(pages, 3);
                break;
            }
            in.as_object()["after"] = page->json.at("next");
        }
        QCOMPARE(seen, (std::vector<std::string>{"6", "5", "4", "3", "2", "1", "0"}));
        QCOMPARE(call("jobs.list", {{"state", "completed"}})->json.at("data").as_array().size(), 0U);
        QCOMPARE(call("jobs.list", {{"state", "available"}, {"kind", "count"}})->json.at("data").as_array().size(), 7U);
        QVERIFY(!call("jobs.list", {{"state", "lost"}}));
        QVERIFY(!call("jobs.list", {{"after", "x"}}));
    }

    void anothersJobAnswersLikeOneThatDoesNotExist_data()
    {
        QTest::addColumn<QString>("action");
        for (const char *action : {"jobs.show", "jobs.retry", "jobs.cancel"})
            QTest::newRow(action) << action;
    }
    void anothersJobAnswersLikeOneThatDoesNotExist()
    {
        QFETCH(QString, action);
        m_world->enqueue(m_world->make("count", "a"), kOther);
        const Json theirs{{"job", m_world->ask("id")}}, nobodys{{"job", base::toText(uuidOf(99))}};
        const auto one = call(action.toStdString(), theirs), other = call(action.toStdString(), nobodys);
        QVERIFY(!one && !other);
        QCOMPARE(one.error(), other.error());
        QCOMPARE(m_world->ask("state"), "available");
    }

    void onlyThoseWhoManageJobsMay_data()
    {
        QTest::addColumn<int>("role");
        QTest::addColumn<bool>("may");
        const auto row = [](access::Role role, bool may) {
            QTest::newRow(std::string(access::word(role)).c_str()) << int(role) << may;
        };
        row(access::Role::Owner, true);
        row(access::Role::Admin, true);
        row(access::Role::Staff, false);
        row(access::Role::Viewer, false);
        row(access::Role::ScannerOnly, false);
    }
    void onlyThoseWhoManageJobsMay()
    {
        QFETCH(int, role);
        QFETCH(bool, may);
        m_world->enqueue(m_world->make("count", "a"));
        const Json job{{"job", m_world->ask("id")}};
        for (const char *action : {"jobs.show", "jobs.cancel"})
            QCOMPARE(bool(call(action, job, person(kOne, static_cast<access::Role>(role)))), may);
    }

    void aJobThatWasGivenUpBeginsAnew()
    {
        m_world->add({.name = "fails", .queue = "default", .maxAttempts = 1}, [&](Attempt &) -> Result<Outcome> {
            if (m_fails)
                return base::invalid("no");
            return Outcome(jobs::Done{});
        });
        m_fails = true;
        m_world->server().startRunner();
        m_world->enqueue(m_world->make("fails", "a"));
        m_world->until([&] { return m_world->ask("state") == "discarded"; });
        m_fails = false;
        const Json job{{"job", m_world->ask("id")}};
        QCOMPARE(call("jobs.show", job)->json.at("errors").as_array().size(), 1U);
        QVERIFY(call("jobs.retry", job));
        m_world->until([&] { return m_world->ask("state") == "completed"; });
        QCOMPARE(m_world->ask("attempt || ' of ' || max_attempts"), "2 of 2");
        const auto again = call("jobs.retry", job);
        QVERIFY(!again);
        QCOMPARE(again.error().word, "wrong_state");
        QCOMPARE(m_trail.entries.size(), 1U);
        QVERIFY(m_trail.entries.front().find("discarded") != std::string::npos);
    }

    void afterARetryByHandTheWaitsBeginShortAgain()
    {
        std::vector<int> waits;
        m_world->add({.name = "fails",
                      .queue = "default",
                      .maxAttempts = 3,
                      .backoff =
                          [&](int failed) {
                              waits.push_back(failed);
                              return base::Milliseconds(0);
                          }},
                     [](Attempt &) { return base::invalid("no"); });
        m_world->server().startRunner();
        m_world->enqueue(m_world->make("fails", "a"));
        const Json job{{"job", m_world->ask("id")}};
        for (const char *tries : {"3", "6", "9"}) {
            m_world->until([&] { return m_world->ask("state") == "discarded" && m_world->ask("attempt") == tries; });
            QCOMPARE(waits, (std::vector<int>{1, 2}));
            waits.clear();
            QVERIFY(call("jobs.retry", job));
            m_world->server().runner->wake();
        }
    }

    void aJobThatRunsIsCalledOffAndWhatItDoesDoesNotCount()
    {
        async::Event go(m_world->context.get_executor());
        bool begun = false;
        m_world->server().jobs.addTransactional(
            {.name = "long", .queue = "default"}, [&](work::UnitOfWork &unit, Attempt &) -> Task<Result<Outcome>> {
                begun = true;
                co_await go.wait();
                unit.emit({.topic = "a:b:c", .type = "a.b.v1", .subject = "c", .data = boost::json::object{}});
                co_return Outcome(jobs::Done{});
            });
        m_world->server().startRunner();
        m_world->enqueue(m_world->make("long", "a"));
        m_world->until([&] { return begun; });
        QVERIFY(call("jobs.cancel", {{"job", m_world->ask("id")}}));
        go.notify();
        m_world->until([&] { return m_world->server().runner->figures().running == 0; });
        QCOMPARE(m_world->ask("state"), "cancelled");
        QCOMPARE(m_world->database.execute("SELECT count(*) FROM platform.outbox"), "0");
        QCOMPARE(call("jobs.cancel", {{"job", m_world->ask("id")}}).error().word, "wrong_state");
    }

    void anOldExecutionDoesNotEndTheAttemptThatARetryBegan()
    {
        std::deque<async::Event> go;
        m_world->server().jobs.addTransactional({.name = "long", .queue = "default", .maxAttempts = 2},
                                                [&](work::UnitOfWork &, Attempt &) -> Task<Result<Outcome>> {
                                                    const std::size_t number = go.size();
                                                    co_await go.emplace_back(m_world->context.get_executor()).wait();
                                                    co_return Outcome(jobs::Done{{{"number", number}}});
                                                });
        m_world->server().startRunner();
        m_world->enqueue(m_world->make("long", "a"));
        const Json job{{"job", m_world->ask("id")}};
        m_world->until([&] { return go.size() == 1; });
        QVERIFY(call("jobs.cancel", job));
        const auto retried = call("jobs.retry", job);
        QVERIFY(retried);
        QCOMPARE(retried->json.at("attempt").to_number<int>(), 1);
        QCOMPARE(retried->json.at("max_attempts").to_number<int>(), 3);
        m_world->server().runner->wake();
        m_world->until([&] { return go.size() == 2; });
        go[0].notify();
        m_world->until([&] { return m_world->server().runner->figures().ended == 1; });
        QCOMPARE(m_world->ask("state"), "executing");
        go[1].notify();
        m_world->until([&] { return m_world->ask("state") == "completed"; });
        QCOMPARE(m_world->ask("result->>'number'"), "1");
        QCOMPARE(m_world->ask("attempt"), "2");
    }

    void aRetryThatWouldStandBesideItsLikeIsRefused()
    {
        m_world->add({.name = "only", .queue = "default", .uniqueKey = [](const Json &) { return std::string("x"); }},
                     [](Attempt &) { return Outcome(jobs::Done{}); });
        m_world->enqueue(m_world->make("only", "a"));
        const Json first{{"job", m_world->ask("id")}};
        QVERIFY(call("jobs.cancel", first));
        m_world->enqueue(m_world->make("only", "b"));
        QCOMPARE(call("jobs.retry", first).error().word, "already_waiting");
    }

private:
    struct Answer
    {
        Json json;
    };
    /// What the action's route answers; an error has nothing but the problem's code.
    Result<Answer> call(std::string_view name, Json in, access::Actor actor = person(kOne))
    {
        const actions::Action &action = *m_registry.byName(name);
        http::Request request;
        request.method = action.declaration.method;
        for (const std::string &segment : action.segments) {
            const bool isField = segment.front() == '{';
            request.segments.push_back(isField ? std::string(in.at(segment.substr(1)).as_string()) : segment);
            request.path += "/" + request.segments.back();
        }
        const auto isOfPath = [&](std::string_view field) {
            return std::find(action.segments.begin(), action.segments.end(), "{" + std::string(field)) !=
                   action.segments.end();
        };
        for (const auto &field : in.as_object()) {
            if (!isOfPath(field.key()))
                request.query.emplace_back(field.key(), field.value().is_string()
                                                            ? std::string(field.value().as_string())
                                                            : base::toText(field.value()));
        }
        m_known.actor = std::move(actor);
        const auto answer = runTask(m_world->context, m_dispatcher->handle(std::move(request)));
        Json json = *base::parseJson(answer.response.body);
        if (answer.response.status < 300)
            return Answer{std::move(json)};
        const std::string word(json.at("code").as_string());
        return base::Error{base::ErrorCode::Invalid, word, {}, word};
    }

    std::unique_ptr<Postgres> m_postgres;
    Trail m_trail;
    actions::Registry m_registry;
    std::unique_ptr<World> m_world;
    std::optional<actions::Dispatcher> m_dispatcher;
    Known m_known;
    bool m_fails = false;
};

QTEST_GUILESS_MAIN(ActionsTest)
#include "actions_test.moc"
