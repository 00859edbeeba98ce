#pragma once

#include "device/core/hal/barcode_reader.h"
#include "device/hal/reader/message.h"
#include "device/hal/reader/reader_child.h"

#include <chrono>
#include <memory>
#include <string>

namespace voelgoed::hal {

/// Limits. Those of a file are of the reader's work (ReaderChild::workedSince), that of a frame is of time.
struct ReaderOptions
{
    std::string program;                                               ///< empty: voelgoed-reader beside this program
    std::chrono::milliseconds stillAttempt = std::chrono::seconds(4);  ///< one way of looking at a file
    std::chrono::milliseconds stillPage = std::chrono::seconds(15);    ///< a picture, or a page of a document
    std::chrono::milliseconds stillInVain = std::chrono::seconds(300); ///< pages of a document that had no code
    std::chrono::milliseconds liveWhole = std::chrono::milliseconds(250);
    int restartsMax = 12; ///< for one picture or page
};

/// Reads barcodes in a process of their own (voelgoed-reader), which is shut off from files, network and other
/// processes. A way of looking at a picture that ends that process, or takes too long, costs that way alone: the
/// process is started anew and goes on behind it, and what was found before then stays found. A page that cannot be
/// looked at to its end costs that page alone, and is said to be unread.
class ReaderProcess final : public BarcodeReader
{
public:
    static base::Result<std::unique_ptr<ReaderProcess>> start(const ReaderOptions &options = {});

    base::Result<void> start(PictureFile picture, int pagesDone) override;
    base::Result<void> startFrame(const GrayFrame &frame) override;
    int descriptor() const override { return m_child.socket(); }
    int waitMs() const override;
    std::optional<base::Result<Reading>> poll() override;
    std::optional<PagesRead> takePages() override;

    /// The process that reads, for tests that end it.
    int processId() const { return m_child.processId(); }

private:
    using Ended = std::optional<base::Result<Reading>>;

    explicit ReaderProcess(ReaderOptions options) : m_options(std::move(options)) {}

    base::Result<void> begin(const ReadRequest &request, std::string name);
    base::Result<void> send();
    /// The process is gone or has to go: the next one goes on behind the way that was under way.
    Ended goOn();
    Ended take(const Answer &answer);
    Ended take(const Opened &opened);
    Ended take(const PageDone &done);
    void add(const ReadCode &code);
    /// Goes to the next page.
    void turnPage();
    Ended end(base::Result<Reading> result);
    Ended endWithRest(const std::string &why);

    bool isLive() const { return m_request.effort == Effort::Live; }
    int page() const { return static_cast<int>(m_request.firstPage); }
    int pagesToRead() const { return std::min(m_work.pages, kPagesMax); }
    /// Of the limits; negative when one is passed.
    std::chrono::nanoseconds left() const;
    std::chrono::nanoseconds pageWork() const { return m_work.onPage + m_child.workedSince(m_work.pageBegan); }

    ReaderOptions m_options;
    ReaderChild m_child;
    std::optional<PictureFile> m_file;
    bool m_busy = false;
    ReadRequest m_request; ///< from the page that is under way
    std::string m_name;    ///< for messages
    Reading m_reading;

    /// How far the request has got.
    struct Work
    {
        bool opened = false; ///< it is known what it is
        bool document = false;
        int pages = 0;    ///< as the document says
        int openings = 0; ///< processes that ended while they opened it
        int restarts = 0; ///< on this page
        Begins last;      ///< the way that is under way
        ReaderChild::Mark wayBegan;
        ReaderChild::Mark pageBegan;
        std::chrono::nanoseconds onPage{0}; ///< of processes that ended on it
        std::chrono::nanoseconds inVain{0};
        std::size_t codesBefore = 0; ///< of the pages that are finished, in m_reading
        std::size_t codes = 0;       ///< of the whole document
        int pagesTaken = 0;
    } m_work;
    bool m_openedHere = false; ///< by the process that runs
};

} // namespace voelgoed::hal
