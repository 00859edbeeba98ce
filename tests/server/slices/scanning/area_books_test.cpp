#include "server/slices/scanning/area_books.h"

#include "shared/protocol/definition.h"
#include "tests/server/slices/scanning/evening.h"
#include "tests/server/slices/scanning/live_world.h"

#include <QtTest/QtTest>

#include <algorithm>

using namespace voelgoed;
using namespace voelgoed::scanning;
using namespace voelgoed::support;
using test::runTask;
using namespace std::chrono_literals;

namespace {

/// Two checkpoints of one zone, of which one closes at 22:10 in Johannesburg.
protocol::Definition definition()
{
    protocol::Definition made;
    made.event.event = {.id = {base::toText(kEvent)}, .name = "Fees", .timezone = "Africa/Johannesburg"};
    made.event.zone = *domain::ZoneTable::make("Africa/Johannesburg", 2h, {});
    made.event.types = {{.id = {"adult"}, .name = "Adult"}};
    made.event.checkpoints = {
        {.id = {"main"}, .name = "Main", .zone = domain::ZoneId{"hall"}, .closeAt = 22h + 10min, .capacity = 100},
        {.id = {"vip"}, .name = "VIP", .zone = domain::ZoneId{"hall"}}};
    return made;
}

std::shared_ptr<const EventBook> bookOf(const FeedHead &head)
{
    return Rulebooks().of(kEvent, head);
}

/// Worked out the plain way, from the rows as they were made: ticket by ticket, in order, never below nobody.
std::uint32_t plainly(const std::vector<domain::Row> &rows, const EventBook &book, base::Instant now)
{
    std::set<domain::RowKey> undone;
    for (const domain::Row &row : rows) {
        if (const auto *undo = std::get_if<domain::UndoRecord>(&row.what))
            undone.insert(undo->row);
    }
    std::map<domain::Ordinal, std::vector<const domain::Row *>> byTicket;
    for (const domain::Row &row : rows) {
        const auto *scan = std::get_if<domain::ScanRecord>(&row.what);
        if (scan && scan->outcome == "admit" && !scan->test && !undone.contains(row.key))
            byTicket[scan->ordinal].push_back(&row);
    }
    std::uint32_t persons = 0;
    for (auto &[ordinal, passages] : byTicket) {
        std::sort(passages.begin(), passages.end(), [](const auto *a, const auto *b) {
            return std::tie(a->at, a->key.device, a->key.sequence) < std::tie(b->at, b->key.device, b->key.sequence);
        });
        std::vector<domain::Passage> history;
        for (const domain::Row *row : passages) {
            const auto &scan = std::get<domain::ScanRecord>(row->what);
            history.push_back({.at = row->at, .nonce = {}, .direction = scan.direction, .count = scan.count});
        }
        persons += admission::insideOf(history, book.rulebook.closingOf(*book.rulebook.checkpoint("main")), now);
    }
    return persons;
}

} // namespace

/// Who is inside an area with a capacity, as scans that are judged by the server need it.
class AreaBooksTest : public QObject
{
    Q_OBJECT

private:
    std::unique_ptr<test::Postgres> m_postgres;
    std::unique_ptr<test::RedisProcess> m_redis;
    std::unique_ptr<LiveWorld> m_world;
    std::shared_ptr<const EventBook> m_book;

    base::Result<std::uint32_t> ask(AreaBooks &books, base::Instant now, bool isBroken = false)
    {
        return runTask(m_world->context, askIn(books, now, isBroken));
    }
    async::Task<base::Result<std::uint32_t>> askIn(AreaBooks &books, base::Instant now, bool isBroken)
    {
        auto unit = co_await m_world->server(0).database.begin({access::Actor::system(kOrganization, "test"), {}});
        base::ensure(bool(unit), "a transaction");
        const auto head = co_await lockFeed(unit->tx(), kEvent);
        base::ensure(bool(head), "a feed");
        if (!m_book)
            m_book = bookOf(*head);
        // Whatever is asked in a transaction that has failed, fails.
        if (isBroken)
            static_cast<void>(co_await unit->tx().run(pg::Sql{"SELECT 1 / 0"}, {}));
        co_return co_await books.inside(unit->tx(), {.event = kEvent,
                                                     .head = head->head,
                                                     .book = m_book,
                                                     .checkpoint = m_book->rulebook.checkpoint("main"),
                                                     .now = now});
    }

private slots:
    void initTestCase()
    {
        m_postgres = std::make_unique<test::Postgres>();
        m_redis = std::make_unique<test::RedisProcess>();
    }
    void init()
    {
        m_book.reset();
        m_world = std::make_unique<LiveWorld>(*m_postgres, *m_redis, 1);
        m_world->database.execute("UPDATE scanning.feeds SET definition_seq = 1, definition = decode('" +
                                  base::toHex(protocol::encode(definition())) + "', 'hex')");
    }
    void cleanup() { m_world.reset(); }
    void cleanupTestCase()
    {
        m_redis.reset();
        m_postgres.reset();
    }

    void anEveningIsCountedAsPlainArithmeticCountsIt()
    {
        Evening evening(3);
        AreaBooks kept;
        base::Instant now = at("19:00:00");
        for (int batch = 0; batch < 60; ++batch) {
            runTask(m_world->context,
                    m_world->bring(m_world->server(0), evening.some(static_cast<std::size_t>(evening.below(12)))));
            // Also past the closing at 20:10 UTC, with passages that were counted when they lay ahead.
            now += std::chrono::seconds(evening.below(150));
            const auto inside = ask(kept, now);
            QVERIFY2(bool(inside), inside ? "" : inside.error().message.c_str());
            QCOMPARE(*inside, plainly(evening.all(), *m_book, now));
            AreaBooks fresh;
            QCOMPARE(*ask(fresh, now), *inside);
        }
        QVERIFY(now > at("20:10:00"));
        // Whoever asks what would have been is answered for then.
        QCOMPARE(*ask(kept, at("19:30:00")), plainly(evening.all(), *m_book, at("19:30:00")));
        QCOMPARE(*ask(kept, now), plainly(evening.all(), *m_book, now));
    }

    void aQuestionThatFailsLeavesNothingHalfCounted()
    {
        Evening evening(4);
        AreaBooks kept;
        runTask(m_world->context, m_world->bring(m_world->server(0), evening.some(40)));
        const base::Instant now = at("20:00:00");
        QCOMPARE(*ask(kept, now), plainly(evening.all(), *m_book, now));
        runTask(m_world->context, m_world->bring(m_world->server(0), evening.some(40)));
        QVERIFY(!ask(kept, now, true));
        QCOMPARE(*ask(kept, now), plainly(evening.all(), *m_book, now));
    }

    void onlyWhatWasAddedIsRead()
    {
        Evening evening(5);
        AreaBooks kept;
        runTask(m_world->context, m_world->bring(m_world->server(0), evening.some(40)));
        const base::Instant now = at("20:00:00");
        const std::uint32_t before = *ask(kept, now);
        // What was there cannot be read any more, and is not asked for.
        m_world->database.execute("UPDATE scanning.scans SET passage = '\\x00' WHERE feed_seq IS NOT NULL");
        QCOMPARE(*ask(kept, now), before);
        runTask(m_world->context,
                m_world->bring(m_world->server(0), {rowOf({.device = "gate-z", .ordinal = 1'000, .when = now})}));
        QCOMPARE(*ask(kept, now), before + 1);
    }
};

QTEST_APPLESS_MAIN(AreaBooksTest)
#include "area_books_test.moc"
