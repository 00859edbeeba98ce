#include "tests/support/server_bench.h"

#include "server/slices/audit/module.h"
#include "server/slices/tenancy/module.h"

#include <QtTest/QtTest>

using namespace voelgoed;
using http::Method;

namespace {

access::Actor platformAdmin()
{
    auto actor = test::superAdmin(test::tenant(1), "a test");
    actor.organization.reset();
    return actor;
}

std::vector<test::ServerBench::MakeSlice> slices()
{
    return {audit::make, [](platform::Kernel &kernel) { return std::move(tenancy::make(kernel).slice); }};
}

test::Ask newOrganization(const char *slug)
{
    return {platformAdmin(), Method::Post, "/v1/orgs",
            base::Json{{"name", "Club"}, {"slug", slug}, {"owner_email", "owner@example.test"}}};
}

} // namespace

class ServerBenchTest : public QObject
{
    Q_OBJECT

private slots:
    void aCallGoesThroughTheDispatcherIntoPostgres()
    {
        test::Postgres postgres;
        test::ServerBench bench(postgres, slices());
        QCOMPARE(bench.call({access::Actor::nobody(), Method::Get, "/v1/orgs"}).status, 401);
        QCOMPARE(bench.call({platformAdmin(), Method::Get, "/v1/nothing"}).code(), std::string("not_found"));
        const auto made = bench.call(newOrganization("club"));
        QVERIFY2(made.status == 201, made.body.c_str());
        const auto id = base::uuidFrom(made.text("id"));
        QVERIFY(id);
        QCOMPARE(bench.events(*id).size(), std::size_t{1});
        QCOMPARE(bench.audits(*id).at(0).at("action").as_string(), "tenancy.create_organization");
        QCOMPARE(bench.call(newOrganization("Club!")).pointer(), std::string("/slug"));
        const auto shown =
            bench.call({test::member(*id, access::Role::Viewer), Method::Get, "/v1/orgs/" + made.text("id")});
        QCOMPARE(shown.text("slug"), std::string("club"));
        QCOMPARE(std::string(shown.fields["ETag"]), std::string("\"1\""));

        test::ServerBench second(bench, slices());
        QCOMPARE(second.call(newOrganization("club")).code(), std::string("slug_taken"));
        const auto both = second.callAll({newOrganization("one"), newOrganization("two")});
        QCOMPARE(both.at(0).text("slug"), std::string("one"));
        QCOMPARE(both.at(1).text("slug"), std::string("two"));
        QVERIFY(bench.attempt(*id, "DELETE FROM audit.log").find("permission denied") != std::string::npos);
        QCOMPARE(bench.attempt(*id, "SELECT * FROM audit.log"), std::string());
        const auto failure = bench.runRoutine("audit.seal");
        QVERIFY2(!failure, failure ? failure->message.c_str() : "");
        QVERIFY(bench.runRoutine("nothing"));
    }
};

QTEST_APPLESS_MAIN(ServerBenchTest)
#include "server_bench_test.moc"
