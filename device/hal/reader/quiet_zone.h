#pragma once

#include "device/core/hal/barcode_reader.h"
#include "device/hal/reader/bar_patch.h"

namespace voelgoed::hal {

/// Whether the bars end where `code` does: false when more of them stand right beside it, as when a scan line that runs
/// out of a slanted code has read only a part of it. Of use for kinds whose parts are codes again (ITF, Code 39). The
/// code's corners are in the coordinates of the view's source.
bool endsWithItsBars(const View &view, const ReadCode &code);

/// Whether an end of the code lies on the edge of the picture, so that there may have been more of it.
bool touchesEdge(const ReadCode &code, cv::Size picture);

/// How much of the bars at its place a code takes up, however it was read: the bars of a whole code are its own from
/// the first to the last.
enum class Share : std::uint8_t {
    None, ///< the patch is elsewhere, or its bars go another way
    Part,
    Whole
};
/// The patch is one of `view`.
Share shareOf(const ReadCode &code, const BarPatch &patch, const View &view);

} // namespace voelgoed::hal
