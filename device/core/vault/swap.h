#pragma once

#include "device/core/storage/names.h"

#include <string>

namespace voelgoed::vault {

/// What a repair has built takes the place of a device's file, and everything of the old one goes into a folder of its
/// own. A record beside the file, durable before the first name changes, makes it happen as a whole: once it is there,
/// the rest is done by whoever comes next.
struct Swap
{
    std::string path;   ///< the device's file
    std::string vfs;    ///< empty: the operating system's
    std::string rescue; ///< a rescue journal to be put aside too; empty: it stays
    std::string aside;  ///< folder for the old files; made here
};

/// Where a repair builds the new file.
std::string newFileOf(const std::string &path);
/// There while a swap is under way.
std::string swapFileOf(const std::string &path);

/// Puts the new file in force. It must be complete and durable, with no log beside it.
base::Result<void> swapIn(const Swap &swap, storage::Names &names);

/// Ends a swap that was cut off; nothing to do if there was none. To be called before a device's file is opened.
base::Result<void> finishSwap(const std::string &path, const std::string &vfs, storage::Names &names);

} // namespace voelgoed::vault
