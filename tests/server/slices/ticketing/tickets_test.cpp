#include "tests/server/slices/ticketing/ticketing_bench.h"

#include "shared/ticket/foreign.h"
#include "shared/ticket/typed.h"

#include <QtTest/QtTest>

using namespace voelgoed;
using http::Method;
using test::Reply;

namespace {

const base::Uuid kOrg = test::tenant(1), kOther = test::tenant(2);
const access::Actor kOwner = test::member(kOrg, access::Role::Owner);
const access::Actor kStranger = test::member(kOther, access::Role::Owner);

base::Json tickets(std::initializer_list<base::Json> list)
{
    return {{"tickets", boost::json::array(list.begin(), list.end())}};
}

std::string code(const base::Json &issued)
{
    return std::string(issued.at("code").as_string());
}

std::string word(const base::Json &json, const char *name)
{
    return std::string(json.at(name).as_string());
}

} // namespace

/// Tickets from the organizer's program to what gates have of them.
class TicketsTest : public QObject
{
    Q_OBJECT

private:
    std::unique_ptr<test::Postgres> m_postgres;
    std::unique_ptr<test::TicketingBench> m_bench;
    std::string m_event;

    std::string path(const std::string &rest) const { return "/v1/events/" + m_event + rest; }
    base::Json issueOne(base::Json ticket = {{"type", "adult"}, {"holder", "Sarie Botha"}})
    {
        const Reply reply = m_bench->post(kOwner, path("/tickets"), tickets({std::move(ticket)}));
        base::ensure(reply.status == 201, reply.body.c_str());
        return reply.json.at("data").at(0);
    }
    std::string numberOf(const base::Json &issued) const
    {
        return std::to_string(issued.at("ticket").at("ordinal").to_number<int>());
    }
    ticket::T1Claims claimsOf(const std::string &text) const
    {
        const auto parsed = ticket::parseT1(text);
        base::ensure(std::holds_alternative<ticket::T1Code>(parsed), "no T1 code");
        const auto verified = ticket::verifyT1(std::get<ticket::T1Code>(parsed), m_bench->ringOf(m_event));
        base::ensure(std::holds_alternative<ticket::T1Claims>(verified), "the code does not verify");
        return std::get<ticket::T1Claims>(verified);
    }

private slots:
    void initTestCase()
    {
        m_postgres = std::make_unique<test::Postgres>();
        m_bench = std::make_unique<test::TicketingBench>(*m_postgres);
    }
    void init() { m_event = m_bench->createEvent(kOwner, "fest-" + std::to_string(++m_number)); }
    void cleanupTestCase()
    {
        m_bench.reset();
        m_postgres.reset();
    }

    void anIssuedTicketsCodeVerifiesWithTheKeysThatGatesHave()
    {
        const Reply reply = m_bench->post(
            kOwner, path("/tickets"),
            tickets({{{"type", "adult"}, {"holder", "Sarie Botha"}, {"email", "sarie@example.org"}, {"seat", "A 7"}},
                     {{"type", "child"},
                      {"zones", boost::json::array{"lounge"}},
                      {"valid_from", "2026-12-05T11:30:00Z"},
                      {"valid_until", "2026-12-05T14:00:00Z"}}}));
        QVERIFY2(reply.status == 201, reply.body.c_str());
        const auto &list = reply.json.at("data").as_array();
        const auto first = claimsOf(code(list.at(0))), second = claimsOf(code(list.at(1)));
        QCOMPARE(first.ordinal.value, 1U);
        QCOMPARE(second.ordinal.value, 2U);
        QCOMPARE(first.typeIndex, 0);
        QCOMPARE(second.typeIndex, 1);
        QCOMPARE(first.zones, ticket::T1Claims::kAllZones);
        QCOMPARE(second.zones, 1);
        const auto window = ticket::windowOf(second, m_bench->ringOf(m_event));
        QCOMPARE(base::formatInstant(*window.from), std::string("2026-12-05T11:00:00Z"));
        QCOMPARE(base::formatInstant(*window.until), std::string("2026-12-05T14:00:00Z"));

        const auto listed = m_bench->listed(m_event, 1);
        QCOMPARE(listed.ticket.type.text, std::string("adult"));
        QCOMPARE(listed.ticket.seat, std::string("A 7"));
        QVERIFY2(listed.ticket.holder.empty(), "names stay on the server unless the event lets them out");
        QCOMPARE(listed.codes.size(), 1U);
        const auto typed = ticket::parseTyped(word(list.at(0), "typed"));
        QVERIFY(typed && ticket::typedHash(*typed) == listed.codes.front().hash);
    }

