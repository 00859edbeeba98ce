#include "tests/support/audit_stage.h"

#include <QtTest/QtTest>

#include <algorithm>
#include <set>
#include <sstream>

using namespace voelgoed;
using http::Method;

/// What the trail says of who acted, how it is taken out, and what the clock does with it.
class TrailTest : public QObject
{
    Q_OBJECT

private:
    std::unique_ptr<test::Postgres> m_postgres;
    std::unique_ptr<test::AuditStage> m_stage;
    test::ServerBench *m_bench = nullptr; ///< the stage's
    base::Uuid m_organization{};
    int m_number = 0;

    access::Actor owner() const { return test::member(m_organization, access::Role::Owner); }
    void act(const access::Actor &actor) { m_stage->invite(actor, "p" + std::to_string(++m_number) + "@example.org"); }
    void seal() const { m_stage->seal(); }
    test::Reply get(const std::string &target) const { return m_stage->get(target); }
    bool holds() const { return m_stage->holds(); }
    int eventsOf(const base::Uuid &organization, std::string_view type) const
    {
        int found = 0;
        for (const base::Json &each : m_bench->events(organization))
            found += each.at("event").at("type").as_string() == type ? 1 : 0;
        return found;
    }

private slots:
    void initTestCase() { m_postgres = std::make_unique<test::Postgres>(); }
    void init()
    {
        m_stage = std::make_unique<test::AuditStage>(*m_postgres);
        m_bench = &m_stage->bench();
        m_organization = m_stage->organization;
    }
    void cleanup() { m_stage.reset(); }
    void cleanupTestCase() { m_postgres.reset(); }

    void whatThePlatformsPeopleDoIsToldApart()
    {
        access::Actor staff = test::member(m_organization, access::Role::Admin);
        staff.platformStaff = true;
        staff.approval = "mail of 3 March";
        act(staff);
        act(owner());
        act(test::superAdmin(m_organization, "they asked"));
        const base::Json data = get("/v1/audit?action=tenancy.invite_member").json.at("data");
        QCOMPARE(data.as_array().size(), 3U);
        const base::Json &admins = data.at(0), &owners = data.at(1), &staffs = data.at(2);
        QVERIFY(admins.at("is_platform_admin").as_bool() && !admins.at("is_platform_staff").as_bool());
        QVERIFY(!owners.at("is_platform_admin").as_bool() && !owners.at("is_platform_staff").as_bool());
        QCOMPARE(owners.at("tenant_approval_reference").as_string(), "");
        QVERIFY(staffs.at("is_platform_staff").as_bool());
        QCOMPARE(staffs.at("tenant_approval_reference").as_string(), "mail of 3 March");
        QCOMPARE(staffs.at("origin").as_string(), "platform_support");
    }

    // A seal over an entry without later columns is what it was before there were any: reckoned here by the old rule.
    void sealsOfEntriesFromBeforeTheLaterColumnsStillHold()
    {
        m_bench->execute("UPDATE audit.log SET is_platform_admin = false");
        seal();
        QVERIFY(holds());
        const std::string byTheOldRule = m_bench->execute(R"(
            SELECT encode(sha256(decode(repeat('00', 32), 'hex') || int4send(length(e.bytes)) || e.bytes), 'hex') FROM (
                SELECT string_agg(int4send(octet_length(c.text)) || convert_to(c.text, 'UTF8'), ''::bytea ORDER BY c.n) AS bytes
                FROM audit.log l CROSS JOIN LATERAL unnest(ARRAY[
                    xid::text, id::text, to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'), actor_type,
                    actor_id::text, actor_name, actor_role, origin, action, subject_type, subject, before::text, after::text,
                    reason, request_id, address, agent]) WITH ORDINALITY AS c (text, n)) AS e)");
        QCOMPARE(m_bench->execute("SELECT encode(hash, 'hex') FROM audit.seals"), byTheOldRule);
    }

