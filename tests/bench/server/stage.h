#pragma once

#include "device/core/profile/identity.h"
#include "device/gate/practice_event.h"
#include "tests/bench/figure.h"
#include "tests/bench/server/child.h"
#include "tests/support/event_desk.h"
#include "tests/support/plain_http.h"

#include <map>
#include <memory>

/// A real server on a disk, with organizations, events and paired gates, for the figures of the server. What cannot be
/// set up ends the program: nothing could be measured then.
namespace voelgoed::bench {

struct Organization
{
    std::string id, token;
    std::unique_ptr<support::EventDesk> desk;
};

/// A device that was paired by the real program.
struct PairedDevice
{
    std::string folder;
    profile::Identity identity;
    base::Uuid event{};
    std::string gate;
};

class Stage
{
public:
    explicit Stage(const BenchSettings &settings);
    ~Stage();

    support::PlainHttp http() const { return support::PlainHttp(m_url); }
    const std::string &url() const { return m_url; }
    std::uint16_t port() const;
    pid_t server() const { return m_server->pid(); }
    /// Ends with the stage. Of the server's disk.
    const std::string &folder() const { return m_folder; }
    std::string program(const std::string &name) const { return m_programs + "/" + name; }

    /// Organizations are told apart by a number, and made when they are first asked for.
    Organization &organization(int number = 1);

    /// An event at which the doors have been open for an hour, with tickets from 1 on and codes CODE-1 and so on.
    base::Uuid makeEvent(Organization &organization, std::uint32_t tickets);

    /// One that its organizer made: an adults' ticket, a gate, a checkpoint; published.
    std::string createEvent(const Organization &organization);

    PairedDevice pair(const Organization &organization, const base::Uuid &event, const std::string &gate = "north");
    /// A gate's first start: returns once it has its list.
    void fetchList(const PairedDevice &device) const;
    /// The real program at work in a device's folder, with JSON lines for its answers.
    std::unique_ptr<Child> runGate(const PairedDevice &device) const;

    /// A postgres URL for the superuser, whom row security does not bind.
    std::string superuser() const;

private:
    std::string m_programs, m_folder, m_url;
    std::unique_ptr<Child> m_server;
    std::map<int, Organization> m_organizations;
    base::SeededRandom m_random{5};
    gate::PracticeKeys m_keys = gate::PracticeKeys::make(m_random);
    std::uint32_t m_shortId = 100;
    int m_devices = 0, m_created = 0;
};

} // namespace voelgoed::bench
