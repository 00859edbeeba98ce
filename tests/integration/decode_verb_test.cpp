#include "shared/base/json.h"
#include "shared/base/text.h"
#include "tests/integration/practice_bundle.h"
#include "tests/integration/running_gate.h"
#include "tests/support/code_pictures.h"
#include "tests/support/picture_files.h"

#include <QDir>
#include <QJsonArray>
#include <QTemporaryDir>
#include <QtTest/QtTest>

#include <zint.h>

using namespace voelgoed::integration;
namespace base = voelgoed::base;
namespace support = voelgoed::support;

namespace {

QByteArray bytesOf(const base::Bytes &bytes)
{
    return {reinterpret_cast<const char *>(bytes.data()), static_cast<qsizetype>(bytes.size())};
}

cv::Mat qrCode(const QByteArray &contents)
{
    return support::drawCode(BARCODE_QRCODE, contents.toStdString(), 6);
}

} // namespace

/// The verb `decode`.
class DecodeVerbTest : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase()
    {
        QVERIFY(m_folder.isValid());
        m_good = writeFile(path("good.png"), bytesOf(support::asPng(qrCode(m_event.signedCode(1)))));
        QVERIFY(!m_good.isEmpty());
    }

    void everyFormatOfPictureIsRead_data()
    {
        QTest::addColumn<QString>("name");
        QTest::addColumn<QByteArray>("contents");
        const cv::Mat picture = qrCode(m_event.signedCode(1));
        QTest::newRow("PNG") << "a.png" << bytesOf(support::asPng(picture));
        QTest::newRow("JPEG") << "a.jpg" << bytesOf(support::asJpeg(picture));
        QTest::newRow("WebP") << "a.webp" << bytesOf(support::asWebp(picture));
        QTest::newRow("a ticket as PNG") << "ticket.png" << ticketPicture(m_event.signedCode(1));
        QTest::newRow("the ending does not matter") << "a.pdf" << bytesOf(support::asJpeg(picture));
        QTest::newRow("no ending") << "a" << bytesOf(support::asWebp(picture));
    }
    void everyFormatOfPictureIsRead()
    {
        QFETCH(QString, name);
        QFETCH(QByteArray, contents);
        const QString file = writeFile(path(name), contents);
        const Ran ran = gate({"decode", file});
        QCOMPARE(ran.status, 0);
        QCOMPARE(ran.err, QByteArray());
        const QJsonObject line = onlyLine(ran);
        QCOMPARE(line.keys(), (QStringList{"codes", "file"}));
        QCOMPARE(line["file"].toString(), file);
        QCOMPARE(line["codes"].toArray().size(), 1);
        const QJsonObject code = line["codes"].toArray()[0].toObject();
        QCOMPARE(code["format"].toString(), "QRCode");
        QCOMPARE(code["text"].toString().toUtf8(), m_event.signedCode(1));
        QCOMPARE(code["hex"].toString().toUtf8(), m_event.signedCode(1).toHex());
    }

    void everyPageOfADocumentIsRead()
    {
        const auto page = [&](const QByteArray &code) {
            return voelgoed::artwork::TicketArt{.event = "Practice evening",
                                                .lines = {},
                                                .type = "Adult",
                                                .seat = {},
                                                .holder = {},
                                                .code = code.toStdString(),
                                                .typed = {}};
        };
        const std::vector pages{page(m_event.signedCode(1)), page(m_event.foreignCode(2))};
        const QString file = writeFile(path("two.pdf"), bytesOf(*voelgoed::artwork::drawPdf(pages)));
        const Ran ran = gate({"decode", file});
        QCOMPARE(ran.status, 0);
        const QJsonArray codes = onlyLine(ran)["codes"].toArray();
        QCOMPARE(codes.size(), 2);
        QCOMPARE(codes[0]["page"].toInt(), 1);
        QCOMPARE(codes[0]["text"].toString().toUtf8(), m_event.signedCode(1));
        QCOMPARE(codes[1]["page"].toInt(), 2);
        QCOMPARE(codes[1]["text"].toString().toUtf8(), m_event.foreignCode(2));
    }

    void everyCodeInAPictureIsReported()
    {
        const cv::Mat one = qrCode("ticket one"), two = support::drawCode(BARCODE_CODE128, "TICKET2", 3);
        cv::Mat canvas(900, 900, CV_8U, cv::Scalar(255));
        canvas = support::placed(support::placed(canvas, one, {60, 60}), two, {60, 600});
        const Ran ran = gate({"decode", writeFile(path("both.png"), bytesOf(support::asPng(canvas)))});
        QCOMPARE(ran.status, 0);
        QSet<QString> texts;
        for (const QJsonValue &code : onlyLine(ran)["codes"].toArray())
            texts << code["format"].toString() + ":" + code["text"].toString();
        QCOMPARE(texts, (QSet<QString>{"QRCode:ticket one", "Code128:TICKET2"}));
    }

    void bytesComeThroughAsTheyAre()
    {
        QByteArray payload;
        for (int c = 0; c < 256; ++c)
            payload += static_cast<char>(c);
        const Ran ran = gate({"decode", writeFile(path("bytes.png"), bytesOf(support::asPng(qrCode(payload))))});
        QCOMPARE(ran.status, 0);
        QCOMPARE(onlyLine(ran)["codes"].toArray().first().toObject()["hex"].toString().toUtf8(), payload.toHex());
    }

    void nothingFoundIsNoFailure()
    {
        const cv::Mat blank(400, 600, CV_8U, cv::Scalar(200));
        const QString file = writeFile(path("blank.png"), bytesOf(support::asPng(blank)));
        const Ran ran = gate({"decode", file});
        QCOMPARE(ran.status, 0);
        QCOMPARE(onlyLine(ran), (QJsonObject{{"file", file}, {"codes", QJsonArray()}}));
    }

    void aFileThatCannotBeReadIsNamedAndTheRestGoesOn_data()
    {
        QTest::addColumn<QString>("bad");
        QTest::newRow("not there") << path("none.png");
        QTest::newRow("a folder") << m_folder.path();
        QTest::newRow("a device") << "/dev/zero";
        QTest::newRow("empty") << writeFile(path("empty.png"), {});
        QTest::newRow("a text") << writeFile(path("text.png"), "this is a text\n");
        QTest::newRow("one byte") << writeFile(path("byte.png"), "\x89");
        QTest::newRow("the beginning of a PNG") << writeFile(path("magic.png"), "\x89PNG\r\n\x1a\n");
        const QByteArray png = bytesOf(support::asPng(qrCode("a ticket")));
        QTest::newRow("half a PNG") << writeFile(path("half.png"), png.left(png.size() / 2));
        QByteArray jpeg = bytesOf(support::asJpeg(qrCode("a ticket")));
        QTest::newRow("a JPEG's head") << writeFile(path("head.jpg"), jpeg.left(100));
        const QByteArray webp = bytesOf(support::asWebp(qrCode("a ticket")));
        QTest::newRow("half a WebP") << writeFile(path("half.webp"), webp.left(webp.size() / 2));
        QTest::newRow("half a PDF") << writeFile(path("half.pdf"), "%PDF-1.7\n1 0 obj\n<<");
        for (const auto &[width, height] : {std::pair{60'000U, 60'000U}, std::pair{0x7FFFFFFFU, 0x7FFFFFFFU},
                                            std::pair{0xFFFFFFFFU, 1U}, std::pair{0U, 0U}, std::pair{20'001U, 1U}})
            QTest::addRow("a PNG of %u by %u", width, height) << writeFile(
                path(QString("%1x%2.png").arg(width).arg(height)), bytesOf(support::pngHeader(width, height)));
        QTest::newRow("a name with escape sequences") << writeFile(path("\x1b[2J\n\x1b[32mGO.png"), "text");
        QTest::newRow("a name that turns around") << writeFile(path(QString::fromUtf8("a\u202Egnp.exe")), "text");
    }
    void aFileThatCannotBeReadIsNamedAndTheRestGoesOn()
    {
        QFETCH(QString, bad);
        const Ran ran = gate({"decode", m_good, bad, m_good});
        QCOMPARE(ran.status, 1);
        const QByteArrayList lines = ran.out.chopped(1).split('\n');
        QCOMPARE(lines.size(), 3);
        for (const QByteArray &line : lines)
            QVERIFY2(base::parseJson(line.toStdString()), line);
        const QJsonObject failed = jsonOf(lines[1]);
        QCOMPARE(failed["file"].toString(), bad);
        QCOMPARE(failed["codes"].toArray().size(), 0);
        const std::string shown = base::printable(bad.toStdString(), 600);
        QVERIFY2(failed["error"].toString().toStdString().find(shown) != std::string::npos, lines[1]);
        for (const QByteArray &line : {lines[0], lines[2]})
            QCOMPARE(jsonOf(line)["codes"].toArray().size(), 1);
        QCOMPARE(ran.err.count('\n'), 1);
        QVERIFY2(ran.err.startsWith("error: " + QByteArray::fromStdString(shown)), ran.err);
    }

    void aNamedPipeHoldsNothingUp()
    {
        QCOMPARE(QProcess::execute("mkfifo", {path("pipe.png")}), 0);
        const Ran ran = gate({"decode", path("pipe.png"), m_good});
        QCOMPARE(ran.status, 1);
        QCOMPARE(ran.out.count("\"format\""), 1);
    }

    void manyFilesAreALineEachInTheirOrder()
    {
        QStringList files;
        for (std::uint32_t n = 1; n <= 30; ++n)
            files << (n % 5 == 0 ? path(QString("none-%1").arg(n))
                                 : writeFile(path(QString("%1.png").arg(n)),
                                             bytesOf(support::asPng(qrCode(m_event.foreignCode(n))))));
        const Ran ran = gate(QStringList{"decode"} + files);
        QCOMPARE(ran.status, 1);
        const QByteArrayList lines = ran.out.chopped(1).split('\n');
        QCOMPARE(lines.size(), files.size());
        for (qsizetype i = 0; i < lines.size(); ++i) {
            const QJsonObject line = jsonOf(lines[i]);
            QCOMPARE(line["file"].toString(), files[i]);
            if ((i + 1) % 5 != 0)
                QCOMPARE(line["codes"].toArray().first().toObject()["text"].toString().toUtf8(),
                         m_event.foreignCode(static_cast<std::uint32_t>(i) + 1));
        }
    }

private:
    QString path(const QString &name) const { return m_folder.filePath(name); }
    static QJsonObject onlyLine(const Ran &ran)
    {
        return ran.out.count('\n') == 1 && base::parseJson(ran.out.trimmed().toStdString()) ? jsonOf(ran.out)
                                                                                            : QJsonObject();
    }

    QTemporaryDir m_folder;
    PracticeBundle m_event{40};
    QString m_good;
};

QTEST_GUILESS_MAIN(DecodeVerbTest)
#include "decode_verb_test.moc"
