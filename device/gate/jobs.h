#pragma once

#include "device/core/profile/identity.h"
#include "device/core/scan/engine.h"
#include "device/core/sync/exchanger.h"
#include "device/gate/job.h"
#include "device/gate/request.h"

#include <memory>

namespace voelgoed::gate {

/// What a job works on. Borrows.
struct Workplace
{
    scan::Engine &engine;
    const profile::Identity &identity;
    base::Random &random;
    enum class Gate { Running, Resting } gate = Gate::Resting;
    std::string folder;
    sync::Exchanger *exchanger = nullptr; ///< of a paired gate that runs
};

/// The job of a request. The workplace's parts must outlive it.
std::unique_ptr<Job> makeJob(const Request &request, const Workplace &place);

std::unique_ptr<Job> makeStatusJob(const StatusRequest &request, const Workplace &place);
std::unique_ptr<Job> makeExportJob(const Workplace &place);
std::unique_ptr<Job> makeWhyJob(const WhyRequest &request, const Workplace &place);
std::unique_ptr<Job> makeLoadJob(const LoadRequest &request, const Workplace &place);

/// A job that says what is wrong and ends with status 2.
std::unique_ptr<Job> makeFailedJob(const base::Error &error);

/// "error: …" and, on a line of its own, what to do about it.
std::string errorLines(const base::Error &error);

} // namespace voelgoed::gate
