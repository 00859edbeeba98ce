#pragma once

#include <string>
#include <string_view>

namespace voelgoed::redis {

/// SHA-1 in lower-case hexadecimal: the name that Redis gives to a script. Protects nothing.
std::string sha1Hex(std::string_view text);

} // namespace voelgoed::redis
