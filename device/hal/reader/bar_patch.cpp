#include "device/hal/reader/bar_patch.h"

#include <opencv2/imgproc.hpp>

#include <algorithm>
#include <cmath>
#include <optional>

namespace voelgoed::hal {

namespace {

constexpr int kBins = 90; // two degrees each
constexpr double kReach = 12 * CV_PI / 180;
constexpr double kLengthMin = 24;
constexpr double kHeightMin = 4;

/// In which direction the grey levels change, how much, and how much they all agree about it (structure tensor).
struct Field
{
    cv::Mat angle; ///< 0 … π
    cv::Mat strength;
    cv::Mat agreement; ///< 0 … 1
};

Field fieldOf(const cv::Mat &pixels)
{
    cv::Mat dx, dy;
    cv::Scharr(pixels, dx, CV_32F, 1, 0);
    cv::Scharr(pixels, dy, CV_32F, 0, 1);
    cv::Mat xx = dx.mul(dx), yy = dy.mul(dy), xy = dx.mul(dy);
    const cv::Size window(13, 13);
    cv::blur(xx, xx, window);
    cv::blur(yy, yy, window);
    cv::blur(xy, xy, window);
    Field field;
    field.strength = xx + yy;
    const cv::Mat difference = xx - yy, twice = 2 * xy;
    cv::Mat angle;
    cv::cartToPolar(difference, twice, field.agreement, angle);
    field.angle = angle / 2;
    field.agreement = field.agreement / (field.strength + 1.0);
    return field;
}

double apart(double a, double b)
{
    const double d = std::fmod(std::abs(a - b), CV_PI);
    return std::min(d, CV_PI - d);
}

std::vector<double> directionsOf(const Field &field, double weakest)
{
    std::array<double, kBins> histogram{};
    for (int y = 0; y < field.angle.rows; ++y) {
        for (int x = 0; x < field.angle.cols; ++x) {
            const float strength = field.strength.at<float>(y, x);
            if (strength < weakest || field.agreement.at<float>(y, x) < 0.6F)
                continue;
            const auto bin = static_cast<std::size_t>(field.angle.at<float>(y, x) / CV_PI * kBins) % kBins;
            histogram[bin] += std::sqrt(strength);
        }
    }
    std::vector<std::pair<double, double>> peaks;
    for (int i = 0; i < kBins; ++i) {
        const auto around = [&](int k) {
            double sum = 0;
            for (int j = -2; j <= 2; ++j)
                sum += histogram[static_cast<std::size_t>((i + k + j + 2 * kBins) % kBins)];
            return sum;
        };
        bool highest = around(0) > 0;
        for (int k = 1; k <= 6 && highest; ++k)
            highest = around(0) > around(-k) && around(0) >= around(k);
        if (highest)
            peaks.emplace_back(around(0), (i + 0.5) / kBins * CV_PI);
    }
    std::sort(peaks.rbegin(), peaks.rend());
    std::vector<double> directions;
    for (const auto &[weight, direction] : peaks) {
        if (directions.size() < 4 && weight > peaks.front().first * 0.15)
            directions.push_back(direction);
    }
    return directions;
}

/// How sharply the bars of a strip stand out.
double contrast(const cv::Mat &pixels, const BarPatch &patch)
{
    const double half = std::min(patch.height / 2, 40.0);
    const cv::Mat profile =
        profileOf(pixels, patch, {.from = -half, .to = half, .perPixel = 1, .beyond = 0, .every = 3});
    double sum = 0;
    for (int x = 1; x < profile.cols; ++x) {
        const double step = profile.at<float>(x) - profile.at<float>(x - 1);
        sum += step * step;
    }
    return sum;
}

void straighten(const cv::Mat &pixels, BarPatch &patch)
{
    for (const double step : {1.5, 0.5, 0.17}) {
        BarPatch best = patch;
        double most = -1;
        for (int k = -4; k <= 4; ++k) {
            BarPatch turned = patch;
            turned.angle += k * step * CV_PI / 180;
            const double here = contrast(pixels, turned);
            if (here > most) {
                most = here;
                best = turned;
            }
        }
        patch = best;
    }
}

struct Weighed
{
    BarPatch patch;
    double weight = 0;
};

std::optional<Weighed> patchOf(const std::vector<cv::Point> &outline, double direction, double scale)
{
    const cv::Point2d u(std::cos(direction), std::sin(direction)), v(-u.y, u.x);
    double leftmost = 1e9, rightmost = -1e9, lowest = 1e9, highest = -1e9;
    for (const cv::Point &point : outline) {
        const cv::Point2d p(point);
        leftmost = std::min(leftmost, p.dot(u));
        rightmost = std::max(rightmost, p.dot(u));
        lowest = std::min(lowest, p.dot(v));
        highest = std::max(highest, p.dot(v));
    }
    const BarPatch patch{.centre = (u * ((leftmost + rightmost) / 2) + v * ((lowest + highest) / 2)) * scale,
                         .angle = direction,
                         .length = (rightmost - leftmost) * scale,
                         .height = (highest - lowest) * scale};
    const double area = cv::contourArea(outline) * scale * scale;
    if (patch.length < kLengthMin || patch.height < kHeightMin || area < 0.25 * patch.length * patch.height)
        return std::nullopt;
    return Weighed{patch, area};
}

void collect(const cv::Mat &pixels, double scale, std::vector<Weighed> &found)
{
    const Field field = fieldOf(pixels);
    double strongest = 0;
    cv::minMaxLoc(field.strength, nullptr, &strongest);
    const double weakest = std::max(strongest * 0.03, 2'000.0);
    for (const double direction : directionsOf(field, weakest)) {
        cv::Mat mask(pixels.size(), CV_8U);
        for (int y = 0; y < mask.rows; ++y) {
            const auto *strength = field.strength.ptr<float>(y), *agreement = field.agreement.ptr<float>(y),
                       *angle = field.angle.ptr<float>(y);
            auto *marked = mask.ptr<uchar>(y);
            for (int x = 0; x < mask.cols; ++x) {
                const double beside = std::abs(angle[x] - direction); // both 0 … π
                const bool agrees = beside < kReach || beside > CV_PI - kReach;
                marked[x] = agrees && strength[x] >= weakest && agreement[x] > 0.5F ? 255 : 0;
            }
        }
        cv::morphologyEx(mask, mask, cv::MORPH_OPEN, cv::getStructuringElement(cv::MORPH_RECT, cv::Size(3, 3)));
        cv::morphologyEx(mask, mask, cv::MORPH_CLOSE, cv::getStructuringElement(cv::MORPH_RECT, cv::Size(9, 9)));
        std::vector<std::vector<cv::Point>> outlines;
        cv::findContours(mask, outlines, cv::RETR_EXTERNAL, cv::CHAIN_APPROX_SIMPLE);
        for (const auto &outline : outlines) {
            if (auto weighed = patchOf(outline, direction, scale))
                found.push_back(*weighed);
        }
    }
}

bool isSame(const BarPatch &a, const BarPatch &b)
{
    return apart(a.angle, b.angle) < 0.1 && cv::norm(a.centre - b.centre) < 0.1 * std::max(a.length, b.length) &&
           std::abs(a.length - b.length) < 0.15 * std::max(a.length, b.length);
}

} // namespace

cv::Point2d BarPatch::at(double along, double up) const
{
    return {centre.x + along * std::cos(angle) - up * std::sin(angle),
            centre.y + along * std::sin(angle) + up * std::cos(angle)};
}

std::array<cv::Point2d, 4> BarPatch::corners() const
{
    return {at(-length / 2, -height / 2), at(length / 2, -height / 2), at(length / 2, height / 2),
            at(-length / 2, height / 2)};
}

std::vector<BarPatch> barPatches(const cv::Mat &pixels, const PatchSearch &wanted)
{
    std::vector<Weighed> found;
    const int side = std::max(pixels.cols, pixels.rows);
    for (const int level : {1'000, 400, 160}) {
        const double shrink = std::min(1.0, static_cast<double>(level) / side);
        if (level > wanted.side || (level < wanted.side && shrink == 1))
            continue;
        collect(shrink < 1 ? resized(pixels, shrink) : pixels, 1 / shrink, found);
    }
    std::sort(found.begin(), found.end(), [](const Weighed &a, const Weighed &b) { return a.weight > b.weight; });
    std::vector<BarPatch> patches;
    for (const Weighed &one : found) {
        if (patches.size() >= wanted.most)
            break;
        if (std::any_of(patches.begin(), patches.end(),
                        [&](const BarPatch &other) { return isSame(one.patch, other); }))
            continue;
        patches.push_back(one.patch);
    }
    for (BarPatch &patch : patches)
        straighten(pixels, patch);
    return patches;
}

cv::Mat profileOf(const cv::Mat &pixels, const BarPatch &patch, const Strip &strip)
{
    const double length = patch.length * (1 + 2 * strip.beyond);
    const cv::Size canvas(std::max(8, static_cast<int>(length * strip.perPixel)),
                          std::max(1, static_cast<int>(std::lround((strip.to - strip.from) / strip.every))));
    const cv::Point2d start = patch.at(-length / 2, strip.from);
    const double c = std::cos(patch.angle), s = std::sin(patch.angle), step = 1 / strip.perPixel;
    const cv::Matx23d toPicture(c * step, -s * strip.every, start.x, s * step, c * strip.every, start.y);
    cv::Mat straight, profile;
    cv::warpAffine(pixels, straight, toPicture, canvas, cv::INTER_CUBIC | cv::WARP_INVERSE_MAP, cv::BORDER_REPLICATE);
    cv::reduce(straight, profile, 0, cv::REDUCE_AVG, CV_32F);
    return profile;
}

} // namespace voelgoed::hal
