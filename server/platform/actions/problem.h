#pragma once

#include "server/platform/actions/input.h"
#include "server/platform/http/message.h"
#include "shared/base/error.h"

namespace voelgoed::actions {

struct ProblemFacts
{
    std::string instance; ///< the path that was asked
    std::string requestId;
    std::vector<FieldError> errors;
    std::optional<base::Milliseconds> retryAfter;
};

/// A failure as clients see it: problem+json (RFC 9457) with `code`, `errors` and `request_id`. Says what the failure's
/// hint and word say, never its message: that is for the log.
http::Response problem(const base::Error &error, const ProblemFacts &facts);

/// The one table of codes: 400, 401, …
int statusOf(const base::Error &error);

} // namespace voelgoed::actions