    void whatTheEventDoesNotHaveIsNamedAndNothingIsIssued()
    {
        const Reply reply = m_bench->post(kOwner, path("/tickets"),
                                          tickets({{{"type", "adult"}},
                                                   {{"type", "royal"}, {"gates", boost::json::array{"g9"}}},
                                                   {{"type", "adult"}, {"addon_of", 77}, {"admits", 0}}}));
        QCOMPARE(reply.status, 400);
        std::vector<std::string> places;
        for (const auto &error : reply.json.at("errors").as_array())
            places.push_back(word(error, "pointer"));
        QCOMPARE(places, (std::vector<std::string>{"/tickets/1/type", "/tickets/1/gates", "/tickets/2/admits",
                                                   "/tickets/2/addon_of"}));
        QCOMPARE(m_bench->get(kOwner, path("/tickets")).json.at("data").as_array().size(), 0U);
        QCOMPARE(numberOf(issueOne()), std::string("1"));
    }

    void oneKeyTwentyTimesIssuesOneTicket()
    {
        std::vector<test::Ask> asks;
        for (int i = 0; i < 20; ++i)
            asks.push_back({kOwner,
                            Method::Post,
                            path("/tickets"),
                            tickets({{{"type", "adult"}}}),
                            {{"Idempotency-Key", "the same"}}});
        std::set<std::string> codes;
        for (const Reply &reply : m_bench->server.callAll(std::move(asks))) {
            QVERIFY2(reply.status == 201 || reply.status == 409, reply.body.c_str());
            if (reply.status == 201)
                codes.insert(code(reply.json.at("data").at(0)));
        }
        QCOMPARE(codes.size(), 1U);
        QCOMPARE(m_bench->get(kOwner, path("/tickets")).json.at("data").as_array().size(), 1U);
    }

    void cancellingBlockingAndTheirOppositesReachTheFeed()
    {
        const auto issued = issueOne();
        const std::string one = path("/tickets/" + numberOf(issued));
        const auto state = [&] { return m_bench->listed(m_event, 1).ticket; };
        int head = m_bench->head(m_event);
        QCOMPARE(m_bench->post(kOwner, one + "/cancel", {{"reason", "refunded"}}).status, 200);
        QCOMPARE(state().state, domain::TicketState::Cancelled);
        QCOMPARE(m_bench->head(m_event), ++head);
        QCOMPARE(m_bench->post(kOwner, one + "/cancel").code(), std::string("already_cancelled"));
        QCOMPARE(m_bench->post(kOwner, one + "/reissue").code(), std::string("ticket_not_valid"));
        QCOMPARE(m_bench->post(kOwner, one + "/restore").status, 200);
        QCOMPARE(state().state, domain::TicketState::Valid);
        QCOMPARE(m_bench->post(kOwner, one + "/block").status, 200);
        QVERIFY(state().blocked);
        QCOMPARE(m_bench->post(kOwner, one + "/unblock").status, 200);
        QVERIFY(!state().blocked);
        QCOMPARE(m_bench->head(m_event), head + 3);
        const auto audits = m_bench->server.audits(kOrg);
        const auto cancelled = std::find_if(audits.rbegin(), audits.rend(), [](const base::Json &row) {
            return row.at("action").as_string() == "ticketing.cancel_ticket";
        });
        QVERIFY(cancelled != audits.rend());
        QCOMPARE(word(*cancelled, "reason"), std::string("refunded"));
    }

