#include "device/hal/reader/bar_reader.h"

#include "device/hal/reader/evidence.h"
#include "device/hal/reader/restore.h"

#include <opencv2/imgproc.hpp>

#include <algorithm>
#include <map>
#include <set>

namespace voelgoed::hal {

namespace {

constexpr int kStrips = 5;
constexpr std::size_t kBarsLeast = 16; ///< and spaces; EAN-8, the shortest, has 43, ITF of six digits 37

/// Dark and light by what is dark and light nearby: `reach` columns to both sides.
cv::Mat twoLevels(const cv::Mat &row, int reach)
{
    const cv::Mat window = cv::getStructuringElement(cv::MORPH_RECT, cv::Size(2 * reach + 1, 1));
    cv::Mat low, high;
    cv::erode(row, low, window);
    cv::dilate(row, high, window);
    cv::blur(low, low, cv::Size(reach | 1, 1));
    cv::blur(high, high, cv::Size(reach | 1, 1));
    const cv::Mat middle = (low + high) / 2;
    double least = 0, most = 0;
    cv::minMaxLoc(row, &least, &most);
    // Where nothing changes there is no bar.
    cv::Mat flat = (high - low) < 0.12 * (most - least);
    cv::Mat light = row > middle;
    cv::bitwise_or(light, flat, light);
    return light;
}

/// A row's run of one level.
struct Run
{
    int from = 0;
    int length = 0;
};

std::vector<Run> runsOf(const cv::Mat &row)
{
    std::vector<Run> runs;
    for (int x = 0; x < row.cols; ++x) {
        if (runs.empty() || row.at<uchar>(x) != row.at<uchar>(x - 1))
            runs.push_back({x, 0});
        ++runs.back().length;
    }
    return runs;
}

/// The stretch with the most bars that no gap interrupts, with white at both ends: what stands beside a code (the edge
/// of a ticket, a picture, a table) is not taken for a part of it.
cv::Mat isolated(const cv::Mat &row)
{
    constexpr int kWidest = 6; // of the usual bar or space; a code has none that is wider
    const std::vector<Run> runs = runsOf(row);
    std::vector<int> lengths;
    for (const Run &run : runs)
        lengths.push_back(run.length);
    std::nth_element(lengths.begin(), lengths.begin() + static_cast<std::ptrdiff_t>(lengths.size() / 2), lengths.end());
    const int widest = std::max(4, kWidest * lengths[lengths.size() / 2]);
    std::size_t best = 0, bestCount = 0, first = 0;
    for (std::size_t i = 0; i <= runs.size(); ++i) {
        if (i < runs.size() && runs[i].length <= widest)
            continue;
        if (i - first > bestCount) {
            bestCount = i - first;
            best = first;
        }
        first = i + 1;
    }
    if (bestCount < kBarsLeast)
        return {};
    const Run &begin = runs[best], &end = runs[best + bestCount - 1];
    cv::Mat result;
    cv::copyMakeBorder(row.colRange(begin.from, end.from + end.length), result, 0, 0, 2 * widest, 2 * widest,
                       cv::BORDER_CONSTANT | cv::BORDER_ISOLATED, cv::Scalar(255));
    return result;
}

std::vector<ReadCode> codesIn(const cv::Mat &profile, int reach)
{
    const cv::Mat row = isolated(twoLevels(profile, reach));
    return row.empty() ? std::vector<ReadCode>{} : scanRow(row);
}

struct Votes
{
    ReadCode code;
    std::set<int> strips;
    int rows = 0;
};

class Poll
{
public:
    void add(const ReadCode &code, int strip)
    {
        Votes &votes = m_votes[{code.symbology, code.content}];
        votes.code = code;
        votes.strips.insert(strip);
        ++votes.rows;
    }

