#include "device/hal/reader/regions.h"

#include <opencv2/imgproc.hpp>

#include <algorithm>

namespace voelgoed::hal {

namespace {

constexpr double kAreaMin = 200; ///< pixels of the small copy

using Outline = std::vector<cv::Point>;

struct Busy
{
    std::vector<Outline> outlines; ///< largest first
    double threshold = 0;
};

/// What is busy, in a copy that is `shrink` times as large.
Busy outlinesOf(const cv::Mat &pixels, double shrink, double least)
{
    const cv::Mat small = shrink < 1 ? resized(pixels, shrink) : pixels;
    cv::Mat gradient, mask;
    cv::morphologyEx(small, gradient, cv::MORPH_GRADIENT, cv::getStructuringElement(cv::MORPH_RECT, cv::Size(3, 3)));
    const int reach = std::max(7, std::max(small.cols, small.rows) / 40) | 1;
    cv::blur(gradient, gradient, cv::Size(reach, reach));
    Busy busy;
    busy.threshold = cv::threshold(gradient, mask, 0, 255, cv::THRESH_BINARY | cv::THRESH_OTSU);
    if (busy.threshold < least) {
        busy.threshold = least;
        cv::threshold(gradient, mask, least, 255, cv::THRESH_BINARY);
    }
    cv::morphologyEx(mask, mask, cv::MORPH_CLOSE, cv::getStructuringElement(cv::MORPH_RECT, cv::Size(reach, reach)));
    cv::findContours(mask, busy.outlines, cv::RETR_EXTERNAL, cv::CHAIN_APPROX_SIMPLE);
    std::sort(busy.outlines.begin(), busy.outlines.end(),
              [](const Outline &a, const Outline &b) { return cv::contourArea(a) > cv::contourArea(b); });
    return busy;
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
    const Busy busy = outlinesOf(pixels, shrink, wanted.busy);
    Regions regions{.busy = busy.threshold};
    for (const Outline &outline : busy.outlines) {
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

View without(const View &view, const std::vector<Footprint> &codes)
{
    constexpr double kAround = 1.12; // a little more than the code: blur, and what of it was not read
    const cv::Matx33d fromSource = view.toSource.inv();
    View result{.pixels = view.pixels.clone(), .toSource = view.toSource};
    for (const Footprint &code : codes) {
        Quad corners;
        cv::perspectiveTransform(code.corners(), corners, fromSource);
        cv::Point2f middle;
        for (const cv::Point2f &corner : corners)
            middle += corner / static_cast<float>(corners.size());
        std::vector<cv::Point> outline;
        for (const cv::Point2f &corner : corners) {
            const cv::Point2f out = corner - middle;
            outline.emplace_back(middle + out * (kAround + 4 / std::max(4.0, cv::norm(out))));
        }
        cv::Mat ring(view.pixels.size(), CV_8U, cv::Scalar(0));
        cv::polylines(ring, outline, true, cv::Scalar(255), 1);
        cv::fillConvexPoly(result.pixels, outline, cv::mean(result.pixels, ring));
    }
    return result;
}

} // namespace voelgoed::hal
