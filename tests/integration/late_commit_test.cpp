// Numbers of the feed are given in one order and become visible in that order, however long whoever got the earlier one
// takes to commit: a gate that reads meanwhile skips nothing.
#include "tests/integration/backstage.h"

#include <QtTest/QtTest>

#include <thread>

using namespace voelgoed;
using integration::Backstage, integration::becomes, integration::coded, integration::RunningGate;

class LateCommitTest : public QObject
{
    Q_OBJECT

private:
    std::unique_ptr<Backstage> m_backstage;

    std::string ask(const base::Uuid &event, const std::string &what) const
    {
        return m_backstage->desk->execute("SELECT " + what + " FROM scanning.feed_tickets WHERE event_id = '" +
                                          base::toText(event) + "' AND ordinal IN (77, 88)");
    }
    std::string waiting() const
    {
        return m_backstage->desk->execute("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'");
    }

private slots:
    void initTestCase()
    {
        m_backstage = std::make_unique<Backstage>();
        QVERIFY(m_backstage->start());
    }
    void cleanupTestCase() { QVERIFY(m_backstage->server.endsInOrder()); }

    void whatCommitsLateIsNotSkipped()
    {
        const QTemporaryDir folder;
        const QString data = folder.filePath("device");
        const base::Uuid event = m_backstage->makeEvent(5);
        QVERIFY(!m_backstage->pair(data, event).empty());
        RunningGate gate(data);
        QVERIFY2(gate.isUp(), gate.errors());
        const auto sequence = [&] {
            return integration::jsonOf(integration::gate({"status", "--data", data, "--json"}).out)["cursor"]
                .toObject()["sequence"]
                .toInt();
        };
        const int begin = sequence();
        {
            // Somebody who holds up whoever writes ticket 77, after that one was given its number. (Foreign keys and
            // triggers would have him hold up the feed itself, before it gives any.)
            std::jthread obstacle([&] {
                m_backstage->desk->execute(
                    "SET session_replication_role = replica; BEGIN; INSERT INTO "
                    "scanning.feed_tickets (organization_id, event_id, ordinal, seq, message) "
                    "VALUES ('" +
                    m_backstage->organization + "', '" + base::toText(event) +
                    "', 77, 999999, ''); DO $$ BEGIN FOR i IN 1..1200 LOOP EXIT WHEN "
                    "EXISTS (SELECT FROM pg_class WHERE relname = 'go_on'); PERFORM pg_sleep(0.05); END LOOP; "
                    "END $$; ROLLBACK");
            });
            QVERIFY(becomes([&] {
                return m_backstage->desk->execute(
                           "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'") == "1";
            }));
            std::jthread late([&] { m_backstage->desk->put(event, {coded(77, "LATE")}); });
            QVERIFY(becomes([&] { return waiting() == "1"; }));
            std::jthread later([&] { m_backstage->desk->put(event, {coded(88, "LATER")}); });
            QVERIFY(becomes([&] { return waiting() == "2"; }));
            // Both are under way, the gate asks all the time, and neither is seen.
            QCOMPARE(gate.scan("CODE-1")["reason"].toString(), QString("ok"));
            QCOMPARE(ask(event, "count(*)"), std::string("0"));
            QCOMPARE(sequence(), begin);
            m_backstage->desk->execute("CREATE TABLE public.go_on ()");
        }
        QCOMPARE(ask(event, "string_agg(ordinal::text, ' ' ORDER BY seq)"), std::string("77 88"));
        QVERIFY(becomes([&] {
            const auto now = integration::jsonOf(integration::gate({"status", "--data", data, "--json"}).out);
            return now["unacknowledged"].toInt() == 0 && now["checksum_agrees"].toBool() &&
                   sequence() == begin + 3; // two tickets and an admission
        }));
        QCOMPARE(gate.scan("LATE")["reason"].toString(), QString("ok"));
        QCOMPARE(gate.scan("LATER")["reason"].toString(), QString("ok"));
        gate.closeInput();
        QCOMPARE(gate.end(), 0);
    }
};

QTEST_GUILESS_MAIN(LateCommitTest)
#include "late_commit_test.moc"
