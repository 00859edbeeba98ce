#include "tests/server/app/example_asks.h"
#include "tests/support/sample_values.h"

#include <QtTest/QtTest>

using namespace voelgoed;
using test::kNowhere;

/// Two organizations on one server: for each family of topics that there is, the other's are as topics of nothing.
class TopicIsolationTest : public QObject
{
    Q_OBJECT

private:
    std::unique_ptr<test::Postgres> m_postgres;
    std::unique_ptr<test::ServerBench> m_bench;
    std::map<std::string, std::string> m_ids; ///< of the first organization, by what patterns call them

    static const base::Uuid &one()
    {
        static const base::Uuid id = test::tenant(1);
        return id;
    }
    static const base::Uuid &two()
    {
        static const base::Uuid id = test::tenant(2);
        return id;
    }
    const topics::Families &families() const { return m_bench->kernel().topics.families(); }
    std::string idFor(const topics::Family &family) const
    {
        const std::string_view text = family.pattern.text;
        const std::size_t from = text.find('{') + 1;
        const auto found = m_ids.find(std::string(text.substr(from, text.find('}') - from)));
        base::ensure(found != m_ids.end(), text.data());
        return found->second;
    }
    base::Result<topics::Families::Place> admit(const access::Actor &actor, const std::string &topic) const
    {
        return m_bench->run(families().admit(actor, topic));
    }

private slots:
    void initTestCase()
    {
        m_postgres = std::make_unique<test::Postgres>();
        m_bench = std::make_unique<test::ServerBench>(*m_postgres, test::AllSlices::make());
        test::Workshop shop(*m_bench, one()), other(*m_bench, two());
        const std::string session = shop.session();
        m_ids["org"] = base::toText(one());
        m_ids["user"] = base::toText(shop.owner().id);
        m_ids["session"] = session.substr(session.rfind('/') + 1);
        // "/v1/events/{event}/sessions/…" or its own path: the event is asked of the database.
        m_ids["event"] =
            m_bench->execute("SELECT event_id FROM scanning.sessions WHERE id = '" + m_ids["session"] + "'");
    }
    void cleanupTestCase()
    {
        m_bench.reset();
        m_postgres.reset();
    }

    // The control: what is compared below is there.
    void oneHearsOnesOwn()
    {
        int heard = 0;
        for (const topics::Family &family : families().all()) {
            if (family.whose == topics::Family::Whose::Platform)
                continue;
            const std::string topic = family.pattern.of(idFor(family));
            const auto place = admit(test::member(one(), access::Role::Owner), topic);
            QVERIFY2(place || family.whose == topics::Family::Whose::User, topic.c_str());
            if (place)
                QCOMPARE(place->organization, one());
            ++heard;
        }
        QVERIFY2(heard >= 8, qPrintable(QString::number(heard)));
    }

    void anothersTopicsAreAsThoseOfNothing()
    {
        for (const topics::Family &family : families().all()) {
            const std::string id = family.whose == topics::Family::Whose::Platform ? "psp" : idFor(family);
            const std::string theirs = family.pattern.of(id), nobodys = family.pattern.of(kNowhere);
            std::vector<access::Actor> strangers;
            for (const access::Role role : access::allRoles()) {
                strangers.push_back(test::member(two(), role));
                strangers.back().id = test::tenant(9); // nobody of the first organization
            }
            strangers.push_back(test::deviceAt(two(), id, "g1"));
            access::Actor key;
            key.kind = access::ActorKind::ApiKey;
            key.organization = two();
            for (int i = 0; i <= static_cast<int>(access::Permission::ManagePlatform); ++i)
                key.scopes.insert(static_cast<access::Permission>(i));
            strangers.push_back(std::move(key));
            for (const access::Actor &stranger : strangers) {
                const auto foreign = admit(stranger, theirs), missing = admit(stranger, nobodys);
                const std::string what = theirs + " by a stranger's " + std::string(access::word(stranger.kind));
                QVERIFY2(!foreign && !missing, what.c_str());
                QVERIFY2(foreign.error() == missing.error(), what.c_str());
            }
        }
    }

    // Nor does what is shown to who joins come from the topic's name alone.
    void snapshotsAreOfTheOrganizationThatAsks()
    {
        int compared = 0;
        for (const topics::Family &family : families().all()) {
            if (family.whose == topics::Family::Whose::Platform)
                continue;
            const std::string theirs = family.pattern.of(idFor(family)), nobodys = family.pattern.of(kNowhere);
            const topics::Snapshot *snapshot = families().snapshotOf(theirs);
            if (!snapshot)
                continue;
            const auto own = m_bench->run((*snapshot)(one(), theirs));
            const auto foreign = m_bench->run((*snapshot)(two(), theirs)),
                       missing = m_bench->run((*snapshot)(two(), nobodys));
            QVERIFY2(bool(own), theirs.c_str());
            QCOMPARE(bool(foreign), bool(missing));
            if (foreign) {
                const auto withoutIds = [&](const base::Json &json, const std::string &id) {
                    return QString::fromStdString(base::toText(json)).replace(id.c_str(), "*");
                };
                QCOMPARE(withoutIds(*foreign, idFor(family)), withoutIds(*missing, kNowhere));
            } else {
                QVERIFY(foreign.error() == missing.error());
            }
            ++compared;
        }
        QVERIFY2(compared >= 1, qPrintable(QString::number(compared)));
    }
};

QTEST_GUILESS_MAIN(TopicIsolationTest)
#include "topic_isolation_test.moc"
