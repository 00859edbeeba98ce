#include "shared/base/ensure.h"

#include <cstdio>
#include <cstdlib>

namespace voelgoed::base {

void failedEnsure(const char *what, const std::source_location &where) noexcept
{
    std::fprintf(stderr, "%s:%u: %s: invariant broken: %s\n", where.file_name(), where.line(), where.function_name(),
                 what);
    std::abort();
}

} // namespace voelgoed::base