    void aChangeOfAnotherVersionIsRefused()
    {
        const auto one = path("/tickets/" + numberOf(issueOne()));
        const test::Ask block{kOwner, Method::Post, one + "/block", {}, {{"If-Match", "\"1\""}}};
        QCOMPARE(m_bench->server.call(block).status, 200);
        QCOMPARE(m_bench->server.call(block).status, 412);
    }

    void aReissuedTicketHasANewCodeAndTheOldOnesAreWithdrawn()
    {
        const auto issued = issueOne();
        const auto again = m_bench->post(kOwner, path("/tickets/" + numberOf(issued) + "/reissue"));
        QVERIFY2(again.status == 200, again.body.c_str());
        QVERIFY(code(again.json) != code(issued));
        QCOMPARE(claimsOf(code(again.json)).generation, 1);
        QCOMPARE(claimsOf(code(issued)).generation, 0);
        const auto listed = m_bench->listed(m_event, 1);
        QCOMPARE(listed.ticket.generation, 1);
        QCOMPARE(listed.codes.size(), 2U);
        QVERIFY(listed.codes.at(0).withdrawn && !listed.codes.at(1).withdrawn);
    }

    void aTransferredTicketHasAnotherHolderAndTheTrailHasNoNames()
    {
        const auto issued = issueOne();
        const auto moved = m_bench->post(kOwner, path("/tickets/" + numberOf(issued) + "/transfer"),
                                         {{"holder", "Piet Nel"}, {"email", "piet@example.org"}});
        QVERIFY2(moved.status == 200, moved.body.c_str());
        QCOMPARE(word(moved.json.at("ticket"), "holder"), std::string("Piet Nel"));
        QCOMPARE(
            m_bench->server.execute("SELECT from_holder FROM ticketing.transfers WHERE event_id = '" + m_event + "'"),
            std::string("Sarie Botha"));
        for (const base::Json &row : m_bench->server.audits(kOrg))
            QVERIFY(base::toText(row).find("Nel") == std::string::npos);
        for (const base::Json &row : m_bench->server.events(kOrg))
            QVERIFY(base::toText(row).find("Nel") == std::string::npos);
    }

    void ticketsAreFoundByWordsStateAndType()
    {
        for (const char *name : {"Sarie Botha", "Piet Nel", "Thandi Nkosi"})
            issueOne({{"type", "adult"}, {"holder", name}, {"order", std::string("AB-") + name[0]}});
        issueOne({{"type", "child"}, {"seat", "Balcony 4"}});
        m_bench->post(kOwner, path("/tickets/2/cancel"));
        const auto found = [&](const std::string &query) {
            const Reply reply = m_bench->get(kOwner, path("/tickets?" + query));
            base::ensure(reply.status == 200, reply.body.c_str());
            std::string ordinals;
            for (const auto &row : reply.json.at("data").as_array())
                ordinals += std::to_string(row.at("ordinal").to_number<int>());
            return ordinals;
        };
        QCOMPARE(found("q=nKoSi"), std::string("3"));
        QCOMPARE(found("q=ab-s"), std::string("1"));
        QCOMPARE(found("q=balcony"), std::string("4"));
        QCOMPARE(found("q=%25"), std::string());
        QCOMPARE(found("state=cancelled"), std::string("2"));
        QCOMPARE(found("type=child"), std::string("4"));
        QCOMPARE(found("limit=2"), std::string("12"));
        QCOMPARE(found("limit=2&after=2"), std::string("34"));
        QCOMPARE(m_bench->get(kOwner, path("/tickets?state=lost")).status, 400);
    }

