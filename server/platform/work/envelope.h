#pragma once

#include "server/platform/work/outgoing.h"
#include "server/platform/work/trace.h"

namespace voelgoed::work {

struct Postmark
{
    base::Uuid id{};
    base::Uuid organization{};
    base::Instant at;
    std::string requestId{};
    Trace trace{}; ///< none: the event begins one
};

/// Where the server describes what the data of events of this type holds: "/v1/schemas/events.published.v1.json".
std::string schemaPathOf(std::string_view type);

/// An event as it travels: CloudEvents 1.0 as JSON, with `organizationid`, `traceparent` and `requestid` as extensions;
/// `source` and `dataschema` are references within the server that told it. A topic adds its number, `seq`, in front:
/// with it, too, an event is not larger than eventMaxOf() its type: the longest of its texts are cut to that end. One
/// that is too large without its texts is a bug and ends the program.
std::string envelope(const Event &event, const Postmark &postmark);

/// A text attribute of an envelope that envelope() made, without reading all of it; empty when it is not there.
std::string_view attributeIn(std::string_view envelope, std::string_view name);

} // namespace voelgoed::work
