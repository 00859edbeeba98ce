#include "device/hal/reader/bar_reader.h"

#include "device/hal/reader/evidence.h"
#include "device/hal/reader/restore.h"

#include <opencv2/imgproc.hpp>

#include <algorithm>
#include <map>
#include <set>

namespace voelgoed::hal {

namespace {

constexpr int kStrips = 5, kStripsQuick = 3;
constexpr double kPixelBlur = 0.5; ///< sigma in pixels, of what pixels and their interpolation take
constexpr double kLikeness = 0.72;
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

/// The stretch with the most bars that no gap interrupts: what stands beside a code (the edge of a ticket, a picture, a
/// table) is not taken for a part of it.
struct Stretch
{
    std::size_t first = 0; ///< of the row's runs
    std::size_t count = 0;
    int widest = 0; ///< columns that a bar or space of it can have
};

Stretch stretchOf(const std::vector<Run> &runs)
{
    constexpr int kWidest = 6; // of the usual bar or space; a code has none that is wider
    std::vector<int> lengths;
    for (const Run &run : runs)
        lengths.push_back(run.length);
    std::nth_element(lengths.begin(), lengths.begin() + static_cast<std::ptrdiff_t>(lengths.size() / 2), lengths.end());
    Stretch best{.widest = std::max(4, kWidest * lengths[lengths.size() / 2])};
    std::size_t first = 0;
    for (std::size_t i = 0; i <= runs.size(); ++i) {
        if (i < runs.size() && runs[i].length <= best.widest)
            continue;
        if (i - first > best.count) {
            best.count = i - first;
            best.first = first;
        }
        first = i + 1;
    }
    return best;
}

/// How many modules of its own colour a bar keeps that has run into the ground around the code: Code 128 begins and
/// ends with two, all others with one.
enum class Trim : std::uint8_t { None, One, Two };

/// The columns that a code takes up in its row: from the first to behind the last.
std::pair<int, int> extentOf(const ReadCode &code)
{
    const auto [first, last] = std::minmax(code.corners[0].x, code.corners[1].x);
    return {static_cast<int>(first), static_cast<int>(last) + 1};
}

/// Whether a code's first and last bar may have run into the ground.
enum class Outer : std::uint8_t { Clear, Merged };

/// A row as dark and light, and what of it is looked at.
class BarRow
{
public:
    BarRow(const cv::Mat &profile, int reach) : m_row(twoLevels(profile, reach)), m_runs(runsOf(m_row))
    {
        m_stretch = stretchOf(m_runs);
        if (m_stretch.count < kBarsLeast)
            return;
        const Run &begin = m_runs[m_stretch.first], &end = m_runs[m_stretch.first + m_stretch.count - 1];
        m_from = begin.from;
        m_to = end.from + end.length;
    }

    /// What stands there, when nothing that could belong to it stands beside it. Corners are columns of the row.
    std::vector<ReadCode> codes(Outer outer) const
    {
        std::vector<ReadCode> codes;
        if (m_stretch.count < kBarsLeast)
            return codes;
        const bool left = isDark(m_stretch.first - 1), right = isDark(m_stretch.first + m_stretch.count);
        for (const Trim trim : {Trim::None, Trim::One, Trim::Two}) {
            if (trim != Trim::None && (outer == Outer::Clear || !(left || right)))
                break;
            for (const ReadCode &code : read(trim)) {
                // A code of parts of which the ground has taken one end only may have been longer there.
                if (trim != Trim::None && partsAreCodes(code.symbology) && !(left && right))
                    continue;
                if (trim == Trim::None || (code.symbology == Symbology::Code128) == (trim == Trim::Two))
                    codes.push_back(code);
            }
        }
        return codes;
    }

    /// How much the code's bars, blurred again by `sigma` columns, look like the profile in which they were found (the
    /// correlation, at most 1). Bars that only the sharpening made do not.
    double likeness(const ReadCode &code, const cv::Mat &profile, double sigma) const
    {
        const auto [begin, end] = extentOf(code);
        const int from = std::max(0, begin), to = std::min(m_row.cols, end);
        if (to - from < 2)
            return 0;
        cv::Mat bars;
        m_row.convertTo(bars, CV_32F);
        cv::GaussianBlur(bars, bars, cv::Size(), sigma, 0, cv::BORDER_REPLICATE);
        // The light changes slowly along the bars.
        const auto evened = [&](const cv::Mat &row) {
            cv::Mat slow;
            cv::blur(row, slow, cv::Size(((to - from) / 4) | 1, 1));
            return cv::Mat(row - slow).colRange(from, to).clone();
        };
        const cv::Mat one = evened(bars), other = evened(profile);
        return one.dot(other) / std::max(1e-6, cv::norm(one) * cv::norm(other));
    }

private:
    /// False beyond the row.
    bool isDark(std::size_t run) const { return run < m_runs.size() && m_row.at<uchar>(m_runs[run].from) == 0; }

    int element() const { return std::max(1, (m_to - m_from) / static_cast<int>(m_stretch.count)); }

