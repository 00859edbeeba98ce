#include "server/slices/audit/module.h"
#include "server/slices/tenancy/module.h"
#include "tests/support/server_bench.h"

#include <QtTest/QtTest>

using namespace voelgoed;
using http::Method;

namespace {

/// The organization's id stands for %1.
struct Tamper
{
    const char *name, *sql, *problem;
};

constexpr const char *kNotThose = "the entries are not those that were sealed";
const std::vector<Tamper> kTampers{
    {"another reason", "UPDATE audit.log SET reason = 'none' WHERE organization_id = '%1' AND id = @2", kNotThose},
    {"another time", "UPDATE audit.log SET at = at + interval '1 microsecond' WHERE organization_id = '%1' AND id = @2",
     kNotThose},
    {"another actor", "UPDATE audit.log SET actor_id = gen_random_uuid() WHERE organization_id = '%1' AND id = @3",
     kNotThose},
    {"other values",
     "UPDATE audit.log SET after = after || '{\"role\": \"owner\"}' WHERE organization_id = '%1' AND id = @4",
     kNotThose},
    {"text moved from one column to the next",
     "UPDATE audit.log SET subject_type = right(action, 1) || subject_type, action = left(action, -1) "
     "WHERE organization_id = '%1' AND id = @2",
     kNotThose},
    {"one gone", "DELETE FROM audit.log WHERE organization_id = '%1' AND id = @3", kNotThose},
    {"two that changed places",
     "UPDATE audit.log a SET after = b.after, at = b.at FROM audit.log b WHERE a.organization_id = '%1' AND "
     "b.organization_id = '%1' AND (a.id, b.id) IN ((@2, @3), (@3, @2))",
     kNotThose},
    {"one slipped in",
     "INSERT INTO audit.log (organization_id, at, xid, actor_type, actor_id, actor_name, actor_role, origin, action, "
     "subject_type, subject, before, after, reason, request_id, address, agent) SELECT organization_id, at, xid, "
     "actor_type, actor_id, actor_name, actor_role, origin, action, subject_type, subject, before, after, reason, "
     "'x', address, agent FROM audit.log WHERE organization_id = '%1' AND id = @2",
     kNotThose},
    {"a seal's hash", "UPDATE audit.seals SET hash = sha256(hash) WHERE organization_id = '%1' AND number = 1",
     "its signature does not hold"},
    {"a seal's signature",
     "UPDATE audit.seals SET signature = decode(repeat('00', 64), 'hex') WHERE organization_id = '%1' AND number = 2",
     "its signature does not hold"},
    {"a seal's count", "UPDATE audit.seals SET entries = entries + 1 WHERE organization_id = '%1' AND number = 1",
     kNotThose},
    {"the first seal gone", "DELETE FROM audit.seals WHERE organization_id = '%1' AND number = 1", "is missing"},
    {"the last seal gone, with what it covers",
     "DELETE FROM audit.log l USING audit.seals s WHERE l.organization_id = '%1' AND s.organization_id = '%1' AND "
     "s.number = 2 AND (l.xid, l.id) > (s.from_xid, s.from_id); "
     "DELETE FROM audit.seals WHERE organization_id = '%1' AND number = 2",
     "is missing, and this server has seen it"},
    {"where a seal goes on from",
     "UPDATE audit.seals SET from_id = from_id + 1 WHERE organization_id = '%1' AND number = 2",
     "does not go on from the one before"},
};

} // namespace

/// Seals over the trail, and what is done to it behind their back by somebody who may do everything in the database.
class ChainTest : public QObject
{
    Q_OBJECT

private:
    std::unique_ptr<test::Postgres> m_postgres;
    std::unique_ptr<test::ServerBench> m_bench;
    int m_number = 0;

