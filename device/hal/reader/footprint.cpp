#include "device/hal/reader/footprint.h"

#include <opencv2/imgproc.hpp>

#include <algorithm>
#include <array>

namespace voelgoed::hal {

namespace {

constexpr float kThin = 4; ///< pixels: what one line is taken for

cv::Point2f at(const Point &corner)
{
    return {corner.x, corner.y};
}

} // namespace

Footprint::Footprint(const ReadCode &code)
{
    Quad corners;
    for (const Point &corner : code.corners)
        corners.push_back(at(corner));
    cv::RotatedRect box = cv::minAreaRect(corners);
    if (std::min(box.size.width, box.size.height) < kThin) {
        box.size.width = std::max(box.size.width, kThin);
        box.size.height = std::max(box.size.height, kThin);
        m_corners.resize(4);
        box.points(m_corners.data());
        return;
    }
    cv::convexHull(corners, m_corners);
}

double Footprint::area() const
{
    return cv::contourArea(m_corners);
}

double Footprint::sharedWith(const Footprint &other) const
{
    Quad shared;
    const double area = cv::intersectConvexConvex(m_corners, other.m_corners, shared);
    return area / std::max(1.0, std::min(this->area(), other.area()));
}

double thickness(const ReadCode &code)
{
    return std::max(cv::norm(at(code.corners[0]) - at(code.corners[3])),
                    cv::norm(at(code.corners[1]) - at(code.corners[2])));
}

double barsInCommon(const View &view, const ReadCode &code)
{
    constexpr int kRows = 24;
    const cv::Matx33d fromSource = view.toSource.inv();
    std::array<cv::Point2f, 4> corners;
    for (std::size_t i = 0; i < corners.size(); ++i) {
        const cv::Vec3d point = fromSource * cv::Vec3d(code.corners[i].x, code.corners[i].y, 1);
        corners[i] = {static_cast<float>(point[0] / point[2]), static_cast<float>(point[1] / point[2])};
    }
    const auto columns = static_cast<float>(std::clamp(cv::norm(corners[1] - corners[0]), 32.0, 1'000.0));
    const std::array<cv::Point2f, 4> target{
        cv::Point2f(0, 0), {columns, 0}, {columns, static_cast<float>(kRows)}, {0, static_cast<float>(kRows)}};
    cv::Mat lines;
    cv::warpPerspective(view.pixels, lines, cv::getPerspectiveTransform(corners.data(), target.data()),
                        cv::Size(static_cast<int>(columns), kRows), cv::INTER_LINEAR, cv::BORDER_REPLICATE);
    lines.convertTo(lines, CV_32F);
    cv::Mat slow, common;
    cv::blur(lines, slow, cv::Size((lines.cols / 6) | 1, 1));
    lines -= slow;
    cv::reduce(lines, common, 0, cv::REDUCE_AVG);
    return common.dot(common) * kRows / std::max(1e-6, lines.dot(lines));
}

} // namespace voelgoed::hal
