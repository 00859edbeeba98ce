#pragma once

#include "server/platform/actions/registry.h"
#include "server/platform/work/event_types.h"

namespace voelgoed::actions {

struct ApiFacts
{
    std::string version;
    std::string server;                           ///< URL
    const work::EventTypes *eventTypes = nullptr; ///< of webhooks; nothing: none are described
};

/// The registry as an OpenAPI 3.1 document: a path for each route, and a webhook for each type of events.
base::Json openApi(const Registry &registry, const ApiFacts &facts);

} // namespace voelgoed::actions
