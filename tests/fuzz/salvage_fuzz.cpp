#include "device/core/journal/salvage.h"
#include "tests/fuzz/fuzz.h"
#include "tests/support/crash_disk.h"

namespace voelgoed::fuzz {

/// Whatever lies in a page of a file, and in one of its log: rows that are called saved are in order, each is what its
/// check or its neighbour says, and every number is either saved or given up.
void fuzzOne(base::ByteView input)
{
    constexpr std::size_t kLogHeaders = 32 + 24;
    support::CrashDisk disk("fuzz", 1);
    for (const auto &[name, at] :
         {std::pair(std::string("a"), storage::PageReader::kPageSize), std::pair(std::string("a-wal"), kLogHeaders)}) {
        auto file = storage::File::open(name, disk.name());
        ensure(file && (input.empty() || (*file)->write(at, input)), "a file in memory");
    }
    auto reader = storage::PageReader::open({.database = "a", .log = "a-wal", .vfs = disk.name()});
    ensure(static_cast<bool>(reader), "pages in memory can be read");
    journal::Salvage salvage({"bbd60b7f-1fd1-4b32-8f5a-6b2a88114d56"}); // the one of the corpus
    reader->eachRecord([&](const storage::Record &record) { salvage.add(record); });
    const journal::Salvaged saved = salvage.finish();
    std::uint64_t last = 0;
    for (const journal::StoredRow &row : saved.remains.rows) {
        ensure(row.row.key.sequence.value > last, "rows out of order");
        last = row.row.key.sequence.value;
        ensure(row.hash == journal::storedRow(row.bytes)->hash, "a row with the hash of another");
    }
    std::uint64_t given = 0;
    for (const journal::Gap &gap : saved.remains.gaps)
        given += gap.last.value - gap.first.value + 1;
    ensure(given + saved.remains.rows.size() >= last, "a number that is neither saved nor given up");
}

} // namespace voelgoed::fuzz
