#pragma once

#include "server/platform/actions/registry.h"

namespace voelgoed::actions {

struct ApiFacts
{
    std::string version;
    std::string server; ///< URL
};

/// The registry as an OpenAPI 3.1 document.
base::Json openApi(const Registry &registry, const ApiFacts &facts);

} // namespace voelgoed::actions
