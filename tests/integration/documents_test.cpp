#include "tests/integration/practice_bundle.h"
#include "tests/integration/running_gate.h"
#include "tests/support/pdf_files.h"

#include <QDir>
#include <QJsonArray>
#include <QTemporaryDir>
#include <QtTest/QtTest>

using namespace voelgoed::integration;
namespace support = voelgoed::support;

namespace {

constexpr std::uint32_t kTickets = 36;

QSet<QByteArray> textsOf(const QJsonObject &line)
{
    QSet<QByteArray> texts;
    for (const QJsonValue &code : line["codes"].toArray())
        texts << code["text"].toString().toUtf8();
    return texts;
}

} // namespace

/// Tickets that come as documents.
class DocumentsTest : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase()
    {
        QVERIFY(m_folder.isValid());
        QVERIFY(!writeFile(path("event.bundle"), m_event.bundle({.sequence = 10})).isEmpty());
    }

    void init()
    {
        m_data = path(QString("data-%1").arg(++m_number));
        m_watched = path(QString("watched-%1").arg(m_number));
        QVERIFY(QDir().mkpath(m_watched));
        QCOMPARE(gate({"load", "--data", m_data, "--yes", path("event.bundle")}).status, 0);
    }

    void everyTicketOfALongDocumentIsDecoded()
    {
        constexpr int kPages = 105;
        const QString number = QString::number(kPages);
        QCOMPARE(gate({"practice", "--out", path("event"), "--tickets", number, "--foreign", "1", "--draw", number,
                       "--seed", "4"})
                     .status,
                 0);
        const Ran ran = gate({"decode", path("event/tickets.pdf")}, {}, 600'000);
        QCOMPARE(ran.err, QByteArray());
        QCOMPARE(ran.status, 0);
        const QJsonObject line = jsonOf(ran.out);
        QCOMPARE(line.keys(), (QStringList{"codes", "file"}));
        QCOMPARE(textsOf(line).size(), qsizetype(kPages));
        QFile list(path("event/tickets.csv"));
        QVERIFY(list.open(QIODevice::ReadOnly));
        const QByteArray all = list.readAll();
        for (const QByteArray &text : textsOf(line))
            QVERIFY2(all.contains(text), text);
    }

    void aPageThatCannotBeReadIsNamedAndTheOthersAreDecoded()
    {
        const QString file = write(path("bomb.pdf"), withEndlessPage());
        const Ran ran = gate({"decode", file}, {}, 120'000);
        QCOMPARE(ran.status, 1);
        const QJsonObject line = jsonOf(ran.out);
        QCOMPARE(line["file"].toString(), file);
        QCOMPARE(textsOf(line), (QSet<QByteArray>{m_event.signedCode(1), m_event.signedCode(2)}));
        QCOMPARE(line["unread_pages"].toArray(), QJsonArray{QJsonValue(QJsonArray{2, 2})});
        QVERIFY2(line["error"].toString().contains("pages 2 of 3"), ran.out);
        QVERIFY2(ran.err.startsWith("error: " + file.toUtf8()), ran.err);
    }

    void aGateSaysWhichPagesItCouldNotRead()
    {
        write(m_watched + "/bomb.pdf", withEndlessPage());
        RunningGate running(m_data, {"--json", "--watch", m_watched});
        for (const int ordinal : {1, 2})
            QCOMPARE(running.verdict(60'000)["ordinal"].toInteger(), ordinal);
        QVERIFY2(running.complains("bomb.pdf: pages 2 of 3"), running.errors());
    }

    void theFirstPageIsJudgedBeforeTheLastOneIsRead()
    {
        write(m_watched + "/bomb.pdf", withEndlessPage());
        RunningGate running(m_data, {"--json", "--watch", m_watched});
        QCOMPARE(running.verdict()["ordinal"].toInteger(), 1);
        QVERIFY(!running.errors().contains("bomb.pdf"));
    }

    void aDocumentGoesOnWhereAKilledGateWas()
    {
        std::vector<support::PdfPage> pages;
        for (std::uint32_t n = 1; n <= kTickets; ++n)
            pages.push_back(page(n));
        write(m_watched + "/many.pdf", pages);
        for (int start = 1; start <= 2; ++start) {
            RunningGate running(m_data, {"--json", "--watch", m_watched});
            for (int n = 0; n < 12; ++n)
                QVERIFY(running.verdict().contains("ordinal"));
            running.kill(SIGKILL);
        }
        RunningGate running(m_data, {"--json", "--watch", m_watched});
        QMap<qint64, int> scans;
        QVERIFY(becomes(
            [&] {
                scans.clear();
                for (const QByteArray &row : gate({"export", "--data", m_data}).out.trimmed().split('\n'))
                    ++scans[jsonOf(row)["ordinal"].toInteger()];
                return scans.size() == kTickets;
            },
            120'000));
        // The page at which it was killed may be read twice; no other is.
        int twice = 0;
        for (const int times : scans)
            twice += times - 1;
        QVERIFY2(twice <= 2, qPrintable(QString::number(twice)));
    }

private:
    QString path(const QString &name) const { return m_folder.filePath(name); }
    support::PdfPage page(std::uint32_t n) const { return support::pageWithCode(m_event.signedCode(n).toStdString()); }
    std::vector<support::PdfPage> withEndlessPage() const { return {page(1), support::endlessPage(), page(2)}; }
    static QString write(const QString &path, const std::vector<support::PdfPage> &pages)
    {
        return writeFile(path, QByteArray::fromStdString(support::pdfOf(pages)));
    }

    QTemporaryDir m_folder;
    PracticeBundle m_event{kTickets};
    QString m_data, m_watched;
    int m_number = 0;
};

QTEST_GUILESS_MAIN(DocumentsTest)
#include "documents_test.moc"
