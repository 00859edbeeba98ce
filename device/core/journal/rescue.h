#pragma once

#include "device/core/storage/file.h"
#include "shared/base/bytes.h"

#include <memory>
#include <string>
#include <vector>

namespace voelgoed::journal {

/// The second place to write a row when the device's file cannot be written: flat, on a path of its own, with its space
/// taken ahead, so that a full disk does not stop it. Rows go back into the journal when that works again.
///
///     header (1024 bytes): two copies, one a sector of 512 bytes, of
///         "VGRESCUE" · version 3 (u16) · generation (u32) · check (8 bytes: SHA-256 of the ones before, cut) · zeros
///     then rows, each: length (u32) · generation (u32) · check (8 bytes: SHA-256 of these and the bytes, cut) · bytes
///
/// Clearing raises the generation, so that what an earlier one left behind no longer checks. It writes one copy of the
/// header after the other, so that there always is a whole one: the highest generation that checks counts.
class Rescue
{
public:
    static constexpr std::uint64_t kSize = 4U << 20; ///< of every device's; tests take less

    /// Creates the file at its full size if it is not there. `path` empty: no rescue, every append fails. Corrupt when
    /// it is damaged and may hold rows that cannot be read; nothing is written then.
    static base::Result<Rescue> open(const std::string &path, const std::string &vfs, std::uint64_t size = kSize);

    /// The rows that check, out of a file in any state; without a header, of all generations. Changes nothing.
    static base::Result<std::vector<base::Bytes>> salvage(const std::string &path, const std::string &vfs,
                                                          std::uint64_t size = kSize);

    /// The rows that are in it, oldest first.
    const std::vector<base::Bytes> &rows() const { return m_rows; }

    /// Durable once this returns success. Unavailable when it is full or its disk fails too; after a failed write
    /// nothing is taken any more until clear().
    base::Result<void> append(const base::Bytes &row);
    /// After a failure nothing is taken until it succeeds.
    base::Result<void> clear();

private:
    Rescue(std::unique_ptr<storage::File> file, std::uint64_t size) : m_file(std::move(file)), m_size(size) {}

    base::Result<void> writeHeader();
    base::Result<void> readAll();
    base::Result<void> readRows();
    base::Result<void> keepLast();
    base::Result<void> expectZeros(std::uint64_t from);
    base::Result<void> expectNoRows();

    std::unique_ptr<storage::File> m_file;
    std::uint64_t m_size;
    std::uint32_t m_generation = 1;
    std::uint64_t m_end = 0;
    std::vector<base::Bytes> m_rows;
    bool m_torn = false; ///< a write or a clearing failed: it must be cleared first
};

} // namespace voelgoed::journal
