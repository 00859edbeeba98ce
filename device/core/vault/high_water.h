#pragma once

#include "device/core/journal/journal.h"
#include "device/core/storage/file.h"

#include <memory>
#include <optional>
#include <string>

namespace voelgoed::vault {

/// How far the journal in the device's file has got, in a small file of its own beside it: so that a write-ahead log
/// that was lost, cut off or replaced, or a file that was put back from an older copy, is noticed instead of forgotten.
/// The same of rows in the rescue journal: one that was taken away with rows in it is missed. Written after the row is
/// durable and never synced: it may lag behind after a loss of power, and never runs ahead.
///
///     two slots (512 bytes each), taken in turns: "VGMARK01" · sequence (u64) · epoch (u32) · row's hash (32 bytes)
///     · check (8 bytes: SHA-256 of the bytes before, cut)
class HighWater
{
public:
    /// Fails when there is a mark that cannot be read. One that cannot be made, or that was torn, is none.
    static base::Result<HighWater> open(const std::string &file, const std::string &vfs);

    /// What the file held when it was opened.
    const std::optional<journal::Tail> &last() const { return m_last; }

    void raise(const journal::Tail &tail);

private:
    std::unique_ptr<storage::File> m_file;
    std::optional<journal::Tail> m_last;
};

/// Where the mark of a device's file is.
std::string highWaterFile(const std::string &file);

} // namespace voelgoed::vault
