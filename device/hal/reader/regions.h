#pragma once

#include "device/hal/reader/footprint.h"
#include "device/hal/reader/view.h"

namespace voelgoed::hal {

/// Where a picture has as many edges as a barcode.
struct Regions
{
    std::vector<Quad> upright; ///< the narrowest rectangle around each, largest first
    std::vector<Quad> slanted; ///< the outline, where it has four corners and is no rectangle: a code seen from aside
    double busy = 0;           ///< mean step between neighbouring pixels from which on it was taken for busy
};

struct RegionSearch
{
    std::size_t upright = 4; ///< at most
    std::size_t slanted = 3;
    double busy = 0; ///< at least so much; the picture decides for itself what is above that
};

Regions busyRegions(const cv::Mat &pixels, const RegionSearch &wanted);

/// The picture with these codes painted over, in the grey that is around each.
View without(const View &view, const std::vector<Footprint> &codes);

} // namespace voelgoed::hal
