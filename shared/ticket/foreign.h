#pragma once

#include "shared/base/result.h"
#include "shared/domain/ids.h"

#include <string>
#include <string_view>

/// Codes of other ticketing systems: text that means nothing to us, looked up by its hash.
namespace voelgoed::ticket {

/// Longer texts are no ticket codes.
inline constexpr std::size_t kForeignMax = 512;

/// Whether the reader puts an AIM symbology identifier (ISO/IEC 15424: `]`, a letter, a digit) before what it read.
/// Its profile says so; a code may begin like one by itself.
enum class AimMarker { NotSent, Sent };

/// What was read, without what readers and spreadsheets put around it: the reader's one AIM marker off, control
/// characters (below U+0020, and U+007F) off, blanks at both ends off, leading ECI markers (a backslash and six digits)
/// off. Case and everything else are kept, and nothing is interpreted; bytes that are not UTF-8 pass through. A T1 code
/// comes out as it went in. Invalid when nothing is left, or more than kForeignMax bytes were read.
///
/// Codes are cleaned in the same way when a guest list is imported (NotSent) and when they are read. Cleaning what was
/// cleaned (NotSent) changes nothing.
base::Result<std::string> cleanForeign(std::string_view read, AimMarker marker);

/// What was read without the reader's AIM marker, and with everything else: for codes that are strict about what stands
/// before and after them.
std::string_view withoutMarker(std::string_view read, AimMarker marker);

/// The first 16 bytes of SHA-256 over the cleaned text.
domain::CodeHash foreignHash(std::string_view cleaned);

} // namespace voelgoed::ticket
