#include "device/hal/reader/colours.h"

#include "device/hal/reader/view.h"

#include <opencv2/imgproc.hpp>

#include <algorithm>

namespace voelgoed::hal {

namespace {

const cv::Vec3d kLightness{0.114, 0.587, 0.299}; ///< of blue, green, red

cv::Mat onGround(const cv::Mat &colours, int ground)
{
    cv::Mat result(colours.size(), CV_8UC3);
    for (int y = 0; y < colours.rows; ++y) {
        const auto *from = colours.ptr<cv::Vec4b>(y);
        auto *to = result.ptr<cv::Vec3b>(y);
        for (int x = 0; x < colours.cols; ++x) {
            for (int i = 0; i < 3; ++i)
                to[x][i] = static_cast<uchar>((from[x][i] * from[x][3] + ground * (255 - from[x][3])) / 255);
        }
    }
    return result;
}

/// How the colours of neighbouring pixels differ: the sums of the products of their differences.
cv::Matx33d differences(const cv::Mat &colours)
{
    const int step = std::max(1, std::max(colours.cols, colours.rows) / 1'000);
    cv::Matx33d sums = cv::Matx33d::zeros();
    for (int y = 1; y < colours.rows; y += step) {
        const auto *row = colours.ptr<cv::Vec3b>(y), *above = colours.ptr<cv::Vec3b>(y - 1);
        for (int x = 1; x < colours.cols; x += step) {
            for (const cv::Vec3b &other : {row[x - 1], above[x]}) {
                const cv::Vec3d d = cv::Vec3d(row[x]) - cv::Vec3d(other);
                for (int i = 0; i < 3; ++i) {
                    for (int k = 0; k < 3; ++k)
                        sums(i, k) += d[i] * d[k];
                }
            }
        }
    }
    return sums;
}

double edges(const cv::Mat &colours)
{
    return cv::trace(differences(colours));
}

cv::Mat opaque(const cv::Mat &colours)
{
    double leastOpaque = 255;
    cv::Mat opacity, plain;
    cv::extractChannel(colours, opacity, 3);
    cv::minMaxLoc(opacity, &leastOpaque, nullptr);
    cv::cvtColor(colours, plain, cv::COLOR_BGRA2BGR);
    if (leastOpaque == 255)
        return plain;
    const cv::Mat light = onGround(colours, 255), dark = onGround(colours, 0);
    const double onLight = edges(light), onDark = edges(dark);
    if (onLight == 0 && onDark == 0)
        return plain;
    return onLight >= onDark ? light : dark;
}

/// Along `axis`, stretched to what a grey picture has.
cv::Mat projected(const cv::Mat &colours, const cv::Vec3d &axis)
{
    const cv::Matx13f toGrey(static_cast<float>(axis[0]), static_cast<float>(axis[1]), static_cast<float>(axis[2]));
    cv::Mat along, grey;
    cv::Mat wide;
    colours.convertTo(wide, CV_32FC3);
    cv::transform(wide, along, toGrey);
    cv::normalize(along, grey, 0, 255, cv::NORM_MINMAX, CV_8U);
    return grey;
}

} // namespace

cv::Mat greyOf(const cv::Mat &colours)
{
    constexpr double kLost = 0.25; // of the differences, squared: below it lightness shows less than half of them
    const cv::Mat plain = colours.channels() == 4 ? opaque(colours) : colours;
    const cv::Matx33d sums = differences(plain);
    cv::Mat strengths, axes;
    cv::eigen(cv::Mat(sums), strengths, axes);
    const double strongest = strengths.at<double>(0), shown = 3 * kLightness.dot(sums * kLightness);
    if (strongest > 0 && shown < kLost * strongest) {
        const cv::Vec3d axis = axes.at<cv::Vec3d>(0);
        return projected(plain, axis[0] + axis[1] + axis[2] < 0 ? -axis : axis);
    }
    cv::Mat grey;
    cv::cvtColor(plain, grey, cv::COLOR_BGR2GRAY);
    return grey;
}

} // namespace voelgoed::hal
