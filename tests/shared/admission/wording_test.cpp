#include "shared/admission/wording.h"

#include <QtTest/QtTest>

using namespace voelgoed;
using namespace voelgoed::admission;
using domain::Explanation;
using domain::Phrase;

namespace {

base::Instant utc(const char *text)
{
    return *base::parseInstant(text);
}

domain::ZoneTable johannesburg()
{
    return *domain::ZoneTable::make("Africa/Johannesburg", std::chrono::hours(2), {});
}

QString said(const Explanation &explanation, const char *now = "2026-12-05T12:00:00Z")
{
    return QString::fromStdString(sentence(explanation, johannesburg(), utc(now)));
}

} // namespace

class WordingTest : public QObject
{
    Q_OBJECT

private slots:
    void everyPhraseButNoneHasASentence()
    {
        QSet<QString> seen;
        for (std::size_t i = 1; i < kPhraseCount; ++i) {
            const QString sentence = QString::fromUtf8(english().sentences[i].data());
            QVERIFY2(!sentence.isEmpty(), qPrintable(QString::number(i)));
            QVERIFY2(!seen.contains(sentence), qPrintable(sentence));
            seen << sentence;
        }
        QCOMPARE(said({.phrase = Phrase::None}), QString());
    }

    void momentsAreShownInTheEventsZoneAsSeenFromNow_data()
    {
        QTest::addColumn<QString>("at");
        QTest::addColumn<QString>("now");
        QTest::addColumn<QString>("text");
        const auto row = [](const char *name, const char *at, const char *now, const char *text) {
            QTest::newRow(name) << at << now << text;
        };
        row("today", "2026-12-05T08:00:00Z", "2026-12-05T12:00:00Z", "10:00");
        row("today there, yesterday in UTC", "2026-12-04T22:30:00Z", "2026-12-05T12:00:00Z", "00:30");
        row("tomorrow", "2026-12-05T22:00:00Z", "2026-12-05T12:00:00Z", "Sunday 00:00");
        row("yesterday", "2026-12-04T21:59:00Z", "2026-12-05T12:00:00Z", "Friday 23:59");
        row("in six days", "2026-12-11T08:00:00Z", "2026-12-05T12:00:00Z", "Friday 10:00");
        row("six days ago", "2026-11-29T08:00:00Z", "2026-12-05T12:00:00Z", "Sunday 10:00");
        row("in a week", "2026-12-12T08:00:00Z", "2026-12-05T12:00:00Z", "12 December 10:00");
        row("a week ago", "2026-11-28T08:00:00Z", "2026-12-05T12:00:00Z", "28 November 10:00");
        row("next year", "2027-01-15T08:00:00Z", "2026-12-05T12:00:00Z", "15 January 2027 10:00");
        row("next week is next year", "2027-01-02T08:00:00Z", "2026-12-30T12:00:00Z", "Saturday 10:00");
        row("this very minute", "2026-12-05T12:00:30Z", "2026-12-05T12:00:00Z", "14:00:30");
        row("a minute away", "2026-12-05T12:01:30Z", "2026-12-05T12:00:00Z", "14:01");
        row("the first moment", "1970-01-01T00:00:00Z", "2026-12-05T12:00:00Z", "1 January 1970 02:00");
        row("the last moment", "9999-12-31T23:59:59Z", "2026-12-05T12:00:00Z", "1 January 10000 01:59");
    }
    void momentsAreShownInTheEventsZoneAsSeenFromNow()
    {
        QFETCH(QString, at);
        QFETCH(QString, now);
        QFETCH(QString, text);
        QCOMPARE(QString::fromStdString(momentText(utc(qPrintable(at)), johannesburg(), utc(qPrintable(now)))), text);
    }

    void factsStandWhereTheSentenceHasThem()
    {
        QCOMPARE(said({.phrase = Phrase::EnteredAt, .facts = {utc("2026-12-05T17:04:00Z"), "North 2"}}),
                 QString("Entered 19:04 at North 2"));
        QCOMPARE(said({.phrase = Phrase::ValidFrom, .facts = {utc("2026-12-12T08:00:00Z")}}, "2026-12-07T08:00:00Z"),
                 QString("Valid from Saturday 10:00"));
        QCOMPARE(said({.phrase = Phrase::GoToGate, .facts = {"Gate C"}}), QString("Go to Gate C"));
        QCOMPARE(said({.phrase = Phrase::GroupRemaining, .facts = {std::int64_t{3}}}),
                 QString("Welcome: 3 more still to come"));
    }

    void whatStandsInBracketsIsSaidWhereItsFactIsThere()
    {
        const auto when = utc("2026-12-05T18:00:00Z");
        QCOMPARE(said({.phrase = Phrase::GoToGate, .facts = {"South", when}}),
                 QString("Go to South, entry from 20:00"));
        QCOMPARE(said({.phrase = Phrase::AnotherTypeNeeded, .facts = {"VIP"}}),
                 QString("Another kind of ticket is needed here: VIP"));
        QCOMPARE(said({.phrase = Phrase::AnotherTypeNeeded, .facts = {"VIP", "Crew"}}),
                 QString("Another kind of ticket is needed here: VIP or Crew"));
        QCOMPARE(said({.phrase = Phrase::AnotherTypeNeeded, .facts = {"VIP", "Crew", "Press", when}}),
                 QString("Another kind of ticket is needed here: VIP or Crew or Press, and entry from 20:00"));
        QCOMPARE(said({.phrase = Phrase::AnotherTypeNeeded, .facts = {"VIP", {}, {}, when}}),
                 QString("Another kind of ticket is needed here: VIP, and entry from 20:00"));
        QCOMPARE(said({.phrase = Phrase::NoneLeft, .facts = {std::int64_t{1}, {}, "North"}}),
                 QString("Persons left on this ticket: 1 at North"));
        // Brackets in a name are the name's own.
        QCOMPARE(said({.phrase = Phrase::GateIsClosed, .facts = {"[A] %2", "B]"}}),
                 QString("[A] %2 is closed: go to B]"));
    }

    void textsFromOutsideAreMadePrintableAndShort()
    {
        QCOMPARE(said({.phrase = Phrase::GoToGate, .facts = {"\x1b[2J\u202e%1%2"}}),
                 QString("Go to \\u{1b}[2J\\u{202e}%1%2"));
        const std::string longName(500, 'x');
        QCOMPARE(said({.phrase = Phrase::GoToGate, .facts = {std::string_view(longName)}}),
                 QString("Go to ") + QString(60, 'x') + "…");
        QCOMPARE(said({.phrase = Phrase::GoToGate, .facts = {"\xff"}}), QString("Go to \\xff"));
    }

    void anotherLanguageMayTurnTheFactsAround()
    {
        Wording afrikaans = english();
        afrikaans.sentences[static_cast<std::size_t>(Phrase::EnteredAt)] = "By %2 in, %1 (100%)";
        afrikaans.weekdays[4] = "Vrydag";
        QCOMPARE(sentence({.phrase = Phrase::EnteredAt, .facts = {utc("2026-12-04T17:04:00Z"), "Noord"}},
                          johannesburg(), utc("2026-12-05T12:00:00Z"), afrikaans),
                 std::string("By Noord in, Vrydag 19:04 (100%)"));
    }
};

QTEST_APPLESS_MAIN(WordingTest)
#include "wording_test.moc"
