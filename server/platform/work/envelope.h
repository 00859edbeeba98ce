#pragma once

#include "server/platform/work/outgoing.h"

namespace voelgoed::work {

struct Postmark
{
    base::Uuid id{};
    base::Uuid organization{};
    base::Instant at;
    std::string requestId;
};

/// An event as it travels: CloudEvents 1.0 as JSON, with `organizationid` and `requestid` as extensions. A larger one
/// than kEventMax, or one with a field that is not flat, is a bug and ends the program.
std::string envelope(const Event &event, const Postmark &postmark);

} // namespace voelgoed::work
