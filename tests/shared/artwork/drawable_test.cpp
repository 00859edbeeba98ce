#include "shared/artwork/canvas.h"

#include "shared/base/text.h"

#include <QtTest/QtTest>

using namespace voelgoed;

class DrawableTest : public QObject
{
    Q_OBJECT

private slots:
    void textsAreMadeFitToDraw_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QString>("drawn");
        QTest::newRow("plain") << QByteArray("Guest 0001 é") << QString("Guest 0001 é");
        QTest::newRow("empty") << QByteArray() << QString();
        QTest::newRow("lines become one") << QByteArray("a\nb\tc") << QString("a b c");
        QTest::newRow("control characters go") << QByteArray("a\x1b[31mb\0c", 9) << QString("a[31mb\uFFFDc");
        QTest::newRow("direction marks go") << QByteArray("a\xe2\x80\xae"
                                                          "b\xe2\x81\xa6"
                                                          "c\xd8\x9c"
                                                          "d")
                                            << QString("abcd");
        QTest::newRow("joiners stay") << QByteArray("\xd9\x85\xe2\x80\x8c\xd8\xaf") << QString("م\u200cد");
        QTest::newRow("not UTF-8") << QByteArray("a\xff"
                                                 "b")
                                   << QString("a\uFFFD"
                                              "b");
        QTest::newRow("four marks on a letter stay, more go")
            << "Z" + QByteArray("\xcc\x81").repeated(9) + "y" << QString("Z\u0301\u0301\u0301\u0301y");
        QTest::newRow("what goes does not hide marks from the count")
            << "Z" + QByteArray("\xcc\x81\x01\xe2\x80\xae").repeated(9) << QString("Z\u0301\u0301\u0301\u0301");
    }
    void textsAreMadeFitToDraw()
    {
        QFETCH(QByteArray, text);
        QFETCH(QString, drawn);
        QCOMPARE(QString::fromStdString(artwork::drawable(text.toStdString())), drawn);
    }

    void longTextsAreCutAtACharacter()
    {
        const std::string drawn = artwork::drawable(QString("é").repeated(5000).toStdString());
        QVERIFY(base::isUtf8(drawn));
        QCOMPARE(QString::fromStdString(drawn), QString("é").repeated(300) + "…");
    }
};

QTEST_APPLESS_MAIN(DrawableTest)
#include "drawable_test.moc"
