#include "server/slices/events/checking.h"
#include "server/slices/events/notices.h"
#include "server/slices/events/schedule.h"
#include "server/slices/events/slug.h"

#include <QtTest/QtTest>

using namespace voelgoed;
using namespace voelgoed::events;
using namespace std::chrono_literals;

namespace {

base::Instant utc(const char *text)
{
    return *base::parseInstant(text);
}

domain::EventDefinition day()
{
    domain::EventDefinition definition;
    definition.event.startsAt = utc("2026-12-05T12:00:00Z");
    definition.event.endsAt = utc("2026-12-05T22:00:00Z");
    definition.event.doorsAt = utc("2026-12-05T11:00:00Z");
    return definition;
}

} // namespace

class PartsTest : public QObject
{
    Q_OBJECT

private slots:
    void shortNamesAreMadeOfNames_data()
    {
        QTest::addColumn<QString>("name");
        QTest::addColumn<QString>("slug");
        QTest::newRow("plain") << "Summer Fest 2026"
                               << "summer-fest-2026";
        QTest::newRow("accents") << "Voëlgoed in Ñuñoa, Ærø"
                                 << "voelgoed-in-nunoa-aro";
        QTest::newRow("signs at both ends") << "  -- Rock! --  "
                                            << "rock";
        QTest::newRow("a sign among the letters of Latin 1") << "3×4"
                                                             << "3-4";
        QTest::newRow("no letter that is known") << "日本"
                                                 << "event";
        QTest::newRow("half a character") << QString::fromLatin1("a\xC3").left(1) + "b"
                                          << "ab";
        QTest::newRow("a UUID") << "018f3c52-7b1e-7cc0-9d3a-2f1f5b7a9c01"
                                << "event";
        QTest::newRow("cut at a word's end") << QString(62, 'a') + " b" << QString(62, 'a');
    }
    void shortNamesAreMadeOfNames()
    {
        QFETCH(QString, name);
        QFETCH(QString, slug);
        QCOMPARE(slugFrom(name.toStdString(), "event"), slug.toStdString());
        QVERIFY(isSlug(slugFrom(name.toStdString(), "event")));
        QVERIFY(isSlug(numbered(slugFrom(name.toStdString(), "event"), 1000)));
    }

    void aShortNameIsOneWay_data()
    {
        QTest::addColumn<bool>("good");
        for (const char *slug : {"a", "a-b", "2026", "a1-b2-c3"})
            QTest::newRow(slug) << true;
        for (const char *slug : {"", "-", "a-", "-a", "a--b", "A", "a_b", "ä", "a b"})
            QTest::newRow(slug) << false;
        QTest::newRow(std::string(64, 'a').c_str()) << false;
    }
    void aShortNameIsOneWay()
    {
        QFETCH(bool, good);
        QCOMPARE(isSlug(QTest::currentDataTag()), good);
    }

    void theWindowIsWhatIsSaidOrElseComesFromDoorsAndEnd()
    {
        auto definition = day();
        QVERIFY((windowOf(definition, {}) == Window{utc("2026-12-05T07:00:00Z"), utc("2026-12-06T00:00:00Z")}));
        QVERIFY(
            (windowOf(definition, {10min, 0min}) == Window{utc("2026-12-05T10:50:00Z"), utc("2026-12-05T22:00:00Z")}));
        definition.event.scanUntil = utc("2026-12-05T21:00:00Z");
        QVERIFY((windowOf(definition, {}) == Window{utc("2026-12-05T07:00:00Z"), utc("2026-12-05T21:00:00Z")}));
        definition.event.scanUntil = utc("2026-12-05T06:00:00Z"); // before it would begin
        QVERIFY((windowOf(definition, {}) == Window{std::nullopt, utc("2026-12-05T06:00:00Z")}));
        definition.event.scanUntil.reset();
        definition.event.scanFrom = utc("2026-12-07T00:00:00Z");
        QVERIFY((windowOf(definition, {}) == Window{utc("2026-12-07T00:00:00Z"), std::nullopt}));
        definition.event.scanFrom.reset();
        definition.event.doorsAt.reset();
        QCOMPARE(windowOf(definition, {}).from, utc("2026-12-05T08:00:00Z"));
        definition = {};
        QVERIFY(!windowOf(definition, {}).isWhole());
        definition.dates = {
            {{"b"}, utc("2026-12-06T12:00:00Z"), utc("2026-12-06T13:00:00Z"), {}},
            {{"a"}, utc("2026-12-05T12:00:00Z"), utc("2026-12-05T13:00:00Z"), utc("2026-12-05T11:00:00Z")}};
        QVERIFY(
            (windowOf(definition, {0min, 0min}) == Window{utc("2026-12-05T11:00:00Z"), utc("2026-12-06T13:00:00Z")}));
        definition.event.startsAt = base::kEarliest;
        definition.event.endsAt = base::kLatest;
        QVERIFY((windowOf(definition, {}) == Window{base::kEarliest, base::kLatest}));
    }

