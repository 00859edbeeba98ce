#include "server/slices/scanning/reconcile.h"

#include "shared/protocol/definition.h"
#include "tests/server/slices/scanning/evening.h"
#include "tests/server/slices/scanning/live_world.h"

#include <QTest>

using namespace voelgoed;
using namespace voelgoed::scanning;
using namespace voelgoed::support;
using namespace std::chrono_literals;
using test::RedisProcess;
using test::runTask;

/// What is wrong under the right number: counters that are not what the rows say, wherever they are kept.
class ReconcileTest : public QObject
{
    Q_OBJECT

private:
    std::unique_ptr<test::Postgres> m_postgres;
    std::unique_ptr<RedisProcess> m_redis;
    std::unique_ptr<LiveWorld> m_world;
    Rulebooks m_rulebooks;

    ScanServer &server() { return m_world->server(0); }
    std::string cell(const std::string &sql) { return m_world->database.execute(sql); }

    Drift counters()
    {
        auto drift =
            runTask(m_world->context, reconcileCounters(server().database, {kOrganization, kEvent}, m_rulebooks));
        base::ensure(bool(drift), drift ? "" : drift.error().message.c_str());
        return std::move(*drift);
    }
    std::optional<std::string> copies()
    {
        auto drift = runTask(m_world->context, server().mirror.reconcile({kOrganization, kEvent}));
        base::ensure(bool(drift), drift ? "" : drift.error().message.c_str());
        return std::move(*drift);
    }
    std::string occupancy()
    {
        return cell("SELECT string_agg(concat_ws('|', checkpoint, gate, entries, exits, refused, since, since_entries, "
                    "since_exits), ';' ORDER BY checkpoint, gate) FROM scanning.occupancy");
    }
    std::string sessions() { return cell("SELECT string_agg(id || scans, ';' ORDER BY id) FROM scanning.sessions"); }

private slots:
    void initTestCase()
    {
        m_postgres = std::make_unique<test::Postgres>();
        m_redis = std::make_unique<RedisProcess>();
    }
    void init()
    {
        m_redis->flush();
        m_world = std::make_unique<LiveWorld>(*m_postgres, *m_redis, 2);
        m_rulebooks = {};
    }
    void cleanup() { m_world.reset(); }
    void cleanupTestCase()
    {
        m_redis.reset();
        m_postgres.reset();
    }

    void whatIsRightIsLeftAlone_data()
    {
        QTest::addColumn<bool>("closes");
        QTest::newRow("a checkpoint that closes amid the evening") << true;
        QTest::newRow("nothing closes") << false;
    }
    void whatIsRightIsLeftAlone()
    {
        QFETCH(bool, closes);
        if (closes) {
            protocol::Definition whole;
            whole.event.event = {.id = {base::toText(kEvent)}, .name = "Fees"};
            whole.event.checkpoints = {{.id = {"main"}, .name = "Main", .closeAt = 19h + 30min},
                                       {.id = {"vip"}, .name = "VIP"}};
            m_world->database.execute("UPDATE scanning.feeds SET definition_seq = 1, definition = decode('" +
                                      base::toHex(protocol::encode(whole)) + "', 'hex')");
        }
        Evening evening(21);
        std::vector<domain::Row> rows = evening.some(400);
        // Some of what takes others back comes before them.
        base::SeededRandom random(3);
        for (std::size_t i = rows.size(); i > 1; --i)
            std::swap(rows[i - 1], rows[random.below(i)]);
        for (std::size_t at = 0; at < rows.size(); at += 40) {
            const auto begin = rows.begin() + static_cast<std::ptrdiff_t>(at);
            runTask(m_world->context, m_world->bring(m_world->server(at % 80 / 40), {begin, begin + 40}));
            QVERIFY(counters().empty());
            QVERIFY(!copies());
        }
        QCOMPARE(difference(*m_world, closes ? std::vector<domain::Row>() : rows, kOrdinals).empty(), !closes);
        QCOMPARE(cell("SELECT bool_or(since_entries <> entries)::text FROM scanning.occupancy"),
                 std::string(closes ? "true" : "false"));
        QCOMPARE(server().mirror.counted().drifts, std::uint64_t{0});
    }

