#pragma once

#include "device/gate/job.h"
#include "shared/base/result.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

/// How other commands reach a gate that runs: a Unix socket in its folder, for the folder's owner alone.
///
/// A request is one line of JSON, at most 64 KiB. The answer is lines: "o TEXT" for the standard output, "e TEXT" for
/// the standard error, and "x STATUS" at the end.
namespace voelgoed::gate {

/// The gate's side. One thread; never blocks.
class ControlServer
{
public:
    /// Makes the job that a request asks for.
    using MakeJob = std::function<std::unique_ptr<Job>(const std::string &request)>;

    static base::Result<std::unique_ptr<ControlServer>> open(const std::string &folder, MakeJob makeJob);
    ~ControlServer();

    ControlServer(const ControlServer &) = delete;
    ControlServer &operator=(const ControlServer &) = delete;

    struct Waiting
    {
        int descriptor;
        bool forOutput;
    };
    /// What to wait on besides other things.
    std::vector<Waiting> waiting() const;
    /// Whether a job has work to do that waits for nothing.
    bool isBusy() const;
    /// Takes what came in, does a step of each job, sends what can be sent.
    void turn();

private:
    struct Client;

    ControlServer(std::string path, int listening, MakeJob makeJob);
    using Clients = std::vector<std::unique_ptr<Client>>;
    /// The oldest that asks nothing or does not read its answer: it goes when somebody else comes and all places are
    /// taken.
    Clients::const_iterator idler() const;
    void accept();
    void serve(Client &client);

    std::string m_path;
    int m_listening;
    MakeJob m_makeJob;
    Clients m_clients; ///< in the order in which they came
};

/// The other side: sends a request to the gate that runs in the folder, passes its lines to `output` as they come, and
/// returns its exit status. NotFound when nobody listens.
base::Result<int> askRunningGate(const std::string &folder, const std::string &request,
                                 const std::function<void(const Output &)> &output);

/// Of a gate that has the folder and does not answer in time.
base::Error silence(const std::string &folder);

} // namespace voelgoed::gate
