#pragma once

#include "shared/base/result.h"

#include <string_view>

namespace voelgoed::ticketing::import {

enum class FileKind { Table, Json };

/// What a file is by its first bytes. Unsupported, with what to do instead: a spreadsheet, a PDF, a picture, an
/// archive, a web page.
base::Result<FileKind> fileKind(std::string_view bytes);

} // namespace voelgoed::ticketing::import
