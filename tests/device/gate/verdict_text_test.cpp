#include "device/gate/verdict_text.h"

#include "shared/base/json.h"
#include "shared/base/text.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QtTest/QtTest>

using namespace voelgoed;
using domain::Reason;

namespace {

scan::Judged judged(Reason reason)
{
    return {.reason = reason,
            .explanation = "Because",
            .at = *base::parseInstant("2026-12-05T16:30:00.250Z"),
            .checkpoint = {"main"},
            .ordinal = {7},
            .row = domain::RowKey{.device = {"d"}, .epoch = {3}, .sequence = {41}},
            .durable = true,
            .ticketType = "Adult",
            .took = std::chrono::microseconds(1'234)};
}

QString line(const scan::Judged &of)
{
    return QString::fromStdString(gate::lineFor(of));
}

QJsonObject json(const scan::Judged &of)
{
    const std::string text = gate::jsonFor(of, "a.png");
    return base::parseJson(text) ? QJsonDocument::fromJson(QByteArray::fromStdString(text)).object() : QJsonObject();
}

} // namespace

/// A verdict as a line for people, and as one for programs.
class VerdictTextTest : public QObject
{
    Q_OBJECT

private slots:
    void theFirstWordSaysWhatToDo_data()
    {
        QTest::addColumn<Reason>("reason");
        QTest::addColumn<QString>("expected");
        QTest::newRow("admit") << Reason::Ok << "GO    Adult · Because";
        QTest::newRow("once more") << Reason::OkRepeat << "GO    Adult · Because";
        QTest::newRow("ask") << Reason::Questions << "ASK   Because";
        QTest::newRow("refuse") << Reason::AlreadyUsed << "STOP  Because";
        QTest::newRow("refuse a forgery") << Reason::Forged << "STOP  Because";
        QTest::newRow("undecided") << Reason::StaleList << "WAIT  Because";
        QTest::newRow("a fault") << Reason::Fault << "WAIT  Because";
    }
    void theFirstWordSaysWhatToDo()
    {
        QFETCH(Reason, reason);
        QFETCH(QString, expected);
        QCOMPARE(line(judged(reason)), expected);
    }

    void onlyAnAdmissionBeginsWithGo()
    {
        for (int i = 0; i <= static_cast<int>(Reason::Unconfirmed); ++i) {
            const scan::Judged each = judged(static_cast<Reason>(i));
            QCOMPARE(line(each).startsWith("GO"), each.outcome() == domain::Outcome::Admit);
            QCOMPARE(json(each)["outcome"].toString() == "admit", each.outcome() == domain::Outcome::Admit);
        }
    }

    void anAdmissionSaysWhomAndHow()
    {
        scan::Judged of = judged(Reason::OkGroup);
        of.count = 3;
        of.seat = "B12";
        of.notes = {"Wristband: blue", "Photo"};
        of.attention = true;
        QCOMPARE(line(of), "GO    3 x Adult · Because · Seat B12 · Wristband: blue · Photo · ATTENTION");
        of.reason = Reason::NoEntriesLeft;
        QCOMPARE(line(of), "STOP  Because");
    }

    void waysOutTestsAndTheRescueJournalAreMarked()
    {
        scan::Judged of = judged(Reason::OkExit);
        of.direction = domain::Direction::Exit;
        QCOMPARE(line(of), "OUT   Adult · Because");
        of = judged(Reason::Ok);
        of.test = true;
        QCOMPARE(line(of), "TEST GO    Adult · Because");
        of = judged(Reason::Ok);
        of.rescued = true;
        QCOMPARE(line(of), "GO    Adult · Because · (kept in the rescue journal: call a technician)");
    }

    void questionsAreAsked()
    {
        scan::Judged of = judged(Reason::Questions);
        of.explanation = "Answer first: Which meal? (and 1 more)";
        of.questions = {"Which meal?", "Size?"};
        QCOMPARE(line(of), "ASK   Answer first: Which meal? (and 1 more) · Size?");
        QCOMPARE(json(of)["questions"].toArray(), (QJsonArray{"Which meal?", "Size?"}));
    }

    void textsOfTheListAreNeverObeyed()
    {
        const std::string hostile = "\x1b[2J\r\nGO\x07 \xe2\x80\xaeTIMDA\xe2\x80\x8b \xff\xc2\x9b";
        scan::Judged of = judged(Reason::Ok);
        of.ticketType = of.seat = hostile;
        of.notes = of.questions = {hostile, hostile};
        const std::string text = gate::lineFor(of);
        QVERIFY(base::isUtf8(text));
        QCOMPARE(base::printable(text, text.size() + 1), text);
        QVERIFY(line(of).startsWith("GO    \\u{1b}[2J"));
    }

    void jsonHasEveryField()
    {
        const QJsonObject of = json(judged(Reason::Ok));
        const QJsonObject expected{{"outcome", "admit"},
                                   {"reason", "ok"},
                                   {"explanation", "Because"},
                                   {"ordinal", 7},
                                   {"seq", 41},
                                   {"checkpoint", "main"},
                                   {"durable", true},
                                   {"micros", 1'234},
                                   {"epoch", 3},
                                   {"at", "2026-12-05T16:30:00.250Z"},
                                   {"direction", "entry"},
                                   {"type", "Adult"},
                                   {"count", 1},
                                   {"remaining", 0},
                                   {"attention", false},
                                   {"notes", QJsonArray()},
                                   {"flagged", false},
                                   {"test", false},
                                   {"rescued", false},
                                   {"source", "a.png"}};
        QCOMPARE(of, expected);
        QVERIFY(QByteArray::fromStdString(gate::jsonFor(judged(Reason::Ok), "standard input"))
                    .startsWith("{\"outcome\":\"admit\",\"reason\":"));
    }

    void whatThereIsNotIsNull()
    {
        scan::Judged of = judged(Reason::Unknown);
        of.ordinal = {};
        of.row.reset();
        of.durable = false;
        const QJsonObject written = json(of);
        for (const char *name : {"ordinal", "seq", "epoch"})
            QVERIFY2(written[name].isNull(), name);
        QCOMPARE(written["durable"].toBool(true), false);
    }

    void whatThereIsBesidesIsSaid()
    {
        scan::Judged of = judged(Reason::OkOverride);
        of.overridden = Reason::AlreadyUsed;
        of.seat = "B12";
        of.flagged = of.attention = of.test = of.rescued = true;
        of.remaining = 2;
        of.direction = domain::Direction::Exit;
        const QJsonObject written = json(of);
        QCOMPARE(written["overridden"].toString(), "already_used");
        QCOMPARE(written["seat"].toString(), "B12");
        QCOMPARE(written["direction"].toString(), "exit");
        QCOMPARE(written["remaining"].toInt(), 2);
        for (const char *name : {"flagged", "attention", "test", "rescued"})
            QVERIFY2(written[name].toBool(), name);
    }

    void jsonIsOneLineWhateverTheTextsAre()
    {
        scan::Judged of = judged(Reason::Ok);
        of.ticketType = "a\nb\"c\\\x1b\x01";
        of.notes = {"\r\n"};
        const std::string text = gate::jsonFor(of, "a.png");
        for (const char c : text)
            QVERIFY(static_cast<unsigned char>(c) >= 0x20);
        QCOMPARE(json(of)["type"].toString(), QString("a\nb\"c\\\x1b\x01"));
    }
};

QTEST_APPLESS_MAIN(VerdictTextTest)
#include "verdict_text_test.moc"
