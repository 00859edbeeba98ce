#include "shared/domain/words.h"
#include "tests/server/slices/events/events_bench.h"
#include "tests/support/places.h"

#include <QFile>
#include <QtTest/QtTest>

using namespace voelgoed;

namespace {

const base::Uuid kOrg = test::tenant(1);
const access::Actor kOwner = test::member(kOrg, access::Role::Owner);

const std::map<std::string, std::string> kTargets{{"publish", "published"},  {"open", "live"},
                                                  {"end", "ended"},          {"cancel", "cancelled"},
                                                  {"postpone", "postponed"}, {"archive", "archived"}};

/// The verb for each pair of statuses, or "-".
using Moves = std::map<std::pair<std::string, std::string>, std::string>;

Moves goldenMoves()
{
    QFile file(QString(test::sourceFolder()) + "/tests/data/event_moves.golden");
    base::ensure(file.open(QIODevice::ReadOnly), "the table is not there");
    Moves moves;
    QStringList statuses;
    for (const QString &line : QString::fromUtf8(file.readAll()).split('\n', Qt::SkipEmptyParts)) {
        QStringList cells = line.split(" | ");
        if (line.startsWith("# from"))
            statuses = cells;
        if (line.startsWith('#'))
            continue;
        for (qsizetype i = 1; i < cells.size(); ++i)
            moves[{cells[0].toStdString(), statuses[i].toStdString()}] = cells[i].toStdString();
    }
    return moves;
}

} // namespace

/// The seven statuses and their moves: one table, which actions and the database keep to.
class MoveTableTest : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase()
    {
        m_postgres = std::make_unique<test::Postgres>();
        m_bench = std::make_unique<test::EventsBench>(*m_postgres);
        m_bench->server.clock().reading.wall = *base::parseInstant("2026-11-01T12:00:00Z");
    }
    void cleanupTestCase()
    {
        m_bench.reset();
        m_postgres.reset();
    }

    void movesAreThoseOfTheTableAndNoOthers_data()
    {
        QTest::addColumn<QString>("from");
        QTest::addColumn<QString>("verb");
        QTest::addColumn<bool>("legal");
        const Moves golden = goldenMoves();
        for (const std::string_view status : domain::wordsOf<domain::EventStatus>()) {
            const std::string from(status);
            for (const auto &[verb, to] : kTargets) {
                QTest::addRow("%s, %s", from.c_str(), verb.c_str())
                    << QString::fromStdString(from) << QString::fromStdString(verb) << (golden.at({from, to}) == verb);
            }
        }
    }
    void movesAreThoseOfTheTableAndNoOthers()
    {
        QFETCH(QString, from);
        QFETCH(QString, verb);
        QFETCH(bool, legal);
        const std::string id = eventThat(from.toStdString());
        const int published = m_bench->timesPublished(id);
        const auto moved =
            m_bench->post(kOwner, "/v1/events/" + id + "/" + verb.toStdString(), test::reasonFor(verb.toStdString()));
        if (legal) {
            QVERIFY2(moved.status == 200, moved.body.c_str());
            QCOMPARE(m_bench->statusOf(id), kTargets.at(verb.toStdString()));
            QCOMPARE(std::string(domain::wordFor(m_bench->published(id).event.event.status)), m_bench->statusOf(id));
        } else {
            QCOMPARE(moved.status, 409);
            QCOMPARE(moved.code(), std::string("illegal_move"));
            QCOMPARE(m_bench->statusOf(id), from.toStdString());
            QCOMPARE(m_bench->timesPublished(id), published);
        }
    }

    /// All 49, past the actions: what an action forgot to ask the database knows.
    void theDatabaseMovesAsTheTableSays()
    {
        const Moves golden = goldenMoves();
        QCOMPARE(golden.size(), std::size_t{49});
        for (const auto &[pair, verb] : golden) {
            const auto &[from, to] = pair;
            const std::string id = eventThat(from);
            const auto said =
                m_bench->server.attempt(kOrg, "UPDATE events.events SET status = '" + to + "' WHERE id = '" + id + "'");
            const bool moves = said.empty();
            // To stay is no move: actions refuse it, and the database writes the same row again.
            const bool legal = from == to || (verb != "-" && verb != "open*");
            QVERIFY2(moves == legal, (from + " to " + to + ": " + said).c_str());
        }
    }

private:
    std::string eventThat(const std::string &status)
    {
        return m_bench->createAs(kOwner, "e-" + std::to_string(++m_number), status);
    }

    std::unique_ptr<test::Postgres> m_postgres;
    std::unique_ptr<test::EventsBench> m_bench;
    int m_number = 0;
};

QTEST_GUILESS_MAIN(MoveTableTest)
#include "move_table_test.moc"
