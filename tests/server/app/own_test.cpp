#include "tests/server/app/example_asks.h"

#include <QRegularExpression>
#include <QtTest/QtTest>

#include <algorithm>
#include <map>

using namespace voelgoed;
using http::Method;
using test::Ask, test::Reply;

namespace {

using Ids = std::map<std::string, std::string>; ///< by the name of a route's field

const std::string kNobody = "018f3c52-7b1e-7cc0-9d3a-2f1f5b7a9c00";

QString withoutIds(const std::string &body)
{
    static const QRegularExpression id("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}");
    return QString::fromStdString(body).replace(id, "*");
}

} // namespace

/// Who may see only what is his own, over all actions that read: a device the event that it was put at, a steward those
/// of his badges. Another event of the same organization is to them as one that does not exist.
class OwnTest : public QObject
{
    Q_OBJECT

private:
    std::unique_ptr<test::Postgres> m_postgres;
    std::unique_ptr<test::ServerBench> m_bench;
    std::unique_ptr<test::Workshop> m_shop;
    Ids m_own, m_other;

    std::string made(Ask ask)
    {
        const Reply reply = m_bench->call(std::move(ask));
        base::ensure(reply.status < 300, reply.body.c_str());
        return reply.text("id");
    }
    /// An event at a venue of its own, and one of each thing of it that a route can name.
    Ids eventOf(const char *name)
    {
        Ids ids;
        ids["venue"] = made(m_shop->post("/v1/venues", {{"name", name}, {"timezone", "Africa/Johannesburg"}}));
        made(m_shop->post("/v1/venues/" + ids["venue"] + "/gates", {{"code", "N"}, {"name", "North"}}));
        ids["event"] = ids["event_id"] = m_shop->event("live");
        made({m_shop->owner(), Method::Put, "/v1/events/" + ids["event"] + "/details", {{"venue", ids["venue"]}}});
        ids["session"] =
            made(m_shop->post("/v1/events/" + ids["event"] + "/sessions", {{"device", m_shop->word("lane ")}}));
        for (const auto &[field, value] : Ids{{"gate", "g1"}, {"ticket", "1"}, {"checkpoint", "main"}, {"number", "1"}})
            ids[field] = value;
        return ids;
    }
    std::vector<std::pair<std::string, access::Actor>> ownersOfOne() const
    {
        return {{"device", test::deviceAt(m_shop->organization(), m_own.at("event"), "g1")},
                {"steward", test::member(m_shop->organization(), access::Role::ScannerOnly)}};
    }
    /// Nothing for a route that names what is not here.
    static std::optional<std::string> targetOf(const actions::Action &action, const Ids &ids)
    {
        std::string target;
        for (const std::string &segment : action.segments) {
            if (segment.starts_with('{') && !ids.contains(segment.substr(1)))
                return std::nullopt;
            target += "/" + (segment.starts_with('{') ? ids.at(segment.substr(1)) : segment);
        }
        return target;
    }

private slots:
    void initTestCase()
    {
        m_postgres = std::make_unique<test::Postgres>();
        m_bench = std::make_unique<test::ServerBench>(*m_postgres, test::AllSlices::make());
        m_shop = std::make_unique<test::Workshop>(*m_bench, test::tenant(1));
        m_own = eventOf("Ours");
        m_other = eventOf("Other");
        const access::Actor steward = ownersOfOne().back().second;
        m_bench->execute("INSERT INTO tenancy.badges (organization_id, id, event_id, user_id, name, grants) VALUES ('" +
                         base::toText(m_shop->organization()) + "', '" + m_own["event"] + "', '" + m_own["event"] +
                         "', '" + base::toText(steward.id) + "', 'Thandi', '{steward}')");
    }
    void cleanupTestCase()
    {
        m_shop.reset();
        m_bench.reset();
        m_postgres.reset();
    }

    void whatReadsWithAnOwnGrantHidesWhatIsOfAnotherEvent()
    {
        Ids none = m_other;
        for (auto &[name, value] : none) {
            if (base::uuidFrom(value))
                value = kNobody;
        }
        int compared = 0, lists = 0;
        for (const actions::Action &action : m_bench->kernel().actions.all()) {
            for (const auto &[who, actor] : ownersOfOne()) {
                if (action.declaration.effect != actions::Effect::Reads ||
                    access::check(action.declaration.policy, actor) != access::Grant::Own)
                    continue;
                const std::string what = std::string(action.declaration.name) + " by a " + who + ": ";
                const auto foreign = targetOf(action, m_other);
                if (action.declaration.name == "tenancy.show_organization" || !foreign)
                    continue;
                const Reply reply = m_bench->call({actor, action.declaration.method, *foreign});
                if (*foreign == *targetOf(action, none)) {
                    for (const char *field : {"event", "venue", "session"})
                        QVERIFY2(reply.body.find(m_other.at(field)) == std::string::npos, (what + reply.body).c_str());
                    ++lists;
                    continue;
                }
                const Reply missing = m_bench->call({actor, action.declaration.method, *targetOf(action, none)});
                QVERIFY2(reply.status == 404 && missing.status == 404, (what + reply.body + missing.body).c_str());
                QVERIFY2(withoutIds(reply.body) == withoutIds(missing.body), (what + reply.body).c_str());
                ++compared;
            }
        }
        QVERIFY2(compared >= 10 && lists >= 4, qPrintable(QString("%1 %2").arg(compared).arg(lists)));
    }

    void whatIsOnesOwnIsShown()
    {
        const std::string events = "/v1/events", venues = "/v1/venues";
        for (const auto &[who, actor] : ownersOfOne()) {
            for (const std::string &target : {events + "/" + m_own["event"], venues + "/" + m_own["venue"],
                                              venues + "/" + m_own["venue"] + "/gates"}) {
                const Reply reply = m_bench->call({actor, Method::Get, target});
                QVERIFY2(reply.status == 200, (who + " " + target + ": " + reply.body).c_str());
            }
            for (const auto &[list, id] : {std::pair(events, m_own["event"]), std::pair(venues, m_own["venue"])}) {
                const Reply reply = m_bench->call({actor, Method::Get, list});
                QCOMPARE(reply.json.at("data").as_array().size(), 1U);
                QCOMPARE(reply.json.at("data").at(0).at("id").as_string(), id);
            }
            auto &topics = m_bench->kernel().topics.families();
            QVERIFY2(bool(m_bench->run(topics.admit(actor, "events:event:" + m_own["event"]))), who.c_str());
            QVERIFY2(!m_bench->run(topics.admit(actor, "events:event:" + m_other["event"])), who.c_str());
        }
    }

    void aBadgeThatWasTakenBackShowsNothing()
    {
        const access::Actor steward = ownersOfOne().back().second;
        m_bench->execute("UPDATE tenancy.badges SET revoked_at = now()");
        QCOMPARE(m_bench->call({steward, Method::Get, "/v1/events/" + m_own["event"]}).status, 404);
        QCOMPARE(m_bench->call({steward, Method::Get, "/v1/venues/" + m_own["venue"]}).status, 404);
        QVERIFY(m_bench->call({steward, Method::Get, "/v1/events"}).json.at("data").as_array().empty());
        m_bench->execute("UPDATE tenancy.badges SET revoked_at = NULL");
    }
};

QTEST_GUILESS_MAIN(OwnTest)
#include "own_test.moc"
