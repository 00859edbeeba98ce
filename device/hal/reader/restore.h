#pragma once

#include "device/hal/reader/view.h"

namespace voelgoed::hal {

/// What is assumed of a blur that is to be undone.
struct Blur
{
    double sigma = 1;    ///< of the Gaussian, in pixels
    double noise = 1e-3; ///< power of the noise beside the picture's: the larger, the more careful
};

/// The picture as it was before the blur, as far as the noise lets one know (Wiener's filter). Also undoes a blur of
/// another shape and about that width, less well. 8 bits grey.
View restored(const View &view, const Blur &blur);

/// The same for one row of CV_32F.
cv::Mat restoredRow(const cv::Mat &row, const Blur &blur);

} // namespace voelgoed::hal
