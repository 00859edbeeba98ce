#include "device/hal/reader/reader_process.h"
#include "tests/support/pdf_files.h"
#include "tests/support/places.h"

#include <QElapsedTimer>
#include <QTemporaryDir>
#include <QtTest/QtTest>

#include <fstream>

#include <poll.h>

using namespace voelgoed;
using namespace voelgoed::support;
using namespace std::chrono_literals;

namespace {

std::string codeOf(int page)
{
    return "TICKET-OF-PAGE-" + std::to_string(page);
}

/// Pages from 1, each with its code.
std::vector<PdfPage> pagesWithCodes(int pages)
{
    std::vector<PdfPage> all;
    for (int page = 1; page <= pages; ++page)
        all.push_back(pageWithCode(codeOf(page)));
    return all;
}

std::vector<int> pagesOf(const std::vector<hal::ReadCode> &codes)
{
    std::vector<int> pages;
    for (const hal::ReadCode &code : codes) {
        if (base::textOf(code.content) == codeOf(code.page))
            pages.push_back(code.page);
    }
    return pages;
}

using Ranges = std::vector<hal::PageRange>;

} // namespace

/// Documents of many pages, and of pages that nobody can render.
class DocumentTest : public QObject
{
    Q_OBJECT

private slots:
    void everyPageOfALongDocumentIsRead()
    {
        constexpr int kPages = 70;
        const auto reading = read(pdfOf(pagesWithCodes(kPages)));
        QVERIFY2(static_cast<bool>(reading), reading ? "" : reading.error().message.c_str());
        QCOMPARE(pagesOf(reading->codes).size(), std::size_t{kPages});
        QVERIFY(std::is_sorted(reading->codes.begin(), reading->codes.end(),
                               [](const auto &a, const auto &b) { return a.page < b.page; }));
        QVERIFY(reading->unread.empty());
        QCOMPARE(reading->shortfall, std::string());
    }

    void pagesComeWhileOthersAreRead()
    {
        constexpr int kPages = 12;
        auto reader = start();
        QVERIFY(reader->start(file(pdfOf(pagesWithCodes(kPages))), 0));
        std::vector<int> pages;
        int portions = 0;
        for (;;) {
            auto ended = reader->poll();
            if (ended) {
                QVERIFY(*ended);
                const auto rest = pagesOf((*ended)->codes);
                pages.insert(pages.end(), rest.begin(), rest.end());
                break;
            }
            if (const auto some = reader->takePages()) {
                ++portions;
                for (const int page : pagesOf(some->codes)) {
                    QVERIFY(page <= some->pages);
                    pages.push_back(page);
                }
                QCOMPARE(int(pages.size()), some->pages);
            }
            pollfd waiting{.fd = reader->descriptor(), .events = POLLIN, .revents = 0};
            ::poll(&waiting, 1, reader->waitMs());
        }
        QCOMPARE(pages.size(), std::size_t{kPages});
        QVERIFY(portions > 1);
        QVERIFY(std::is_sorted(pages.begin(), pages.end()));
    }

    void aDocumentGoesOnWhereItWasLeft()
    {
        auto reader = start();
        for (const auto &[done, left] : {std::pair{3, 2}, std::pair{5, 0}, std::pair{900, 0}}) {
            QVERIFY(reader->start(file(pdfOf(pagesWithCodes(5))), done));
            const auto reading = reader->wait();
            QVERIFY(reading);
            QCOMPARE(int(reading->codes.size()), left);
            QVERIFY(left == 0 || reading->codes[0].page == done + 1);
            QCOMPARE(reading->shortfall, std::string());
        }
    }

