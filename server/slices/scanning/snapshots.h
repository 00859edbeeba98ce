#pragma once

#include "server/platform/kernel/kernel.h"
#include "server/slices/scanning/feed.h"

#include <map>

namespace voelgoed::scanning {

/// An event's feed from zero in one signed file: what a device downloads first.
struct SnapshotFile
{
    std::string path;
    std::string entityTag;
    std::int64_t head = 0;
    std::int32_t epoch = 0;
};

/// Makes bundles when they are asked for, one at a time for each event, and keeps the last of each as a file, so that
/// an interrupted download goes on in the same bytes. The server's thread; packing is done by Workers.
class Snapshots
{
public:
    explicit Snapshots(platform::Kernel &kernel) : m_kernel(kernel) {}

    /// One that is there serves as long as the feed has not gone on by much: the device follows the rest.
    async::Task<base::Result<SnapshotFile>> get(base::Uuid organization, base::Uuid event);

private:
    struct Making
    {
        explicit Making(const async::Executor &executor) : done(executor) {}
        async::Event done;
        std::optional<base::Result<SnapshotFile>> result;
    };
    async::Task<base::Result<SnapshotFile>> make(base::Uuid organization, base::Uuid event);
    std::string folder() const { return m_kernel.dataFolder + "/snapshots"; }

    platform::Kernel &m_kernel;
    std::map<base::Uuid, SnapshotFile> m_files;
    std::map<base::Uuid, std::shared_ptr<Making>> m_making;
};

} // namespace voelgoed::scanning
