#pragma once

#include "shared/protocol/pairing.h"

#include <optional>
#include <string>

namespace voelgoed::profile {

/// Where this device belongs: kept in its folder as `pairing.json`, readable by its owner alone, beside the device's
/// file and not in it, so that a repair leaves it.
struct Enrolment
{
    std::string server;              ///< its address
    protocol::Assignment assignment; ///< by the server, at pairing and since
    bool revoked = false;            ///< the server said so: nothing more is read
    std::optional<std::string> lock; ///< why nobody is to be judged here, if so

    bool isLocked() const { return revoked || lock; }

    friend bool operator==(const Enrolment &, const Enrolment &) = default;
};

/// Nothing when the device was never paired. Corrupt when the file is there and cannot be read.
base::Result<std::optional<Enrolment>> loadEnrolment(const std::string &folder);
/// Replaces what was there, durably.
base::Result<void> saveEnrolment(const std::string &folder, const Enrolment &enrolment);

base::Result<Enrolment> parseEnrolment(const std::string &text);
std::string printEnrolment(const Enrolment &enrolment);

/// A number for whoever begins to send signed requests (protocol::RequestStamp::boot): higher each time, by what the
/// folder remembers and by the clock. Where the folder cannot be read or written, as on a full disk, the clock alone
/// keeps it so; once it is believed, it may be set back.
domain::Epoch nextRequestBoot(const std::string &folder, base::Instant wall);

} // namespace voelgoed::profile
