#include "device/hal/reader/recipe.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace voelgoed::hal {

namespace {

constexpr double kAxisTolerance = 2.5; ///< degrees that a reader takes without turning
constexpr std::array<double, 5> kEvenTurns{15, 30, 45, 60, 75};
constexpr std::array<Blur, 8> kBlurs{
    {{0.8, 1e-2}, {1.2, 3e-3}, {1.7, 1e-3}, {2.4, 1e-3}, {3.2, 1e-3}, {1.7, 2e-2}, {2.4, 1e-4}, {4.5, 1e-3}}};

/// A Data Matrix code is dark along two of its edges; a PDF417 code begins with a bar of eight modules and ends with
/// one of one.
constexpr std::array<Edges, 8> kDarkEdges{{{.bottom = 1, .left = 1},
                                           {.right = 1, .left = 8},
                                           {.top = 1, .left = 1},
                                           {.top = 1, .right = 1},
                                           {.right = 1, .bottom = 1},
                                           {.right = 8, .left = 1},
                                           {.top = 8, .bottom = 1},
                                           {.top = 1, .bottom = 8}}};

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
    return longerSide(survey) <= 300 ? 3 : longerSide(survey) <= 800 ? 2 : longerSide(survey) <= 1400 ? 1.5 : 1;
}

Round plain(const Survey &survey)
{
    Round round{{.plain = true, .first = true, .polarity = Polarity::AsIs}, {.plain = true}};
    for (const double scale : {1 / 2.0, 1 / 3.0, 1 / 4.0}) {
        if (shorterSide(survey) * scale >= 160)
            round.push_back({.scale = scale, .plain = true});
    }
    return round;
}

Round levelledAndTurned(const Survey &survey)
{
    Round round{{.tone = Tone::Levelled}, {.threshold = Threshold::Global}};
    round.push_back({.framed = true, .linear = false});
    for (std::size_t i = 0; i < survey.bars; ++i)
        round.push_back({.bars = i});
    if (enlargement(survey) > 1)
        round.push_back({.scale = enlargement(survey)});
    for (const double turn : turnsOf(survey))
        round.push_back({.turn = turn});
    for (std::size_t i = 0; i < std::min<std::size_t>(survey.regions, 2); ++i)
        round.push_back({.region = i, .stretch = 2});
    round.push_back({.mirror = true, .linear = false});
    return round;
}

Round unblurred(const Survey &survey)
{
    Round round;
    std::vector<double> turns = turnsOf(survey);
    turns.insert(turns.begin(), 0);
    if (turns.size() > 2)
        turns.resize(2);
    for (const Blur &blur : kBlurs) {
        for (const double turn : turns)
            round.push_back(
                {.scale = enlargement(survey), .turn = turn, .tone = Tone::Levelled, .blur = blur, .linear = false});
    }
    return round;
}

/// Matrix codes that run into the dark around them.
Round onDark(const Survey &survey)
{
    Round round;
    round.push_back({.scale = 2, .framed = true, .linear = false});
    for (const Edges &lost : kDarkEdges) {
        round.push_back({.lost = lost, .linear = false});
        round.push_back({.scale = 2, .lost = lost, .linear = false, .threshold = Threshold::Global});
        for (std::size_t i = 0; i < std::min<std::size_t>(survey.regions, 2); ++i)
            round.push_back({.region = i, .stretch = 2, .lost = lost, .linear = false});
    }
    return round;
}

Round seenFromAside(const Survey &survey)
{
    Round round;
    for (std::size_t i = 0; i < survey.slanted; ++i) {
        for (const double stretch : {1.0, 2.0}) {
            for (const Tone tone : {Tone::Raw, Tone::Levelled})
                round.push_back({.tone = tone, .slanted = i, .stretch = stretch});
        }
    }
    return round;
}

Round sharpened(const Survey &survey)
{
    const double large = enlargement(survey);
    return {{.scale = large, .tone = Tone::Sharp},
            {.scale = large, .tone = Tone::SoftLevelled, .threshold = Threshold::Global},
            {.scale = large, .tone = Tone::VerySharp},
            {.scale = large, .tone = Tone::Levelled},
            {.tone = Tone::Calm},
            {.scale = 0.5, .tone = Tone::Soft},
            {.tone = Tone::VeryCalm},
            {.tone = Tone::Soft},
            {.mirror = true, .tone = Tone::Levelled, .linear = false},
            {.scale = large, .mirror = true, .linear = false}};
}

Round turnedAgain(const Survey &survey)
{
    Round round;
    const double large = enlargement(survey);
    for (const double turn : turnsOf(survey)) {
        round.push_back({.turn = turn, .tone = Tone::SoftLevelled, .threshold = Threshold::Global});
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
                round.push_back({.tone = tone, .region = i, .stretch = stretch, .linear = false});
        }
        round.push_back({.mirror = true, .tone = Tone::Levelled, .region = i, .stretch = 2, .linear = false});
        round.push_back({.region = i, .stretch = 2, .framed = true, .linear = false});
        for (const std::size_t blur : {1, 2, 3})
            round.push_back({.tone = Tone::Levelled, .blur = kBlurs[blur], .region = i, .stretch = 2, .linear = false});
        round.push_back(
            {.tone = Tone::Soft, .region = i, .stretch = 1.5, .linear = false, .threshold = Threshold::Global});
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

std::vector<Round> stillRecipes(const Survey &survey)
{
    return {plain(survey),     levelledAndTurned(survey), onDark(survey), seenFromAside(survey), sharpened(survey),
            unblurred(survey), turnedAgain(survey),       cutOut(survey), everyAngle(survey)};
}

std::vector<Round> liveRecipes(const Survey &survey)
{
    // Most codes are large in a camera's frame: after one look at all of it, half the size does.
    Round quick{{.linear = false, .quarterTurns = false, .polarity = Polarity::Inverted},
                {.scale = 0.5, .tone = Tone::Levelled},
                {.scale = 0.5, .mirror = true, .linear = false, .polarity = Polarity::AsIs}};
    for (const double turn : turnsOf(survey))
        quick.push_back({.scale = 0.5, .turn = turn});
    for (std::size_t i = 0; i < survey.bars; ++i)
        quick.push_back({.bars = i});
    for (std::size_t i = 0; i < std::min<std::size_t>(survey.regions, 2); ++i)
        quick.push_back({.region = i, .stretch = 1});
    if (survey.regions > 0)
        quick.push_back({.tone = Tone::Levelled, .region = 0, .stretch = 1.5});
    quick.push_back({.scale = 0.5, .tone = Tone::Sharp, .linear = false, .polarity = Polarity::AsIs});
    return {{{.plain = true, .first = true, .polarity = Polarity::AsIs}}, quick};
}

Round restRecipes(const Survey &survey)
{
    Round round;
    if (survey.regions > 0)
        round.push_back({});
    // Each piece by itself: of several Data Matrix codes ZXing finds one, and of Aztec codes the one in the middle.
    for (std::size_t i = 0; i < survey.regions; ++i) {
        round.push_back({.region = i, .stretch = 2});
        round.push_back({.tone = Tone::Levelled, .region = i, .stretch = 1});
        round.push_back({.tone = Tone::Sharp, .region = i, .stretch = 3, .linear = false});
    }
    return round;
}

} // namespace voelgoed::hal