    void laterColumnsAreCoveredAsFarAsTheySaySomething_data()
    {
        QTest::addColumn<QString>("change");
        QTest::newRow("staff that was none") << "is_platform_staff = NOT is_platform_staff";
        QTest::newRow("an administrator that was none") << "is_platform_admin = NOT is_platform_admin";
        QTest::newRow("another approval") << "tenant_approval_reference = tenant_approval_reference || 'x'";
        QTest::newRow("no approval any more") << "tenant_approval_reference = ''";
        QTest::newRow("one flag in the other's place")
            << "is_platform_staff = is_platform_admin, is_platform_admin = is_platform_staff";
    }
    void laterColumnsAreCoveredAsFarAsTheySaySomething()
    {
        QFETCH(QString, change);
        access::Actor staff = test::member(m_organization, access::Role::Admin);
        staff.platformStaff = true;
        staff.approval = "mail";
        act(staff);
        seal();
        QVERIFY(holds());
        m_bench->execute("UPDATE audit.log SET " + change.toStdString() + " WHERE actor_type = 'user'");
        QVERIFY(!holds());
    }

    void aSealIsTold()
    {
        act(owner());
        seal();
        const base::Json told = m_bench->events(m_organization).back();
        const std::string id = base::toText(m_organization);
        QCOMPARE(told.at("topic").as_string(), "audit:org:" + id);
        QCOMPARE(told.at("event").at("type").as_string(), "audit.sealed.v1");
        QCOMPARE(told.at("event").at("data"), base::Json({{"organization_id", id}, {"seal", 1}, {"entries", 2}}));
    }

    void aTrailThatCannotBeSealedHoldsUpNoOther()
    {
        std::vector<base::Uuid> all{m_organization, m_stage->newOrganization(), m_stage->newOrganization()};
        std::sort(all.begin(), all.end()); // as they are sealed
        const auto seals = [&](const base::Uuid &of) {
            return m_bench->execute("SELECT count(*) FROM audit.seals WHERE organization_id = '" + base::toText(of) +
                                    "'");
        };
        m_bench->execute("ALTER TABLE audit.seals ADD CONSTRAINT spoiled CHECK (organization_id <> '" +
                         base::toText(all.front()) + "')");
        const auto failure = m_bench->runRoutine("audit.seal");
        QVERIFY(failure);
        QVERIFY2(failure->message.find("spoiled") != std::string::npos, failure->message.c_str());
        QCOMPARE(seals(all[0]), std::string("0"));
        QCOMPARE(seals(all[1]), std::string("1"));
        QCOMPARE(seals(all[2]), std::string("1"));
        const audit::Heads kept(m_bench->kernel().dataFolder + "/audit-heads.json");
        QVERIFY(!kept.of(all[0]));
        QVERIFY(kept.of(all[1]) && kept.of(all[2]));
        m_bench->execute("ALTER TABLE audit.seals DROP CONSTRAINT spoiled");
        m_stage->seal();
        QCOMPARE(seals(all[0]), std::string("1"));
    }

    void aTrailThatIsBrokenIsFoundAtNightAndItsOrganizationIsTold()
    {
        const base::Uuid sound = m_stage->newOrganization();
        seal();
        QCOMPARE(m_stage->figure("audit.verify", "broken"), 0);
        QCOMPARE(eventsOf(m_organization, "audit.broken.v1"), 0);
        m_bench->execute("UPDATE audit.log SET reason = 'none' WHERE organization_id = '" +
                         base::toText(m_organization) + "'");
        QCOMPARE(m_stage->figure("audit.verify", "broken"), 1);
        QCOMPARE(eventsOf(m_organization, "audit.broken.v1"), 1);
        QCOMPARE(eventsOf(sound, "audit.broken.v1"), 0);
        const auto problem = m_bench->events(m_organization).back().at("event").at("data").at("problem").as_string();
        QVERIFY2(problem.find("seal 1") != problem.npos, problem.c_str());
    }

