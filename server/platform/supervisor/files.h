#pragma once

#include "shared/base/result.h"

#include <string>
#include <string_view>

namespace voelgoed::supervisor {

/// Writes a file beside itself and moves it into place. Readable by everybody: there are no secrets in our settings.
base::Result<void> writeSettings(const std::string &file, std::string_view text);

/// The last lines of a log, for the error that says why a child did not start. Empty without one.
std::string lastLines(const std::string &file, std::size_t bytesMax = 800);

/// As a settings file of PostgreSQL or Redis takes it, in quotes.
std::string inQuotes(std::string_view text, char quote);

} // namespace voelgoed::supervisor
