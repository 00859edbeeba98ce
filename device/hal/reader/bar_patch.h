#pragma once

#include "device/hal/reader/view.h"

#include <array>

namespace voelgoed::hal {

/// A piece of a picture in which parallel bars stand, at any angle.
struct BarPatch
{
    cv::Point2d centre;
    double angle = 0;  ///< radians, of the axis along which the bars follow each other
    double length = 0; ///< pixels along that axis
    double height = 0; ///< pixels along the bars

    /// Where `along` and `up`, pixels from the centre on the two axes, lie in the picture.
    cv::Point2d at(double along, double up) const;
    std::array<cv::Point2d, 4> corners() const;
};

struct PatchSearch
{
    std::size_t most = 4;
    int side = 1'000; ///< pixels: of the largest copy that is searched; patches of finer bars need a larger one
};

/// The pieces that look most like a linear code, most edges first. Their angles are exact to a small part of a degree.
std::vector<BarPatch> barPatches(const cv::Mat &pixels, const PatchSearch &wanted);

/// The picture's grey levels across the bars, `perPixel` of them a pixel, averaged along the bars from `from` to `to`
/// (pixels from the centre): one row of CV_32F. Goes beyond the patch at both ends by `beyond` of its length.
struct Strip
{
    double from = 0;
    double to = 0;
    double perPixel = 4;
    double beyond = 0.1;
    double every = 1; ///< pixels from one line that is averaged to the next
};
cv::Mat profileOf(const cv::Mat &pixels, const BarPatch &patch, const Strip &strip);

} // namespace voelgoed::hal
