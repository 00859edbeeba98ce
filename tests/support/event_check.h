#pragma once

#include "server/platform/topics/event_rules.h"
#include "server/platform/work/envelope.h"
#include "server/platform/work/event_types.h"
#include "shared/base/ensure.h"

#include <algorithm>

namespace voelgoed::test {

/// Ends the program when an event is not as its type was registered, or breaks a rule that all events keep. Types of
/// slices that registered none are a test's own.
inline void checkEvent(const work::EventTypes &types, std::string_view envelope)
{
    const std::string type(work::attributeIn(envelope, "type"));
    const std::string slice = type.substr(0, type.find('.') + 1);
    const bool isKnown = std::any_of(types.all().begin(), types.all().end(),
                                     [&](const auto &each) { return each.first.starts_with(slice); });
    if (!isKnown)
        return;
    auto complaint = topics::complaintAbout(envelope);
    if (!complaint)
        complaint = types.complaintAbout(type, base::parseJson(envelope)->at("data"));
    base::ensure(!complaint, (complaint.value_or("") + ": " + std::string(envelope)).c_str());
}

} // namespace voelgoed::test
