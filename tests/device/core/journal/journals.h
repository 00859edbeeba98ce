#pragma once

#include "device/core/journal/journal.h"
#include "device/core/storage/settings.h"
#include "shared/domain/verdict.h"
#include "shared/protocol/row.h"
#include "tests/support/crash_disk.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

/// Journals on crash disks, without a vault around them.
namespace voelgoed::journal::sample {

inline const domain::DeviceId kOwn{"device-1"};
inline const base::Instant kStart = *base::parseInstant("2026-12-05T18:00:00Z");

/// An open journal and the file that it is in.
struct Device
{
    std::unique_ptr<storage::Database> database;
    std::optional<Journal> journal;

    /// The journal first: what it prepared belongs to the database.
    void close()
    {
        journal.reset();
        database.reset();
    }

    static base::Result<Device> open(const support::CrashDisk &disk)
    {
        Device device;
        auto database = storage::Database::open({.path = "gate.db", .vfs = disk.name()});
        if (!database)
            return database.error();
        device.database = std::move(*database);
        if (auto made = storage::makeSettings(*device.database); !made)
            return made.error();
        auto journal = Journal::open(*device.database, kOwn);
        if (!journal)
            return journal.error();
        device.journal.emplace(std::move(*journal));
        return device;
    }
};

inline StoredRow stored(domain::Row row)
{
    auto bytes = protocol::encode(row);
    const domain::RowHash hash = protocol::hashOf(bytes);
    return {std::move(bytes), hash, std::move(row)};
}

inline domain::ScanRecord scanOf(std::uint32_t ordinal, domain::Outcome outcome = domain::Outcome::Admit)
{
    domain::ScanRecord scan;
    scan.checkpoint = {"main"};
    scan.gate = {"north"};
    scan.ordinal = {ordinal};
    scan.outcome = domain::word(outcome);
    scan.reason = domain::word(outcome == domain::Outcome::Admit ? domain::Reason::Ok : domain::Reason::Unknown);
    return scan;
}

/// Rows that continue each other, from number 1 on.
class Chain
{
public:
    StoredRow next(domain::RowContent what)
    {
        domain::Row row{.key = {kOwn, epoch, {m_tail.sequence.value + 1}},
                        .previous = m_tail.hash,
                        .event = {"fest"},
                        .at = kStart + base::Milliseconds(m_tail.sequence.value),
                        .what = std::move(what)};
        StoredRow made = stored(std::move(row));
        m_tail = {made.row.key.sequence, made.row.key.epoch, made.hash};
        return made;
    }
    std::vector<StoredRow> scans(std::uint32_t count)
    {
        std::vector<StoredRow> rows;
        for (std::uint32_t n = 1; n <= count; ++n)
            rows.push_back(next(scanOf(n)));
        return rows;
    }

    domain::Epoch epoch{1};

private:
    Tail m_tail;
};

} // namespace voelgoed::journal::sample
