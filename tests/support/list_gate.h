#pragma once

#include "device/core/scan/engine.h"
#include "device/gate/practice_event.h"
#include "shared/base/random.h"
#include "tests/support/hand_clock.h"

#include <memory>
#include <string>
#include <vector>

namespace voelgoed::support {

/// A device for the practice event, with the tickets that a test puts on the list.
class ListGate
{
public:
    /// `vfs`: a disk's name; empty: the operating system's, in the folder that the program is in.
    explicit ListGate(std::string vfs);

    void addForeign(std::uint32_t ordinal, const std::string &code, std::uint8_t generation = 0);
    /// Returns its code.
    gate::PracticeTicket addSigned(std::uint32_t ordinal);

    /// Opens the device's file and, if there is a list, takes up the post at the main entrance. Fails as the disk does.
    base::Result<std::unique_ptr<scan::Engine>> start();
    /// The list as it is now, as a signed bundle in a file of the caller's to remove. Each is newer than the last.
    std::string writeBundle();
    /// The same, loaded into a gate that is open, and put in force.
    base::Result<void> loadInto(scan::Engine &engine);
    /// Opens it, loads the list, and closes it.
    base::Result<void> load();

    HandClock clock;
    base::SeededRandom random{99};
    profile::Identity identity;
    gate::PracticeKeys keys;
    base::Instant opens = *base::parseInstant("2026-12-05T16:00:00Z");
    gate::PracticeEvent event;
    protocol::Definition definition;          ///< the event's, as a test wants it
    std::vector<protocol::ListedTicket> list; ///< in ascending order of ordinal

private:
    std::string m_vfs;
    std::uint64_t m_sequence = 0;
};

/// Loads a bundle into a gate that is open, and puts it in force.
base::Result<void> loadBundle(scan::Engine &engine, const std::string &path);

/// Presents a text as a line that came in.
inline scan::Judged present(scan::Engine &engine, const std::string &code)
{
    const base::ByteView bytes = base::bytesOf(code);
    return engine.judge({.read = {.code = {bytes.begin(), bytes.end()}}});
}

} // namespace voelgoed::support
