#include "device/hal/reader/quiet_zone.h"

#include <opencv2/imgproc.hpp>

#include <algorithm>
#include <cmath>

namespace voelgoed::hal {

namespace {

constexpr double kBeyond = 0.12; ///< of the code's length, at each end
constexpr float kEdge = 3;       ///< pixels
constexpr float kBeside = 0.06F; ///< of the code's length: wider than any of its spaces
constexpr int kEdgesMost = 3;    ///< a ticket's border has two, and one may be lost to the code's own last bar

cv::Point2d inView(const View &view, cv::Point2d source)
{
    const cv::Vec3d at = view.toSource.inv() * cv::Vec3d(source.x, source.y, 1);
    return {at[0] / at[2], at[1] / at[2]};
}

cv::Point2d middleOf(const View &view, const Point &a, const Point &b)
{
    return inView(view, {(a.x + b.x) / 2.0, (a.y + b.y) / 2.0});
}

/// How often the grey levels along the line go from dark to light or back, by at least a quarter of `range`.
int edges(const cv::Mat &pixels, cv::Point2d from, cv::Point2d to, double range)
{
    const int steps = static_cast<int>(cv::norm(to - from)) + 1;
    double low = 255, high = 0;
    int count = 0, direction = 0;
    for (int i = 0; i <= steps; ++i) {
        const cv::Point at = from + (to - from) * (static_cast<double>(i) / steps);
        if (!cv::Rect({}, pixels.size()).contains(at))
            break;
        const double grey = pixels.at<uchar>(at);
        low = std::min(low, grey);
        high = std::max(high, grey);
        if (direction >= 0 && high - grey > range / 4) {
            count += direction > 0 ? 1 : 0;
            direction = -1;
            low = grey;
        } else if (direction <= 0 && grey - low > range / 4) {
            count += direction < 0 ? 1 : 0;
            direction = 1;
            high = grey;
        }
    }
    return count;
}

double rangeOf(const cv::Mat &pixels, cv::Point2d from, cv::Point2d to)
{
    double low = 255, high = 0;
    const int steps = static_cast<int>(cv::norm(to - from)) + 1;
    for (int i = 0; i <= steps; ++i) {
        const cv::Point at = from + (to - from) * (static_cast<double>(i) / steps);
        if (!cv::Rect({}, pixels.size()).contains(at))
            continue;
        low = std::min<double>(low, pixels.at<uchar>(at));
        high = std::max<double>(high, pixels.at<uchar>(at));
    }
    return high - low;
}

} // namespace

bool endsWithItsBars(const View &view, const ReadCode &code)
{
    const cv::Point2d left = middleOf(view, code.corners[0], code.corners[3]);
    const cv::Point2d right = middleOf(view, code.corners[1], code.corners[2]);
    const double range = rangeOf(view.pixels, left, right);
    const cv::Point2d beyond = (right - left) * kBeyond;
    return edges(view.pixels, right, right + beyond, range) <= kEdgesMost &&
           edges(view.pixels, left, left - beyond, range) <= kEdgesMost;
}

Share shareOf(const ReadCode &code, const BarPatch &patch, const View &view)
{
    constexpr double kMost = 0.75;    // of the bars; patches are a little longer than their codes
    constexpr double kAligned = 0.57; // cosine: lines that read bars cross them by less than 55 degrees
    const cv::Point2d line =
        middleOf(view, code.corners[1], code.corners[2]) - middleOf(view, code.corners[0], code.corners[3]);
    const double across = std::abs(line.x * std::cos(patch.angle) + line.y * std::sin(patch.angle));
    if (across < kAligned * cv::norm(line))
        return Share::None;
    double least = 0, most = 0, up = 0;
    for (std::size_t i = 0; i < code.corners.size(); ++i) {
        const cv::Point2d away = inView(view, {code.corners[i].x, code.corners[i].y}) - patch.centre;
        const double along = away.x * std::cos(patch.angle) + away.y * std::sin(patch.angle);
        least = i == 0 ? along : std::min(least, along);
        most = i == 0 ? along : std::max(most, along);
        up += (away.y * std::cos(patch.angle) - away.x * std::sin(patch.angle)) / 4;
    }
    const double middle = (least + most) / 2;
    const bool inside = std::abs(middle) < patch.length / 2 && std::abs(up) < patch.height / 2;
    if (!inside)
        return Share::None;
    return most - least < kMost * patch.length ? Share::Part : Share::Whole;
}

bool touchesEdge(const ReadCode &code, cv::Size picture)
{
    const Point &first = code.corners[0], &last = code.corners[1];
    const float beside = std::max(kEdge, kBeside * std::hypot(last.x - first.x, last.y - first.y));
    // Along the lines, less than a quiet zone is as good as nothing.
    const bool upright = std::abs(last.y - first.y) > std::abs(last.x - first.x);
    const float across = upright ? kEdge : beside, up = upright ? beside : kEdge;
    return std::any_of(code.corners.begin(), code.corners.end(), [&](const Point &corner) {
        return corner.x < across || corner.y < up || corner.x > static_cast<float>(picture.width) - across ||
               corner.y > static_cast<float>(picture.height) - up;
    });
}

} // namespace voelgoed::hal
