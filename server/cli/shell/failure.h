#pragma once

#include "shared/base/error.h"

namespace voelgoed::cli {

/// How the program ends, by kind of failure: for scripts. Part of its interface: documented in docs/guide-admin.md.
enum class Exit {
    Done = 0,
    Fault = 1,        ///< our own, or one that nothing else here is for
    Usage = 2,        ///< the command line is wrong
    Refused = 3,      ///< the server says that the input is wrong
    NotFound = 4,     ///< there is no such thing (or it is not yours)
    NotAllowed = 5,   ///< sign in first, or somebody else has to do it
    Conflict = 6,     ///< it contradicts what is there, or somebody was faster
    NotReached = 7,   ///< no answer, or too much to do: the same again may work later
    ChecksFailed = 8, ///< doctor, audit verify: something is not as it should be
};

Exit exitFor(const base::Error &error);

} // namespace voelgoed::cli
