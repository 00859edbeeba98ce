#include "server/slices/ticketing/import/lines.h"

#include <QtTest/QtTest>

using voelgoed::ticketing::import::Lines;

/// How the lines of a file are named.
class LinesTest : public QObject
{
    Q_OBJECT

private slots:
    void linesAreEachNamedOnce()
    {
        Lines lines;
        QCOMPARE(lines.first(), std::size_t{0});
        for (const std::size_t line : {7, 9, 10, 8, 400, 400, 12, 3, 11, 1, 402, 401, 5})
            lines.add(line);
        QCOMPARE(QString::fromStdString(lines.text()), QString("1, 3, 5, 7-12, 400-402"));
        QCOMPARE(lines.size(), std::size_t{12});
        QCOMPARE(lines.first(), std::size_t{1});
        Lines others;
        for (const std::size_t line : {2, 4, 600})
            others.add(line);
        lines.add(others);
        QCOMPARE(QString::fromStdString(lines.text()), QString("1-5, 7-12, 400-402, 600"));
    }
};

QTEST_APPLESS_MAIN(LinesTest)
#include "lines_test.moc"
