#pragma once

#include "shared/base/result.h"

#include <cstddef>
#include <string_view>
#include <vector>

namespace voelgoed::artwork {

/// The modules of a QR code (ISO/IEC 18004), without a quiet zone.
struct QrSymbol
{
    std::size_t width = 0;
    std::vector<bool> modules; ///< row by row, true is dark

    bool isDark(std::size_t x, std::size_t y) const { return modules[y * width + x]; }
};

inline constexpr std::size_t kQrTextMax = 512;

/// The smallest symbol at level M that holds the text in one segment: numeric or alphanumeric where the text allows it,
/// else bytes as they are. Invalid when the text is empty or longer than kQrTextMax.
base::Result<QrSymbol> qrSymbol(std::string_view text);

} // namespace voelgoed::artwork