    void countersInPostgresAreSetRight_data()
    {
        QTest::addColumn<QString>("sql");
        QTest::addColumn<int>("gates");
        QTest::addColumn<int>("sessions");
        const QString one = " WHERE gate = 'gate of gate-0' AND checkpoint = 'main'";
        for (const char *column : {"entries", "exits", "refused", "since_entries", "since_exits"})
            QTest::newRow(column) << QString("UPDATE scanning.occupancy SET %1 = %1 + 1%2").arg(column, one) << 1 << 0;
        QTest::newRow("since") << "UPDATE scanning.occupancy SET since = '2026-12-04Z'" + one << 1 << 0;
        QTest::newRow("a gate that is not there") << "DELETE FROM scanning.occupancy" + one << 1 << 0;
        QTest::newRow("a gate that nobody scanned at")
            << QString("INSERT INTO scanning.occupancy (organization_id, event_id, checkpoint, gate, entries) SELECT "
                       "organization_id, event_id, 'main', 'ghost', 5 FROM scanning.feeds")
            << 1 << 0;
        QTest::newRow("a session") << "UPDATE scanning.sessions SET scans = scans - 1 WHERE id = 'shift of gate-1'" << 0
                                   << 1;
    }
    void countersInPostgresAreSetRight()
    {
        QFETCH(QString, sql);
        QFETCH(int, gates);
        QFETCH(int, sessions);
        Evening evening(22);
        runTask(m_world->context, m_world->bring(server(), evening.some(200)));
        QVERIFY(!copies());
        const std::string right = occupancy(), shifts = this->sessions();
        m_world->database.execute(sql.toStdString());
        const Drift drift = counters();
        QCOMPARE(static_cast<int>(drift.gates.size()), gates);
        QCOMPARE(static_cast<int>(drift.sessions.size()), sessions);
        if (!sql.contains("ghost"))
            QCOMPARE(occupancy(), right);
        else
            QCOMPARE(cell("SELECT sum(entries + exits + refused) FROM scanning.occupancy WHERE gate = 'ghost'"),
                     std::string("0"));
        QCOMPARE(this->sessions(), shifts);
        QVERIFY(counters().empty());
        // The copies, which had the right figures all along or have them now, are as far.
        QVERIFY(!copies());
    }

    void figuresInRedisAreMadeAnew_data()
    {
        QTest::addColumn<QStringList>("command");
        QTest::addColumn<QString>("where");
        QTest::newRow("occupancy") << QStringList{"HSET", "occupancy", R"(["main","gate of gate-0"])", "1 2 3"}
                                   << "occupancy";
        QTest::newRow("a gate more") << QStringList{"HSET", "occupancy", R"(["main","ghost"])", "1 0 0"} << "occupancy";
        QTest::newRow("all gates gone") << QStringList{"DEL", "occupancy"} << "occupancy";
        QTest::newRow("a session") << QStringList{"HINCRBY", "sessions", "shift of gate-0", "1"} << "sessions";
        QTest::newRow("a claim of somebody else")
            << QStringList{"HSET", "claims:main", "7", "1 0 1796500000000 1 9 gate-9"} << "claims of main";
        QTest::newRow("a claim too many")
            << QStringList{"HSET", "claims:main", "900", "1 0 1796500000000 1 9 gate-9"} << "claims of main";
        QTest::newRow("a bit too many") << QStringList{"SETBIT", "entered:main", "5000", "1"} << "claims of main";
        QTest::newRow("all bits gone") << QStringList{"DEL", "entered:main"} << "claims of main";
    }
    void figuresInRedisAreMadeAnew()
    {
        QFETCH(QStringList, command);
        QFETCH(QString, where);
        Evening evening(23);
        runTask(m_world->context, m_world->bring(server(), evening.some(200)));
        QVERIFY(!copies());
        const std::string epoch = m_world->epoch();
        const redis::Tag tag = redis::Tag::event(kOrganization, kEvent);
        const QString name = command[1];
        command[1] = QString::fromStdString(
            name == "occupancy"  ? kOccupancy.of(tag, {epoch})
            : name == "sessions" ? kSessions.of(tag, {epoch})
                                 : (name.startsWith("claims") ? kClaims : kEntered).of(tag, {epoch, "main"}));
        std::vector<std::string> words;
        for (const QString &word : command)
            words.push_back(word.toStdString());
        m_redis->command(words);
        // The number is right: nobody who looks at that alone finds anything.
        QVERIFY(bool(runTask(m_world->context, server().mirror.healAll())));
        QVERIFY(!difference(*m_world, evening.all(), 5'000).empty());
        const auto drift = copies();
        QVERIFY(drift);
        QCOMPARE(QString::fromStdString(*drift), where);
        QVERIFY(m_world->epoch() != epoch);
        QCOMPARE(difference(*m_world, evening.all(), 5'000), std::string());
        QCOMPARE(server().mirror.counted().drifts, std::uint64_t{1});
        QVERIFY(!copies());
    }

    void anEventThatIsNotThereIsNotFound()
    {
        const auto drift =
            runTask(m_world->context, reconcileCounters(server().database, {test::uuidOf(9), kEvent}, m_rulebooks));
        QVERIFY(!drift && drift.error().code == base::ErrorCode::NotFound);
    }
};

QTEST_APPLESS_MAIN(ReconcileTest)
#include "reconcile_test.moc"
