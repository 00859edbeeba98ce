#pragma once

#include "server/platform/jobs/registry.h"

namespace voelgoed::jobs {

/// How an attempt is written down: see platform.finish_job().
struct End
{
    std::string state; ///< as jobs.state has it
    base::Milliseconds delay{};
    std::optional<std::string> told; ///< for people: why it did not go well
    base::Json result;
};

End endOf(const Outcome &outcome);
/// A failure: tried again after the kind's backoff and up to a tenth more, or given up. Who retried a job by hand
/// begins with short waits again. No kind: one that is not known here.
End endOf(const base::Error &error, const Attempt::Job &job, const Kind *kind, base::Random &random);

/// The statement that ends it, for the attempt's own transaction or alone. Fails with isNoLongerOurs() when the job is
/// another worker's by now, or was called off.
pg::Query finish(const Attempt::Job &job, const std::string &worker, const End &end);
bool isNoLongerOurs(const base::Error &error);

} // namespace voelgoed::jobs
