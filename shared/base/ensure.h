#pragma once

#include <source_location>

namespace voelgoed::base {

/// Prints where and what, and aborts. The supervisor starts the program again; nothing durable is lost.
[[noreturn]] void failedEnsure(const char *what, const std::source_location &where) noexcept;

/// An assertion that is also compiled into releases: a broken invariant ends the program instead of admitting somebody.
inline void ensure(bool holds, const char *what, const std::source_location &where = std::source_location::current())
{
    if (!holds) [[unlikely]]
        failedEnsure(what, where);
}

} // namespace voelgoed::base
