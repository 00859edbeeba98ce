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
        cv::rectangle(frame, cv::Rect(random.uniform(0, 1200), random.uniform(0, 650), random.uniform(5, 80), random.uniform(5, 80)),
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

int found(const cv::Mat &frame)
{
    int codes = 0;
    hal::search(frame, {.effort = hal::Effort::Live, .budget = std::chrono::seconds(5)},
                {.begins = [](int) {}, .found = [&](const hal::ReadCode &) { ++codes; }});
    return codes;
}

} // namespace

std::vector<Figure> measureReader()
{
    constexpr int kRuns = 40;
    const cv::Mat empty = scenery();
    const cv::Mat code = withCode(scenery());
    std::vector<double> ours, plain, nothing;
    int read = 0, plainRead = 0, ghosts = 0;
    for (int i = 0; i < kRuns; ++i) {
        auto start = Clock::now();
        read += found(code);
        ours.push_back(millis(start));
        start = Clock::now();
        const ZXing::ImageView view(code.data, code.cols, code.rows, ZXing::ImageFormat::Lum);
        plainRead += ZXing::ReadBarcode(view).isValid();
        plain.push_back(millis(start));
        start = Clock::now();
        ghosts += found(empty);
        nothing.push_back(millis(start));
    }
    const bool right = read == kRuns && plainRead == kRuns && ghosts == 0;
    return {{.name = "frame of 1280x720 with one upright QR code, p50", .value = percentile(ours, 0.5), .unit = "ms",
             .baseline = percentile(plain, 0.5), .goal = 1.5, .note = right ? "baseline: plain ReadBarcode" : "WRONG READING"},
            {.name = "empty frame of 1280x720 with all retries, p50", .value = percentile(nothing, 0.5), .unit = "ms", .goal = 80}};
}

} // namespace voelgoed::bench
