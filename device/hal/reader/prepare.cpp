#include "device/hal/reader/prepare.h"

#include <opencv2/imgproc.hpp>

#include <algorithm>

namespace voelgoed::hal {

namespace {

constexpr int kMargin = 12; ///< pixels

View toned(const View &view, Tone tone, Fineness fineness)
{
    const int window = std::max(31, std::max(view.pixels.cols, view.pixels.rows) / 8);
    switch (tone) {
    case Tone::Raw:
        return view;
    case Tone::Levelled:
        return levelled(view, window, fineness);
    case Tone::Sharp:
        return sharpened(view, 1.5, 2);
    case Tone::VerySharp:
        return sharpened(levelled(view, window, fineness), 2.5, 3);
    case Tone::Calm:
        return calmed(view, 3);
    case Tone::VeryCalm:
        return levelled(calmed(view, 5), window, fineness);
    case Tone::Soft:
        return softened(view, 1.6);
    case Tone::SoftLevelled:
        return levelled(softened(view, 1.2), window, fineness);
    }
    return view;
}

} // namespace

View prepared(const View &base, const Recipe &recipe, const Surroundings &around)
{
    const Fineness fineness = around.effort == Effort::Live ? Fineness::Fast : Fineness::Fine;
    View view = recipe.blur ? restored(base, *recipe.blur) : base;
    if (recipe.region || recipe.slanted) {
        const Quad &quad =
            recipe.region ? around.regions.upright[*recipe.region] : around.regions.slanted[*recipe.slanted];
        const double width = cv::norm(quad[1] - quad[0]), height = cv::norm(quad[3] - quad[0]);
        const double sideMax = around.effort == Effort::Live ? 480 : 1'000;
        const double most = sideMax / std::max({width, height, 1.0});
        const double stretch = std::min(recipe.stretch, most);
        view = rectified(view, quad,
                         cv::Size(static_cast<int>(width * stretch) + 1, static_cast<int>(height * stretch) + 1),
                         fineness);
    }
    if (recipe.scale < 1)
        view = scaled(view, recipe.scale);
    view = toned(view, recipe.tone, fineness);
    if (recipe.turn != 0)
        view = rotated(view, {.degrees = recipe.turn, .scale = std::max(1.0, recipe.scale)});
    else if (recipe.scale > 1)
        view = scaled(view, recipe.scale);
    if (recipe.mirror)
        view = mirrored(view);
    return view;
}

View finished(const View &view, const Recipe &recipe)
{
    if (recipe.plain)
        return view;
    if (recipe.lost)
        return padded(framed(view, *recipe.lost), kMargin);
    return padded(recipe.framed ? framed(view) : view, kMargin);
}

} // namespace voelgoed::hal