    void anEventMovesWithAllItsTimes()
    {
        auto definition = day();
        definition.event.scanFrom = utc("2026-12-05T09:00:00Z");
        definition.dates = {{{"a"}, utc("2026-12-05T12:00:00Z"), {}, {}}};
        const auto moved =
            rescheduled(definition, {.startsAt = utc("2026-12-12T13:00:00Z"), .endsAt = {}, .doorsAt = {}});
        QVERIFY(moved);
        QCOMPARE(moved->event.startsAt, utc("2026-12-12T13:00:00Z"));
        QCOMPARE(moved->event.endsAt, utc("2026-12-12T23:00:00Z"));
        QCOMPARE(moved->event.scanFrom, utc("2026-12-12T10:00:00Z"));
        QVERIFY(!moved->event.scanUntil);
        QCOMPARE(moved->dates.at(0).startsAt, utc("2026-12-12T13:00:00Z"));
        QCOMPARE(moved->event.rescheduledAt, utc("2026-12-12T13:00:00Z"));
        const auto said = rescheduled(definition, {.startsAt = utc("2026-12-12T13:00:00Z"),
                                                   .endsAt = utc("2026-12-12T14:00:00Z"),
                                                   .doorsAt = utc("2026-12-12T12:30:00Z")});
        QCOMPARE(said->event.endsAt, utc("2026-12-12T14:00:00Z"));
        QCOMPARE(said->event.doorsAt, utc("2026-12-12T12:30:00Z"));
        definition.event.startsAt.reset();
        QVERIFY(!rescheduled(definition, {.startsAt = utc("2026-12-12T13:00:00Z"), .endsAt = {}, .doorsAt = {}}));
    }

    void placesBecomePointers()
    {
        QCOMPARE(pointerOf("event"), std::string("/event"));
        QCOMPARE(pointerOf("checkpoints[12].rules.and[0].<"), std::string("/checkpoints/12/rules/and/0/<"));
        QCOMPARE(pointerOf("a/b~c"), std::string("/a~1b~0c"));
    }

    void noticesStayBelowTheirLimitWhateverNamesAndReasonsAre_data()
    {
        QTest::addColumn<QString>("text");
        QTest::newRow("plain") << QString(4096, 'a');
        QTest::newRow("controls") << QString(4096, QChar(1));
        QTest::newRow("quotes") << QString(4096, '"');
        QTest::newRow("two bytes each") << QString(2048, QChar(0xEB));
        QTest::newRow("short") << "Fest";
    }
    void noticesStayBelowTheirLimitWhateverNamesAndReasonsAre()
    {
        QFETCH(QString, text);
        const std::string cut = cutForJson(text.toStdString(), 200);
        QVERIFY(base::toText(boost::json::string(cut)).size() <= 202);
        QVERIFY(QString::fromStdString(cut).toStdString() == cut); // whole characters
        QVERIFY(text.toStdString().starts_with(cut));
        QVERIFY(!cut.empty());
    }
};

QTEST_APPLESS_MAIN(PartsTest)
#include "parts_test.moc"
