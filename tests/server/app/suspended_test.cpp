#include "tests/server/app/example_asks.h"

#include <QtTest/QtTest>

using namespace voelgoed;
using http::Method;
using test::Ask, test::Reply;

/// A suspended organization: no new events and no sales, and its gates go on.
class SuspendedTest : public QObject
{
    Q_OBJECT

private:
    std::unique_ptr<test::Stage> m_stage;

    void become(const std::string &status)
    {
        m_stage->bench.execute("UPDATE tenancy.organizations SET status = '" + status + "'");
    }
    Reply call(Ask ask) { return m_stage->call(std::move(ask)); }

private slots:
    void initTestCase() { m_stage = std::make_unique<test::Stage>(); }
    void cleanupTestCase() { m_stage.reset(); }
    void cleanup() { become("active"); }

    void nothingNewIsShownOrSold_data()
    {
        QTest::addColumn<QString>("action");
        for (const char *name :
             {"events.create", "events.publish", "ticketing.issue_tickets", "ticketing.import_tickets"})
            QTest::newRow(name) << name;
    }
    void nothingNewIsShownOrSold()
    {
        QFETCH(QString, action);
        const Ask ask = test::exampleAsks().at(action.toStdString())(m_stage->shop);
        for (const char *status : {"suspended", "archived"}) {
            become(status);
            const Reply refused = call(ask);
            QVERIFY2(refused.status == 403 && refused.code() == "organization_suspended", refused.body.c_str());
        }
        become("active");
        const Reply done = call(ask);
        QVERIFY2(done.status < 300, done.body.c_str());
    }

    void gatesAndWhatIsSoldGoOn_data()
    {
        QTest::addColumn<QString>("action");
        for (const char *name :
             {"events.open", "events.end", "events.cancel", "events.postpone", "scanning.start_session",
              "ticketing.cancel_ticket", "ticketing.reissue_ticket", "tenancy.assign_device", "tenancy.invite_device"})
            QTest::newRow(name) << name;
    }
    void gatesAndWhatIsSoldGoOn()
    {
        QFETCH(QString, action);
        const Ask ask = test::exampleAsks().at(action.toStdString())(m_stage->shop);
        become("suspended");
        const Reply done = call(ask);
        QVERIFY2(done.status < 300, done.body.c_str());
    }

    void scansAreJudged()
    {
        const std::string event = "/v1/events/" + m_stage->shop.event("live");
        become("suspended");
        const Reply scan = call({access::Actor::system(m_stage->shop.organization(), "a scanner"),
                                 Method::Post,
                                 event + "/scans",
                                 {{"code", "A"}, {"checkpoint", "main"}, {"gate", "g1"}}});
        QVERIFY2(scan.status == 200, scan.body.c_str());
        QCOMPARE(call(m_stage->shop.post(event + "/gates/g1/state", {{"state", "closed"}})).status, 200);
    }
};

QTEST_GUILESS_MAIN(SuspendedTest)
#include "suspended_test.moc"
