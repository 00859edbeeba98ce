#include "shared/admission/wording.h"

#include "shared/base/text.h"

#include <QtTest/QtTest>

using namespace voelgoed;
using admission::sentence;
using domain::Explanation;
using domain::Phrase;

namespace {

base::Instant utc(std::string_view text)
{
    return *base::parseInstant(text);
}

const base::Instant kNow = utc("2026-12-05T12:00:00Z"); // a Saturday

} // namespace

class WordingTest : public QObject
{
    Q_OBJECT

private slots:
    void everyPhraseHasAPlainShortSentence()
    {
        for (std::size_t i = 1; i < admission::kPhraseCount; ++i) {
            const QString text = QString::fromUtf8(admission::english().sentences[i].data(),
                                                   static_cast<int>(admission::english().sentences[i].size()));
            QVERIFY2(text.size() >= 7 && text.size() <= 80, qPrintable(text));
            QVERIFY2(text[0].isUpper() || text[0] == '%', qPrintable(text));
            QVERIFY2(!text.endsWith('.'), qPrintable(text));
        }
    }

    void factsTakeTheirPlaces_data()
    {
        QTest::addColumn<int>("phrase");
        QTest::addColumn<QString>("expected");
        const auto row = [](const char *name, Phrase phrase) -> QTestData & {
            return QTest::newRow(name) << static_cast<int>(phrase);
        };
        row("when and where", Phrase::EnteredAt) << "Entered 19:04 at North 2";
        row("when", Phrase::ValidFrom) << "Valid from 19:04";
        row("nothing", Phrase::WelcomeIn) << "Welcome";
    }
    void factsTakeTheirPlaces()
    {
        QFETCH(int, phrase);
        const domain::ZoneTable johannesburg =
            *domain::ZoneTable::make("Africa/Johannesburg", std::chrono::hours(2), {});
        const Explanation explanation{.phrase = static_cast<Phrase>(phrase),
                                      .facts = {utc("2026-12-05T17:04:00Z"), std::string_view("North 2")}};
        QTEST(QString::fromStdString(sentence(explanation, johannesburg, kNow)), "expected");
    }

    void momentsAreSaidAsPeopleSayThem_data()
    {
        QTest::addColumn<QString>("moment");
        QTest::addColumn<QString>("expected");
        QTest::newRow("today") << "2026-12-05T10:00:00Z"
                               << "10:00";
        QTest::newRow("last minute of today") << "2026-12-05T23:59:00Z"
                                              << "23:59";
        QTest::newRow("tomorrow") << "2026-12-06T00:00:00Z"
                                  << "Sunday 00:00";
        QTest::newRow("six days on") << "2026-12-11T10:00:00Z"
                                     << "Friday 10:00";
        QTest::newRow("seven days on: the weekday would be today's") << "2026-12-12T10:00:00Z"
                                                                     << "12 December 10:00";
        QTest::newRow("six days ago") << "2026-11-29T10:00:00Z"
                                      << "Sunday 10:00";
        QTest::newRow("seven days ago") << "2026-11-28T10:00:00Z"
                                        << "28 November 10:00";
        QTest::newRow("another year") << "2027-01-20T10:00:00Z"
                                      << "20 January 2027 10:00";
        QTest::newRow("next year, this week") << "2026-12-04T10:00:00Z"
                                              << "Friday 10:00";
        QTest::newRow("the end of time") << "9999-12-31T23:59:59Z"
                                         << "31 December 9999 23:59";
        QTest::newRow("the beginning") << "1970-01-01T00:00:00Z"
                                       << "1 January 1970 00:00";
    }
    void momentsAreSaidAsPeopleSayThem()
    {
        QFETCH(QString, moment);
        const domain::ZoneTable zone;
        QTEST(QString::fromStdString(admission::momentText(utc(moment.toStdString()), zone, kNow)), "expected");
    }

    void namesFromOutsideAreShownHarmlessAndShort_data()
    {
        QTest::addColumn<QByteArray>("name");
        QTest::newRow("escape sequence") << QByteArray("\x1b[2J\x1b]0;x\x07");
        QTest::newRow("line break") << QByteArray("North\nGO");
        QTest::newRow("right to left") << QByteArray("North \xe2\x80\xae 2");
        QTest::newRow("not UTF-8") << QByteArray("\xff\xfe\xc0\xaf");
        QTest::newRow("long") << QByteArray(5'000, 'x');
        QTest::newRow("placeholders") << QByteArray("%1 %2");
    }
    void namesFromOutsideAreShownHarmlessAndShort()
    {
        QFETCH(QByteArray, name);
        const Explanation explanation{
            .phrase = Phrase::GoToGate,
            .facts = {std::string_view(name.constData(), static_cast<std::size_t>(name.size())), {}}};
        const std::string text = sentence(explanation, domain::ZoneTable(), kNow);
        QVERIFY(text.starts_with("Go to "));
        QVERIFY(base::isUtf8(text));
        QVERIFY(text.size() < 200);
        for (const char c : text)
            QVERIFY(static_cast<unsigned char>(c) >= 0x20);
        if (name == "%1 %2")
            QCOMPARE(text, std::string("Go to %1 %2"));
    }

    void anotherLanguageMayTurnTheFactsRound()
    {
        admission::Wording other = admission::english();
        other.sentences[static_cast<std::size_t>(Phrase::EnteredAt)] = "Het by %2 om %1 ingegaan (100%)";
        const Explanation explanation{.phrase = Phrase::EnteredAt,
                                      .facts = {utc("2026-12-05T11:04:00Z"), std::string_view("North")}};
        QCOMPARE(sentence(explanation, domain::ZoneTable(), kNow, other),
                 std::string("Het by North om 11:04 ingegaan (100%)"));
    }
};

QTEST_APPLESS_MAIN(WordingTest)
#include "wording_test.moc"
