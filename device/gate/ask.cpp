#include "device/gate/ask.h"

#include "device/gate/control_socket.h"
#include "device/gate/open_gate.h"

#include <chrono>
#include <iostream>
#include <thread>

namespace voelgoed::gate {

namespace {

constexpr int kTries = 50;
constexpr auto kBetweenTries = std::chrono::milliseconds(100);

void print(const Output &output, const Streams &streams)
{
    streams.err << output.err << std::flush;
    streams.out << output.out << std::flush;
}

int failed(const base::Error &error, const Streams &streams)
{
    streams.err << errorLines(error);
    return 2;
}

} // namespace

int ask(const std::string &folder, const Request &request, const Machine &machine, const Streams &streams)
{
    // A gate that is just starting has the folder, and no socket yet; one that is ending the other way round.
    for (int tries = 0;; ++tries) {
        const auto answered =
            askRunningGate(folder, print(request), [&](const Output &output) { print(output, streams); });
        if (answered)
            return *answered;
        if (answered.error().code != base::ErrorCode::NotFound)
            return failed(answered.error(), streams);
        const bool loads = std::holds_alternative<LoadRequest>(request);
        auto data = DataFolder::take(folder, loads ? DataFolder::Missing::Create : DataFolder::Missing::Refuse);
        if (!data) {
            if (data.error().code != base::ErrorCode::Conflict)
                return failed(data.error(), streams);
            if (tries == kTries)
                return failed(silence(folder), streams);
            std::this_thread::sleep_for(kBetweenTries);
            continue;
        }
        auto gate = openGate(*data, {}, machine);
        if (!gate)
            return failed(gate.error(), streams);
        const auto job =
            makeJob(request, {*gate->engine, *gate->identity, machine.random, Workplace::Gate::Resting, data->path()});
        for (Job::State state = Job::State::More; state == Job::State::More;) {
            Output output;
            state = job->step(output);
            print(output, streams);
        }
        return job->exitStatus();
    }
}

} // namespace voelgoed::gate
