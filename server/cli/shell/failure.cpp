#include "server/cli/shell/failure.h"

namespace voelgoed::cli {

Exit exitFor(const base::Error &error)
{
    switch (error.code) {
    case base::ErrorCode::Invalid:
    case base::ErrorCode::Unsupported:
        return Exit::Refused;
    case base::ErrorCode::NotFound:
        return Exit::NotFound;
    case base::ErrorCode::Conflict:
        return Exit::Conflict;
    case base::ErrorCode::Unauthorized:
    case base::ErrorCode::Forbidden:
        return Exit::NotAllowed;
    case base::ErrorCode::Unavailable:
    case base::ErrorCode::Timeout:
        return Exit::NotReached;
    case base::ErrorCode::Corrupt:
    case base::ErrorCode::Internal:
        return Exit::Fault;
    }
    return Exit::Fault;
}

} // namespace voelgoed::cli
