#pragma once

#include "device/core/hal/barcode_reader.h"

#include <iosfwd>
#include <string>
#include <vector>

namespace voelgoed::gate {

/// Reads the barcodes of each file and prints one line of JSON for it:
///
///     {"file":"…","codes":[{"format":"QRCode","text":"…","hex":"…"}]}
///
/// `hex` is the payload byte for byte. Codes of a document also have their "page"; a part of a set of codes has
/// "partial". A file that cannot be read, or not as a whole, has an "error" on its line, is named on `err`, and the
/// rest go on; "unread_pages" has the first and last of each range of a document's pages that were not read. Returns 1
/// if there was such a file, else 0: also when nothing was found.
int decode(hal::BarcodeReader &reader, const std::vector<std::string> &files, std::ostream &out, std::ostream &err);

} // namespace voelgoed::gate
