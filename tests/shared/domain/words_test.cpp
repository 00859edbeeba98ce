#include "shared/domain/words.h"

#include <QtTest/QtTest>

using namespace voelgoed::domain;

class WordsTest : public QObject
{
    Q_OBJECT

    template <class Choice>
    static QString sentence()
    {
        QStringList words;
        for (std::size_t i = 0; i < wordsOf<Choice>().size(); ++i) {
            const auto choice = static_cast<Choice>(i);
            const std::string_view word = wordFor(choice);
            words << QString::fromUtf8(word.data(), static_cast<qsizetype>(word.size()));
            if (fromWord<Choice>(word) != choice)
                words << "<- does not come back";
        }
        return words.join(' ');
    }

private slots:
    void everyChoiceHasItsWordAndComesBack()
    {
        QCOMPARE(sentence<EventStatus>(), QString("draft published live ended cancelled postponed archived"));
        QCOMPARE(sentence<TicketState>(), QString("valid pending unapproved cancelled revoked"));
        QCOMPARE(sentence<Reentry>(), QString("never after_exit always"));
        QCOMPARE(sentence<GateState>(), QString("open closed"));
        QCOMPARE(sentence<CapacityMode>(), QString("warn stop"));
        QCOMPARE(sentence<Direction>(), QString("entry exit"));
        QCOMPARE(sentence<QuestionKind>(),
                 QString("number string text boolean choice multiple_choice date time datetime email"));
        QCOMPARE(sentence<UnlistedPolicy>(), QString("admit admit_and_flag hold"));
        QCOMPARE(wordFor(Reentry::AfterExit), std::string_view("after_exit"));
    }

    void wordsOfOtherChoicesAreNothing()
    {
        QVERIFY(!fromWord<Direction>("open"));
        QVERIFY(!fromWord<Direction>("Entry"));
        QVERIFY(!fromWord<Direction>(""));
    }
};

QTEST_APPLESS_MAIN(WordsTest)
#include "words_test.moc"
