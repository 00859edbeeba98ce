#pragma once

#include "server/platform/jobs/ends.h"

#include <memory>

namespace voelgoed::jobs {

/// An attempt that is being made.
struct Execution
{
    Attempt attempt;
    const Registry::Entry *entry = nullptr; ///< none: this server knows no such kind
    std::string queue, worker;
    base::Milliseconds began{}; ///< since boot

    enum class Life {
        Runs,
        Stops,    ///< the server goes: a failure from here on is no attempt
        Abandoned ///< nothing is written down any more
    } life = Life::Runs;
    bool isLate = false; ///< its time was over, and its end is written by whoever said so
};

struct Executed
{
    std::string state; ///< into which the job went; empty: it is left to others
    std::optional<base::Error> error;
};

/// Runs the handler, and writes down how that ended: in the handler's own transaction when it has one. While PostgreSQL
/// is away that waits, as long as nobody else has taken the job up.
async::Task<Executed> execute(std::shared_ptr<Execution> execution, base::Random &random);

/// Ends an attempt, whatever its handler still does.
async::Task<base::Result<void>> writeEnd(std::shared_ptr<Execution> execution, End end);

} // namespace voelgoed::jobs
