#pragma once

#include "server/platform/async/task.h"
#include "server/platform/pg/migrate.h"

#include <string_view>
#include <vector>

namespace voelgoed::platform {

/// A domain: a folder that could be deleted. Made with the kernel, it registers its actions, jobs, topics and keys.
class Slice
{
public:
    virtual ~Slice() = default;

    virtual std::string_view name() const = 0;
    virtual std::vector<pg::Migration> migrations() const = 0;
    /// Begins what runs by itself. Called once, after all slices' migrations and before anything is served.
    virtual async::Task<base::Result<void>> start() { co_return base::Result<void>(); }
};

} // namespace voelgoed::platform
