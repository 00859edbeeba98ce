#pragma once

#include "shared/base/bytes.h"

#include <opencv2/core.hpp>

/// Grey pictures in the formats that phones and websites use, besides PNG (code_pictures.h).
namespace voelgoed::support {

base::Bytes asJpeg(const cv::Mat &picture);
/// Four channels: cyan, magenta, yellow and black, 255 being none, as printers' programs write them.
base::Bytes asPrintedJpeg(const cv::Mat &inks);
base::Bytes asWebp(const cv::Mat &picture);

/// A PNG that says that it is so large and has no pixels.
base::Bytes pngHeader(std::uint32_t width, std::uint32_t height);

} // namespace voelgoed::support
