#include "server/platform/actions/openapi.h"
#include "tests/support/server_bench.h"

#include <QtTest/QtTest>

#include <set>

#undef emit // Qt's word for nothing, and a function of ours

using namespace voelgoed;
using actions::Context;
using async::Task;
using base::Result;
using http::Method;

namespace {

const base::Uuid kOrg = test::tenant(1);
const access::Actor kOwner = test::member(kOrg, access::Role::Owner);
const std::string kTraceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

struct Asked
{
    std::optional<std::int64_t> after;
    actions::Defaulted<std::int32_t, 2> limit;
    std::optional<std::string> word;
};
BOOST_DESCRIBE_STRUCT(Asked, (), (after, limit, word))

struct Numbers
{
    std::vector<std::int64_t> data;
    bool hasMore = false;
    std::optional<std::int64_t> next;
};
BOOST_DESCRIBE_STRUCT(Numbers, (), (data, hasMore, next))

/// A slice of what answers can say beside their body.
class Examples final : public platform::Slice
{
public:
    explicit Examples(platform::Kernel &kernel)
    {
        using access::Policy;
        kernel.actions.add({.name = "examples.count",
                            .method = Method::Get,
                            .route = "/v1/numbers",
                            .summary = "Numbers up to five",
                            .policy = Policy::anyone()},
                           *this, &Examples::count);
        kernel.actions.add({.name = "examples.count_as_before",
                            .method = Method::Get,
                            .route = "/v1/old-numbers",
                            .summary = "The same, as it used to be",
                            .policy = Policy::anyone(),
                            .deprecation = actions::Deprecation{.since = *base::parseInstant("2026-01-01T00:00:00Z"),
                                                                .sunset = *base::parseInstant("2027-02-03T04:05:06Z")}},
                           *this, &Examples::count);
        kernel.actions.add({.name = "examples.count_for_now",
                            .method = Method::Get,
                            .route = "/v1/passing-numbers",
                            .summary = "The same, to go nobody knows when",
                            .policy = Policy::signedIn(),
                            .deprecation = actions::Deprecation{.since = *base::parseInstant("2026-01-01T00:00:00Z")}},
                           *this, &Examples::count);
        kernel.actions.add({.name = "examples.remember",
                            .method = Method::Get,
                            .route = "/v1/memories/{limit}",
                            .summary = "What is so many milliseconds too old",
                            .policy = Policy::anyone()},
                           *this, &Examples::remember);
        kernel.actions.add({.name = "examples.tell",
                            .method = Method::Post,
                            .route = "/v1/numbers",
                            .summary = "Tells two numbers",
                            .policy = Policy::signedIn(),
                            .effect = actions::Effect::Writes},
                           *this, &Examples::tell);
    }

    std::string_view name() const override { return "examples"; }
    std::vector<pg::Migration> migrations() const override { return {}; }

private:
    static Task<Result<Numbers>> count(Context &, Examples &, Asked in)
    {
        Numbers numbers;
        const std::int64_t from = in.after.value_or(0) + 1;
        for (std::int64_t number = from; number < from + in.limit.value && number <= 5; ++number)
            numbers.data.push_back(number);
        numbers.hasMore = !numbers.data.empty() && numbers.data.back() < 5;
        if (numbers.hasMore)
            numbers.next = numbers.data.back();
        co_return numbers;
    }
    static Task<Result<Numbers>> remember(Context &context, Examples &, Asked in)
    {
        context.answerStale(base::Milliseconds(in.limit.value));
        co_return Numbers{};
    }
    static Task<Result<Numbers>> tell(Context &context, Examples &, Asked)
    {
        for (const int number : {1, 2})
            context.emit({.topic = "examples:all",
                          .type = "examples.told.v1",
                          .subject = std::to_string(number),
                          .data = {{"number", number}}});
        co_return Numbers{};
    }
};

} // namespace

/// What answers say beside their bodies: where the next page is, that an action is to go, how old what they hold is,
/// and to which trace what they did belongs.
class AnswersTest : public QObject
{
    Q_OBJECT

private:
    std::unique_ptr<test::Postgres> m_postgres;
    std::unique_ptr<test::ServerBench> m_bench;

    test::Reply get(const std::string &target) { return m_bench->call({kOwner, Method::Get, target}); }
    static std::string field(const test::Reply &reply, const char *name) { return std::string(reply.fields[name]); }

    /// The field traceparent of each event that one call told.
    std::vector<std::string> tracesOf(const std::string &traceparent)
    {
        const std::size_t before = m_bench->events(kOrg).size();
        test::Ask ask{kOwner, Method::Post, "/v1/numbers", boost::json::object()};
        if (!traceparent.empty())
            ask.fields.emplace_back("traceparent", traceparent);
        base::ensure(m_bench->call(ask).status == 200, "nothing was told");
        std::vector<std::string> traces;
        const auto events = m_bench->events(kOrg);
        for (std::size_t i = before; i < events.size(); ++i)
            traces.emplace_back(events[i].at("event").at("traceparent").as_string());
        return traces;
    }

private slots:
    void initTestCase()
    {
        m_postgres = std::make_unique<test::Postgres>();
        m_bench = std::make_unique<test::ServerBench>(
            *m_postgres, std::vector<test::ServerBench::MakeSlice>{
                             [](platform::Kernel &kernel) { return std::make_unique<Examples>(kernel); }});
    }
    void cleanupTestCase()
    {
        m_bench.reset();
        m_postgres.reset();
    }

