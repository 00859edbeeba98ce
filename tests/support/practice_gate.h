#pragma once

#include "device/core/scan/engine.h"
#include "device/gate/practice_event.h"
#include "shared/base/clock.h"
#include "shared/base/random.h"
#include "tests/support/crash_disk.h"

#include <memory>
#include <string>
#include <vector>

namespace voelgoed::support {

/// A clock that a test sets.
class HandClock final : public base::Clock
{
public:
    base::ClockReading reading{.wall = *base::parseInstant("2026-12-05T18:00:00Z"), .sinceBoot = std::chrono::hours(1)};

    base::ClockReading now() override { return reading; }
    void pass(base::Milliseconds time)
    {
        reading.wall += time;
        reading.sinceBoot += time;
    }
};

/// A device with the practice event on a crash disk: what a test needs to scan tickets, lose power, and start again.
class PracticeGate
{
public:
    /// `tickets` signed ones with the ordinals from 1, as many foreign ones behind them.
    PracticeGate(CrashDisk &disk, std::uint32_t tickets);

    /// Opens the device's file and takes up the post at the main entrance. Fails as the disk does.
    base::Result<std::unique_ptr<scan::Engine>> start();
    /// Opens it and loads the event.
    base::Result<void> load();

    const std::string &signedCode(std::uint32_t ordinal) const { return m_signed.at(ordinal - 1); }
    const std::string &typedCode(std::uint32_t ordinal) const { return m_typed.at(ordinal - 1); }
    const std::string &foreignCode(std::uint32_t number) const { return m_foreign.at(number - 1); }

    HandClock clock;
    base::SeededRandom random{99};
    profile::Identity identity;
    gate::PracticeKeys keys;

private:
    CrashDisk &m_disk;
    std::string m_bundle;
    std::vector<std::string> m_signed, m_typed, m_foreign;
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