    void aRetiredKeysCodesAreRevokedAndTheNextKeySigns()
    {
        const auto issued = issueOne();
        QCOMPARE(claimsOf(code(issued)).keySlot, 0);
        const auto retired = m_bench->post(kOwner, path("/keys/0/retire"), {{"reason", "stolen"}});
        QVERIFY2(retired.status == 200, retired.body.c_str());
        const auto parsed = ticket::parseT1(code(issued));
        const auto verdict = ticket::verifyT1(std::get<ticket::T1Code>(parsed), m_bench->ringOf(m_event));
        QVERIFY(std::holds_alternative<ticket::T1Problem>(verdict));
        const auto codes = m_bench->get(kOwner, path("/codes"));
        QCOMPARE(claimsOf(code(codes.json.at("data").at(0))).keySlot, 1);
        QCOMPARE(m_bench->post(kOwner, path("/keys/1/retire"), {{"reason", "too"}}).code(), std::string("last_key"));
        QCOMPARE(m_bench->post(kOwner, path("/keys")).status, 201);
        QCOMPARE(m_bench->post(kOwner, path("/keys/1/retire"), {{"reason", "too"}}).status, 200);
        QCOMPARE(m_bench->definitionOf(m_event).keys.keySlots.size(), 3U);
    }

    // All tickets that were signed with it are as good as cancelled.
    void supportRetiresAKeyWithTheOrganizationsConsentOnly()
    {
        issueOne();
        access::Actor support = test::member(kOrg, access::Role::Admin);
        support.platformStaff = true;
        const auto refused = m_bench->post(support, path("/keys/0/retire"), {{"reason", "stolen"}});
        QCOMPARE(refused.status, 403);
        QCOMPARE(refused.code(), std::string("consent_required"));
        support.approval = "mail of 3 March";
        QCOMPARE(m_bench->post(support, path("/keys/0/retire"), {{"reason", "stolen"}}).status, 200);
    }

    void anEventThatIsOverGetsNoNewTickets_data()
    {
        QTest::addColumn<QString>("word");
        QTest::newRow("cancelled") << "event_cancelled";
        QTest::newRow("ended") << "event_ended";
    }
    void anEventThatIsOverGetsNoNewTickets()
    {
        QFETCH(QString, word);
        issueOne();
        m_bench->endEvent(kOwner, m_event, QTest::currentDataTag());
        const auto refused = m_bench->post(kOwner, path("/tickets"), tickets({{{"type", "adult"}}}));
        QCOMPARE(refused.status, 409);
        QCOMPARE(QString::fromStdString(refused.code()), word);
        QCOMPARE(m_bench->post(kOwner, path("/tickets/1/block")).status, 200);
    }

    void privateKeysAreNowhereInTheDatabase()
    {
        issueOne();
        const auto sealed = base::fromHex(m_bench->server.execute(
            "SELECT encode(sealed_key, 'hex') FROM ticketing.keys WHERE event_id = '" + m_event + "' AND slot = 0"));
        const auto open = m_bench->definitionOf(m_event).keys.keySlots.at(0).publicKey;
        for (std::size_t at = 0; at + 32 <= sealed->size(); ++at) {
            const auto key = base::SigningKey::fromSeed(base::ByteView(*sealed).subspan(at, 32));
            QVERIFY(!key || key->publicKey() != open);
        }
    }

    void picturesAndPagesAreDrawn()
    {
        issueOne();
        issueOne({{"type", "child"}});
        const auto png = m_bench->get(kOwner, path("/tickets/1/ticket.png"));
        QCOMPARE(png.status, 200);
        QVERIFY(QByteArray::fromStdString(png.body).startsWith("\x89PNG"));
        const auto pdf = m_bench->get(kOwner, path("/tickets.pdf"));
        QCOMPARE(pdf.status, 200);
        QVERIFY(QByteArray::fromStdString(pdf.body).startsWith("%PDF-"));
        const auto first = m_bench->get(kOwner, path("/tickets.pdf?limit=1"));
        QCOMPARE(std::string(first.fields["Voelgoed-Next"]), std::string("1"));
        m_bench->post(kOwner, path("/tickets/1/cancel"));
        QCOMPARE(m_bench->get(kOwner, path("/tickets/1/ticket.png")).code(), std::string("ticket_not_valid"));
    }

