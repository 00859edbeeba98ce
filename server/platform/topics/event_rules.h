#pragma once

#include "shared/base/json.h"

#include <optional>
#include <string>

namespace voelgoed::topics {

/// What is wrong with an envelope, by the rules that every published event has to keep: at most 1 KB, a type with a
/// version, a time, flat data, texts of at most 255 bytes, and nothing by which a person could be found: no names, no
/// addresses, no secrets. Nothing when all is well. For tests: Topics::watch().
std::optional<std::string> complaintAbout(std::string_view event);

} // namespace voelgoed::topics
