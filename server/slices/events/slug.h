#pragma once

#include <string>
#include <string_view>

/// Short names that stand in addresses.
namespace voelgoed::events {

inline constexpr std::size_t kSlugMax = 63;

/// Lower-case letters and digits with single dashes between them, and no UUID: that is an id.
bool isSlug(std::string_view text);

/// One made of a name: letters of the Latin alphabet without their accents, digits, and a dash for whatever is between
/// them. `otherwise` when nothing is left.
std::string slugFrom(std::string_view name, std::string_view otherwise);

/// The same with "-2", "-3", … behind it.
std::string numbered(const std::string &slug, int number);

} // namespace voelgoed::events
