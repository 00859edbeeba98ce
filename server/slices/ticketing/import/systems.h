#pragma once

#include "server/slices/ticketing/import/role.h"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace voelgoed::ticketing::import {

/// The files of other systems that are known by their headers.
enum class System {
    Unknown,
    Eventbrite,
    Luma,
    Tito,
    PretixCheckinList,
    PretixPositions,
    HiEvents,
    AlfioExport,
    AlfioImport,
    Bevy,
    Meetup,
    Attendize,
    OpenEventOrders,
    OpenEventAttendees,
    Tixify,
    EventHub,
    TicketTailor,
    Tickera,
    FooEvents,
    Indico,
};

struct KnownColumn
{
    std::string_view header; ///< folded (clean.h)
    Role role;
};

/// Whether the column of Role::Code is what the tickets hold, or only most likely.
enum class Sure { Yes, No };

/// What is known about one file of one system.
struct KnownSystem
{
    System system = System::Unknown;
    std::string_view word;               ///< "pretix_checkin_list"
    std::string_view title;              ///< "pretix check-in list"
    std::vector<std::string_view> marks; ///< headers that are all there in this file, and in no other one together
    std::vector<KnownColumn> columns;    ///< of one role in order of preference, or as they are joined
    std::string_view noCode;             ///< why the file is of no use when it has none of the columns of Role::Code
    std::string_view advice;             ///< what to do then
    std::string_view remark;             ///< what to know about its codes; may be empty
    Sure sure = Sure::Yes;
};

std::string_view wordOf(System system);
std::string_view titleOf(System system);

std::span<const KnownSystem> knownSystems();

/// The system whose marks are all among the headers (folded); of several the one that knows most of them. Null: none.
const KnownSystem *systemOf(std::span<const std::string> foldedHeaders);

} // namespace voelgoed::ticketing::import
