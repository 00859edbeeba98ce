#pragma once

#include "server/platform/redis/client.h"

#include <optional>
#include <string>
#include <string_view>

namespace voelgoed::redis {

inline constexpr std::size_t kCommandMax = std::size_t{64} << 20; ///< bytes of one command

/// Appends the command as Redis reads it.
void append(std::string &out, const Command &command);

/// Invalid for a command without words, one that is too large, and one that a shared connection cannot carry.
base::Result<void> check(const Command &command);

/// The first key, if the command has one.
std::optional<std::string_view> keyOf(const Command &command);

/// The command's name in capitals, without what does not belong into a name: for metrics.
std::string nameOf(const Command &command);

} // namespace voelgoed::redis
