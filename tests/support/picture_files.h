#pragma once

#include "shared/base/bytes.h"

#include <opencv2/core.hpp>

/// Grey pictures in the formats that phones and websites use, besides PNG (code_pictures.h).
namespace voelgoed::support {

base::Bytes asJpeg(const cv::Mat &picture);
/// Four channels: cyan, magenta, yellow and black, 255 being none, as printers' programs write them.
base::Bytes asPrintedJpeg(const cv::Mat &inks);
base::Bytes asWebp(const cv::Mat &picture);

/// The same without a loss.
base::Bytes asLosslessWebp(const cv::Mat &picture);

/// A PNG of zeros, small as a file however large it is.
struct PngOfZeros
{
    std::uint32_t width = 0;
    std::uint32_t height = 0;
    int bits = 8;    ///< a sample
    int colours = 0; ///< PNG's colour type
    bool interlaced = false;
    std::size_t profile = 0; ///< bytes of a colour profile, when it is not compressed
};
base::Bytes pngOf(const PngOfZeros &png);

/// A PNG that says that it is so large and has no pixels.
base::Bytes pngHeader(std::uint32_t width, std::uint32_t height);

} // namespace voelgoed::support
