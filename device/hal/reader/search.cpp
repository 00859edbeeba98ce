#include "device/hal/reader/search.h"

#include "device/hal/reader/bar_reader.h"
#include "device/hal/reader/evidence.h"
#include "device/hal/reader/prepare.h"
#include "device/hal/reader/quiet_zone.h"
#include "device/hal/reader/recipe.h"
#include "device/hal/reader/regions.h"

#include <malloc.h>

#include <ctime>

#include <algorithm>
#include <optional>

namespace voelgoed::hal {

using namespace std::chrono_literals;

namespace {

constexpr int kSideMin = 8;           ///< pixels; smaller pictures have nothing to find
constexpr int kRetrySideMax = 1'800;  ///< larger pictures are searched in a smaller copy, but for the plain attempts
constexpr double kThin = 4;           ///< pixels
constexpr std::size_t kShortItf = 10; ///< digits below which much looks like an interleaved code
constexpr int kRestPasses = 4;
constexpr std::size_t kRestPieces = 8;
constexpr std::size_t kAnglesMax = 3;
constexpr std::size_t kThoroughRounds = 2; ///< these are made to their end also when something was found
constexpr auto kLiveBudget = 72ms;
constexpr auto kStillBudget = 4'000ms;

/// How long a search has gone on: a frame's in time, as the next frame comes at its time; a file's in work, so that a
/// busy machine reads as much as an idle one.
class Budget
{
public:
    Budget(Effort effort, std::chrono::milliseconds most)
        : m_clock(effort == Effort::Live ? CLOCK_MONOTONIC : CLOCK_PROCESS_CPUTIME_ID), m_end(now() + most)
    {}

    bool isSpent() const { return now() > m_end; }

private:
    std::chrono::nanoseconds now() const
    {
        timespec reading{};
        ::clock_gettime(m_clock, &reading);
        return std::chrono::seconds(reading.tv_sec) + std::chrono::nanoseconds(reading.tv_nsec);
    }

    clockid_t m_clock;
    std::chrono::nanoseconds m_end;
};

std::chrono::milliseconds budgetOf(const SearchOptions &options)
{
    if (options.budget > 0ms)
        return options.budget;
    // A picture that ended readers has had its time.
    return options.effort == Effort::Live ? kLiveBudget : kStillBudget / (1 + static_cast<int>(options.skip.size()));
}

/// One way of looking. A library that cannot digest a picture throws: that costs this way and nothing else.
template <typename Way>
void guarded(const Way &way)
{
    try {
        way();
    } catch (const std::exception &) {
        // What was found so far has been said already.
    }
}

class Search
{
public:
    Search(const cv::Mat &picture, const SearchOptions &options, const SearchObserver &observer)
        : m_options(options),
          m_observer(observer),
          m_source{.pixels = picture},
          m_budget(options.effort, budgetOf(options)),
          // A picture of a few rows has no more of them to show.
          m_evidence(std::min(kThin, std::min(picture.cols, picture.rows) / 2.0))
    {
        const int side = std::max(picture.cols, picture.rows);
        m_base = side > kRetrySideMax ? scaled(m_source, static_cast<double>(kRetrySideMax) / side) : m_source;
    }

    int run()
    {
        const bool live = m_options.effort == Effort::Live;
        // Nothing is known of the picture before the plain attempts: most frames never need it.
        const Survey unknown{.size = m_source.pixels.size(), .angles = {}};
        const auto first = live ? liveRecipes(unknown) : stillRecipes(unknown);
        // A picture that twice took too long is not looked at in its full size again.
        round(first.front(), m_options.skip.size() < 2 ? m_source : m_base);
        if (live)
            settle(Evidence::Moment::BetweenRounds);
        const bool tiny = std::min(m_source.pixels.cols, m_source.pixels.rows) < kSideMin;
        if (!tiny && !(live && m_evidence.believed() > 0))
            guarded([&] { retry(); });
        settle(Evidence::Moment::AtTheEnd);
        return m_attempt;
    }

private:
    bool isLate() const { return m_budget.isSpent(); }

    void retry()
    {
        const bool live = m_options.effort == Effort::Live;
        const auto rounds = live ? liveRecipes(survey()) : stillRecipes(survey());
        for (std::size_t i = 1; i < rounds.size(); ++i) {
            if (isLate() || (m_evidence.believed() > 0 && (live || i >= kThoroughRounds)))
                break;
            round(rounds[i], m_base);
            settle(Evidence::Moment::BetweenRounds);
        }
        settle(Evidence::Moment::AtTheEnd);
        if (!live && m_evidence.believed() > 0)
            searchRest();
    }

    /// Codes stand beside codes: those that are believed are painted over, and what is left is looked at piece by
    /// piece, until nothing more comes.
    void searchRest()
    {
        const double busy = m_regions.busy / 2;
        std::size_t before = 0;
        for (int pass = 0; pass < kRestPasses && m_evidence.believed() > before && !isLate(); ++pass) {
            before = m_evidence.believed();
            const View left = without(m_base, m_evidence.places());
            m_regions = busyRegions(left.pixels, {.upright = kRestPieces, .slanted = 0, .busy = busy});
            round(restRecipes({.size = left.pixels.size(), .regions = m_regions.upright.size()}), left);
            settle(Evidence::Moment::AtTheEnd);
        }
    }

