#include "server/slices/ticketing/import/encoding.h"

#include "tests/server/slices/ticketing/import/list_files.h"

#include <QtTest/QtTest>

#include <sys/mman.h>

using namespace voelgoed;
using namespace voelgoed::ticketing::import;

namespace {

const std::string kText = "name,code\nZoë Müller – Gast,VG-1\n";

QByteArray bytes(const std::string &text)
{
    return QByteArray::fromStdString(text);
}

} // namespace

class EncodingTest : public QObject
{
    Q_OBJECT

private slots:
    void eachEncodingGivesTheSameText_data()
    {
        QTest::addColumn<QByteArray>("file");
        QTest::addColumn<QString>("name");
        QTest::addColumn<bool>("marked");
        QTest::newRow("UTF-8") << bytes(kText) << "UTF-8" << false;
        QTest::newRow("UTF-8, marked") << bytes("\xEF\xBB\xBF" + kText) << "UTF-8" << true;
        QTest::newRow("UTF-16LE") << bytes(asUtf16(kText, Encoding::Utf16Le)) << "UTF-16LE" << false;
        QTest::newRow("UTF-16LE, marked")
            << bytes("\xFF\xFE" + asUtf16(kText, Encoding::Utf16Le)) << "UTF-16LE" << true;
        QTest::newRow("UTF-16BE") << bytes(asUtf16(kText, Encoding::Utf16Be)) << "UTF-16BE" << false;
        QTest::newRow("UTF-16BE, marked")
            << bytes("\xFE\xFF" + asUtf16(kText, Encoding::Utf16Be)) << "UTF-16BE" << true;
        QTest::newRow("Windows-1252") << bytes(asWindows1252(kText)) << "Windows-1252" << false;
    }
    void eachEncodingGivesTheSameText()
    {
        QFETCH(QByteArray, file);
        QFETCH(QString, name);
        QFETCH(bool, marked);
        const std::string file8 = file.toStdString();
        const auto text = decode(file8);
        QVERIFY2(text, text ? "" : text.error().message.c_str());
        QCOMPARE(bytes(std::string(text->view())), bytes(kText));
        QCOMPARE(QString::fromStdString(std::string(nameOf(text->encoding))), name);
        QCOMPARE(text->mark == ByteOrderMark::Present, marked);
    }

    void whatIsSpoiltIsNamedWithItsPlace_data()
    {
        QTest::addColumn<QByteArray>("file");
        QTest::addColumn<QString>("message");
        const auto row = [](const char *name, const std::string &file, const char *message) {
            QTest::newRow(name) << bytes(file) << message;
        };
        using namespace std::string_literals;
        row("NUL in UTF-8", "name,code\nGuest\0,1\n"s, "line 2, character 6: a NUL");
        row("NUL in Windows-1252", "name,code\nZo\xEB\0,1\n"s, "line 2, character 4: a NUL");
        row("NUL in UTF-16", "\xFF\xFE" + asUtf16("a,b\r\nc"s + "\0"s + ",d\n", Encoding::Utf16Le),
            "line 2, character 2: a NUL");
        row("mark in the middle of UTF-8", "name,code\nGuest,1\n\xEF\xBB\xBFname,code\n",
            "line 3, character 1: a byte order mark in the middle of the file");
        row("mark in the middle of UTF-16", "\xFE\xFF" + asUtf16("a,b\n\xEF\xBB\xBF", Encoding::Utf16Be),
            "line 2, character 1: a byte order mark in the middle of the file");
        row("first half of a pair", "\xFF\xFE"s + asUtf16("a,b\n1", Encoding::Utf16Le) + "\x3D\xD8x\0"s,
            "line 2, character 2: half of a surrogate pair (U+D83D)");
        row("second half of a pair", "\xFF\xFE"s + asUtf16("a,b\n", Encoding::Utf16Le) + "\x3D\xDC"s,
            "line 2, character 1: half of a surrogate pair (U+DC3D)");
        row("half a pair at the end", "\xFF\xFE"s + asUtf16("a,b\n", Encoding::Utf16Le) + "\x3D\xD8"s,
            "line 2, character 1: half of a surrogate pair (U+D83D)");
        row("UTF-16 cut off", "\xFF\xFE"s + asUtf16("a,b\n", Encoding::Utf16Le) + "c"s,
            "line 2, character 1: the file ends in the middle of a character");
        row("UTF-8 cut off", "name\nZoë Zoë Zo\xC3",
            "line 2, character 11: the file ends in the middle of a character");
        row("a marked UTF-8 file with a byte of another encoding", "\xEF\xBB\xBFname\rZo\xEB,1\r",
            "line 2, character 3: byte 0xEB is not UTF-8");
        row("UTF-8 with a byte of another encoding", "Zoë,Zoë\r\nZo\xEB,1\r\n",
            "line 2, character 3: byte 0xEB in a file that is UTF-8 otherwise");
        row("surrogate in UTF-8", "Zoë\nZoë\n\xED\xA0\x80 Zoë é é\n",
            "line 3, character 1: byte 0xED in a file that is UTF-8 otherwise");
        for (const char byte : {'\x81', '\x8D', '\x8F', '\x90', '\x9D'}) {
            const QString name = "0x" + QString::number(static_cast<unsigned char>(byte), 16).toUpper();
            QTest::newRow(qPrintable(name))
                << bytes("name\nZo\xEB,"s + byte)
                << "line 2, character 5: byte " + name + " is neither UTF-8 nor Windows-1252";
        }
        row("UTF-32", "\xFF\xFE\0\0a\0\0\0"s, "the file is UTF-32");
    }
    void whatIsSpoiltIsNamedWithItsPlace()
    {
        QFETCH(QByteArray, file);
        QFETCH(QString, message);
        const std::string file8 = file.toStdString();
        const auto text = decode(file8);
        QVERIFY(!text);
        QCOMPARE(problemOf(text.error()), message);
        QVERIFY(!text.error().hint.empty());
    }

