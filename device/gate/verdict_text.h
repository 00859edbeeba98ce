#pragma once

#include "device/core/scan/judged.h"

#include <string>
#include <string_view>

namespace voelgoed::gate {

/// A verdict as door staff understand it, on one line: "GO    Adult · Wristband: blue", "STOP  Entered 19:04 at North".
std::string lineFor(const scan::Judged &judged);

/// A verdict as one line of JSON: outcome, reason, explanation, ordinal, checkpoint, seq, durable, micros, then more.
/// `from`: where it was read, an input's name or a picture's path.
std::string jsonFor(const scan::Judged &judged, std::string_view from);

} // namespace voelgoed::gate
