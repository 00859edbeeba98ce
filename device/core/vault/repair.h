#pragma once

#include "device/core/journal/salvage.h"
#include "device/core/storage/names.h"
#include "device/core/vault/vault.h"

#include <optional>
#include <string>

namespace voelgoed::vault {

/// What there is in a device's file, and what a repair would make of it.
struct Findings
{
    std::optional<base::Error> damage; ///< nothing: the file is sound
    journal::Salvaged journal;
    std::uint64_t rescued = 0;    ///< rows in the rescue journal
    std::uint64_t unreadable = 0; ///< pages that the disk would not give
    bool keepsList = false;       ///< else the bundle has to be loaded again
    std::uint32_t tickets = 0;
    bool keepsTrust = false; ///< else the signer has to be named again
};

/// How far a repair jumps ahead of the highest number that it saw, rows and epochs alike: what is gone may have been
/// numbered higher, and no number is ever given twice.
inline constexpr std::uint64_t kNumberMargin = 1'000'000;

/// Finishes a repair that was cut off, then looks: at the file as a gate does, and, if that refuses it, at its pages.
/// Changes nothing else. NotFound when there is no file and never was one; Unavailable when the disk cannot be read.
base::Result<Findings> examine(const VaultOptions &options, storage::Names &names, base::Random &random);

/// Builds a new file from what was found and puts it in force; the old files, rescue journal included if it was of use
/// or damaged, go into the folder `aside` and stay there. Cut off at any moment, the old or the new file is in force,
/// or examine() makes it the new one; repair() again is then fine. After a failure nothing has changed, unless
/// examine() finds it sound.
base::Result<void> repair(const VaultOptions &options, const Findings &findings, const std::string &aside,
                          storage::Names &names);

} // namespace voelgoed::vault
