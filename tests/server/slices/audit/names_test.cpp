#include "tests/support/audit_stage.h"
#include "tests/support/work_database.h"

#include <QtTest/QtTest>

using namespace voelgoed;
using http::Method;

/// Names in the trail: closed where they lie, readable for who may, and gone with their key while the seals still hold.
class NamesTest : public QObject
{
    Q_OBJECT

private:
    std::unique_ptr<test::Postgres> m_postgres;
    std::unique_ptr<test::AuditStage> m_stage;

    access::Actor owner() const
    {
        access::Actor actor = test::member(m_stage->organization, access::Role::Owner);
        actor.id = test::uuidOf(77);
        actor.name = "Rachel Ncube";
        return actor;
    }
    access::Actor other() const
    {
        access::Actor actor = test::member(m_stage->organization, access::Role::Owner);
        actor.id = test::uuidOf(78);
        actor.name = "Johan Botha";
        return actor;
    }
    void invite(const std::string &email) const { m_stage->invite(owner(), email); }
    /// The entry of the last invitation, as people read it.
    base::Json entry(const std::string &way = "/v1/audit?action=tenancy.invite_member") const
    {
        return m_stage->bench().call({other(), Method::Get, way}).json.at("data").at(0);
    }
    test::Reply forget(base::Json body) const
    {
        return m_stage->bench().call({other(), Method::Post, "/v1/audit/forget", std::move(body)});
    }
    std::string stored() const
    {
        return m_stage->bench().execute("SELECT string_agg(l::text, ' ') FROM audit.log l WHERE organization_id = '" +
                                        base::toText(m_stage->organization) + "'");
    }

private slots:
    void initTestCase() { m_postgres = std::make_unique<test::Postgres>(); }
    void init() { m_stage = std::make_unique<test::AuditStage>(*m_postgres); }
    void cleanup() { m_stage.reset(); }
    void cleanupTestCase() { m_postgres.reset(); }

    void namesLieClosedAndAreReadOpen()
    {
        invite("Sipho@Example.org");
        const base::Json read = entry();
        QCOMPARE(read.at("actor_name").as_string(), "Rachel Ncube");
        QCOMPARE(read.at("after").at("email").as_string(), "sipho@example.org");
        QCOMPARE(read.at("after").at("role").as_string(), "staff");
        const QString lies = QString::fromStdString(stored()).toLower();
        QVERIFY2(!lies.contains("rachel") && !lies.contains("sipho"), qPrintable(lies));
        const auto taken = m_stage->bench().call({other(), Method::Get, "/v1/audit/export"});
        QVERIFY(taken.body.find("Rachel Ncube") != std::string::npos &&
                taken.body.find("sipho@example.org") != std::string::npos);
    }

    void twoNamesOfOnePersonLieThereDifferently()
    {
        invite("a@example.org");
        invite("b@example.org");
        QCOMPARE(m_stage->bench().execute(
                     "SELECT count(DISTINCT actor_name) FROM audit.log WHERE action = 'tenancy.invite_member'"),
                 std::string("2"));
    }

    void whoIsForgottenIsNotReadAndTheSealsHold()
    {
        invite("sipho@example.org");
        m_stage->seal();
        const auto forgotten =
            forget({{"user", base::toText(owner().id)}, {"email", "SIPHO@example.org"}, {"reason", "asked to be"}});
        QVERIFY2(forgotten.status == 200, forgotten.body.c_str());
        QCOMPARE(forgotten.json.at("keys").to_number<int>(), 2);
        const base::Json read = entry();
        QVERIFY(read.at("actor_name").is_null() && read.at("after").at("email").is_null());
        QCOMPARE(read.at("actor_id").as_string(), base::toText(owner().id));
        QCOMPARE(read.at("after").at("role").as_string(), "staff");
        m_stage->seal();
        QVERIFY(m_stage->holds());
        const base::Json act = entry("/v1/audit?action=audit.forget_person");
        QCOMPARE(act.at("actor_name").as_string(), "Johan Botha");
        QCOMPARE(act.at("reason").as_string(), "asked to be");

        // What he does later is written, and not under his name.
        invite("third@example.org");
        QVERIFY(entry().at("actor_name").is_null());
        QCOMPARE(entry().at("after").at("email").as_string(), "third@example.org");
    }