    // A page of tickets that are all cancelled is not the last one.
    void pagesGoOnBehindTicketsThatAreCancelled()
    {
        std::vector<base::Json> five(5, base::Json(boost::json::object{{"type", "adult"}}));
        const boost::json::object body{{"tickets", boost::json::array(five.begin(), five.end())}};
        QCOMPARE(m_bench->post(kOwner, path("/tickets"), body).status, 201);
        for (const char *number : {"1", "2", "3"})
            m_bench->post(kOwner, path("/tickets/") + number + "/cancel");
        const auto first = m_bench->get(kOwner, path("/tickets.pdf?limit=1"));
        QCOMPARE(first.status, 200);
        QCOMPARE(std::string(first.fields["Voelgoed-Next"]), std::string("4"));
        QCOMPARE(m_bench->server.audits(kOrg).back().at("after"), base::Json({{"first", 4}, {"tickets", 1}}));
        m_bench->post(kOwner, path("/tickets/5/cancel"));
        const auto all = m_bench->get(kOwner, path("/tickets.pdf?limit=1"));
        QCOMPARE(all.status, 200);
        QVERIFY(all.fields["Voelgoed-Next"].empty());
        QCOMPARE(m_bench->get(kOwner, path("/tickets.pdf?after=4")).status, 404);
    }

    // Whoever has a code comes in: who was shown codes is known.
    void whoeverIsShownCodesIsInTheTrail()
    {
        issueOne();
        for (const auto &[rest, action] :
             std::vector<std::pair<std::string, std::string>>{{"/codes", "ticketing.list_codes"},
                                                              {"/tickets/1/ticket.png", "ticketing.ticket_png"},
                                                              {"/tickets/1/ticket.pdf", "ticketing.ticket_pdf"},
                                                              {"/tickets.pdf", "ticketing.tickets_pdf"}}) {
            QCOMPARE(m_bench->get(kOwner, path(rest)).status, 200);
            const base::Json entry = m_bench->server.audits(kOrg).back();
            QCOMPARE(entry.at("action").as_string(), action);
            QCOMPARE(entry.at("subject").as_string(), m_event);
            QCOMPARE(entry.at("after"), base::Json({{"first", 1}, {"tickets", 1}}));
        }
        const std::size_t told = m_bench->server.audits(kOrg).size();
        QCOMPARE(m_bench->get(kOwner, path("/tickets")).status, 200);
        QCOMPARE(m_bench->server.audits(kOrg).size(), told);
    }

    void anotherOrganizationsEventsDoNotExist()
    {
        issueOne();
        const std::string nowhere = "/v1/events/018f3c52-7b1e-7cc0-9d3a-2f1f5b7a9c01";
        for (const std::string rest :
             {"/tickets", "/tickets/1", "/codes", "/keys", "/tickets/1/ticket.png", "/tickets.pdf"}) {
            const Reply foreign = m_bench->get(kStranger, path(rest)), none = m_bench->get(kStranger, nowhere + rest);
            QCOMPARE(foreign.status, 404);
            QCOMPARE(none.status, 404);
            QCOMPARE(foreign.code(), none.code());
        }
        for (const std::string rest : {"/tickets/1/cancel", "/tickets/1/reissue", "/keys"})
            QCOMPARE(m_bench->post(kStranger, path(rest)).status, 404);
        QCOMPARE(m_bench->post(kStranger, path("/tickets"), tickets({{{"type", "adult"}}})).status, 404);
        QCOMPARE(m_bench->importFile(kStranger, m_event, "Code\nA-1\nA-2\n").status, 404);
    }

    void viewersSeeTicketsAndNoCodes()
    {
        issueOne();
        const auto viewer = test::member(kOrg, access::Role::Viewer);
        QCOMPARE(m_bench->get(viewer, path("/codes")).status, 403);
        QCOMPARE(m_bench->post(viewer, path("/tickets/1/cancel")).status, 403);
    }

private:
    int m_number = 0;
};

QTEST_GUILESS_MAIN(TicketsTest)
#include "tickets_test.moc"
