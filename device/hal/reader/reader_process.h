#pragma once

#include "device/core/hal/barcode_reader.h"
#include "device/hal/reader/message.h"

#include <chrono>
#include <memory>
#include <string>

namespace voelgoed::hal {

struct ReaderOptions
{
    std::string program;                                              ///< empty: voelgoed-reader beside this program
    std::chrono::milliseconds stillAttempt = std::chrono::seconds(4); ///< one way of looking at a file
    std::chrono::milliseconds stillWhole = std::chrono::seconds(60);
    std::chrono::milliseconds liveWhole = std::chrono::milliseconds(250);
    int restartsMax = 12; ///< for one picture
};

/// Reads barcodes in a process of their own (voelgoed-reader), which is shut off from files, network and other
/// processes. A way of looking at a picture that ends that process, or takes too long, costs that way alone: the
/// process is started anew and goes on behind it, and what was found before then stays found.
class ReaderProcess final : public BarcodeReader
{
public:
    static base::Result<std::unique_ptr<ReaderProcess>> start(const ReaderOptions &options = {});
    ~ReaderProcess() override;

    base::Result<void> startFile(const std::string &path) override;
    base::Result<void> startFrame(const GrayFrame &frame) override;
    int descriptor() const override { return m_socket; }
    int waitMs() const override;
    std::optional<base::Result<Reading>> poll() override;

    /// The process that reads, for tests that end it.
    int processId() const { return m_process; }

private:
    using Time = std::chrono::steady_clock::time_point;

    explicit ReaderProcess(ReaderOptions options) : m_options(std::move(options)) {}

    base::Result<void> spawn();
    void kill();
    base::Result<void> send();
    /// The process is gone or has to go: the next one goes on behind the way that was under way.
    std::optional<base::Result<Reading>> goOn();
    std::optional<base::Result<Reading>> take(const Answer &answer);
    base::Result<Reading> finish();
    void closePicture();

    ReaderOptions m_options;
    int m_socket = -1;
    int m_process = -1;
    int m_picture = -1;
    bool m_documents = false; ///< the process that runs can render documents
    bool m_needsDocuments = false;
    bool m_busy = false;
    int m_openings = 0; ///< readers that ended while they opened this picture
    ReadRequest m_request;
    Begins m_last; ///< the way that is under way
    Time m_wayDeadline;
    Time m_wholeDeadline;
    Reading m_reading;
    std::string m_name; ///< of the picture, for messages
};

} // namespace voelgoed::hal
