#pragma once

#include "device/core/hal/barcode_reader.h"
#include "device/hal/reader/view.h"

#include <vector>

namespace voelgoed::hal {

/// Which codes to look for in a view. Lines and matrices are searched in calls of their own: ZXing 1.4.0 aborts when it
/// finds one linear code at two scales of one call.
enum class Kinds : std::uint8_t { Linear, Matrix };
enum class Threshold : std::uint8_t { Local, Global };

struct ScanOptions
{
    Kinds kinds = Kinds::Matrix;
    Threshold threshold = Threshold::Local;
    int minLines = 2; ///< scan lines of a linear code that have to agree
    bool quarterTurns = true;
};

/// The one code that ZXing finds by its own ways, as a gate without retries would: fast where there is one.
std::vector<ReadCode> scanPlainly(const View &view);

/// What ZXing finds in the view as it is; corners in the source's coordinates.
std::vector<ReadCode> scanView(const View &view, const ScanOptions &options);

/// The linear codes in one row of dark (0) and light (255), read from either end; without corners.
std::vector<ReadCode> scanRow(const cv::Mat &row);

} // namespace voelgoed::hal