    void aPageSaysWhereTheNextOneIs()
    {
        QCOMPARE(field(get("/v1/numbers"), "Link"), std::string("</v1/numbers?after=2>; rel=\"next\""));
        QCOMPARE(field(get("/v1/numbers?after=2&limit=1"), "Link"),
                 std::string("</v1/numbers?limit=1&after=3>; rel=\"next\""));
        QCOMPARE(field(get("/v1/numbers?after=3"), "Link"), std::string());
    }

    // What a query holds ends no link, whoever wrote it.
    void whatIsInAQueryStaysInIt()
    {
        QCOMPARE(field(get("/v1/numbers?word=%3E%3B%22%20a%2Cb+c%26d%3D%C3%A9"), "Link"),
                 std::string("</v1/numbers?word=%3E%3B%22%20a%2Cb%20c%26d%3D%C3%A9&after=2>; rel=\"next\""));
        QCOMPARE(field(get("/v1/numbers?w%6Frd=a&%61fter=1"), "Link"),
                 std::string("</v1/numbers?word=a&after=3>; rel=\"next\""));
    }

    void whatIsToGoSaysSoInEveryAnswer()
    {
        const auto reply = get("/v1/old-numbers");
        QCOMPARE(field(reply, "Deprecation"), std::string("@1767225600"));
        QCOMPARE(field(reply, "Sunset"), std::string("Wed, 03 Feb 2027 04:05:06 GMT"));
        const auto wrong = get("/v1/old-numbers?limit=many");
        QCOMPARE(wrong.status, 400);
        QCOMPARE(field(wrong, "Deprecation"), std::string("@1767225600"));
        const auto passing = get("/v1/passing-numbers");
        QCOMPARE(field(passing, "Deprecation"), std::string("@1767225600"));
        QVERIFY(!passing.fields.has("Sunset"));
        const auto refused = m_bench->call({access::Actor::nobody(), Method::Get, "/v1/passing-numbers"});
        QCOMPARE(refused.status, 401);
        QVERIFY(refused.fields.has("Deprecation"));
        const auto current = get("/v1/numbers");
        QVERIFY(!current.fields.has("Deprecation") && !current.fields.has("Sunset"));
    }

    void theDescriptionSaysWhatIsToGo()
    {
        const base::Json api = actions::openApi(m_bench->kernel().actions, {.version = "1", .server = "http://x"});
        const auto &paths = api.at("paths");
        QVERIFY(paths.at("/v1/old-numbers").at("get").at("deprecated").as_bool());
        QVERIFY(!paths.at("/v1/numbers").at("get").as_object().contains("deprecated"));
        QVERIFY(paths.at("/v1/numbers").at("get").at("responses").at("200").at("headers").as_object().contains("Link"));
    }

    void whatIsTooOldSaysByHowMuch()
    {
        QCOMPARE(field(get("/v1/memories/1"), "Cache-Status"), std::string("voelgoed; hit; ttl=-1"));
        QCOMPARE(field(get("/v1/memories/61001"), "Cache-Status"), std::string("voelgoed; hit; ttl=-62"));
        QVERIFY(!get("/v1/memories/0").fields.has("Cache-Status"));
    }

    void eventsAreOfTheTraceOfWhoAsked()
    {
        const auto traces = tracesOf(kTraceparent);
        QCOMPARE(traces.size(), 2U);
        QCOMPARE(traces[0], traces[1]);
        QCOMPARE(traces[0].substr(0, 36), kTraceparent.substr(0, 36));
        QVERIFY(traces[0].substr(36, 16) != kTraceparent.substr(36, 16)); // a step of its own
        QCOMPARE(traces[0].substr(52), std::string("-01"));
    }

    void whoBringsNoTraceOrABrokenOneBeginsOne()
    {
        std::set<std::string> all;
        for (const std::string &brought : {std::string(), std::string("00-0-0-00"), kTraceparent + "x"}) {
            const auto traces = tracesOf(brought);
            QCOMPARE(traces.size(), 2U);
            QCOMPARE(traces[0], traces[1]);
            QVERIFY2(work::traceFrom(traces[0]), traces[0].c_str());
            QVERIFY(traces[0].substr(3, 32) != kTraceparent.substr(3, 32));
            all.insert(traces[0]);
        }
        QCOMPARE(all.size(), 3U);
    }
};

QTEST_GUILESS_MAIN(AnswersTest)
#include "answers_test.moc"
