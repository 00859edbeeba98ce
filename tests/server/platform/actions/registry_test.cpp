#include "server/platform/actions/openapi.h"
#include "server/platform/actions/problem.h"

#include <QtTest/QtTest>

using namespace voelgoed;
using actions::Registry;
using http::Method;

namespace {

struct Slice
{};

struct ById
{
    std::string thing;
    std::optional<std::int32_t> depth;
};
BOOST_DESCRIBE_STRUCT(ById, (), (thing, depth))

struct Out
{
    std::string word;
};
BOOST_DESCRIBE_STRUCT(Out, (), (word))

async::Task<base::Result<Out>> answer(actions::Context &, Slice &, ById in)
{
    co_return Out{in.thing};
}

struct Bytes
{
    actions::RawBody body;
};
BOOST_DESCRIBE_STRUCT(Bytes, (), (body))

async::Task<base::Result<Out>> take(actions::Context &, Slice &, Bytes in)
{
    co_return Out{in.body.bytes};
}

async::Task<base::Result<Out>> echo(actions::Context &, Slice &, Out in)
{
    co_return in;
}

/// Cannot be made without a policy.
template <class T>
concept MadeWithoutAPolicy = requires { T{.name = "x", .method = Method::Get, .route = "/x", .summary = ""}; };
static_assert(!MadeWithoutAPolicy<actions::Declaration>);

actions::Declaration declared(const char *name, Method method, const char *route)
{
    return {.name = name, .method = method, .route = route, .summary = "Does it", .policy = access::Policy::anyone()};
}

std::vector<std::string> segments(const char *path)
{
    return actions::detail::segmentsOf(path);
}

} // namespace

class RegistryTest : public QObject
{
    Q_OBJECT

private:
    Slice m_slice;

    Registry filled()
    {
        Registry registry;
        registry.add(declared("things.show", Method::Get, "/v1/things/{thing}"), m_slice, &answer);
        registry.add(declared("things.move", Method::Post, "/v1/things/{thing}/move"), m_slice, &answer);
        registry.add(declared("things.own", Method::Get, "/v1/things/{thing}/own"), m_slice, &answer);
        return registry;
    }

private slots:
    void aRouteLeadsToItsActionWithItsFields()
    {
        const Registry registry = filled();
        const auto match = registry.match(Method::Get, segments("/v1/things/a7"));
        QVERIFY(match.action);
        QCOMPARE(std::string(match.action->declaration.name), std::string("things.show"));
        QCOMPARE(match.fields.size(), 1U);
        QCOMPARE(match.fields.front().second, std::string("a7"));
    }

    void aBodyThatIsNotJsonIsNoFieldThatIsMissing()
    {
        const actions::Action action =
            actions::makeAction(declared("bytes.take", Method::Post, "/v1/bytes"), m_slice, &take);
        QVERIFY(action.takesBytes);
        std::vector<actions::FieldError> errors;
        QVERIFY(action.decode({}, {.bytes = "abc", .contentType = "application/x"}, errors));
        QVERIFY(errors.empty());
    }

    void anotherMethodIsToldFromAnotherRoute()
    {
        const Registry registry = filled();
        QVERIFY(!registry.match(Method::Delete, segments("/v1/things/a7")).action);
        QCOMPARE(registry.methodsOf(segments("/v1/things/a7")).size(), 1U);
        for (const char *nowhere : {"/v1/nothing", "/v1", "/v1/things/a7/b", "/"}) {
            QVERIFY(!registry.match(Method::Get, segments(nowhere)).action);
            QVERIFY(registry.methodsOf(segments(nowhere)).empty());
        }
    }

    void literalSegmentsWinOverFields()
    {
        Registry registry = filled();
        registry.add(declared("things.first", Method::Get, "/v1/things/first"), m_slice, &echo);
        QCOMPARE(std::string(registry.match(Method::Get, segments("/v1/things/first")).action->declaration.name),
                 std::string("things.first"));
    }

    void theDocumentSaysEveryActionOnce()
    {
        const base::Json api = actions::openApi(filled(), {.version = "1", .server = "http://x"});
        QCOMPARE(api.at("paths").as_object().size(), 3U);
        const auto &show = api.at("paths").at("/v1/things/{thing}").at("get");
        QCOMPARE(std::string(show.at("operationId").as_string()), std::string("things.show"));
        QCOMPARE(show.at("parameters").as_array().size(), 2U);
        QVERIFY(show.at("parameters").at(0).at("required").as_bool());
        QVERIFY(!show.at("parameters").at(1).at("required").as_bool());
    }

    void aProblemSaysItsHintAndNeverItsMessage()
    {
        const auto response =
            actions::problem({base::ErrorCode::Conflict, "SELECT secret", "Somebody was faster.", "seat_taken"},
                             {.instance = "/v1/x", .requestId = "r1", .errors = {}, .retryAfter = {}});
        QCOMPARE(response.status, 409);
        QCOMPARE(response.fields["Content-Type"], std::string_view("application/problem+json"));
        QVERIFY(response.body.find("SELECT") == std::string::npos);
        const auto body = *base::parseJson(response.body);
        QCOMPARE(std::string(body.at("code").as_string()), std::string("seat_taken"));
        QCOMPARE(std::string(body.at("detail").as_string()), std::string("Somebody was faster."));
        QCOMPARE(std::string(body.at("request_id").as_string()), std::string("r1"));
    }

    void statusesFollowTheOneTable_data()
    {
        QTest::addColumn<int>("code");
        QTest::addColumn<QString>("word");
        QTest::addColumn<int>("status");
        const auto row = [](const char *name, base::ErrorCode code, const char *word, int status) {
            QTest::newRow(name) << static_cast<int>(code) << word << status;
        };
        row("invalid", base::ErrorCode::Invalid, "", 400);
        row("not found", base::ErrorCode::NotFound, "", 404);
        row("conflict", base::ErrorCode::Conflict, "", 409);
        row("unauthorized", base::ErrorCode::Unauthorized, "", 401);
        row("forbidden", base::ErrorCode::Forbidden, "", 403);
        row("unavailable", base::ErrorCode::Unavailable, "", 503);
        row("timeout", base::ErrorCode::Timeout, "", 503);
        row("internal", base::ErrorCode::Internal, "", 500);
        row("another version", base::ErrorCode::Conflict, "precondition_failed", 412);
        row("key reused", base::ErrorCode::Conflict, "idempotency_key_reused", 422);
        row("limit", base::ErrorCode::Unavailable, "quota_exceeded", 429);
        row("media type", base::ErrorCode::Invalid, "unsupported_media_type", 415);
    }
    void statusesFollowTheOneTable()
    {
        QFETCH(int, code);
        QFETCH(QString, word);
        QFETCH(int, status);
        QCOMPARE(actions::statusOf({static_cast<base::ErrorCode>(code), "m", "h", word.toStdString()}), status);
    }
};

QTEST_APPLESS_MAIN(RegistryTest)
#include "registry_test.moc"
