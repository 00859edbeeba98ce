#pragma once

#include <opencv2/core.hpp>

namespace voelgoed::hal {

/// A coloured picture (8 bits; blue, green, red and, if there is a fourth, opacity) as the grey one that shows most.
/// What lies on a clear ground is seen on white, or on black where that shows more: white codes are made for dark
/// pages. Where colours differ in hue and hardly in lightness (red on green, black on blue), the grey is not their
/// lightness but what they differ in.
cv::Mat greyOf(const cv::Mat &colours);

} // namespace voelgoed::hal
