#pragma once

#include "device/core/hal/barcode_reader.h"

#include <opencv2/core.hpp>

#include <chrono>
#include <functional>
#include <vector>

namespace voelgoed::hal {

struct SearchOptions
{
    Effort effort = Effort::Still;
    std::vector<int> skip{};             ///< attempts that are left out: they ended a reader
    std::chrono::milliseconds budget{0}; ///< 0: the effort's own
};

/// Told what goes on, as it happens.
struct SearchObserver
{
    std::function<void(int attempt)> begins;
    std::function<void(const ReadCode &)> found; ///< each code once
};

/// Keeps the memory of one picture for the next, in the whole process: taking it anew from the system costs a fifth of
/// a camera frame's time.
void keepMemory();

/// Looks for codes in a grey picture, in one way after another, from the plainest to the most laborious: as it is,
/// inverted, levelled, enlarged, turned, mirrored, sharpened, calmed, cut out and seen from the front. A code that only
/// a changed picture shows has to convince: weak kinds (without error correction or a strong checksum) in two ways.
/// Returns how many attempts there were, those left out included.
int search(const cv::Mat &picture, const SearchOptions &options, const SearchObserver &observer);

} // namespace voelgoed::hal
