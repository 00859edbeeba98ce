#pragma once

namespace voelgoed::gate {

/// Makes sure that standard input, output and error are open, so that no file of the device's ever gets one of their
/// numbers: an input that was closed is at its end, an output that was closed cannot be written. To be called before
/// anything is opened.
void openStandardStreams();

} // namespace voelgoed::gate
