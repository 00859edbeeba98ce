#include "server/app/composition.h"

#include "server/slices/api/module.h"
#include "server/slices/audit/module.h"
#include "server/slices/events/module.h"
#include "server/slices/scanning/module.h"
#include "server/slices/tenancy/module.h"
#include "server/slices/ticketing/module.h"

namespace voelgoed::app {

std::vector<std::unique_ptr<platform::Slice>> makeSlices(platform::Kernel &kernel)
{
    std::vector<std::unique_ptr<platform::Slice>> slices;
    slices.push_back(audit::make(kernel));
    auto tenancy = tenancy::make(kernel);
    slices.push_back(std::move(tenancy.slice));
    auto scanning = scanning::make(
        kernel, {.devices = *tenancy.devices, .badges = *tenancy.badges, .organizations = *tenancy.organizations});
    slices.push_back(std::move(scanning.slice));
    auto events = events::make(
        kernel, {.feed = *scanning.feed, .organizations = *tenancy.organizations, .badges = *tenancy.badges});
    scanning.useEvents(*events.definitions);
    slices.push_back(std::move(events.slice));
    auto ticketing = ticketing::make(
        kernel, {.events = *events.definitions, .feed = *scanning.feed, .organizations = *tenancy.organizations});
    events.useKeys(*ticketing.keys);
    slices.push_back(std::move(ticketing.slice));
    slices.push_back(api::make(kernel, *tenancy.organizations));
    return slices;
}

} // namespace voelgoed::app
