#include "device/hal/reader/restore.h"

#include <opencv2/imgproc.hpp>

#include <cmath>

namespace voelgoed::hal {

namespace {

/// What a Gaussian leaves of each frequency of one axis: exp(-2π²σ²f²).
std::vector<double> fall(int size, double sigma)
{
    std::vector<double> values(static_cast<std::size_t>(size));
    for (int i = 0; i < size; ++i) {
        const double frequency = static_cast<double>(std::min(i, size - i)) / size;
        values[static_cast<std::size_t>(i)] = std::exp(-2 * CV_PI * CV_PI * sigma * sigma * frequency * frequency);
    }
    return values;
}

cv::Mat filtered(const cv::Mat &padded, const Blur &blur)
{
    cv::Mat spectrum;
    cv::dft(padded, spectrum, cv::DFT_COMPLEX_OUTPUT);
    const std::vector<double> down = fall(spectrum.rows, padded.rows > 1 ? blur.sigma : 0);
    const std::vector<double> along = fall(spectrum.cols, blur.sigma);
    for (int y = 0; y < spectrum.rows; ++y) {
        auto *line = spectrum.ptr<cv::Vec2f>(y);
        for (int x = 0; x < spectrum.cols; ++x) {
            const double h = down[static_cast<std::size_t>(y)] * along[static_cast<std::size_t>(x)];
            line[x] *= static_cast<float>(h * (1 + blur.noise) / (h * h + blur.noise));
        }
    }
    cv::Mat result;
    cv::dft(spectrum, result, cv::DFT_INVERSE | cv::DFT_SCALE | cv::DFT_REAL_OUTPUT);
    return result;
}

} // namespace

View restored(const View &view, const Blur &blur)
{
    const int margin = static_cast<int>(std::ceil(4 * blur.sigma)) + 4;
    const cv::Mat &pixels = view.pixels;
    const int width = cv::getOptimalDFTSize(pixels.cols + 2 * margin),
              height = cv::getOptimalDFTSize(pixels.rows + 2 * margin);
    cv::Mat padded;
    cv::copyMakeBorder(pixels, padded, margin, height - pixels.rows - margin, margin, width - pixels.cols - margin,
                       cv::BORDER_REFLECT_101);
    padded.convertTo(padded, CV_32F);
    View result{.pixels = {}, .toSource = view.toSource};
    filtered(padded, blur)(cv::Rect(margin, margin, pixels.cols, pixels.rows)).convertTo(result.pixels, CV_8U);
    return result;
}

cv::Mat restoredRow(const cv::Mat &row, const Blur &blur)
{
    const int margin = static_cast<int>(std::ceil(4 * blur.sigma)) + 8;
    const int width = cv::getOptimalDFTSize(row.cols + 2 * margin);
    cv::Mat padded;
    cv::copyMakeBorder(row, padded, 0, 0, margin, width - row.cols - margin, cv::BORDER_REPLICATE);
    return filtered(padded, blur).colRange(margin, margin + row.cols).clone();
}

} // namespace voelgoed::hal