    // Another server process began to write the key before it could know.
    void aKeyThatCameLateOpensNothingAndGoesAtNight()
    {
        invite("sipho@example.org");
        m_stage->bench().execute("CREATE TABLE public.kept AS SELECT * FROM audit.person_keys");
        QCOMPARE(forget({{"user", base::toText(owner().id)}, {"reason", "asked to be"}}).status, 200);
        m_stage->bench().execute("INSERT INTO audit.person_keys SELECT * FROM public.kept ON CONFLICT DO NOTHING");
        QVERIFY(entry().at("actor_name").is_null());
        QCOMPARE(m_stage->figure("audit.drop_forgotten_keys", "dropped"), 1);
        QCOMPARE(m_stage->figure("audit.drop_forgotten_keys", "dropped"), 0);
        QCOMPARE(entry().at("after").at("email").as_string(), "sipho@example.org");
    }

    void anotherOrganizationForgetsNobodyHere()
    {
        invite("sipho@example.org");
        const base::Uuid elsewhere = m_stage->newOrganization();
        access::Actor stranger = test::member(elsewhere, access::Role::Owner);
        const auto forgotten = m_stage->bench().call(
            {stranger,
             Method::Post,
             "/v1/audit/forget",
             {{"user", base::toText(owner().id)}, {"email", "sipho@example.org"}, {"reason", "asked to be"}}});
        QCOMPARE(forgotten.status, 200);
        QCOMPARE(forgotten.json.at("keys").to_number<int>(), 0);
        QCOMPARE(entry().at("actor_name").as_string(), "Rachel Ncube");
        QCOMPARE(entry().at("after").at("email").as_string(), "sipho@example.org");
    }

    void whatIsAskedForWronglyIsNamed()
    {
        QCOMPARE(forget({{"reason", "asked to be"}}).pointer(), std::string("/user"));
        QCOMPARE(forget({{"user", base::toText(owner().id)}, {"reason", " "}}).pointer(), std::string("/reason"));
        QCOMPARE(forget({{"user", base::toText(other().id)}, {"reason", "me"}}).status, 403);
        access::Actor staff = test::member(m_stage->organization, access::Role::Staff);
        QCOMPARE(
            m_stage->bench()
                .call({staff, Method::Post, "/v1/audit/forget", {{"user", base::toText(owner().id)}, {"reason", "x"}}})
                .status,
            403);
    }

    void monthsOfLongAgoAreArchivedOnceTheyAreSealedAndReadAsBefore()
    {
        invite("sipho@example.org");
        m_stage->bench().execute("UPDATE audit.log SET at = at - interval '30 months'"); // to the default partition
        m_stage->bench().execute("CREATE TABLE public.kept AS SELECT * FROM audit.log; DELETE FROM audit.log; "
                                 "SELECT audit.make_partition(min(at)::date) FROM public.kept; "
                                 "INSERT INTO audit.log OVERRIDING SYSTEM VALUE SELECT * FROM public.kept");
        QCOMPARE(m_stage->figure("audit.archive", "archived"), 0); // not sealed yet
        m_stage->seal();
        QVERIFY(m_stage->holds());
        const std::string before = m_stage->bench().call({other(), Method::Get, "/v1/audit"}).body;
        QCOMPARE(m_stage->figure("audit.archive", "archived"), 1);
        QCOMPARE(m_stage->bench().execute("SELECT count(*) FROM audit.log"), std::string("0"));
        QCOMPARE(QString::fromStdString(m_stage->bench().call({other(), Method::Get, "/v1/audit"}).body),
                 QString::fromStdString(before));
        QVERIFY(m_stage->holds());
        invite("another@example.org");
        m_stage->seal();
        QVERIFY(m_stage->holds());
        m_stage->bench().execute("UPDATE audit.archived SET reason = 'another'");
        QVERIFY(!m_stage->holds());
    }
};

QTEST_GUILESS_MAIN(NamesTest)
#include "names_test.moc"
