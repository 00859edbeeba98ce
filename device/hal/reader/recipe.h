#pragma once

#include "device/hal/reader/restore.h"
#include "device/hal/reader/scan_view.h"

#include <optional>
#include <vector>

namespace voelgoed::hal {

enum class Tone : std::uint8_t { Raw, Levelled, Sharp, VerySharp, Calm, VeryCalm, Soft, SoftLevelled };
enum class Polarity : std::uint8_t { Both, AsIs, Inverted };

/// One way to look at a picture.
struct Recipe
{
    double scale = 1;
    double turn = 0; ///< degrees
    bool mirror = false;
    Tone tone = Tone::Raw;
    std::optional<Blur> blur;           ///< undone first
    std::optional<std::size_t> region;  ///< cut out and seen from the front
    std::optional<std::size_t> slanted; ///< the same for one that is seen from aside
    std::optional<std::size_t> bars;    ///< a patch of bars, read by its profile; nothing else then counts but `blur`
    double stretch = 1;                 ///< of the region's picture
    bool framed = false;                ///< cut to what is light: a code that runs into the dark around it
    std::optional<Edges> lost;          ///< the same, for one whose edges were dark
    bool linear = true;
    bool matrix = true;
    bool plain = false; ///< what ZXing does by itself
    bool first = false; ///< ends with the first code found
    bool quarterTurns = true;
    Polarity polarity = Polarity::Both;
    Threshold threshold = Threshold::Local;
};

/// What is known of a picture before it is searched.
struct Survey
{
    cv::Size size;
    std::vector<double> angles; ///< of its edges
    std::size_t regions = 0;
    std::size_t slanted = 0;
    std::size_t bars = 0;
};

using Round = std::vector<Recipe>;

/// The ways, in order. `rounds` of them, each more laborious: a search that found something ends with the round.
std::vector<Round> stillRecipes(const Survey &survey);
std::vector<Round> liveRecipes(const Survey &survey);

/// What is tried on a picture in which codes were found, when these are painted over.
Round restRecipes(const Survey &survey);

} // namespace voelgoed::hal
