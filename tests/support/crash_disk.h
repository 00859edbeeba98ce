#pragma once

#include "shared/base/random.h"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

struct sqlite3_vfs;

namespace voelgoed::support {

/// A disk in memory behind SQLite's virtual file system, which loses its power, fails, fills up or lies on demand. What
/// was written and not synced may, at a cut, be there, be missing or be torn, sector by sector, in any combination; a
/// file's creation, removal and length too. A sync that fails decides that for what it should have kept: it can still
/// be read, no later sync brings it to the disk, and a cut shows what of it is there (as Linux does: "fsyncgate",
/// 2018). Registers itself under its name for as long as it lives. One thread.
class CrashDisk
{
public:
    explicit CrashDisk(std::string name, std::uint64_t seed, std::size_t sectorSize = 512);
    ~CrashDisk();

    CrashDisk(const CrashDisk &) = delete;
    CrashDisk &operator=(const CrashDisk &) = delete;

    const std::string &name() const { return m_name; }

    /// Calls so far that touch the disk: opens, reads, writes, syncs, truncations, removals.
    std::uint64_t calls() const { return m_calls; }

    /// The power goes at the n-th call from now: it and all that follow fail until reboot().
    void cutAfter(std::uint64_t calls) { m_cutAt = m_calls + calls; }
    bool isDark() const { return m_dark; }
    /// Decides what of the unsynced survived, and lights up again. Files that were open must have been closed.
    void reboot();

    enum class Failing { Once, FromThenOn };
    /// The n-th call from now fails with an I/O error, alone or with all that follow. 0: heal.
    void failAt(std::uint64_t calls, Failing how);
    bool hasFailed() const { return m_failed; }

    /// Writes that would make the disk hold more than this fail as a full one does.
    void setCapacity(std::uint64_t bytes) { m_capacity = bytes; }
    /// Syncs say yes and do nothing.
    void lie() { m_lying = true; }
    /// Every write fails, as after a remount for reading only.
    void setReadOnly(std::function<bool(const std::string &)> which) { m_readOnly = std::move(which); }

    /// Durable at once, as with a sync of the folder behind it; at a cut it has happened or not. False when it failed.
    bool rename(const std::string &from, const std::string &to);
    bool remove(const std::string &path);

    std::vector<std::byte> *contents(const std::string &path);
    std::uint64_t used() const;

private:
    struct Pending
    {
        std::uint64_t offset = 0;
        std::vector<std::byte> bytes; ///< empty: the file was cut to `offset`
    };
    struct Data
    {
        std::vector<std::byte> durable;
        std::vector<std::byte> current;
        std::vector<Pending> pending;
        bool existsDurably = false;
        bool exists = true;
    };
    struct Handle;
    struct Door;

    /// SQLITE_OK, or the code with which this call fails.
    int passes();
    void settle(Data &data);
    void applyTorn(Data &data, const Pending &write);
    static void applyWhole(Data &data, const Pending &write);

    std::string m_name;
    std::unique_ptr<sqlite3_vfs> m_vfs;
    base::SeededRandom m_random;
    std::size_t m_sector;
    std::map<std::string, std::shared_ptr<Data>> m_files;
    std::uint64_t m_calls = 0;
    std::uint64_t m_cutAt = UINT64_MAX;
    std::uint64_t m_failAt = UINT64_MAX;
    Failing m_failing = Failing::Once;
    bool m_failed = false;
    bool m_dark = false;
    bool m_lying = false;
    std::uint64_t m_capacity = UINT64_MAX;
    std::function<bool(const std::string &)> m_readOnly;
};

} // namespace voelgoed::support
