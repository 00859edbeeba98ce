#pragma once

#include "device/core/profile/file_lock.h"
#include "device/core/profile/files.h"
#include "device/core/profile/identity.h"
#include "device/core/scan/engine.h"
#include "device/gate/ask.h"
#include "device/gate/data_folder.h"
#include "device/gate/jobs.h"

#include <memory>
#include <optional>

namespace voelgoed::gate {

struct OpenGate
{
    std::unique_ptr<profile::Identity> identity;
    std::optional<profile::FileLock> rescue; ///< of the rescue journal: no two devices share one
    std::unique_ptr<scan::Engine> engine;
    std::optional<profile::PlacedFile> file; ///< the device's
};

struct OpenGateOptions
{
    std::string rescue; ///< the rescue journal; empty: where the folder remembers it
    ticket::AimMarker aim = ticket::AimMarker::NotSent;
};

/// The engine of a folder that was taken; makes the device's identity when the folder is new. The machine must outlive
/// it.
base::Result<OpenGate> openGate(const DataFolder &folder, const OpenGateOptions &options, const Machine &machine);

} // namespace voelgoed::gate
