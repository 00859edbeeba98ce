#include "tests/server/slices/ticketing/ticketing_bench.h"

#include "shared/ticket/foreign.h"

#include <QtTest/QtTest>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include <future>
#include <set>
#include <thread>

using namespace voelgoed;
using test::Reply;

namespace {

const base::Uuid kOrg = test::tenant(1);
const access::Actor kOwner = test::member(kOrg, access::Role::Owner);

constexpr const char *kList = "Code,Name,Email,Type,Status,Seat\r\n"
                              "AB-100,Sarie Botha,sarie@example.org,Adult,paid,A 1\r\n"
                              "AB-101,\"Nel, Piet\",piet@example.org,adult,paid,A 2\r\n"
                              "AB-102,Thandi Nkosi,thandi@example.org,Child,pending,\r\n";

int number(const Reply &reply, const char *name)
{
    return reply.json.at(name).to_number<int>();
}

} // namespace

/// A guest list from the organizer's file to what gates have of it.
class ImportActionTest : public QObject
{
    Q_OBJECT

private:
    std::unique_ptr<test::Postgres> m_postgres;
    std::unique_ptr<test::TicketingBench> m_bench;
    std::string m_event;
    int m_number = 0;

    std::string path(const std::string &rest) const { return "/v1/events/" + m_event + rest; }
    Reply import(const std::string &text, const std::string &query = {})
    {
        return m_bench->importFile(kOwner, m_event, text, query);
    }
    Reply lookAt(const access::Actor &actor, const std::string &text)
    {
        return m_bench->server.call({actor,
                                     http::Method::Post,
                                     path("/tickets/import/check"),
                                     boost::json::string(text),
                                     {{"Content-Type", "text/csv"}}});
    }
    QByteArray counts(const Reply &reply)
    {
        const std::string text = reply.status != 200 ? reply.body.substr(reply.body.find("err"))
                                                     : std::to_string(number(reply, "added")) + " added, " +
                                                           std::to_string(number(reply, "changed")) + " changed, " +
                                                           std::to_string(number(reply, "unchanged")) + " unchanged, " +
                                                           std::to_string(number(reply, "left_out")) + " left out";
        return QByteArray::fromStdString(text);
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

    void aListIsTakenAndIsInTheFeed()
    {
        QCOMPARE(counts(import(kList)), QByteArray("3 added, 0 changed, 0 unchanged, 0 left out"));
        const auto listed = m_bench->listed(m_event, 2);
        QCOMPARE(listed.ticket.type.text, std::string("adult"));
        QCOMPARE(listed.ticket.seat, std::string("A 2"));
        QVERIFY(listed.codes.at(0).hash == ticket::foreignHash("AB-101"));
        QCOMPARE(m_bench->listed(m_event, 3).ticket.state, domain::TicketState::Pending);
        const auto shown = m_bench->get(kOwner, path("/tickets/2"));
        QCOMPARE(shown.text("holder"), std::string("Nel, Piet"));
        QCOMPARE(shown.text("code_kind"), std::string("foreign"));
    }

    void theSameListAgainChangesNothing()
    {
        import(kList);
        const int head = m_bench->head(m_event);
        const std::string rows = "SELECT string_agg(t::text, ';' ORDER BY ordinal) FROM ticketing.tickets t WHERE "
                                 "event_id = '" +
                                 m_event + "'";
        const std::string before = m_bench->server.execute(rows);
        QCOMPARE(counts(import(kList)), QByteArray("0 added, 0 changed, 3 unchanged, 0 left out"));
        QCOMPARE(m_bench->head(m_event), head);
        QCOMPARE(m_bench->server.execute(rows), before);
    }

    void aLaterListChangesWhatIsOtherAndLeavesTheRest()
    {
        import(kList);
        const int head = m_bench->head(m_event);
        QCOMPARE(counts(import("Code,Name,Email,Type,Status,Seat\n"
                               "AB-101,\"Nel, Piet\",piet@example.org,adult,refunded,A 2\n"
                               "AB-200,New Guest,new@example.org,Child,paid,\n")),
                 QByteArray("1 added, 1 changed, 0 unchanged, 0 left out"));
        QCOMPARE(m_bench->head(m_event), head + 2);
        QCOMPARE(m_bench->listed(m_event, 2).ticket.state, domain::TicketState::Cancelled);
        QCOMPARE(m_bench->listed(m_event, 1).ticket.state, domain::TicketState::Valid);
        QCOMPARE(m_bench->listed(m_event, 4).ticket.type.text, std::string("child"));
    }

    void whatStaffDidStays()
    {
        import(kList);
        m_bench->post(kOwner, path("/tickets/1/cancel"));
        m_bench->post(kOwner, path("/tickets/2/block"));
        m_bench->post(kOwner, path("/tickets/3/transfer"), {{"holder", "Somebody Else"}});
        import(kList);
        QCOMPARE(m_bench->listed(m_event, 1).ticket.state, domain::TicketState::Cancelled);
        QVERIFY(m_bench->listed(m_event, 2).ticket.blocked);
        QCOMPARE(m_bench->get(kOwner, path("/tickets/3")).text("holder"), std::string("Somebody Else"));
        QCOMPARE(m_bench->get(kOwner, path("/tickets/3")).text("code_kind"), std::string("signed"));
        QVERIFY(m_bench->listed(m_event, 3).codes.at(0).withdrawn);
    }

    void aBadRowRefusesTheListAndIsNamed()
    {
        const std::string text = std::string(kList) + "2.382022E+13,Lost Digits,x@example.org,Adult,paid,\r\n";
        const Reply refused = import(text);
        QCOMPARE(refused.status, 400);
        QCOMPARE(refused.code(), std::string("bad_rows"));
        QCOMPARE(refused.pointer(), std::string("/lines/5"));
        QCOMPARE(m_bench->server.execute("SELECT count(*) FROM ticketing.tickets WHERE event_id = '" + m_event + "'"),
                 std::string("0"));
        QCOMPARE(counts(import(text, "?skip_bad=true")), QByteArray("3 added, 0 changed, 0 unchanged, 1 left out"));
    }

    // However many there are.
    void eachOfManyBadRowsIsNamed()
    {
        std::string text = kList;
        for (int i = 0; i < 1'600; ++i)
            text += i % 4 == 3 ? "GOOD-" + std::to_string(i) + ",G,,Adult,paid,\r\n"
                               : "2." + std::to_string(100'000 + i) + "E+13,B,,Adult,paid,\r\n";
        for (int i = 0; i < 90; ++i)
            text += "T-" + std::to_string(i) + ",T,,Unheard Of " + std::to_string(i < 10 ? 0 : i) + ",paid,\r\n";
        const Reply refused = import(text);
        QCOMPARE(refused.status, 400);
        std::set<std::size_t> named;
        const auto add = [&](const QString &lines) {
            static const QRegularExpression range("(\\d+)(?:-(\\d+))?");
            for (auto found = range.globalMatch(lines); found.hasNext();) {
                const auto match = found.next();
                const std::size_t first = match.captured(1).toULongLong();
                const std::size_t last = match.captured(2).isEmpty() ? first : match.captured(2).toULongLong();
                for (std::size_t line = first; line <= last; ++line)
                    named.insert(line);
            }
        };
        for (const auto &error : refused.json.at("errors").as_array()) {
            const auto detail = QString::fromStdString(std::string(error.at("detail").as_string()));
            if (detail.contains("rows"))
                add(detail.section(": ", 1).section('.', 0, 0));
            else
                add(QString::fromStdString(std::string(error.at("pointer").as_string())).section('/', -1));
        }
        std::set<std::size_t> bad;
        for (std::size_t i = 0; i < 1'600; ++i) {
            if (i % 4 != 3)
                bad.insert(5 + i);
        }
        for (std::size_t i = 0; i < 90; ++i)
            bad.insert(1'605 + i);
        QVERIFY2(named.size() == bad.size(), (std::to_string(named.size()) + refused.body.substr(0, 600)).c_str());
        QVERIFY(named == bad);
    }

    void aTypeThatTheEventDoesNotHaveIsAskedFor()
    {
        const std::string text = "Code,Name,Type\nC-1,One,Early Bird\nC-2,Two,Early Bird\nC-3,Three,Adult\n";
        const Reply refused = import(text);
        QCOMPARE(refused.status, 400);
        QCOMPARE(refused.pointer(), std::string("/lines/2"));
        QVERIFY(refused.body.find("Early Bird") != std::string::npos);
        QCOMPARE(counts(import(text, "?types=Early%20Bird=adult")),
                 QByteArray("3 added, 0 changed, 0 unchanged, 0 left out"));
        QCOMPARE(import(text, "?types=Early%20Bird=royal").pointer(), std::string("/types"));
    }

    // A long list is read for long: whoever publishes, moves or cancels the event does not wait for it.
    void theEventIsFreeWhileItsListIsRead()
    {
        std::promise<void> go;
        async::Workers &workers = m_bench->server.kernel().workers; // one thread
        boost::asio::co_spawn(m_bench->server.kernel().executor,
                              workers.run([moved = go.get_future().share()] { moved.wait(); }), boost::asio::detached);
        const std::string status = "SELECT status FROM events.events WHERE id = '" + m_event + "'";
        auto watching = std::async(std::launch::async, [&] {
            bool isMoved = false;
            for (int i = 0; i < 200 && !isMoved; ++i) {
                std::this_thread::sleep_for(std::chrono::milliseconds(50));
                isMoved = m_bench->server.execute(status) == "published";
            }
            go.set_value();
            return isMoved;
        });
        const auto replies =
            m_bench->server.callAll({{kOwner,
                                      http::Method::Post,
                                      path("/tickets/import"),
                                      boost::json::string(kList),
                                      {{"Content-Type", "text/csv"}, {"Idempotency-Key", "read long"}}},
                                     {kOwner,
                                      http::Method::Post,
                                      path("/publish"),
                                      boost::json::object(),
                                      {{"Idempotency-Key", "meanwhile"}}}});
        QVERIFY2(watching.get(), "the event was held while its list was waiting");
        QVERIFY2(replies.at(0).status == 200, replies.at(0).body.c_str());
        QVERIFY2(replies.at(1).status == 200, replies.at(1).body.c_str());
    }

    void theTrailNamesTheTicketsOfAnotherState()
    {
        import(kList);
        const std::size_t told = m_bench->server.events(kOrg).size();
        import("Code,Name,Email,Type,Status,Seat\n"
               "AB-100,Sarie Botha,sarie@example.org,Adult,refunded,A 1\n"
               "AB-102,Thandi Nkosi,thandi@example.org,Child,paid,\n"
               "AB-200,New Guest,new@example.org,Child,cancelled,\n");
        const base::Json after = m_bench->server.audits(kOrg).back().at("after");
        QCOMPARE(after.at("first_ordinal").to_number<int>(), 4);
        QVERIFY2(after.at("state_changes") == *base::parseJson(R"([
            {"from": "valid", "to": "cancelled", "tickets": 1, "ordinals": "1"},
            {"from": "pending", "to": "valid", "tickets": 1, "ordinals": "3"}])"),
                 base::toText(after).c_str());
        const auto events = m_bench->server.events(kOrg);
        QCOMPARE(events.size(), told + 3);
        const base::Json &first = events.at(told).at("event");
        QCOMPARE(first.at("type").as_string(), std::string_view("ticketing.ticket_changed.v1"));
        QCOMPARE(first.at("data").at("ordinal").to_number<int>(), 1);
        QCOMPARE(first.at("data").at("state").as_string(), std::string_view("cancelled"));
        QCOMPARE(events.back().at("event").at("type").as_string(), std::string_view("ticketing.tickets_imported.v1"));
    }

    void ofManyTicketsOfAnotherStateOnlyTheSumIsToldAndTheTrailNamesThem()
    {
        const auto list = [](const char *state) {
            std::string text = "Code,Type,Status\n";
            for (int i = 0; i < 150; ++i)
                text += "M-" + std::to_string(i) + ",Adult," + state + "\n";
            return text;
        };
        import(list("paid"));
        const std::size_t told = m_bench->server.events(kOrg).size();
        QCOMPARE(counts(import(list("cancelled"))), QByteArray("0 added, 150 changed, 0 unchanged, 0 left out"));
        QCOMPARE(m_bench->server.events(kOrg).size(), told + 1);
        const base::Json after = m_bench->server.audits(kOrg).back().at("after");
        QCOMPARE(after.at("state_changes").at(0).at("ordinals").as_string(), std::string_view("1-150"));
    }

    void anEventThatIsOverGetsNoNewTicketsAndItsOwnAreChanged_data()
    {
        QTest::addColumn<QString>("word");
        QTest::newRow("cancelled") << "event_cancelled";
        QTest::newRow("ended") << "event_ended";
    }
    void anEventThatIsOverGetsNoNewTicketsAndItsOwnAreChanged()
    {
        QFETCH(QString, word);
        import(kList);
        m_bench->endEvent(kOwner, m_event, QTest::currentDataTag());
        const Reply refused = import("Code,Type\nNEW-1,Adult\nNEW-2,Adult\n");
        QCOMPARE(refused.status, 409);
        QCOMPARE(QString::fromStdString(refused.code()), word);
        QCOMPARE(QString::fromStdString(lookAt(kOwner, "Code,Type\nNEW-1,Adult\n").code()), word);
        QCOMPARE(counts(import("Code,Name,Email,Type,Status,Seat\n"
                               "AB-101,\"Nel, Piet\",piet@example.org,adult,refunded,A 2\n")),
                 QByteArray("0 added, 1 changed, 0 unchanged, 0 left out"));
    }

    void supportCancelsTicketsByAListWithTheOrganizationsConsentOnly()
    {
        import(kList);
        access::Actor support = test::member(kOrg, access::Role::Admin);
        support.platformStaff = true;
        const std::string cancels = "Code,Name,Type,Status\nAB-100,Sarie Botha,Adult,cancelled\n";
        const Reply refused = m_bench->importFile(support, m_event, cancels);
        QCOMPARE(refused.status, 403);
        QCOMPARE(refused.code(), std::string("consent_required"));
        QCOMPARE(lookAt(support, cancels).code(), std::string("consent_required"));
        QCOMPARE(m_bench->listed(m_event, 1).ticket.state, domain::TicketState::Valid);
        QCOMPARE(
            m_bench->importFile(support, m_event, "Code,Type,Status\nN-100,Adult,cancelled\nN-101,Adult,paid\n").status,
            200);
        support.approval = "mail of 3 March";
        QCOMPARE(m_bench->importFile(support, m_event, cancels).status, 200);
        QCOMPARE(m_bench->server.audits(kOrg).back().at("tenant_approval_reference").as_string(), "mail of 3 March");
    }

    void aLookBeforehandChangesNothing()
    {
        const Reply look = lookAt(kOwner, kList);
        QCOMPARE(counts(look), QByteArray("3 added, 0 changed, 0 unchanged, 0 left out"));
        QVERIFY(look.json.at("report").at("recognised").is_object());
        QCOMPARE(m_bench->get(kOwner, path("/tickets")).json.at("data").as_array().size(), 0U);
    }

    void whatIsNoListIsRefusedWithAReason()
    {
        for (const std::string &text : {std::string(), std::string("no columns here"),
                                        std::string("\xff\xfe\x00\xd8", 4), std::string("%PDF-1.4 and so on")}) {
            const Reply refused = import(text);
            QCOMPARE(refused.status, 400);
            QCOMPARE(refused.pointer(), std::string("/file"));
        }
        QCOMPARE(import(kList, "?mapping=code%3DNo%20Such").status, 400);
        QCOMPARE(import(kList, "?separator=dot").pointer(), std::string("/separator"));
        QCOMPARE(import(kList, "?encoding=ebcdic").pointer(), std::string("/encoding"));
    }

    void twoImportsAtOnceTakeEachGuestOnce()
    {
        std::vector<test::Ask> asks(8, test::Ask{kOwner,
                                                 http::Method::Post,
                                                 path("/tickets/import"),
                                                 boost::json::string(kList),
                                                 {{"Content-Type", "text/csv"}}});
        for (std::size_t i = 0; i < asks.size(); ++i)
            asks[i].fields.emplace_back("Idempotency-Key", "at once " + std::to_string(i));
        int added = 0;
        for (const Reply &reply : m_bench->server.callAll(std::move(asks))) {
            QCOMPARE(reply.status, 200);
            added += number(reply, "added");
        }
        QCOMPARE(added, 3);
    }

    void fiveThousandGuestsAreTakenTogether()
    {
        std::string text = "Code,Name,Type\n";
        for (int i = 0; i < 5'000; ++i)
            text += "G-" + std::to_string(i) + ",Guest " + std::to_string(i) + ",Adult\n";
        QCOMPARE(counts(import(text)), QByteArray("5000 added, 0 changed, 0 unchanged, 0 left out"));
        QCOMPARE(m_bench->server.execute("SELECT tickets FROM scanning.feeds WHERE event_id = '" + m_event + "'"),
                 std::string("5000"));
        QVERIFY(m_bench->listed(m_event, 5'000).codes.at(0).hash == ticket::foreignHash("G-4999"));
        QCOMPARE(counts(import(text)), QByteArray("0 added, 0 changed, 5000 unchanged, 0 left out"));
    }
};

QTEST_GUILESS_MAIN(ImportActionTest)
#include "import_action_test.moc"