    /// An organization with two seals over three entries and two.
    base::Uuid sealedTwice()
    {
        const std::string slug = "o" + std::to_string(++m_number);
        const auto made = m_bench->call({test::superAdmin(work::kPlatform, "tests"),
                                         Method::Post,
                                         "/v1/orgs",
                                         {{"name", slug}, {"slug", slug}, {"owner_email", "owner@" + slug + ".org"}}});
        base::ensure(made.status == 201, made.body.c_str());
        const base::Uuid id = *base::uuidFrom(made.text("id"));
        act(id, 2);
        seal();
        act(id, 2);
        seal();
        return id;
    }
    void act(const base::Uuid &organization, int times)
    {
        for (int i = 0; i < times; ++i) {
            const auto invited =
                m_bench->call({test::member(organization, access::Role::Owner),
                               Method::Post,
                               "/v1/orgs/" + base::toText(organization) + "/invitations",
                               {{"email", "p" + std::to_string(++m_number) + "@example.org"}, {"role", "staff"}}});
            base::ensure(invited.status == 201, invited.body.c_str());
        }
    }
    void seal()
    {
        const auto failure = m_bench->runRoutine("audit.seal");
        base::ensure(!failure, failure ? failure->message.c_str() : "");
    }
    base::Json verify(const base::Uuid &organization)
    {
        const auto reply =
            m_bench->call({test::member(organization, access::Role::Admin), Method::Get, "/v1/audit/verify"});
        base::ensure(reply.status == 200, reply.body.c_str());
        return reply.json;
    }
    /// "%1" is the organization, "@2" the id of its second entry.
    std::string filledIn(QString sql, const base::Uuid &organization) const
    {
        const std::string id = base::toText(organization);
        sql.replace("%1", QString::fromStdString(id));
        for (int n = 2; n <= 4; ++n) {
            const std::string entry =
                m_bench->execute("SELECT id FROM audit.log WHERE organization_id = '" + id +
                                 "' ORDER BY xid, id OFFSET " + std::to_string(n - 1) + " LIMIT 1");
            sql.replace("@" + QString::number(n), QString::fromStdString(entry));
        }
        return sql.toStdString();
    }

private slots:
    void initTestCase()
    {
        m_postgres = std::make_unique<test::Postgres>();
        m_bench = std::make_unique<test::ServerBench>(
            *m_postgres, std::vector<test::ServerBench::MakeSlice>{
                             audit::make, [](platform::Kernel &kernel) { return tenancy::make(kernel).slice; }});
    }
    void cleanupTestCase()
    {
        m_bench.reset();
        m_postgres.reset();
    }

    void aTrailThatNobodyTouchedHolds()
    {
        const base::Uuid organization = sealedTwice();
        act(organization, 1);
        QCOMPARE(verify(organization),
                 base::Json({{"holds", true}, {"seals", 2}, {"entries", 5}, {"unsealed", 1}, {"problem", ""}}));
        seal();
        QCOMPARE(verify(organization),
                 base::Json({{"holds", true}, {"seals", 3}, {"entries", 6}, {"unsealed", 0}, {"problem", ""}}));
        // With nothing new there is nothing to seal.
        seal();
        QCOMPARE(verify(organization).at("seals").to_number<int>(), 3);
    }

    void whateverIsDoneToASealedTrailIsFound_data()
    {
        QTest::addColumn<QString>("sql");
        QTest::addColumn<QString>("problem");
        for (const Tamper &tamper : kTampers)
            QTest::newRow(tamper.name) << QString(tamper.sql) << QString(tamper.problem);
    }
    void whateverIsDoneToASealedTrailIsFound()
    {
        QFETCH(QString, sql);
        QFETCH(QString, problem);
        const base::Uuid organization = sealedTwice(), other = sealedTwice();
        QVERIFY(verify(organization).at("holds").as_bool());
        m_bench->execute(filledIn(sql, organization));
        const base::Json found = verify(organization);
        QVERIFY(!found.at("holds").as_bool());
        const auto said = QString::fromStdString(std::string(found.at("problem").as_string()));
        QVERIFY2(said.startsWith("seal ") && said.contains(problem), qPrintable(said));
        QVERIFY(verify(other).at("holds").as_bool());
    }

    // A round seals a hundred; nobody is passed over for ever by others who always have something new.
    void howeverManyWriteAllTheTimeEachHasItsTurn()
    {
        const std::string write =
            "INSERT INTO audit.log (organization_id, at, actor_type, actor_id, actor_name, actor_role, origin, action, "
            "subject_type, subject, before, after, reason, request_id, address, agent) "
            "SELECT ('00000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid, now(), 'system', gen_random_uuid(), "
            "'', "
            "'', 'system', 'try', 'trial', '', '{}', '{}', '', '', '', '' FROM generate_series(1, 130) n";
        const std::string sealed =
            "SELECT count(DISTINCT organization_id) FROM audit.seals WHERE organization_id::text "
            "LIKE '00000000-0000-4000-8000-%'";
        m_bench->execute(write);
        seal();
        const int first = std::stoi(m_bench->execute(sealed));
        QVERIFY2(first > 0 && first <= 100, std::to_string(first).c_str());
        m_bench->execute(write);
        seal();
        QCOMPARE(m_bench->execute(sealed), std::string("130"));
    }

    void aSealMadeByAnotherKeyIsNone()
    {
        const base::Uuid organization = sealedTwice(), other = sealedTwice();
        // Of another organization's chain.
        m_bench->execute("UPDATE audit.seals a SET hash = b.hash, signature = b.signature FROM audit.seals b WHERE "
                         "a.organization_id = '" +
                         base::toText(organization) + "' AND b.organization_id = '" + base::toText(other) +
                         "' AND a.number = 2 AND b.number = 2");
        QVERIFY(std::string(verify(organization).at("problem").as_string()).find("signature") != std::string::npos);
    }
};

QTEST_GUILESS_MAIN(ChainTest)
#include "chain_test.moc"