    /// The reading on which the strips agree.
    const ReadCode *winner() const
    {
        const Votes *first = nullptr;
        int others = 0;
        for (const auto &[key, votes] : m_votes) {
            if (!first || votes.rows > first->rows) {
                others += first ? first->rows : 0;
                first = &votes;
            } else {
                others += votes.rows;
            }
        }
        if (!first)
            return nullptr;
        const auto needed = static_cast<std::size_t>(readingsNeeded(first->code));
        return first->strips.size() >= needed && first->rows >= static_cast<int>(needed) + 2 * others ? &first->code
                                                                                                      : nullptr;
    }

private:
    std::map<std::pair<Symbology, base::Bytes>, Votes> m_votes;
};

struct Way
{
    Blur blur; ///< sigma 0: none
    double reach = 0.1;
};

const std::vector<Way> &ways(bool thorough)
{
    static const std::vector<Way> kQuick{
        {.blur = {0, 0}, .reach = 0.12}, {.blur = {0.7, 1e-2}, .reach = 0.12}, {.blur = {1.2, 1e-2}, .reach = 0.12}};
    static const std::vector<Way> kAll{
        {.blur = {0, 0}, .reach = 0.12},      {.blur = {0.7, 1e-2}, .reach = 0.12},
        {.blur = {1.1, 3e-3}, .reach = 0.12}, {.blur = {1.5, 1e-3}, .reach = 0.12},
        {.blur = {2.0, 1e-3}, .reach = 0.12}, {.blur = {2.6, 1e-3}, .reach = 0.12},
        {.blur = {1.5, 1e-4}, .reach = 0.12}, {.blur = {2.0, 1e-4}, .reach = 0.12},
        {.blur = {3.2, 1e-3}, .reach = 0.15}, {.blur = {0, 0}, .reach = 0.05},
        {.blur = {0.7, 1e-2}, .reach = 0.05}, {.blur = {1.1, 3e-2}, .reach = 0.05},
        {.blur = {4.0, 1e-3}, .reach = 0.15}, {.blur = {1.5, 3e-2}, .reach = 0.25},
        {.blur = {1.1, 3e-4}, .reach = 0.05},
    };
    return thorough ? kAll : kQuick;
}

} // namespace

std::vector<ReadCode> readBars(const View &view, const BarPatch &patch, const BarOptions &options)
{
    const double perPixel = std::clamp(1'000 / patch.length, 2.0, 6.0);
    const double usable = patch.height * 0.84;
    struct Row
    {
        int strip;
        cv::Mat profile;
    };
    std::vector<Row> rows;
    for (int i = 0; i < kStrips; ++i) {
        const double from = -usable / 2 + usable * i / kStrips, to = from + std::max(1.0, usable / kStrips);
        for (const double beyond : {0.12, 0.02})
            rows.push_back(
                {i, profileOf(view.pixels, patch, {.from = from, .to = to, .perPixel = perPixel, .beyond = beyond})});
    }
    for (const double beyond : {0.12, 0.02})
        rows.push_back(
            {kStrips, profileOf(view.pixels, patch,
                                {.from = -usable / 2, .to = usable / 2, .perPixel = perPixel, .beyond = beyond})});
    Poll dark, light;
    for (const Way &way : ways(options.thorough)) {
        for (const Row &row : rows) {
            const cv::Mat sharp = way.blur.sigma > 0
                                      ? restoredRow(row.profile, {way.blur.sigma * perPixel, way.blur.noise})
                                      : row.profile;
            const int reach = std::max(4, static_cast<int>(sharp.cols * way.reach));
            for (const ReadCode &code : codesIn(sharp, reach))
                dark.add(code, row.strip);
            for (const ReadCode &code : codesIn(-sharp, reach))
                light.add(code, row.strip);
        }
        const ReadCode *winner = dark.winner() ? dark.winner() : light.winner();
        if (!winner)
            continue;
        ReadCode code = *winner;
        const auto corners = patch.corners();
        for (std::size_t i = 0; i < 4; ++i) {
            const cv::Point2d corner = inSource(view, corners[i]);
            code.corners[i] = {static_cast<float>(corner.x), static_cast<float>(corner.y)};
        }
        return {code};
    }
    return {};
}

} // namespace voelgoed::hal