    std::vector<ReadCode> read(Trim trim) const
    {
        // A bar or space has 1.7 modules on average, in all of these codes.
        const int bar = static_cast<int>(
            std::lround((m_to - m_from) / (1.7 * static_cast<double>(m_stretch.count)) * (trim == Trim::Two ? 2 : 1)));
        const bool left = trim != Trim::None && isDark(m_stretch.first - 1);
        const bool right = trim != Trim::None && isDark(m_stretch.first + m_stretch.count);
        const int from = m_from - (left ? bar : 0), to = m_to + (right ? bar : 0);
        const int white = 2 * m_stretch.widest;
        if (from < 0 || to > m_row.cols)
            return {};
        cv::Mat row;
        cv::copyMakeBorder(m_row.colRange(from, to), row, 0, 0, white, white, cv::BORDER_CONSTANT | cv::BORDER_ISOLATED,
                           cv::Scalar(255));
        std::vector<ReadCode> codes = scanRow(row);
        for (ReadCode &code : codes) {
            for (Point &corner : code.corners)
                corner.x += static_cast<float>(from - white);
        }
        std::erase_if(codes, [&](const ReadCode &code) {
            const auto [begin, end] = extentOf(code);
            const bool begins = (left && begin <= from + 1) || isQuiet(begin - 1, -1);
            const bool ends = (right && end >= to - 1) || isQuiet(end + 1, 1);
            return !begins || !ends;
        });
        return codes;
    }

    /// Whether no bar follows from `x` on in that direction as soon as one could that belongs to the code. Wider than
    /// its widest spaces; where the row ends first, nothing is known against it.
    bool isQuiet(int x, int step) const
    {
        const int wanted = static_cast<int>(2.6 * element());
        for (int k = 0; k < wanted; ++k, x += step) {
            if (x >= 0 && x < m_row.cols && m_row.at<uchar>(x) == 0)
                return false;
        }
        return true;
    }

    cv::Mat m_row;
    std::vector<Run> m_runs;
    Stretch m_stretch;
    int m_from = 0;
    int m_to = 0;
};

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
    static const std::vector<Way> kQuick{{.blur = {0, 0}, .reach = 0.12}, {.blur = {1.0, 1e-2}, .reach = 0.12}};
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

/// From where to where along the patch.
struct Span
{
    double begin;
    double end;
};

std::array<Point, 4> cornersOf(const View &view, const BarPatch &patch, const Span &span)
{
    const auto at = [&](double along, double up) {
        const cv::Point2d corner = inSource(view, patch.at(along, up));
        return Point{static_cast<float>(corner.x), static_cast<float>(corner.y)};
    };
    const double half = patch.height / 2;
    return {at(span.begin, -half), at(span.end, -half), at(span.end, half), at(span.begin, half)};
}

} // namespace

std::vector<ReadCode> readBars(const View &view, const BarPatch &patch, const BarOptions &options)
{
    const double perPixel = std::clamp(1'000 / patch.length, 2.0, 6.0);
    const double usable = patch.height * 0.84;
    struct Row
    {
        int strip;
        double begin; ///< pixels from the patch's centre
        cv::Mat profile;
    };
    std::vector<Row> rows;
    const auto addRows = [&](int strip, double from, double to) {
        for (const double beyond : {0.12, 0.02})
            rows.push_back(
                {strip, -patch.length * (0.5 + beyond),
                 profileOf(view.pixels, patch, {.from = from, .to = to, .perPixel = perPixel, .beyond = beyond})});
    };
    const int strips = options.thorough ? kStrips : kStripsQuick;
    for (int i = 0; i < strips; ++i) {
        const double from = -usable / 2 + usable * i / strips, to = from + std::max(1.0, usable / strips);
        addRows(i, from, to);
    }
    addRows(strips, -usable / 2, usable / 2);
    Poll dark, light;
    for (const Way &way : ways(options.thorough)) {
        for (const Row &row : rows) {
            const cv::Mat sharp = way.blur.sigma > 0
                                      ? restoredRow(row.profile, {way.blur.sigma * perPixel, way.blur.noise})
                                      : row.profile;
            const int reach = std::max(4, static_cast<int>(sharp.cols * way.reach));
            const double sigma = perPixel * std::hypot(way.blur.sigma, kPixelBlur);
            const auto poll = [&](const cv::Mat &levels, const cv::Mat &profile, Poll &votes) {
                const BarRow bars(levels, reach);
                for (ReadCode &code : bars.codes(options.thorough ? Outer::Merged : Outer::Clear)) {
                    if (bars.likeness(code, profile, sigma) < kLikeness)
                        continue;
                    const auto [first, last] = extentOf(code);
                    const double begin = row.begin + first / perPixel, end = row.begin + last / perPixel;
                    code.corners = cornersOf(view, patch, {begin, end});
                    votes.add(code, row.strip);
                }
            };
            poll(sharp, row.profile, dark);
            poll(-sharp, -row.profile, light);
        }
        const ReadCode *winner = dark.winner() ? dark.winner() : light.winner();
        if (!winner)
            continue;
        return {*winner};
    }
    return {};
}

} // namespace voelgoed::hal