    void thereIsAPartitionBeforeItsMonthBegins()
    {
        act(owner());
        m_bench->execute("UPDATE audit.log SET at = now()"); // the test's own clock is another one
        seal();
        QCOMPARE(m_stage->figure("audit.make_partitions", "made"), 0);
        // As if nothing had run for a year: this month's entries lie where no month is.
        const std::string month = m_bench->execute("SELECT 'audit.log_' || to_char(now(), 'YYYYMM')");
        m_bench->execute("CREATE TABLE public.kept AS SELECT * FROM " + month + "; DROP TABLE " + month +
                         "; INSERT INTO audit.log OVERRIDING SYSTEM VALUE SELECT * FROM public.kept");
        const std::string strays =
            m_bench->execute("SELECT count(*) FROM audit.log_default WHERE at >= date_trunc('month', now())");
        QCOMPARE(strays, std::string("2"));
        QCOMPARE(m_stage->figure("audit.make_partitions", "made"), 1);
        QCOMPARE(m_bench->execute("SELECT count(*) FROM " + month), strays);
        QCOMPARE(m_bench->execute("SELECT relrowsecurity AND relforcerowsecurity FROM pg_class WHERE oid = '" + month +
                                  "'::regclass"),
                 std::string("t"));
        QCOMPARE(m_bench->execute("SELECT relforcerowsecurity FROM pg_class WHERE oid = 'audit.log_default'::regclass"),
                 std::string("t"));
        QVERIFY(holds());
        QCOMPARE(m_stage->figure("audit.make_partitions", "made"), 0);
    }

    void theTrailIsTakenOutInPagesAndThatIsInTheTrail()
    {
        for (int i = 0; i < 4; ++i)
            act(owner());
        std::vector<std::int64_t> ids;
        std::string after;
        int pages = 0;
        do {
            const auto page = get("/v1/audit/export?limit=2" + after);
            QVERIFY2(page.status == 200, page.body.c_str());
            QCOMPARE(std::string(page.fields["Content-Type"]), std::string("application/x-ndjson"));
            std::istringstream lines(page.body);
            for (std::string line; std::getline(lines, line);)
                ids.push_back(base::parseJson(line)->at("id").to_number<std::int64_t>());
            after = std::string(page.fields["Voelgoed-Next"]);
            after = after.empty() ? after : "&after=" + after;
            const base::Json entry = m_bench->audits(m_organization).back();
            QCOMPARE(entry.at("action").as_string(), "audit.export");
            ++pages;
        } while (!after.empty() && pages < 20);
        QVERIFY(pages >= 3 && pages < 20);
        QVERIFY(std::is_sorted(ids.begin(), ids.end()));
        QCOMPARE(std::set<std::int64_t>(ids.begin(), ids.end()).size(), ids.size());
        // All of the first five, and of itself what came before the last page.
        QCOMPARE(ids.size(), std::size_t(5 + pages - 1));
    }

    void whoMayTakeItOut()
    {
        QCOMPARE(get("/v1/audit/export?after=1").pointer(), std::string("/after"));
        QCOMPARE(get("/v1/audit/export?after=1-x").pointer(), std::string("/after"));
        for (const auto &[role, status] : std::vector<std::pair<access::Role, int>>{
                 {access::Role::Admin, 200}, {access::Role::Staff, 403}, {access::Role::Viewer, 403}}) {
            const auto reply = m_bench->call({test::member(m_organization, role), Method::Get, "/v1/audit/export"});
            QCOMPARE(reply.status, status);
        }
        const base::Uuid other = m_stage->newOrganization();
        const auto theirs = m_bench->call(
            {test::member(other, access::Role::Owner), Method::Get, "/v1/audit/export?from=2020-01-01T00:00:00Z"});
        QCOMPARE(theirs.status, 200);
        QVERIFY(theirs.body.find(base::toText(m_organization)) == std::string::npos);
        QCOMPARE(std::count(theirs.body.begin(), theirs.body.end(), '\n'), 1);
    }
};

QTEST_GUILESS_MAIN(TrailTest)
#include "trail_test.moc"
