#include "device/core/index/occupancy_book.h"

#include "tests/device/core/index/marks.h"

#include <QtTest/QtTest>

#include <set>

using namespace voelgoed;
using namespace std::chrono_literals;
using index::OccupancyBook;
using index::PassageBook;
using journal::Mark;
namespace sample = index::sample;

namespace {

const base::Instant kNow = *base::parseInstant("2026-12-05T18:00:00Z");

/// "main" and "camp" share a zone, "vip" stands alone, "loose" is at no place that the event knows.
domain::EventDefinition definition(const std::vector<std::optional<std::chrono::seconds>> &closings)
{
    domain::EventDefinition d;
    d.event = {.id = {"fest"}, .name = "Fest", .timezone = "Africa/Johannesburg"};
    d.zone = *domain::ZoneTable::make("Africa/Johannesburg", 2h, {});
    d.types = {{.id = {"adult"}, .name = "Adult"}};
    d.gates = {{.id = {"north"}, .code = "A", .name = "North"}, {.id = {"south"}, .code = "B", .name = "South"}};
    d.checkpoints = {{.id = {"main"}, .name = "Main", .zone = domain::ZoneId{"grounds"}, .closeAt = closings[0]},
                     {.id = {"camp"}, .name = "Camp", .zone = domain::ZoneId{"grounds"}, .closeAt = closings[1]},
                     {.id = {"vip"}, .name = "VIP", .closeAt = closings[2]}};
    return d;
}

/// Persons inside worked out the plain way: each ticket's marks in order, never below nothing, and nobody left at each
/// closing. In a zone two hours ahead the whole day, a closing lies between two moments that differ in this number.
struct Model
{
    std::vector<std::optional<std::chrono::seconds>> closings;
    std::vector<Mark> marks;

    std::vector<std::int64_t> daysOf(base::Instant at, const std::string &checkpoint) const
    {
        std::vector<std::int64_t> days;
        for (std::size_t i = checkpoint == "vip" ? 2 : 0; i < (checkpoint == "vip" ? 3U : 2U); ++i) {
            if (closings[i])
                days.push_back(
                    std::chrono::floor<std::chrono::days>(at + 2h - *closings[i]).time_since_epoch().count());
        }
        return days;
    }

    std::uint32_t inside(const std::string &checkpoint, base::Instant now) const
    {
        const std::vector<std::string> area =
            checkpoint == "vip" ? std::vector<std::string>{"vip"} : std::vector<std::string>{"main", "camp"};
        std::uint32_t total = 0;
        for (std::uint32_t ordinal = 1; ordinal <= 20; ++ordinal) {
            int persons = 0;
            base::Instant last;
            for (const Mark &mark : sample::marksOf(marks, {ordinal}, area)) {
                if (daysOf(last, checkpoint) != daysOf(mark.at, checkpoint))
                    persons = 0;
                persons += mark.direction == domain::Direction::Entry ? mark.count : -mark.count;
                persons = std::max(persons, 0);
                last = mark.at;
            }
            if (last < now && daysOf(last, checkpoint) != daysOf(now, checkpoint))
                persons = 0;
            total += static_cast<std::uint32_t>(persons);
        }
        return total;
    }

    std::uint32_t throughGate(const std::string &gate) const
    {
        int persons = 0;
        for (const Mark &mark : marks) {
            if (mark.gate.text == gate)
                persons += mark.direction == domain::Direction::Entry ? mark.count : -mark.count;
        }
        return static_cast<std::uint32_t>(std::max(persons, 0));
    }
};

/// A book that is kept as passages come, beside the passages and the model.
struct Kept
{
    admission::Rulebook rulebook;
    PassageBook passages;
    OccupancyBook book;
    Model model;

    explicit Kept(const std::vector<std::optional<std::chrono::seconds>> &closings)
        : rulebook(*admission::Rulebook::compile(definition(closings))), model{closings, {}}
    {
        book.rebuild(rulebook, passages, kNow);
    }

    void add(const Mark &mark, base::Instant now)
    {
        model.marks.push_back(mark);
        passages.add(mark);
        book.update(mark, OccupancyBook::Change::Added, now);
    }
    void remove(std::size_t at, base::Instant now)
    {
        const Mark mark = model.marks[at];
        model.marks.erase(model.marks.begin() + static_cast<std::ptrdiff_t>(at));
        passages.remove(mark.row, mark.ordinal);
        book.update(mark, OccupancyBook::Change::Removed, now);
    }

    QByteArray difference(OccupancyBook &from, base::Instant now) const
    {
        for (const char *checkpoint : {"main", "camp", "vip"}) {
            const auto is = from.inside({checkpoint}, now), expected = model.inside(checkpoint, now);
            if (is != expected)
                return QByteArray(checkpoint) + ": " + QByteArray::number(is) + ", not " + QByteArray::number(expected);
        }
        for (const std::string &gate : sample::kGates) {
            if (from.throughGate({gate}) != model.throughGate(gate))
                return "through gate " + QByteArray::fromStdString(gate);
        }
        return from.inside({"loose"}, now) == 0 ? QByteArray() : QByteArray("somebody is nowhere");
    }
};

Mark passed(std::uint64_t sequence, const char *checkpoint, domain::Direction direction, base::Instant at)
{
    return {.row = {{"own"}, {1}, {sequence}},
            .ordinal = {1},
            .checkpoint = {checkpoint},
            .gate = {"north"},
            .direction = direction,
            .count = 2,
            .at = at};
}

} // namespace