    Survey survey()
    {
        const bool live = m_options.effort == Effort::Live;
        m_regions = busyRegions(m_base.pixels, {.upright = 4, .slanted = live ? 0U : 3U});
        return {.size = m_base.pixels.size(),
                .angles = edgeAngles(m_base.pixels, live ? 2 : kAnglesMax),
                .regions = m_regions.upright.size(),
                .slanted = m_regions.slanted.size(),
                .bars = std::min(patches().size(), live ? std::size_t{1} : std::size_t{4})};
    }

    /// Looked for when they are first asked for.
    const std::vector<BarPatch> &patches()
    {
        if (!m_patches)
            m_patches = barPatches(m_base.pixels, m_options.effort == Effort::Live ? PatchSearch{.most = 2, .side = 400}
                                                                                   : PatchSearch{.most = 6});
        return *m_patches;
    }

    void round(const std::vector<Recipe> &recipes, const View &base)
    {
        for (const Recipe &recipe : recipes) {
            if (isLate())
                return;
            guarded([&] { follow(recipe, base); });
        }
    }

    void follow(const Recipe &recipe, const View &base)
    {
        if (recipe.bars)
            return bars(patches()[*recipe.bars]);
        const View view = prepared(base, recipe, {m_regions, m_options.effort});
        if (!recipe.plain && std::min(view.pixels.cols, view.pixels.rows) < kSideMin)
            return;
        if (recipe.polarity != Polarity::Inverted)
            scan(finished(view, recipe), recipe, recipe.plain ? Weight::Plain : Weight::Changed);
        if (recipe.polarity != Polarity::AsIs)
            scan(finished(inverted(view), recipe), recipe, Weight::Changed);
    }

    void bars(const BarPatch &patch)
    {
        const int number = m_attempt++;
        if (isSkipped(number))
            return;
        m_observer.begins(number);
        for (const ReadCode &code : readBars(m_base, patch, {.thorough = m_options.effort == Effort::Still}))
            believe(code, Weight::Agreed);
    }

    bool endsWhole(const ReadCode &code, const View &view, const Recipe &recipe) const
    {
        if (!partsAreCodes(code.symbology))
            return true;
        return endsWithItsBars(view, code) && (recipe.turn == 0 || !touchesEdge(code, m_source.pixels.size()));
    }

    /// What ends with the picture may have been longer, and a part of an interleaved code reads as a shorter one.
    bool mayBeCutOff(const ReadCode &code) const
    {
        return code.symbology == Symbology::ITF && code.content.size() < kShortItf && !hasCheckDigit(code) &&
               touchesEdge(code, m_source.pixels.size());
    }

    bool isSkipped(int number) const
    {
        return std::find(m_options.skip.begin(), m_options.skip.end(), number) != m_options.skip.end();
    }

    /// Lines through a matrix code can look like the few bars of a short interleaved code.
    bool standsInBars(const ReadCode &code) const
    {
        constexpr double kCommon = 0.3;
        return code.symbology != Symbology::ITF || code.content.size() >= kShortItf || thickness(code) < kThin ||
               barsInCommon(m_source, code) > kCommon;
    }

    void believe(const ReadCode &code, Weight weight)
    {
        if (standsInBars(code) && !mayBeCutOff(code) && m_evidence.add(code, weight))
            m_observer.found(code);
    }

    void settle(Evidence::Moment moment)
    {
        for (const ReadCode &code : m_evidence.settle(moment, [&](const ReadCode &read) { return isWhole(read); }))
            m_observer.found(code);
    }

    /// Patches can be too long where something stands beside the bars: one that fits is enough.
    bool isWhole(const ReadCode &code)
    {
        if (!partsAreCodes(code.symbology))
            return true;
        int parts = 0;
        for (const BarPatch &patch : patches()) {
            const Share share = shareOf(code, patch, m_base);
            if (share == Share::Whole)
                return true;
            parts += share == Share::Part ? 1 : 0;
        }
        return parts == 0;
    }

    void scan(const View &view, const Recipe &recipe, Weight weight)
    {
        for (const Kinds kinds : {Kinds::Matrix, Kinds::Linear}) {
            if (!(kinds == Kinds::Matrix ? recipe.matrix : recipe.linear) || isLate())
                continue;
            const int number = m_attempt++;
            if (isSkipped(number))
                continue;
            m_observer.begins(number);
            const ScanOptions options{.kinds = kinds,
                                      .threshold = recipe.threshold,
                                      .minLines = weight == Weight::Plain ? 2 : 3,
                                      .quarterTurns = recipe.quarterTurns};
            guarded([&] {
                for (const ReadCode &code : recipe.first ? scanPlainly(view) : scanView(view, options)) {
                    if (endsWhole(code, view, recipe))
                        believe(code, weight);
                }
            });
            if (recipe.first)
                return;
        }
    }

    SearchOptions m_options;
    const SearchObserver &m_observer;
    View m_source;
    Budget m_budget;
    View m_base;
    Regions m_regions;
    std::optional<std::vector<BarPatch>> m_patches;
    Evidence m_evidence;
    int m_attempt = 0;
};

} // namespace

void keepMemory()
{
    constexpr int kKept = 512 << 20; // less than a reader may have
    ::mallopt(M_MMAP_THRESHOLD, kKept / 8);
    ::mallopt(M_TRIM_THRESHOLD, kKept);
}

int search(const cv::Mat &picture, const SearchOptions &options, const SearchObserver &observer)
{
    return Search(picture, options, observer).run();
}

} // namespace voelgoed::hal
