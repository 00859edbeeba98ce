#include "device/hal/reader/regions.h"

#include <opencv2/imgproc.hpp>

#include <algorithm>

namespace voelgoed::hal {

namespace {

constexpr double kAreaMin = 200; ///< pixels of the small copy

using Outline = std::vector<cv::Point>;

/// Outlines of what is busy, in a copy that is `shrink` times as large, largest first.
std::vector<Outline> outlinesOf(const cv::Mat &pixels, double shrink)
{
    const cv::Mat small = shrink < 1 ? resized(pixels, shrink) : pixels;
    cv::Mat gradient, mask;
    cv::morphologyEx(small, gradient, cv::MORPH_GRADIENT, cv::getStructuringElement(cv::MORPH_RECT, cv::Size(3, 3)));
    const int reach = std::max(7, std::max(small.cols, small.rows) / 40) | 1;
    cv::blur(gradient, gradient, cv::Size(reach, reach));
    cv::threshold(gradient, mask, 0, 255, cv::THRESH_BINARY | cv::THRESH_OTSU);
    cv::morphologyEx(mask, mask, cv::MORPH_CLOSE, cv::getStructuringElement(cv::MORPH_RECT, cv::Size(reach, reach)));
    std::vector<Outline> outlines;
    cv::findContours(mask, outlines, cv::RETR_EXTERNAL, cv::CHAIN_APPROX_SIMPLE);
    std::sort(outlines.begin(), outlines.end(),
              [](const Outline &a, const Outline &b) { return cv::contourArea(a) > cv::contourArea(b); });
    return outlines;
}

Quad enlarged(Quad quad, double factor)
{
    for (cv::Point2f &corner : quad)
        corner *= factor;
    return quad;
}

Quad uprightOf(const Outline &outline)
{
    Quad corners(4);
    cv::minAreaRect(outline).points(corners.data());
    // It starts at the bottom left and goes clockwise.
    std::rotate(corners.begin(), corners.begin() + 1, corners.end());
    return corners;
}

/// The hull's four corners, or nothing where it has more or fewer, or is as good as a rectangle.
Quad slantedOf(const Outline &outline)
{
    constexpr double kRectangular = 0.93, kFaithful = 0.85;
    Outline hull, corners;
    cv::convexHull(outline, hull, true);
    const double area = cv::contourArea(hull);
    if (area > kRectangular * cv::minAreaRect(outline).size.area())
        return {};
    const double around = cv::arcLength(hull, true);
    for (double tolerance = 0.01; tolerance < 0.12; tolerance += 0.01) {
        cv::approxPolyDP(hull, corners, tolerance * around, true);
        if (corners.size() <= 4)
            break;
    }
    if (corners.size() != 4 || cv::contourArea(corners) < kFaithful * area)
        return {};
    Quad quad(corners.begin(), corners.end());
    // Seen clockwise, whichever way the hull went: a code that is turned over by this would be a mirrored one.
    if (cv::contourArea(quad, true) < 0)
        std::reverse(quad.begin(), quad.end());
    const auto topLeft = std::min_element(
        quad.begin(), quad.end(), [](const cv::Point2f &a, const cv::Point2f &b) { return a.x + a.y < b.x + b.y; });
    std::rotate(quad.begin(), topLeft, quad.end());
    return quad;
}

} // namespace

Regions busyRegions(const cv::Mat &pixels, const RegionSearch &wanted)
{
    const double shrink = std::min(1.0, 480.0 / std::max(pixels.cols, pixels.rows));
    Regions regions;
    for (const Outline &outline : outlinesOf(pixels, shrink)) {
        if (cv::contourArea(outline) < kAreaMin)
            break;
        if (regions.upright.size() < wanted.upright)
            regions.upright.push_back(enlarged(uprightOf(outline), 1 / shrink));
        if (regions.slanted.size() >= wanted.slanted)
            continue;
        if (Quad slanted = slantedOf(outline); !slanted.empty())
            regions.slanted.push_back(enlarged(std::move(slanted), 1 / shrink));
    }
    return regions;
}

} // namespace voelgoed::hal
