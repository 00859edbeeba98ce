#pragma once

#include "device/core/scan/judged.h"

#include <string>

namespace voelgoed::gate {

/// A verdict as door staff understand it, on one line: "GO    Adult · Wristband: blue", "STOP  Entered 19:04 at North".
std::string lineFor(const scan::Judged &judged);

/// A verdict as one line of JSON: outcome, reason, explanation, ordinal, checkpoint, seq, durable, micros, then more.
std::string jsonFor(const scan::Judged &judged);

} // namespace voelgoed::gate
