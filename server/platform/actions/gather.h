#pragma once

#include "server/platform/actions/registry.h"

namespace voelgoed::actions {

/// The fields of a request as its action will read them: path and query over the JSON body; what is said twice must be
/// said the same way, else `errors` says so. Of an action that takes bytes: of the URL alone. Invalid for a body that
/// is no JSON object; then `fields` is empty.
base::Result<void> gather(const Registry::Match &match, const http::Request &request, Fields &fields,
                          std::vector<FieldError> &errors);

} // namespace voelgoed::actions
