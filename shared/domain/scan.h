#pragma once

#include "shared/base/instant.h"
#include "shared/domain/ids.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace voelgoed::domain {

enum class Direction { Entry, Exit };

/// What a gate knows of the time of a scan.
enum class TimeTrust {
    Full,
    NotBefore, ///< it is `at`, or later: what time decides is undecided
    None,
};

/// A supervisor's decision to let somebody pass against the rules.
struct Override
{
    OperatorId by;
    std::string why;

    friend bool operator==(const Override &, const Override &) = default;
};

/// One presentation of a code at a place. `gate`, `device` and `nonce` may be empty: checks on them are then skipped.
struct Scan
{
    base::Instant at; ///< corrected time
    CheckpointId checkpoint;
    GateId gate;
    DeviceId device;
    Direction direction = Direction::Entry;
    std::string code;        ///< exactly what was read, as bytes
    std::string nonce;       ///< the device's name for this presentation: the same nonce is the same presentation
    std::uint16_t count = 1; ///< persons who pass now
    bool confirmPending = false;
    std::map<QuestionId, std::string> answers; ///< given at the door
    std::optional<Override> override;
    SessionId session;
    OperatorId operatedBy;
    bool test = false; ///< judged and journalled; never history, occupancy or incident

    friend bool operator==(const Scan &, const Scan &) = default;
};

/// An admitted scan as the history of a ticket at a checkpoint keeps it. The views borrow from whoever holds the
/// history.
struct Passage
{
    base::Instant at;
    std::string_view device;
    Sequence sequence;
    std::string_view nonce;
    std::string_view gate;
    Direction direction = Direction::Entry;
    std::uint16_t count = 1;
    bool overridden = false; ///< admitted against the rules, by a supervisor

    friend bool operator==(const Passage &, const Passage &) = default;
};

/// The total order of scans: corrected time, then device, then sequence. The same on every machine, whatever the order
/// of arrival.
inline bool earlier(const Passage &a, const Passage &b)
{
    if (a.at != b.at)
        return a.at < b.at;
    if (a.device != b.device)
        return a.device < b.device;
    return a.sequence < b.sequence;
}

} // namespace voelgoed::domain
