#include "device/hal/reader/recipe.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace voelgoed::hal {

namespace {

constexpr double kAxisTolerance = 2.5; ///< degrees that a reader takes without turning
constexpr std::array<double, 5> kEvenTurns{15, 30, 45, 60, 75};

using Round = std::vector<Recipe>;

int shorterSide(const Survey &survey)
{
    return std::min(survey.size.width, survey.size.height);
}

int longerSide(const Survey &survey)
{
    return std::max(survey.size.width, survey.size.height);
}

std::vector<double> turnsOf(const Survey &survey)
{
    std::vector<double> turns;
    for (const double angle : survey.angles) {
        if (angle > kAxisTolerance && angle < 90 - kAxisTolerance)
            turns.push_back(angle);
    }
    return turns;
}

/// Enlarging helps small codes; large pictures have none that are small.
double enlargement(const Survey &survey)
{
    return longerSide(survey) <= 700 ? 2 : longerSide(survey) <= 1400 ? 1.5 : 1;
}

Round plain(const Survey &survey)
{
    Round round{{.plain = true, .first = true, .polarity = Recipe::Polarity::AsIs}, {.plain = true}};
    for (const double scale : {1 / 2.0, 1 / 3.0, 1 / 4.0}) {
        if (shorterSide(survey) * scale >= 160)
            round.push_back({.scale = scale, .plain = true});
    }
    return round;
}

Round levelledAndTurned(const Survey &survey)
{
    Round round{{.tone = Tone::Levelled}, {.threshold = Threshold::Global}};
    if (enlargement(survey) > 1)
        round.push_back({.scale = enlargement(survey)});
    for (const double turn : turnsOf(survey))
        round.push_back({.turn = turn});
    for (std::size_t i = 0; i < std::min<std::size_t>(survey.regions, 2); ++i)
        round.push_back({.region = i, .stretch = 2});
    round.push_back({.mirror = true, .linear = false});
    return round;
}

Round sharpened(const Survey &survey)
{
    const double large = enlargement(survey);
    Round round{{.scale = large, .tone = Tone::Sharp},
                {.scale = large, .tone = Tone::VerySharp},
                {.scale = large, .tone = Tone::Levelled},
                {.scale = large, .tone = Tone::Deblurred},
                {.tone = Tone::Calm},
                {.scale = 0.5, .tone = Tone::Soft},
                {.tone = Tone::VeryCalm},
                {.tone = Tone::Soft},
                {.mirror = true, .tone = Tone::Levelled, .linear = false},
                {.scale = large, .mirror = true, .linear = false}};
    return round;
}

Round turnedAgain(const Survey &survey)
{
    Round round;
    const double large = enlargement(survey);
    for (const double turn : turnsOf(survey)) {
        for (const Tone tone : {Tone::Levelled, Tone::Sharp, Tone::VerySharp, Tone::Calm, Tone::Soft})
            round.push_back(
                {.scale = tone == Tone::Calm || tone == Tone::Soft ? 1 : large, .turn = turn, .tone = tone});
        round.push_back({.scale = large, .turn = turn});
        round.push_back({.turn = turn, .mirror = true, .linear = false});
    }
    return round;
}

Round cutOut(const Survey &survey)
{
    Round round;
    for (std::size_t i = 0; i < survey.regions; ++i) {
        for (const double stretch : {1.0, 2.0, 3.0}) {
            for (const Tone tone : {Tone::Raw, Tone::Levelled, Tone::VerySharp})
                round.push_back({.tone = tone, .region = i, .stretch = stretch});
        }
    }
    return round;
}

Round everyAngle(const Survey &survey)
{
    Round round;
    for (const Tone tone : {Tone::Raw, Tone::Levelled, Tone::VerySharp}) {
        for (const double turn : kEvenTurns)
            round.push_back({.scale = tone == Tone::Raw ? 1 : enlargement(survey), .turn = turn, .tone = tone});
    }
    return round;
}

} // namespace

std::vector<std::vector<Recipe>> stillRecipes(const Survey &survey)
{
    return {plain(survey),  levelledAndTurned(survey), sharpened(survey), turnedAgain(survey),
            cutOut(survey), everyAngle(survey)};
}

std::vector<std::vector<Recipe>> liveRecipes(const Survey &survey)
{
    // Most codes are large in a camera's frame: after one look at all of it, half the size does.
    Round quick{{.linear = false, .polarity = Recipe::Polarity::Inverted},
                {.scale = 0.5, .tone = Tone::Levelled},
                {.scale = 0.5, .mirror = true, .linear = false}};
    for (const double turn : turnsOf(survey))
        quick.push_back({.scale = 0.5, .turn = turn});
    for (std::size_t i = 0; i < std::min<std::size_t>(survey.regions, 2); ++i) {
        quick.push_back({.region = i, .stretch = 1});
        quick.push_back({.tone = Tone::Levelled, .region = i, .stretch = 1.5});
    }
    quick.push_back({.scale = 0.5, .tone = Tone::Sharp, .linear = false, .polarity = Recipe::Polarity::AsIs});
    return {{{.plain = true, .first = true, .polarity = Recipe::Polarity::AsIs}}, quick};
}

} // namespace voelgoed::hal
