#pragma once

#include "device/core/hal/barcode_reader.h"
#include "device/hal/reader/view.h"

namespace voelgoed::hal {

/// Where a code stands in the picture, as far as the lines and modules that were read reach.
class Footprint
{
public:
    explicit Footprint(const ReadCode &code);

    double area() const;
    /// How much of the smaller one of the two lies in the other, 0 to 1.
    double sharedWith(const Footprint &other) const;

    /// Corners, clockwise or counter-clockwise; at least a few pixels high.
    const Quad &corners() const { return m_corners; }

private:
    Quad m_corners;
};

/// For a linear code: the distance in pixels of the source between the outermost lines that read it.
double thickness(const ReadCode &code);

/// Whether bars stand there: how much of what changes along the lines of a linear code is the same in all of them, 0
/// to 1. In a matrix code, in which a line can look like bars, the next lines look otherwise. The code's corners are in
/// the coordinates of the view's source.
double barsInCommon(const View &view, const ReadCode &code);

} // namespace voelgoed::hal