    void allOfWindows1252IsKnownButFiveBytes()
    {
        // "é" alone would do: a file of one encoding may hold every byte that is defined.
        std::size_t refused = 0;
        for (int value = 0x80; value <= 0xFF; ++value) {
            const std::string file = std::string("x") + static_cast<char>(value) + "\n";
            const auto text = decode(file);
            refused += !text;
            if (text)
                QCOMPARE(text->encoding, Encoding::Windows1252);
        }
        QCOMPARE(refused, std::size_t{5});
    }

    void aGivenEncodingIsBelieved()
    {
        const std::string mixed = "Zo\xC3\xAB"; // two characters of Windows-1252
        const auto text = decode(mixed, Encoding::Windows1252);
        QVERIFY(text);
        QCOMPARE(bytes(std::string(text->view())), bytes("ZoÃ«"));
        QVERIFY(!decode("Zo\xEB", Encoding::Utf8));
        QVERIFY(!decode("\xEF\xBB\xBFname", Encoding::Utf16Le));
    }

    void namesOfEncodingsAreReadAsPeopleWriteThem()
    {
        QCOMPARE(*encodingNamed("utf8"), Encoding::Utf8);
        QCOMPARE(*encodingNamed("UTF-16 LE"), Encoding::Utf16Le);
        QCOMPARE(*encodingNamed("cp1252"), Encoding::Windows1252);
        QCOMPARE(*encodingNamed("Latin-1"), Encoding::Windows1252);
        QVERIFY(!encodingNamed("ebcdic"));
    }

    void plainTextIsBorrowedAndNotCopied()
    {
        const std::string file(100'000, 'a');
        const auto text = decode(file);
        QVERIFY(text);
        QCOMPARE(static_cast<const void *>(text->view().data()), static_cast<const void *>(file.data()));
    }

    void aFileTooLongIsRefusedUnread()
    {
        // Pages that nobody touches cost nothing.
        void *const pages = mmap(nullptr, kFileMax + 1, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        QVERIFY(pages != MAP_FAILED);
        const auto text = decode(std::string_view(static_cast<const char *>(pages), kFileMax + 1));
        munmap(pages, kFileMax + 1);
        QVERIFY(!text);
        QCOMPARE(problemOf(text.error()), QString("the file is longer than 536,870,912 bytes"));
    }

    void everyCharacterSurvivesUtf16()
    {
        std::string all;
        for (std::uint32_t value = 0x20; value <= 0x10FFFF; value += value < 0x3000 ? 1 : 37) {
            if ((value < 0xD800 || value > 0xDFFF) && value != 0xFEFF)
                appendUtf8(all, value);
        }
        for (const Encoding encoding : {Encoding::Utf16Le, Encoding::Utf16Be}) {
            const std::string file = asUtf16("\xEF\xBB\xBF" + all, encoding);
            const auto text = decode(file);
            QVERIFY(text);
            QVERIFY(text->view() == all);
        }
    }
};

QTEST_APPLESS_MAIN(EncodingTest)
#include "encoding_test.moc"
