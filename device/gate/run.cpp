#include "device/gate/run.h"

#include "device/core/profile/enrolment.h"
#include "device/gate/lane.h"
#include "shared/base/text.h"

#include <fcntl.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <ostream>
#include <thread>

namespace voelgoed::gate {

namespace {

constexpr int kTries = 50;
constexpr auto kBetweenTries = std::chrono::milliseconds(100);

int g_wakeUp = -1; // the only thing that a signal's handler can reach

/// Turns SIGINT, SIGTERM and SIGHUP into a descriptor that becomes readable, for as long as it lives.
class StopSignals
{
public:
    StopSignals()
    {
        if (::pipe2(m_pipe, O_CLOEXEC | O_NONBLOCK) != 0)
            return;
        g_wakeUp = m_pipe[1];
        struct sigaction action
        {};
        action.sa_handler = [](int) {
            const char byte = 0;
            [[maybe_unused]] const ssize_t written = ::write(g_wakeUp, &byte, 1);
        };
        ::sigaction(SIGINT, &action, &m_before[0]);
        ::sigaction(SIGTERM, &action, &m_before[1]);
        ::sigaction(SIGHUP, &action, &m_before[2]); // the terminal is gone: that is no power cut
        ::signal(SIGPIPE, SIG_IGN);
    }
    ~StopSignals()
    {
        ::sigaction(SIGINT, &m_before[0], nullptr);
        ::sigaction(SIGTERM, &m_before[1], nullptr);
        ::sigaction(SIGHUP, &m_before[2], nullptr);
        ::close(m_pipe[0]);
        ::close(m_pipe[1]);
        g_wakeUp = -1;
    }
    StopSignals(const StopSignals &) = delete;
    StopSignals &operator=(const StopSignals &) = delete;

