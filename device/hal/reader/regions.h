#pragma once

#include "device/hal/reader/view.h"

namespace voelgoed::hal {

/// Where a picture has as many edges as a barcode.
struct Regions
{
    std::vector<Quad> upright; ///< the narrowest rectangle around each, largest first
    std::vector<Quad> slanted; ///< the outline, where it has four corners and is no rectangle: a code seen from aside
};

struct RegionSearch
{
    std::size_t upright = 4; ///< at most
    std::size_t slanted = 3;
};

Regions busyRegions(const cv::Mat &pixels, const RegionSearch &wanted);

} // namespace voelgoed::hal
