#pragma once

#include <string>

namespace voelgoed::gate {

/// What a job has to say: lines for the standard output and for the standard error.
struct Output
{
    std::string out;
    std::string err;
};

/// A verb at work, cut into short steps, so that a gate that runs can do it between two scans, and a verb of its own
/// can do it in one go.
class Job
{
public:
    virtual ~Job() = default;

    enum class State { More, Done };

    /// A few milliseconds of work.
    virtual State step(Output &output) = 0;
    /// Of the whole program; valid once done.
    virtual int exitStatus() const = 0;
};

} // namespace voelgoed::gate