    void aPageThatHasNoEndCostsThatPageAlone()
    {
        std::vector<PdfPage> pages = pagesWithCodes(4);
        pages[1] = endlessPage();
        auto reader = start({.stillAttempt = 1'000ms});
        QElapsedTimer timer;
        timer.start();
        const auto reading = read(*reader, pdfOf(pages));
        QVERIFY2(static_cast<bool>(reading), reading ? "" : reading.error().message.c_str());
        QCOMPARE(pagesOf(reading->codes), (std::vector{1, 3, 4}));
        QCOMPARE(reading->unread, (Ranges{{2, 2}}));
        QVERIFY2(reading->shortfall.find("pages 2 of 4") != std::string::npos, reading->shortfall.c_str());
        QVERIFY2(timer.elapsed() < 60'000, "bounded");
    }

    void pagesBeyondTheLimitAreSaidToBeUnread()
    {
        std::vector<PdfPage> pages(1'003);
        pages[999] = pageWithCode(codeOf(1'000));
        pages[1'000] = pageWithCode(codeOf(1'001));
        auto reader = start();
        QVERIFY(reader->start(file(pdfOf(pages)), 998));
        const auto reading = reader->wait();
        QVERIFY(reading);
        QCOMPARE(pagesOf(reading->codes), std::vector{1'000});
        QCOMPARE(reading->unread, (Ranges{{1'001, 1'003}}));
        QCOMPARE(reading->shortfall, std::string("pages 1001-1003 of 1003 were not read: at most 1000 pages are read"));
    }

    void aDocumentThatHasFewerPagesThanItSaysIsNone()
    {
        const auto reading = read(pdfThatClaims(99'999, pageWithCode(codeOf(1))));
        QVERIFY(!reading);
        QVERIFY(reading.error().message.find("pages") != std::string::npos);
    }

    void aDocumentWithoutCodesIsGivenUpAfterAWhile()
    {
        std::vector<PdfPage> pages = pagesWithCodes(3);
        pages.insert(pages.end(), 40, "0 0 m 50 50 l S\n");
        auto reader = start({.stillInVain = 1'000ms});
        const auto reading = read(*reader, pdfOf(pages));
        QVERIFY(reading);
        QCOMPARE(pagesOf(reading->codes), (std::vector{1, 2, 3}));
        QCOMPARE(reading->unread.size(), std::size_t{1});
        QVERIFY(reading->unread[0].first > 4 && reading->unread[0].last == 43);
        QVERIFY(!reading->shortfall.empty());
        QCOMPARE(read(*reader, pdfOf(pagesWithCodes(1)))->codes.size(), std::size_t{1});
    }

    void contentThatInflatesIsBounded()
    {
        QElapsedTimer timer;
        timer.start();
        const auto reading = read(pdfOfInflatedPage({.bytes = 200 << 20}));
        QVERIFY2(timer.elapsed() < 120'000, "bounded");
        QVERIFY(!reading || reading->codes.empty());
        QVERIFY(!reading || !reading->shortfall.empty());
        QCOMPARE(read(pdfOf(pagesWithCodes(1)))->codes.size(), std::size_t{1});
    }

private:
    static std::unique_ptr<hal::ReaderProcess> start(hal::ReaderOptions options = {})
    {
        options.program = std::string(test::programFolder()) + "/voelgoed-reader";
        auto reader = hal::ReaderProcess::start(options);
        return reader ? std::move(*reader) : nullptr;
    }
    hal::PictureFile file(const std::string &bytes) const
    {
        const std::string path = m_folder.filePath("document.pdf").toStdString();
        std::ofstream(path, std::ios::binary) << bytes;
        auto picture = hal::PictureFile::read(path);
        return std::move(*picture);
    }
    base::Result<hal::Reading> read(hal::ReaderProcess &reader, const std::string &bytes) const
    {
        if (auto started = reader.start(file(bytes), 0); !started)
            return started.error();
        return reader.wait();
    }
    base::Result<hal::Reading> read(const std::string &bytes) const
    {
        const auto reader = start();
        return read(*reader, bytes);
    }

    QTemporaryDir m_folder;
};

QTEST_APPLESS_MAIN(DocumentTest)
#include "document_test.moc"
