#include "device/hal/reader/reader_process.h"
#include "device/hal/reader/search.h"
#include "shared/artwork/qr_symbol.h"
#include "tests/bench/figure.h"

#define ZX_USE_UTF8 1
#include <ZXing/ReadBarcode.h>
#include <opencv2/imgproc.hpp>

#include <chrono>

namespace voelgoed::bench {

namespace {

using Clock = std::chrono::steady_clock;

double millis(Clock::time_point since)
{
    return std::chrono::duration<double, std::milli>(Clock::now() - since).count();
}

/// What a camera sees: something with edges everywhere, softly lit, a little noisy.
cv::Mat scenery()
{
    cv::Mat frame(720, 1280, CV_8U);
    cv::RNG random(11);
    random.fill(frame, cv::RNG::UNIFORM, 60, 200);
    cv::GaussianBlur(frame, frame, cv::Size(), 6);
    cv::normalize(frame, frame, 40, 220, cv::NORM_MINMAX);
    for (int i = 0; i < 60; ++i)
        cv::rectangle(
            frame,
            cv::Rect(random.uniform(0, 1200), random.uniform(0, 650), random.uniform(5, 80), random.uniform(5, 80)),
            cv::Scalar(random.uniform(20, 235)), i % 3 == 0 ? cv::FILLED : 2);
    cv::Mat noise(frame.size(), CV_8U);
    random.fill(noise, cv::RNG::UNIFORM, 0, 12);
    return frame + noise;
}

cv::Mat withCode(cv::Mat frame)
{
    const auto symbol = artwork::qrSymbol("T1" + std::string(120, '7'));
    constexpr int kModule = 8, kLeft = 450, kTop = 170;
    const int side = (static_cast<int>(symbol->width) + 8) * kModule;
    frame(cv::Rect(kLeft, kTop, side, side)) = cv::Scalar(235);
    for (std::size_t y = 0; y < symbol->width; ++y) {
        for (std::size_t x = 0; x < symbol->width; ++x) {
            if (symbol->isDark(x, y))
                frame(cv::Rect(kLeft + (static_cast<int>(x) + 4) * kModule, kTop + (static_cast<int>(y) + 4) * kModule,
                               kModule, kModule)) = cv::Scalar(25);
        }
    }
    return frame;
}

/// All retries, however long they take.
int foundBySearch(const cv::Mat &frame)
{
    int codes = 0;
    hal::search(frame, {.effort = hal::Effort::Live, .budget = std::chrono::seconds(5)},
                {.begins = [](int) {}, .found = [&](const hal::ReadCode &) { ++codes; }});
    return codes;
}

/// As a gate does it: the frame goes to the reader's process, the codes come back.
int foundByProcess(hal::BarcodeReader &reader, const cv::Mat &frame)
{
    const hal::GrayFrame copied{.pixels = reinterpret_cast<const std::byte *>(frame.data),
                                .width = frame.cols,
                                .height = frame.rows,
                                .stride = static_cast<int>(frame.step)};
    if (!reader.startFrame(copied))
        return -1;
    const auto reading = reader.wait();
    return reading ? static_cast<int>(reading->codes.size()) : -1;
}

int foundPlainly(const cv::Mat &frame)
{
    const ZXing::ImageView view(frame.data, frame.cols, frame.rows, ZXing::ImageFormat::Lum);
    return ZXing::ReadBarcode(view).isValid() ? 1 : 0;
}

/// The times of many runs, which must each find as many codes as there are.
class Runs
{
public:
    explicit Runs(int codes) : m_codes(codes) {}

    template <typename Find>
    void run(const Find &find)
    {
        const auto start = Clock::now();
        const int codes = find();
        m_times.push_back(millis(start));
        m_wrong += codes == m_codes ? 0 : 1;
    }

    double median() { return percentile(m_times, 0.5); }
    std::string wrong() const
    {
        return m_wrong == 0 ? "" : std::to_string(m_wrong) + " readings of another number of codes";
    }

private:
    int m_codes;
    int m_wrong = 0;
    std::vector<double> m_times;
};

} // namespace

std::vector<Figure> measureReader(const BenchSettings &settings)
{
    constexpr int kRuns = 40;
    hal::keepMemory(); // as the reader's process does
    const cv::Mat empty = scenery();
    const cv::Mat code = withCode(scenery());
    auto reader = hal::ReaderProcess::start({.program = settings.programs + "/voelgoed-reader"});
    if (!reader)
        return {failure("reader", reader.error().message)};
    Runs plain(1), processCode(1), searchCode(1), processEmpty(0), searchEmpty(0);
    for (int i = 0; i < kRuns; ++i) {
        plain.run([&] { return foundPlainly(code); });
        processCode.run([&] { return foundByProcess(**reader, code); });
        searchCode.run([&] { return foundBySearch(code); });
        processEmpty.run([&] { return foundByProcess(**reader, empty); });
        searchEmpty.run([&] { return foundBySearch(empty); });
    }
    return {{.name = "frame of 1280x720 with one upright QR code, p50",
             .value = processCode.median(),
             .unit = "ms",
             .baseline = plain.median(),
             .goal = 1.5,
             .note = "through the reader's process; baseline: plain ReadBarcode",
             .wrong = processCode.wrong() + plain.wrong()},
            {.name = "the same, the search alone, p50",
             .value = searchCode.median(),
             .unit = "ms",
             .baseline = plain.median(),
             .goal = 1.5,
             .wrong = searchCode.wrong()},
            {.name = "empty frame of 1280x720, p50",
             .value = processEmpty.median(),
             .unit = "ms",
             .goal = 80,
             .note = "through the reader's process",
             .wrong = processEmpty.wrong()},
            {.name = "the same, the search alone with all retries, p50",
             .value = searchEmpty.median(),
             .unit = "ms",
             .goal = 80,
             .note = "no time limit",
             .wrong = searchEmpty.wrong()}};
}

} // namespace voelgoed::bench
