#pragma once

#include "server/platform/async/task.h"

#include <sys/types.h>

#include <string>
#include <vector>

namespace voelgoed::supervisor {

/// Processes that run one of these programs in this folder. Only those that this user may look at.
std::vector<pid_t> processesIn(const std::string &folder, const std::string &program);

/// Ends what a server that was killed left in a folder of its own. Most of it is dying already, so it is first waited
/// for, then asked (SIGQUIT), then killed. Unavailable when it is still there after that.
async::Task<base::Result<void>> endLeftovers(std::string folder, std::string program);

/// Keeps a second server out of a folder, for as long as it lives, also when this one is killed (flock).
class FolderLock
{
public:
    /// Conflict when another server has it.
    static base::Result<FolderLock> take(const std::string &file);

    FolderLock(FolderLock &&other) noexcept;
    FolderLock &operator=(FolderLock &&other) noexcept;
    ~FolderLock();

private:
    explicit FolderLock(int descriptor) : m_descriptor(descriptor) {}
    int m_descriptor;
};

} // namespace voelgoed::supervisor
