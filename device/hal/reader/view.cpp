#include "device/hal/reader/view.h"

#include <opencv2/imgproc.hpp>

#include <algorithm>
#include <array>
#include <cmath>

namespace voelgoed::hal {

namespace {

/// The grey that most of the picture's border has.
double borderGrey(const cv::Mat &pixels)
{
    std::vector<uchar> border;
    for (int x = 0; x < pixels.cols; ++x) {
        border.push_back(pixels.at<uchar>(0, x));
        border.push_back(pixels.at<uchar>(pixels.rows - 1, x));
    }
    for (int y = 0; y < pixels.rows; ++y) {
        border.push_back(pixels.at<uchar>(y, 0));
        border.push_back(pixels.at<uchar>(y, pixels.cols - 1));
    }
    const auto middle = border.begin() + static_cast<std::ptrdiff_t>(border.size() / 2);
    std::nth_element(border.begin(), middle, border.end());
    return *middle;
}

cv::Matx33d affine(const cv::Mat &two)
{
    cv::Matx33d three = cv::Matx33d::eye();
    for (int r = 0; r < 2; ++r) {
        for (int c = 0; c < 3; ++c)
            three(r, c) = two.at<double>(r, c);
    }
    return three;
}

} // namespace

cv::Point2d inSource(const View &view, cv::Point2d point)
{
    const cv::Vec3d at = view.toSource * cv::Vec3d(point.x, point.y, 1);
    return {at[0] / at[2], at[1] / at[2]};
}

cv::Mat resized(const cv::Mat &pixels, double factor)
{
    const auto size = [&](int side) { return std::max(1, static_cast<int>(std::lround(side * factor))); };
    cv::Mat result;
    cv::resize(pixels, result, cv::Size(size(pixels.cols), size(pixels.rows)), 0, 0,
               factor < 1 ? cv::INTER_AREA : cv::INTER_CUBIC);
    return result;
}

View scaled(const View &view, double factor)
{
    View result{.pixels = resized(view.pixels, factor)};
    const double across = static_cast<double>(view.pixels.cols) / result.pixels.cols,
                 down = static_cast<double>(view.pixels.rows) / result.pixels.rows;
    result.toSource = view.toSource * cv::Matx33d(across, 0, 0, 0, down, 0, 0, 0, 1);
    return result;
}

View rotated(const View &view, const Turn &turn)
{
    const double angle = turn.degrees * CV_PI / 180;
    const double width = view.pixels.cols, height = view.pixels.rows;
    const double c = std::abs(std::cos(angle)) * turn.scale, s = std::abs(std::sin(angle)) * turn.scale;
    const cv::Size canvas(static_cast<int>(std::ceil(width * c + height * s)),
                          static_cast<int>(std::ceil(width * s + height * c)));
    cv::Mat warp = cv::getRotationMatrix2D(cv::Point2d(width / 2, height / 2), turn.degrees, turn.scale);
    warp.at<double>(0, 2) += (canvas.width - width) / 2;
    warp.at<double>(1, 2) += (canvas.height - height) / 2;
    View result;
    cv::warpAffine(view.pixels, result.pixels, warp, canvas, cv::INTER_CUBIC, cv::BORDER_CONSTANT,
                   cv::Scalar(borderGrey(view.pixels)));
    result.toSource = view.toSource * affine(warp).inv();
    return result;
}

View mirrored(const View &view)
{
    View result;
    cv::flip(view.pixels, result.pixels, 1);
    result.toSource = view.toSource * cv::Matx33d(-1, 0, view.pixels.cols - 1, 0, 1, 0, 0, 0, 1);
    return result;
}

View inverted(const View &view)
{
    View result{.pixels = {}, .toSource = view.toSource};
    cv::bitwise_not(view.pixels, result.pixels);
    return result;
}

View padded(const View &view, int margin)
{
    View result;
    cv::copyMakeBorder(view.pixels, result.pixels, margin, margin, margin, margin, cv::BORDER_CONSTANT,
                       cv::Scalar(255));
    result.toSource = view.toSource * cv::Matx33d(1, 0, -margin, 0, 1, -margin, 0, 0, 1);
    return result;
}

View framed(const View &view)
{
    constexpr int kLeast = 3; // light pixels of a row or column; fewer are noise
    cv::Mat light, byRow, byColumn;
    cv::threshold(view.pixels, light, 0, 1, cv::THRESH_BINARY | cv::THRESH_OTSU);
    cv::reduce(light, byRow, 1, cv::REDUCE_SUM, CV_32S);
    cv::reduce(light, byColumn, 0, cv::REDUCE_SUM, CV_32S);
    const auto range = [](const cv::Mat &sums) {
        int first = 0, last = static_cast<int>(sums.total()) - 1;
        while (first < last && sums.at<int>(first) < kLeast)
            ++first;
        while (last > first && sums.at<int>(last) < kLeast)
            --last;
        return cv::Range(first, last + 1);
    };
    const cv::Range rows = range(byRow), columns = range(byColumn);
    View result;
    result.pixels = view.pixels(rows, columns).clone();
    result.toSource = view.toSource * cv::Matx33d(1, 0, columns.start, 0, 1, rows.start, 0, 0, 1);
    return result;
}

View framed(const View &view, const Edges &lost)
{
    constexpr double kModule = 0.2; // of the runs of dark or light in a matrix code are at most so long
    View frame = framed(view);
    cv::Mat light;
    cv::threshold(frame.pixels, light, 0, 1, cv::THRESH_BINARY | cv::THRESH_OTSU);
    std::vector<int> lengths;
    for (int y = 0; y < light.rows; ++y) {
        for (int x = 0, from = 0; x <= light.cols; ++x) {
            if (x == light.cols || light.at<uchar>(y, x) != light.at<uchar>(y, from)) {
                lengths.push_back(x - from);
                from = x;
            }
        }
    }
    const auto shortest = lengths.begin() + static_cast<std::ptrdiff_t>(kModule * static_cast<double>(lengths.size()));
    std::nth_element(lengths.begin(), shortest, lengths.end());
    // Those of one module vary a little where the picture is not sharp.
    const double limit = 1.6 * *shortest;
    double sum = 0;
    int count = 0;
    for (const int length : lengths) {
        sum += length < limit ? length : 0;
        count += length < limit ? 1 : 0;
    }
    const double module = std::min(sum / count, std::max(light.cols, light.rows) / 8.0);
    const auto pixels = [&](int modules) { return static_cast<int>(std::lround(modules * module)); };
    double darkest = 0;
    cv::minMaxLoc(frame.pixels, &darkest, nullptr);
    View result;
    cv::copyMakeBorder(frame.pixels, result.pixels, pixels(lost.top), pixels(lost.bottom), pixels(lost.left),
                       pixels(lost.right), cv::BORDER_CONSTANT, cv::Scalar(darkest));
    result.toSource = frame.toSource * cv::Matx33d(1, 0, -pixels(lost.left), 0, 1, -pixels(lost.top), 0, 0, 1);
    return result;
}

View rectified(const View &view, const Quad &quad, cv::Size size, Fineness fineness)
{
    const auto margin = static_cast<float>(std::max(12, std::min(size.width, size.height) / 10));
    const auto right = static_cast<float>(size.width) + margin, bottom = static_cast<float>(size.height) + margin;
    const std::array<cv::Point2f, 4> target{
        cv::Point2f(margin, margin), {right, margin}, {right, bottom}, {margin, bottom}};
    const cv::Mat warp = cv::getPerspectiveTransform(quad.data(), target.data());
    View result;
    const cv::Size canvas(static_cast<int>(right + margin), static_cast<int>(bottom + margin));
    cv::warpPerspective(view.pixels, result.pixels, warp, canvas,
                        fineness == Fineness::Fine ? cv::INTER_CUBIC : cv::INTER_LINEAR, cv::BORDER_REPLICATE);
    result.toSource = view.toSource * cv::Matx33d(warp).inv();
    return result;
}

View levelled(const View &view, int window, Fineness fineness)
{
    const int size = window | 1;
    const cv::Mat kernel = cv::getStructuringElement(cv::MORPH_RECT, cv::Size(3, 3));
    // Local darkest and lightest, on a small copy: the light changes slowly.
    const double shrink = std::min(1.0, (fineness == Fineness::Fine ? 64.0 : 24.0) / size);
    cv::Mat small, low, high;
    cv::GaussianBlur(view.pixels, small, cv::Size(), 0.7);
    small = resized(small, shrink);
    const int smallWindow = std::max(3, static_cast<int>(size * shrink)) | 1;
    const cv::Mat area = cv::getStructuringElement(cv::MORPH_RECT, cv::Size(smallWindow, smallWindow));
    cv::erode(small, low, area);
    cv::dilate(small, high, area);
    cv::blur(low, low, cv::Size(smallWindow, smallWindow));
    cv::blur(high, high, cv::Size(smallWindow, smallWindow));
    cv::resize(low, low, view.pixels.size(), 0, 0, cv::INTER_LINEAR);
    cv::resize(high, high, view.pixels.size(), 0, 0, cv::INTER_LINEAR);
    cv::Mat top, bottom, range;
    cv::subtract(view.pixels, low, top, cv::noArray(), CV_32F);
    cv::subtract(high, low, bottom, cv::noArray(), CV_32F);
    cv::max(bottom, 12.0, bottom);
    cv::divide(top, bottom, range, 255.0);
    View result{.pixels = {}, .toSource = view.toSource};
    range.convertTo(result.pixels, CV_8U);
    return result;
}

View sharpened(const View &view, double sigma, double amount)
{
    View result{.pixels = {}, .toSource = view.toSource};
    cv::Mat soft;
    cv::GaussianBlur(view.pixels, soft, cv::Size(), sigma);
    cv::addWeighted(view.pixels, 1 + amount, soft, -amount, 0, result.pixels);
    return result;
}

View softened(const View &view, double sigma)
{
    View result{.pixels = {}, .toSource = view.toSource};
    cv::GaussianBlur(view.pixels, result.pixels, cv::Size(), sigma);
    return result;
}

View calmed(const View &view, int size)
{
    View result{.pixels = {}, .toSource = view.toSource};
    cv::medianBlur(view.pixels, result.pixels, size);
    return result;
}

std::vector<double> edgeAngles(const cv::Mat &pixels, std::size_t most)
{
    cv::Mat small;
    cv::GaussianBlur(resized(pixels, std::min(1.0, 500.0 / std::max(pixels.cols, pixels.rows))), small, cv::Size(),
                     1.0);
    cv::Mat dx, dy, weights, angles;
    cv::Scharr(small, dx, CV_32F, 1, 0);
    cv::Scharr(small, dy, CV_32F, 0, 1);
    cv::cartToPolar(dx, dy, weights, angles, true); // 0 to 360 degrees
    constexpr int kBins = 180;                      // half a degree each, a quarter of a turn
    std::array<double, kBins> histogram{};
    for (int y = 1; y < small.rows - 1; ++y) {
        const auto *weight = weights.ptr<float>(y), *angle = angles.ptr<float>(y);
        for (int x = 1; x < small.cols - 1; ++x) {
            if (weight[x] >= 60)
                histogram[static_cast<std::size_t>(angle[x] * 2) % kBins] += weight[x];
        }
    }
    std::array<double, kBins> smooth{};
    for (int i = 0; i < kBins; ++i) {
        for (int k = -3; k <= 3; ++k)
            smooth[static_cast<std::size_t>(i)] +=
                histogram[static_cast<std::size_t>((i + k + kBins) % kBins)] * (4 - std::abs(k));
    }
    std::vector<std::pair<double, double>> peaks;
    for (int i = 0; i < kBins; ++i) {
        const double here = smooth[static_cast<std::size_t>(i)];
        bool highest = here > 0;
        for (int k = -10; k <= 10 && highest; ++k)
            highest = k == 0 || here > smooth[static_cast<std::size_t>((i + k + kBins) % kBins)] ||
                      (here == smooth[static_cast<std::size_t>((i + k + kBins) % kBins)] && k > 0);
        if (highest)
            peaks.emplace_back(here, (i + 0.5) / 2);
    }
    std::sort(peaks.rbegin(), peaks.rend());
    std::vector<double> strongest;
    for (const auto &[weight, angle] : peaks) {
        if (strongest.size() < most && weight > peaks.front().first * 0.15)
            strongest.push_back(angle);
    }
    return strongest;
}

} // namespace voelgoed::hal
