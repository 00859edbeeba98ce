#include "device/gate/exchange.h"

#include "device/core/profile/enrolment.h"

#include <poll.h>

#include <algorithm>
#include <fstream>

namespace voelgoed::gate {

using base::Result;

namespace {

/// How the machine is connected, as far as the kernel's names say it: "wifi", "ethernet", "mobile".
std::string networkWord()
{
    std::ifstream routes("/proc/net/route");
    std::string name, destination, line;
    std::getline(routes, line);
    while (routes >> name >> destination && std::getline(routes, line)) {
        if (destination != "00000000")
            continue;
        return name.starts_with("wl")                              ? "wifi"
               : name.starts_with("ww") || name.starts_with("ppp") ? "mobile"
                                                                   : "ethernet";
    }
    return {};
}

} // namespace

Result<std::unique_ptr<Exchange>> Exchange::open(const DataFolder &folder, OpenGate &gate, const Machine &machine,
                                                 const Options &options)
{
    auto enrolment = profile::loadEnrolment(folder.path());
    if (!enrolment)
        return enrolment.error();
    if (!*enrolment)
        return std::unique_ptr<Exchange>();
    auto server = base::VerifyingKey::fromRaw((*enrolment)->assignment.server);
    if (!server)
        return server.error().at("the server's key");
    const domain::Epoch boot = profile::nextRequestBoot(folder.path(), machine.clock.now().wall);
    std::unique_ptr<Exchange> exchange(new Exchange());
    exchange->m_transport = options.makeTransport({.server = (*enrolment)->server,
                                                   .pin = (*enrolment)->assignment.server,
                                                   .userAgent = "voelgoed-gate/" + options.version});
    auto parties = std::make_shared<sync::Parties>(sync::Parties{
        .device = gate.identity->device, .signing = gate.identity->signing, .server = std::move(*server)});
    exchange->m_exchanger = std::make_unique<sync::Exchanger>(
        sync::ExchangerOptions{.folder = folder.path(),
                               .enrolment = std::move(**enrolment),
                               .boot = boot,
                               .software = options.version,
                               .network = networkWord(),
                               .dataKey = gate.identity->dataKey},
        std::move(parties), *gate.engine, *exchange->m_transport, machine.clock, machine.random,
        [path = folder.path()](const profile::Enrolment &now) { return profile::saveEnrolment(path, now); });
    return exchange;
}

std::optional<Exchange::Deadline> Exchange::deadlineIn(base::Milliseconds time)
{
    return std::chrono::steady_clock::now() + time;
}

bool Exchange::isOver(Deadline deadline)
{
    return std::chrono::steady_clock::now() >= deadline;
}

bool Exchange::isWoken(int wake, const std::optional<Deadline> &deadline)
{
    int timeoutMs = m_exchanger->waitMs();
    if (deadline) {
        const auto left = std::chrono::ceil<base::Milliseconds>(*deadline - std::chrono::steady_clock::now());
        timeoutMs = std::clamp(static_cast<int>(left.count()), 0, timeoutMs);
    }
    pollfd ready[2] = {{.fd = wake, .events = POLLIN, .revents = 0},
                       {.fd = m_exchanger->descriptor(), .events = POLLIN, .revents = 0}};
    ::poll(ready, 2, timeoutMs);
    return ready[0].revents != 0;
}

} // namespace voelgoed::gate