class OccupancyBookTest : public QObject
{
    Q_OBJECT

private slots:
    void anEveningIsCountedAsPlainArithmeticCountsIt_data()
    {
        QTest::addColumn<int>("closings");
        QTest::addColumn<std::uint32_t>("seed");
        for (std::uint32_t seed = 1; seed <= 4; ++seed) {
            QTest::addRow("no closing, evening %u", seed) << 0 << seed;
            QTest::addRow("closing at 4, evening %u", seed) << 1 << seed;
            QTest::addRow("closing at 4 and at 16, evening %u", seed) << 2 << seed;
        }
    }
    void anEveningIsCountedAsPlainArithmeticCountsIt()
    {
        QFETCH(int, closings);
        QFETCH(std::uint32_t, seed);
        const auto at = [&](int from, std::chrono::seconds time) {
            return closings >= from ? std::optional(time) : std::nullopt;
        };
        Kept kept({at(1, 4h), at(2, 16h), at(1, 4h)});
        sample::Marks marks(seed);
        base::Instant now = kNow;
        for (int step = 0; step < 1'200; ++step) {
            now += std::chrono::minutes(marks.below(6));
            // Rows of others come hours late, and from clocks that are some minutes ahead.
            if (kept.model.marks.empty() || marks.below(4) != 0)
                kept.add(marks.next(now, 5min, 6h), now);
            else
                kept.remove(marks.below(static_cast<std::uint32_t>(kept.model.marks.size())), now);
            QCOMPARE(kept.difference(kept.book, now), QByteArray());
            if (step % 50 == 0) {
                OccupancyBook anew;
                anew.rebuild(kept.rulebook, kept.passages, now);
                QCOMPARE(kept.difference(anew, now), QByteArray());
            }
        }
    }

    void whoEnteredAtOneCheckpointOfAZoneMayLeaveAtAnother()
    {
        Kept kept({std::nullopt, std::nullopt, std::nullopt});
        kept.add(passed(1, "main", domain::Direction::Entry, kNow), kNow);
        QCOMPARE(kept.book.inside({"main"}, kNow), 2U);
        QCOMPARE(kept.book.inside({"camp"}, kNow), 2U);
        QCOMPARE(kept.book.inside({"vip"}, kNow), 0U);
        kept.add(passed(2, "camp", domain::Direction::Exit, kNow + 1min), kNow + 1min);
        QCOMPARE(kept.book.inside({"main"}, kNow + 1min), 0U);
        QCOMPARE(kept.book.throughGate({"north"}), 0U);
    }

    void anExitThatComesBeforeItsEntryIsMadeGoodWhenTheEntryComesLate()
    {
        Kept kept({std::nullopt, std::nullopt, std::nullopt});
        kept.add(passed(2, "main", domain::Direction::Exit, kNow + 2min), kNow + 2min);
        QCOMPARE(kept.book.inside({"main"}, kNow + 2min), 0U);
        kept.add(passed(3, "main", domain::Direction::Entry, kNow + 3min), kNow + 3min);
        QCOMPARE(kept.book.inside({"main"}, kNow + 3min), 2U);
        kept.add(passed(1, "main", domain::Direction::Entry, kNow + 1min), kNow + 4min);
        QCOMPARE(kept.book.inside({"main"}, kNow + 4min), 2U);
    }

    void atTheClosingEverybodyIsOutToTheSecond()
    {
        Kept kept({4h, std::nullopt, std::nullopt});
        kept.add(passed(1, "main", domain::Direction::Entry, kNow), kNow);
        const base::Instant closing = *base::parseInstant("2026-12-06T02:00:00Z");
        QCOMPARE(kept.book.inside({"camp"}, closing - 1ms), 2U);
        QCOMPARE(kept.book.inside({"camp"}, closing), 0U);
        // Not again before the next one, although the clock may be set back a little.
        kept.add(passed(2, "main", domain::Direction::Entry, closing + 1min), closing + 1min);
        QCOMPARE(kept.book.inside({"camp"}, closing + 1min), 2U);
        QCOMPARE(kept.book.inside({"camp"}, closing + 24h - 1ms), 2U);
        QCOMPARE(kept.book.inside({"camp"}, closing + 24h), 0U);
    }

    void theFirstPassageAfterAClosingIsTheOnlyOneInside()
    {
        Kept kept({4h, std::nullopt, std::nullopt});
        kept.add(passed(1, "main", domain::Direction::Entry, kNow), kNow);
        const base::Instant morning = *base::parseInstant("2026-12-06T06:00:00Z");
        Mark next = passed(2, "main", domain::Direction::Entry, morning);
        next.ordinal = {2};
        kept.add(next, morning);
        QCOMPARE(kept.book.inside({"main"}, morning), 2U);
    }

    void aPassageOfAClockAheadOfTheClosingStaysInside()
    {
        Kept kept({4h, std::nullopt, std::nullopt});
        const base::Instant closing = *base::parseInstant("2026-12-06T02:00:00Z");
        kept.add(passed(1, "main", domain::Direction::Entry, closing + 1min), closing - 1min);
        QCOMPARE(kept.book.inside({"main"}, closing - 1min), 2U);
        QCOMPARE(kept.book.inside({"main"}, closing + 2min), 2U);
    }

    void moreLeavingThanComingThroughAGateIsNobody()
    {
        Kept kept({std::nullopt, std::nullopt, std::nullopt});
        kept.add(passed(1, "main", domain::Direction::Exit, kNow), kNow);
        QCOMPARE(kept.book.throughGate({"north"}), 0U);
        kept.add(passed(2, "main", domain::Direction::Entry, kNow), kNow);
        kept.add(passed(3, "main", domain::Direction::Entry, kNow), kNow);
        QCOMPARE(kept.book.throughGate({"north"}), 2U);
        QCOMPARE(kept.book.throughGate({"a gate that nobody knows"}), 0U);
    }
};

QTEST_GUILESS_MAIN(OccupancyBookTest)
#include "occupancy_book_test.moc"
