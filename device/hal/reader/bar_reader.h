#pragma once

#include "device/hal/reader/bar_patch.h"
#include "device/hal/reader/scan_view.h"

namespace voelgoed::hal {

/// How a patch of bars is read.
struct BarOptions
{
    bool thorough = true;
};

/// Reads a linear code from its bars: the grey levels are averaged along the bars, which takes the noise out and shows
/// more than the pixels do where the bars stand at an angle; blur is undone; and only then it is asked which bars these
/// are. Strips at several heights are read each for itself, in several ways, and a reading counts when strips that
/// share no pixel agree on it and none of weight says otherwise. Corners are in the coordinates of `view`'s source.
std::vector<ReadCode> readBars(const View &view, const BarPatch &patch, const BarOptions &options);

} // namespace voelgoed::hal