    int descriptor() const { return m_pipe[0]; }
    /// What was signalled so far was heard; from here on it takes another signal.
    void rearm() const
    {
        char heard[16];
        while (::read(m_pipe[0], heard, sizeof heard) > 0)
            ;
    }

private:
    int m_pipe[2] = {-1, -1};
    struct sigaction m_before[3] = {};
};

int failed(const base::Error &error, const Streams &streams)
{
    streams.err << errorLines(error);
    return 2;
}

/// Where the gate stands if nothing else was said: where the server has put it, the gate's first checkpoint, or the
/// event's.
scan::Post postOf(const RunOptions &options, const scan::ListInForce &list, const protocol::Assignment *assigned)
{
    scan::Post post{.checkpoint = options.checkpoint,
                    .gate = options.gate,
                    .direction = options.direction,
                    .operatedBy = options.operatedBy};
    // Whoever says where the device stands says all of it.
    if (assigned && options.gate.empty() && options.checkpoint.empty()) {
        post.checkpoint = assigned->checkpoint;
        post.gate = assigned->gate;
        post.direction = assigned->direction;
    }
    const domain::EventDefinition &event = list.definition.event;
    const domain::Gate *gate = list.rulebook.gate(post.gate.view());
    if (post.checkpoint.empty() && gate && !gate->checkpoints.empty())
        post.checkpoint = gate->checkpoints.front();
    if (post.checkpoint.empty() && !event.checkpoints.empty())
        post.checkpoint = event.checkpoints.front().id;
    return post;
}

/// "Ready: Practice evening · North · Main entrance, entry · 3024 tickets"
std::string beginLine(const scan::Engine &engine)
{
    const scan::ListInForce &list = *engine.list();
    const scan::Post &post = engine.post();
    std::string line = "Ready: " + base::printable(list.definition.event.event.name);
    if (const domain::Gate *gate = list.rulebook.gate(post.gate.view()))
        line += " · " + base::printable(gate->name);
    if (const auto *checkpoint = list.rulebook.checkpoint(post.checkpoint.view()))
        line += " · " + base::printable(checkpoint->definition.name);
    line += post.direction == domain::Direction::Exit ? ", exit" : ", entry";
    return line + " · " + std::to_string(list.head.tickets) + " tickets\n";
}

/// Nothing while the machine's clock is possible.
std::string clockWarning(const clock::Moment &moment)
{
    if (moment.state != domain::ClockState::Bracketed)
        return {};
    const std::string said = "warning: the clock says " + base::formatInstant(moment.wall) + ", and ";
    if (moment.trust == domain::TimeTrust::None)
        return said + "the list is newer: nobody can be judged before the clock is set\n";
    return said + "this device's last scan is newer: tickets whose time matters wait until the clock is set\n";
}

std::string endLines(const Tally &tally, const vault::Vault &vault)
{
    std::string lines = "Ended after " + std::to_string(tally.scans) + " scans: " + std::to_string(tally.in) +
                        " admitted, " + (tally.out > 0 ? std::to_string(tally.out) + " let out, " : "") +
                        std::to_string(tally.stopped) + " not.\n";
    if (const std::size_t rows = vault.rescuedRows().size(); rows > 0)
        lines +=
            std::to_string(rows) + " scans are in the rescue journal alone. Keep it: the next start brings them in.\n";
    return lines;
}

/// Waits for a command that looks into the folder, which is done in a moment, but not for another gate.
base::Result<DataFolder> takeFolder(const std::string &path)
{
    for (int tries = 0;; ++tries) {
        auto folder = DataFolder::take(path, DataFolder::Missing::Refuse);
        if (folder || folder.error().code != base::ErrorCode::Conflict)
            return folder;
        const auto answered = askRunningGate(path, print(StatusRequest{}), [](const Output &) {});
        if (answered)
            return base::Error{base::ErrorCode::Conflict, folder.error().message,
                               "One gate at a time: give this one a folder of its own, or end the other."};
        if (answered.error().code == base::ErrorCode::Timeout)
            return answered.error();
        if (tries == kTries)
            return silence(path);
        std::this_thread::sleep_for(kBetweenTries);
    }
}

} // namespace

/// The guest list of a gate that has none yet. Nothing when somebody asked it to stop.
base::Result<bool> waitForList(Exchange &exchange, const scan::Engine &engine, int wake, const Streams &streams)
{
    streams.err << "Fetching the guest list from " << base::printable(exchange.enrolment().server) << " …\n"
                << std::flush;
    std::string trouble;
    const auto complain = [&] {
        const std::string now = exchange.exchanger().report().trouble;
        if (!now.empty() && now != trouble)
            streams.err << "warning: " << base::printable(now, 600) << "\n" << std::flush;
        trouble = now;
    };
    const auto done = [&] { return engine.list() != nullptr || exchange.enrolment().revoked; };
    if (exchange.work(done, complain, wake, std::nullopt) == Exchange::Woken::Stopped)
        return false;
    if (!engine.list())
        return base::Error{base::ErrorCode::Forbidden, "the server has revoked this device", "Pair it again."};
    return true;
}

/// What is left goes up.
void drain(Exchange &exchange, base::Milliseconds within, int wake, const Streams &streams)
{
    sync::Exchanger &exchanger = exchange.exchanger();
    exchanger.beginDrain();
    const auto woken = exchange.work([&] { return exchanger.isDrained(); }, [] {}, wake, within);
    exchanger.flush();
    if (woken != Exchange::Woken::Done)
        streams.err << "warning: not everything went to the server; the next start goes on with it\n";
}

/// A device that was locked or revoked is that also where the server is left alone.
void keepLocked(const DataFolder &folder, scan::Engine &engine, const Streams &streams)
{
    const auto enrolment = profile::loadEnrolment(folder.path());
    if (!enrolment) {
        streams.err << "warning: whether this device is locked is not known: " << enrolment.error().message << "\n";
        return;
    }
    if (!*enrolment || !(*enrolment)->isLocked())
        return;
    engine.setLock(scan::Engine::Lock::Locked);
    streams.err << "warning: nobody is judged here: this device is "
                << ((*enrolment)->revoked ? "revoked" : "locked: " + base::printable((*enrolment)->lock.value_or("")))
                << "\n";
}

int run(const RunOptions &options, const MakeInputs &makeInputs, const Machine &machine, const Streams &streams)
{
    auto folder = takeFolder(options.folder);
    if (!folder)
        return failed(folder.error(), streams);
    auto gate = openGate(*folder, options.open, machine);
    if (!gate)
        return failed(gate.error(), streams);
    auto exchange = options.network == RunOptions::Network::WhenPaired
                        ? Exchange::open(*folder, *gate, machine, options.exchange)
                        : base::Result<std::unique_ptr<Exchange>>(nullptr);
    if (!exchange)
        return failed(exchange.error(), streams);
    if (!*exchange)
        keepLocked(*folder, *gate->engine, streams);
    const StopSignals signals; // before anybody can know that this gate is up
    if (!gate->engine->list() && *exchange) {
        const auto fetched = waitForList(**exchange, *gate->engine, signals.descriptor(), streams);
        if (!fetched)
            return failed(fetched.error(), streams);
        if (!*fetched)
            return 0;
    }
    if (!gate->engine->list())
        return failed({base::ErrorCode::NotFound, options.folder + ": no event is loaded",
                       "Load one first: voelgoed-gate load --data " + base::shellWord(options.folder) + " BUNDLE"},
                      streams);
    auto inputs = makeInputs(*folder);
    if (!inputs)
        return failed(inputs.error(), streams);
    const protocol::Assignment *assigned = *exchange ? &(*exchange)->enrolment().assignment : nullptr;
    if (auto taken = gate->engine->takePost(postOf(options, *gate->engine->list(), assigned)); !taken)
        return failed(taken.error(), streams);
    sync::Exchanger *exchanger = *exchange ? &(*exchange)->exchanger() : nullptr;
    const Workplace place{*gate->engine,  *gate->identity, machine.random, Workplace::Gate::Running,
                          folder->path(), exchanger};
    auto server = ControlServer::open(folder->path(), [&](const std::string &text) {
        const auto request = parseRequest(text);
        return request ? makeJob(*request, place) : makeFailedJob(request.error());
    });
    if (!server)
        return failed(server.error(), streams);

    if (options.style == Style::Text)
        streams.err << beginLine(*gate->engine) << std::flush;
    if (options.style == Style::Text && gate->engine->post().gate.empty() &&
        !gate->engine->list()->definition.event.gates.empty())
        streams.err
            << "warning: no gate was named (--gate): its capacity, and tickets for another gate, are not looked at\n";
    streams.err << clockWarning(gate->engine->now()) << std::flush;
    Lane lane(options, *gate, exchanger, *inputs, streams, signals.descriptor());
    const Lane::End end = lane.work(**server);
    if (end == Lane::End::FileGone) {
        streams.err << errorLines({base::ErrorCode::Unavailable,
                                   folder->file() + ": it was removed, or another file was put in its place",
                                   "Nobody was let in on it. Put the folder back, or go on in another one."});
        return 1;
    }
    gate->engine->idle();
    if (options.style == Style::Text)
        streams.err << endLines(lane.tally(), gate->engine->vault());
    if (end == Lane::End::OutputGone) {
        streams.err << errorLines({base::ErrorCode::Unavailable, "the output cannot be written",
                                   "Who was judged last is in doubt; the scan is recorded."});
        return 1;
    }
    if (auto left = gate->engine->leavePost(); !left)
        streams.err << errorLines(left.error());
    if (*exchange) {
        signals.rearm(); // whoever cannot wait for the server says so once more
        drain(**exchange, options.drain, signals.descriptor(), streams);
    }
    return 0;
}

} // namespace voelgoed::gate
